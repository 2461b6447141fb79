"""Orders in bulk: what many accounts at once are told by one row."""
