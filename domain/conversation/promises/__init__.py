"""What a message promises, beyond one sum by one day."""
