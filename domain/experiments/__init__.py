"""Strategies held against each other: who is in which arm, and what can be said of them so far."""
