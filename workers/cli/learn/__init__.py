"""``contrapunto learn ...``."""
