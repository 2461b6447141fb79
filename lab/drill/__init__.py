"""Disasters on real servers, and what the product, and a person with its commands, make of them."""
