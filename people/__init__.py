"""How customers behave, as far as it is known or assumed: models, and nothing of ours beside them.

The dry run asks them what comes of a contact, and so can whoever plays customers on real servers.
They import no other room of the house, and read no clock.
"""
