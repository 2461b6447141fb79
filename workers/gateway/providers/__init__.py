"""What each provider sends, and how it is known to be theirs."""
