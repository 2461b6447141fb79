"""How disputes are answered and hardships borne with; data, edited as YAML."""

from typing import Annotated, Final, NamedTuple

from pydantic import Field

from domain.channels import Channel, Purpose, Tone
from domain.model import Strict


class DisputeTerms(Strict):
    """What a dispute does, beside silencing the account until a person has resolved it."""

    answer_days: Annotated[int, Field(ge=1, le=365)] = 15
    """Within how many days, on the customer's calendar, it is to be answered; when the last of them
    is over, a person is asked (`dispute_due`), once. No law of ours names a number of days: put in
    the one that your law, licence or contract asks for."""


class HardshipTerms(Strict):
    """How an account is collected while its customer is in hardship."""

    cadence_factor: Annotated[int, Field(ge=1, le=12)] = 2
    """By what the days between two touches, of every phase, are multiplied."""
    review_days: Annotated[int, Field(ge=1, le=365)] = 30
    """After how many days, on the customer's calendar, a person looks again (`hardship_review`),
    where no date is told; once. The hardship goes on until a person ends it."""
    max_tone: Tone = Tone.SUPPORTIVE
    """The most serious tone. Touches that would say more than it allows offer help to pay."""
    channels: tuple[Channel, ...] = (Channel.EMAIL, Channel.SMS, Channel.WHATSAPP)
    """The only channels that are used, of those that the phase names. A call is made only where
    `voice` stands here."""
    person_first: bool = True
    """Whether a person speaks with the customer (`person_first`) before anything else is said."""


class CaseTerms(NamedTuple):
    """Both of them."""

    dispute: DisputeTerms = DisputeTerms()
    hardship: HardshipTerms = HardshipTerms()


_SOFTER: Final = {
    Tone.FRIENDLY: {
        Purpose.SECOND_NOTICE: Purpose.REMINDER,
        Purpose.FINAL_NOTICE: Purpose.HELP_TO_PAY,
        Purpose.PRE_LEGAL: Purpose.HELP_TO_PAY,
    },
    Tone.SUPPORTIVE: {
        Purpose.FINAL_NOTICE: Purpose.HELP_TO_PAY,
        Purpose.PRE_LEGAL: Purpose.HELP_TO_PAY,
    },
    Tone.SERIOUS: {},
}
"""What is said in the place of a purpose that is too serious for a tone."""


def softened_tone(tone: Tone, most: Tone) -> Tone:
    """A tone, or the most serious that is allowed."""
    order = list(Tone)
    return min(tone, most, key=order.index)


def softened_purpose(purpose: Purpose, most: Tone) -> Purpose:
    """What is said instead, where a purpose is too serious."""
    return _SOFTER[most].get(purpose, purpose)
