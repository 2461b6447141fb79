"""What the links in our messages lead to."""
