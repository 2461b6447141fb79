"""``contrapunto bulk ...``."""
