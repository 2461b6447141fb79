"""Commands for after a disaster."""
