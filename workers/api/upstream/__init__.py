"""What upstream systems put, and what they read."""
