"""Policies that learn which way to a customer works, and what is estimated of them."""
