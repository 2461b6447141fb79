"""Who may do what in PostgreSQL, and whose rows a request sees."""
