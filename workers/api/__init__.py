"""``contrapunto api``: people's work and the view of a customer, over HTTP."""
