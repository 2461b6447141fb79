"""``contrapunto simulate``."""
