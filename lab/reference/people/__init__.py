"""Pages of what people are asked to do, and of what they do."""
