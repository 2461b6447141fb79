"""Learning from the ledger, and saying what is known of a policy."""
