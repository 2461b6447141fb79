"""Disputes and hardships: what a person opens, and a person ends."""
