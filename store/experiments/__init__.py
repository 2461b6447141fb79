"""Experiments: who is in which arm, what came of them, and what was found."""
