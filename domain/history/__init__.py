"""What is over, and the months in which it is kept."""
