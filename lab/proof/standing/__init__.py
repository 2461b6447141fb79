"""What stood of an account while it was spoken of."""
