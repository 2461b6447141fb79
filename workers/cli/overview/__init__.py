"""``contrapunto status``."""
