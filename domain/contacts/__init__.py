"""Contacts that people make: what they may be, and what came of them."""
