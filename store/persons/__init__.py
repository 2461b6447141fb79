"""One person over all tables: what is held on them, and what is erased of it."""
