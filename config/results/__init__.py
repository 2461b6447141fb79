"""The codes of what people do to reach customers, and of what comes of it."""
