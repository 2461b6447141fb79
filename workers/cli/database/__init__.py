"""``contrapunto database``: who may do what in PostgreSQL."""
