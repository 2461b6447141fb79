"""``contrapunto experiment ...``."""
