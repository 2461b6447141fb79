"""What a callback speaks of."""
