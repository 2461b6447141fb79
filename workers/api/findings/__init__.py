"""What reports found, over HTTP."""
