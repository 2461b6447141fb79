"""What a customer's words, or a provider's refusal, mean for the address they are about.

Said here once: the ledger in PostgreSQL and the one in memory both do what this says.
"""

from collections.abc import Container, Iterable
from datetime import datetime
from typing import Final, NamedTuple

from domain.channels import Channel
from domain.conversation.keywords import Intent
from domain.law.request import LawEvent
from domain.law.terms import EventKind, Medium
from domain.ledger.attempt import RefusalKind


class Consequence(NamedTuple):
    """What holds from now on for an address, and for whoever is its holder."""

    event: EventKind | None = None
    """What goes on file as said by the holder, of this address."""
    channel: Channel | None = None
    """The medium that the event names."""
    text: str | None = None
    """The words of the event, where nobody wrote any."""
    unusable: str | None = None
    """Why the address is not used on this channel any more, for anybody."""

    def said_of(self, contact_point_id: str, at: datetime) -> LawEvent | None:
        """The event as said of one contact point just now."""
        if self.event is None:
            return None
        return LawEvent(
            kind=self.event,
            at=at,
            channel=Medium(self.channel) if self.channel else None,
            contact_point_id=contact_point_id,
            text=self.text,
        )


NOT_THE_CUSTOMER: Final = Consequence(EventKind.WRONG_NUMBER, unusable="not the customer's address")
"""Whoever has the address is somebody else: said of each spelling in which the customer has it."""


DONE_AT_ONCE: Final = {
    Intent.OPT_OUT.value: "no contact by this medium any more: for all who have the address",
    Intent.WRONG_PERSON.value: "no use of the address any more, by any channel",
    Intent.OPT_IN.value: "a consent to this medium, at this address",
}
"""What ``of_message`` does, for people who read of it."""


def of_message(intent: Intent, channel: Channel, *, known: bool = True) -> Consequence | None:
    """What writing from an address does beside being a reply; None if nothing.

    Not ``known``: no customer has the address yet, so what is said is kept for whoever will. "You
    have the wrong person" is then a stop: the customer who comes with it may be who wrote.
    """
    if intent is Intent.WRONG_PERSON:
        return NOT_THE_CUSTOMER if known else Consequence(EventKind.OPT_OUT, channel)
    if intent in (Intent.OPT_OUT, Intent.OPT_IN):
        return Consequence(EventKind(intent.value), channel)
    return None


def stopped_otherwise(events: Iterable[LawEvent], here: Container[str | None]) -> bool:
    """Whether a customer has asked for a stop of all debts otherwise than from an address
    (``here``, the ids of its contact points): by letter, or from another. A start from there lifts
    that only where nobody else can have written it."""
    return any(
        event.kind is EventKind.CEASE
        or (event.kind is EventKind.OPT_OUT and event.contact_point_id not in here)
        for event in events
        if event.account_id is None
    )


def of_refusal(
    kind: RefusalKind | None, code: str | None, channel: Channel, provider: str | None
) -> Consequence | None:
    """What it means for an address that a message to it was refused; None if nothing.

    ``provider``: whose report says so, later; None if it was the answer to the request itself.
    What a provider will not take for want of consent, the customer told the provider.
    """
    if kind is RefusalKind.RECIPIENT:
        by = f"{provider} " if provider else "refused: "
        return Consequence(unusable=f"{by}{code or kind}")
    if kind is RefusalKind.CONSENT:
        text = None if provider else "refused by the provider"
        return Consequence(EventKind.OPT_OUT, channel, text)
    return None
