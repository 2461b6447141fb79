"""Worlds of which the best action is known: what a learner is measured by."""
