"""Reports by the calendar."""
