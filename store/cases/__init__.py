"""Disputes, hardships, and customers for persons alone."""
