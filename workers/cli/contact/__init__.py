"""``contrapunto contact ...``: the contacts that people make."""
