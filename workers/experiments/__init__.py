"""Looking at experiments: what can be said of them, and what follows by itself."""
