"""What providers list of a stretch of time, for a ledger that has forgotten it."""
