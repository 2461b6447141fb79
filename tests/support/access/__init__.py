"""PostgreSQL as each process has it."""
