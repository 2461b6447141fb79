"""A contact that a person made, as planning and the law see it: as the machine's own.

What went out counts under every cap as an attempt of the machine's does, whoever made it. Whoever
reached us has written, or on the telephone spoken, as to the machine.
"""

from collections.abc import Iterable
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

from domain.channels import Channel
from domain.contacts.results import SPOKEN
from domain.law.terms import ContactOutcome, Direction
from domain.ledger.attempt import AttemptState, PastContact
from domain.ledger.call_outcome import CallOutcome
from domain.model import Instant, Model
from domain.situation import Reply, Situation

UNDER_WAY: Final = timedelta(hours=1)
"""How long a contact that was begun keeps everybody else from the customer. One whose end nobody
tells counts as an attempt, and a person is shown it."""


class ContactState(StrEnum):
    """How far a person's contact has come."""

    BEGUN = "begun"
    """The telephone is in hand: it counts already."""

    ENDED = "ended"
    """What came of it is told."""


class ManualContact(Model):
    """One contact that a person made. Nothing in it is personal."""

    contact_id: str
    account: str
    """Key ``<creditor>/<account_id>`` of the account that it was made for."""
    covers: tuple[str, ...] = ()
    """Keys of all accounts that it spoke of, that one included."""
    channel: Channel
    direction: Direction
    contact_point_id: str | None = None
    """Where its address is a contact point of the customer asked about, that one."""
    address_id: str = ""
    """Of its address, as in ``ContactPoint``."""
    elsewhere: bool = False
    """It went to one of the customer's addresses, but to another customer who has it, too."""
    heard: bool = True
    """Whether what was said in it is surely this customer's word."""
    state: ContactState
    outcome: ContactOutcome | None = None
    at: Instant

    def as_attempt(self) -> PastContact:
        """What went out, as an attempt that is beside the cadence."""
        of_calls = self.outcome is not None and self.outcome.value in _CALLS
        outcome = CallOutcome(self.outcome.value) if of_calls and self.outcome else None
        return PastContact(
            attempt_id=self.contact_id,
            account=self.account,
            covers=self.covers,
            step=0,
            touch=0,
            phase="",
            channel=self.channel,
            contact_point_id=self.contact_point_id or "",
            address_id=self.address_id,
            elsewhere=self.elsewhere,
            state=_STATE.get(self.outcome, AttemptState.ACCEPTED),
            outcome=outcome,
            at=self.at,
            begun=self.state is ContactState.BEGUN,
        )

    @property
    def is_reply(self) -> bool:
        """Whether the customer reached us, and it was they."""
        return self.direction is Direction.INBOUND and self.heard and self.outcome in SPOKEN


_CALLS: Final = frozenset(one.value for one in CallOutcome)

_STATE: Final[dict[ContactOutcome | None, AttemptState]] = {
    ContactOutcome.CONVERSATION: AttemptState.DELIVERED,
    ContactOutcome.VOICEMAIL: AttemptState.DELIVERED,
    ContactOutcome.DROPPED: AttemptState.DELIVERED,
    ContactOutcome.NO_ANSWER: AttemptState.DELIVERED,
    ContactOutcome.DELIVERED: AttemptState.DELIVERED,
    ContactOutcome.BUSY: AttemptState.UNDELIVERED,
    ContactOutcome.NOT_IN_SERVICE: AttemptState.UNDELIVERED,
    ContactOutcome.UNDELIVERED: AttemptState.UNDELIVERED,
}
"""As a provider's report of the same moves an attempt (``workers/gateway/providers``)."""


def with_people(situation: Situation, contacts: Iterable[ManualContact]) -> Situation:
    """The situation with what people did among what the machine did."""
    made, replies = [*situation.contacts], [*situation.replies]
    for one in contacts:
        if one.direction is Direction.OUTBOUND:
            made.append(one.as_attempt())
        elif one.is_reply:
            point = one.contact_point_id
            replies.append(Reply(at=one.at, channel=one.channel, contact_point_id=point))
    made.sort(key=lambda one: (one.at, one.step))
    return situation.model_copy(update={"contacts": tuple(made), "replies": tuple(replies)})


def made_with(situation: Situation, contact: ManualContact, leader: Situation) -> Situation:
    """A person has made a contact for the account ``leader``: all of the customer's see it, and
    whoever has the address."""
    own = situation.account.customer_id == leader.account.customer_id
    here = sorted(
        (
            one.contact_point_id != contact.contact_point_id,
            one.channel is not contact.channel,
            one.contact_point_id,
        )
        for one in situation.customer.points
        if one.address_id and one.address_id == contact.address_id
    )
    if not own and not here:
        return situation
    point = here[0][2] if here else contact.contact_point_id
    seen = {"contact_point_id": point, "elsewhere": not own, "heard": own}
    return with_people(situation, [contact.model_copy(update=seen)])


def under_way(situation: Situation, now: datetime) -> PastContact | None:
    """The contact that a person is making with this customer now; None: nobody is."""
    begun = (
        one
        for one in situation.contacts
        if one.begun and not one.elsewhere and now < one.at + UNDER_WAY
    )
    return next(begun, None)
