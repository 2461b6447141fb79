"""People write to customers, over HTTP."""
