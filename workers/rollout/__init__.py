"""Versions of the worker: which one has which accounts, and how one follows another."""
