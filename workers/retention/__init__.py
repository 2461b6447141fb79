"""What is over: moved into the history, and in the end removed."""
