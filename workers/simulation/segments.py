"""Into which class of a report an account falls."""

from domain.situation import Situation


def segment_of(situation: Situation) -> str:
    """By country, until a portfolio has segments of its own."""
    return situation.customer.country
