"""Choosing the strategy of an account, where its situation is read."""
