"""What customers wrote, how it was read, and what people say was meant. Personal."""
