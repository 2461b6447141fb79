"""What contacting costs, by country and channel."""
