"""What a report reads: all of it in one snapshot, counted by PostgreSQL, holding nobody up."""
