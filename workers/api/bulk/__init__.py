"""Orders in bulk over HTTP."""
