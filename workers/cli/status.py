"""What a command's exit status says."""

from enum import IntEnum


class ExitStatus(IntEnum):
    """One for each way that a command can end."""

    DONE = 0
    """All is done."""
    FAILED = 1
    """Something outside does not answer, what was asked for is unknown, or the mistake is ours.
    Without a word: whoever read the output stopped before its end, as `head` does."""
    WRONG = 2
    """Input or configuration is wrong: the message names the field or variable and the rule."""
    IN_PART = 3
    """Done in part: what was good is done, lines or rows were refused and are listed with field and
    rule (`intake`, `events`, `law check`)."""
    INTERRUPTED = 130
    """Ended by Ctrl-C, tidily."""
    TERMINATED = 143
    """Ended by SIGTERM, tidily. `worker`, `gateway`, `relay` and `codec` are meant to be ended so,
    and answer 0."""
