"""What a person does to reach a customer, and what comes of it: the codes, which are data.

An operator edits them (``config/results/results.yaml``). What a code is to the law, puts on file or
asks of people is told by the words here, which are few: so no code can mean what nobody knows.
"""

import re
from enum import StrEnum
from typing import Annotated, Final, Self

from pydantic import AfterValidator, Field, model_validator

from domain.channels import Channel
from domain.conversation.work_words import WorkReason
from domain.law.terms import ContactOutcome, Direction, EventKind
from domain.model import Strict

_CODE: Final = re.compile(r"[a-z][a-z0-9_]{1,39}")
LANGUAGES: Final = ("es", "pt", "en")


def _code(name: str) -> str:
    if not _CODE.fullmatch(name):
        raise ValueError("must be small letters, digits and _, 2 to 40 of them")
    return name


Code = Annotated[str, AfterValidator(_code)]
Name = Annotated[str, Field(min_length=1, max_length=60)]

OUTCOMES: Final[dict[Channel, frozenset[ContactOutcome]]] = {
    Channel.VOICE: frozenset(
        {
            ContactOutcome.CONVERSATION,
            ContactOutcome.VOICEMAIL,
            ContactOutcome.DROPPED,
            ContactOutcome.NO_ANSWER,
            ContactOutcome.BUSY,
            ContactOutcome.NOT_IN_SERVICE,
        }
    ),
    Channel.HUMAN: frozenset(
        {ContactOutcome.CONVERSATION, ContactOutcome.DROPPED, ContactOutcome.NO_ANSWER}
    ),
    **dict.fromkeys(
        (Channel.SMS, Channel.WHATSAPP, Channel.EMAIL, Channel.LETTER),
        frozenset(
            {
                ContactOutcome.SENT,
                ContactOutcome.DELIVERED,
                ContactOutcome.UNDELIVERED,
                ContactOutcome.REPLIED,
            }
        ),
    ),
}
"""What can come of a contact by each channel, in the words of the law. A visit is `human`."""

SPOKEN: Final = frozenset({ContactOutcome.CONVERSATION, ContactOutcome.REPLIED})
"""What comes of a contact with the customer themselves."""

FACTS: Final = frozenset(
    {
        EventKind.WRONG_NUMBER,
        EventKind.DISPUTE,
        EventKind.ATTORNEY,
        EventKind.BANKRUPTCY,
        EventKind.DEATH,
        EventKind.CEASE,
        EventKind.OPT_OUT,
    }
)
"""What a result can put on file. An `opt_out` is of the channel of the contact."""

ASKED: Final = frozenset(
    {
        WorkReason.CRISIS,
        WorkReason.WRONG_PERSON,
        WorkReason.HARDSHIP,
        WorkReason.ALREADY_PAID,
        WorkReason.PLAN_REQUEST,
        WorkReason.BALANCE,
        WorkReason.WANTS_PERSON,
    }
)
"""What a result can ask of people."""


class Needs(StrEnum):
    """What has to be said with a result, and is then done."""

    PROMISE = "promise"
    """An amount and a day: a promise is recorded, by the door that all promises come by."""

    CALLBACK = "callback"
    """An instant: automation rests until then, and a person is asked to call."""


class Names(Strict):
    """A code as people read it."""

    es: Name
    pt: Name
    en: Name


class Action(Strict):
    """What a person does."""

    channel: Channel
    """By what: `voice`, `sms`, `whatsapp`, `email`, `letter`, or `human` for a visit."""
    direction: Direction
    """`outbound` where we began, `inbound` where the customer did."""
    name: Names

    @model_validator(mode="after")
    def _of_a_channel_that_has_outcomes(self) -> Self:
        if self.channel not in OUTCOMES:
            raise ValueError(f"channel must be one of {', '.join(OUTCOMES)}")
        if self.direction is Direction.INBOUND and self.channel not in _RECEIVED:
            raise ValueError(
                f"channel of what comes in must be one of {', '.join(_RECEIVED)}: messages come in "
                "by the gateway"
            )
        return self


_RECEIVED: Final = (Channel.VOICE, Channel.HUMAN, Channel.LETTER)


class Result(Strict):
    """What came of it."""

    outcome: ContactOutcome
    """What it is to the law, by which caps count it."""
    right_party: bool
    """Whether the customer themselves was spoken with."""
    fact: EventKind | None = None
    """What goes on file, of every account of the customer."""
    asks: WorkReason | None = None
    """Which work item it opens."""
    needs: Needs | None = None
    """What is said with it."""
    name: Names

    @model_validator(mode="after")
    def _in_accord(self) -> Self:
        if self.right_party is not (self.outcome in SPOKEN):
            raise ValueError(
                f"right_party is true for {' and '.join(sorted(SPOKEN))}, and for nothing else"
            )
        if self.fact is not None and self.fact not in FACTS:
            raise ValueError(f"fact must be one of {', '.join(sorted(FACTS))}")
        if self.asks is not None and self.asks not in ASKED:
            raise ValueError(f"asks must be one of {', '.join(sorted(ASKED))}")
        if self.fact is EventKind.WRONG_NUMBER and self.right_party:
            raise ValueError("a wrong number is not the customer's: right_party must be false")
        if self.needs is not None and (self.fact or self.asks):
            raise ValueError("needs stands by itself: leave out fact and asks")
        return self


class Results(Strict):
    """All codes."""

    actions: dict[Code, Action] = Field(min_length=1)
    results: dict[Code, Result] = Field(min_length=1)

    @model_validator(mode="after")
    def _every_action_ends(self) -> Self:
        for code, action in self.actions.items():
            if not self.ends_of(action):
                raise ValueError(f"actions.{code}: no result can come of it")
        return self

    def ends_of(self, action: Action) -> list[str]:
        """The results that can come of an action. Whoever reached us has not been missed."""
        possible = OUTCOMES[action.channel] - {ContactOutcome.REPLIED}
        if action.direction is Direction.INBOUND:
            possible = OUTCOMES[action.channel] & (SPOKEN | {ContactOutcome.DROPPED})
        return [code for code, result in self.results.items() if result.outcome in possible]
