"""One check per kind of rule; ``making`` makes them."""
