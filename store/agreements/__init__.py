"""What is agreed with customers beyond a single promise."""
