"""Versions of the worker on a server of their own: a current version takes a queue for all."""
