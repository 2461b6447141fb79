"""Versions of the worker."""
