"""The protocol of a contact, explored state by state."""
