"""What people, metrics and reports read of the store."""
