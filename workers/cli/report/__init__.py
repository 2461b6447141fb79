"""``contrapunto report``."""
