"""Who did what: the door of all commands, and the commands that look at it."""
