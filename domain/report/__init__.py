"""What a report says of a period: figures, their groups, and what to look at first."""
