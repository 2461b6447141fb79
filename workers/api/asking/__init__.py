"""What people agree with a customer, and what stands of their debt, told over HTTP."""
