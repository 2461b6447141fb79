"""A portfolio read and put together, in little memory."""
