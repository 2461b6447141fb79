"""A sandbox whose people ignore everything, for tests that play the people themselves."""

from lab.sandbox.settings import Settings


def ignoring() -> Settings:
    """Providers that accept everything, and nobody who answers."""
    nobody = {"payer": 0, "promiser": 0, "answerer": 0, "opt_outer": 0, "unreachable": 0}
    return Settings(personas={**nobody, "ignorer": 1}, callback_retries=0)
