"""Whom people can call who speak of ending their life."""
