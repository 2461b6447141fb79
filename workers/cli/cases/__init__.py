"""``contrapunto account dispute`` and ``hardship``, and ``customer vulnerable``."""
