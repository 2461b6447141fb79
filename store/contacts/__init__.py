"""What people do to reach customers."""
