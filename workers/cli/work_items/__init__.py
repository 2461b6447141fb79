"""``contrapunto work ...``: what people are asked to do."""
