"""What is agreed with a customer beyond a single promise."""
