"""``contrapunto maintain`` and ``contrapunto retention``."""
