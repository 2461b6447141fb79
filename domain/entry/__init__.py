"""What may enter: texts, dates, ids, addresses and amounts, by one rule at every door."""
