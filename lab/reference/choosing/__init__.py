"""Pages of files that people write, told by their models."""
