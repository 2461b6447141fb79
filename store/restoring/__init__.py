"""What a restored ledger is told again: contacts, stops, and what nobody can tell any more."""
