"""``contrapunto inbound ...``: what customers write."""
