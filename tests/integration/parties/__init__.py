"""Who stands for an account beside its debtor, from the file to the send."""
