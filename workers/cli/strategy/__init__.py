"""``contrapunto strategy ...``."""
