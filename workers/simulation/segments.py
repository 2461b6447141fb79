"""Into which class of a report an account falls."""

from domain.situation import Situation


def segment_of(situation: Situation) -> str:
    """The segment that its strategy was chosen by; where there is none, its customer's country."""
    return situation.account.segment or situation.customer.country
