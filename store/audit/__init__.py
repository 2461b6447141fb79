"""Who did what: acts, the entries that tell of them, and whether the entries are as written."""
