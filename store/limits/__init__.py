"""What the operator limits beside the law, as PostgreSQL holds it."""
