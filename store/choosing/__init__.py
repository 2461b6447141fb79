"""What the choice of a strategy is written to and read from."""
