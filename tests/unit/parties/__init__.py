"""Who stands for an account beside its debtor, in planning."""
