"""``contrapunto customer show``: all that is on record of one customer, in one place."""
