"""Settlement offers: less than the balance, paid in one sum by a day, ends the debt."""
