"""What a strategy would do, without doing it."""
