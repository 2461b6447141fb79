"""What is over: kept by the month beside what contacts are decided by, and in the end removed."""
