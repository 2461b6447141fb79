"""What chooses a strategy for an account, as operators write it."""
