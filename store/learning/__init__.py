"""What is read to learn from."""
