"""Orders in bulk: given, lifted, and told to the workflows that wait."""
