"""Everything that can go wrong, and who must act.

Failure
|-- BadInput           the sender must mend it; never retried
|-- NotFound           the reader asked for what is not there
|-- Misconfigured      an operator must mend configuration or credentials
`-- Unavailable        PostgreSQL, Temporal or a provider does not answer; retried
"""


class Failure(Exception):
    """Base of our own failures; the message is for the person who reads it."""

    retryable = False


class BadInput(Failure):
    """Input that breaks a rule: says which field and which rule."""


class NotFound(Failure):
    """Nothing is known under this id."""


class Misconfigured(Failure):
    """Settings, credentials, law packs, strategies or templates are wrong."""


class Unavailable(Failure):
    """An outside system does not answer; trying again is right."""

    retryable = True
