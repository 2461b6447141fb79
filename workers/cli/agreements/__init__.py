"""``contrapunto account plan`` and what else is agreed with a customer."""
