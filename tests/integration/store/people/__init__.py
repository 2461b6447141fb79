"""The contacts that people make."""
