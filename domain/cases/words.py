"""The reasons and the ends of cases: names alone, which every door knows."""

from enum import StrEnum


class DisputeReason(StrEnum):
    """What the customer says is wrong."""

    NOT_MINE = "not_mine"
    """They do not owe it, or do not know it."""
    AMOUNT = "amount"
    """The sum, the interest or the fees are wrong."""
    ALREADY_PAID = "already_paid"
    FRAUD = "fraud"
    """Somebody else has signed or bought in their name."""
    QUALITY = "quality"
    """What was sold or done was not as agreed."""
    OTHER = "other"


class HardshipReason(StrEnum):
    """Why the customer cannot pay as agreed. It is kept in histories: whoever wants no word of
    illness there says `other`."""

    JOB_LOSS = "job_loss"
    INCOME = "income"
    """They earn less than before."""
    ILLNESS = "illness"
    DEATH_IN_FAMILY = "death_in_family"
    DISASTER = "disaster"
    """A flood, a fire, an earthquake, a war."""
    OTHER = "other"


class Resolution(StrEnum):
    """How a dispute ends."""

    FOR = "for"
    """The customer is right: the account is silent until it is corrected or closed."""
    AGAINST = "against"
    """The debt stands, and the customer has had the proof: the account goes on."""
    WITHDRAWN = "withdrawn"
    """The customer takes it back: the account goes on where the law lets it."""
    CORRECTED = "corrected"
    """After `for`: what was wrong is put right, and the rest is collected."""
