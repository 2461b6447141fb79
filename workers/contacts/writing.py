"""People write to customers: the message goes on record, the account's workflow sends it.

There is one door through which a customer is reached (``activities/contacting.py``), and this is
none: the words are written to PostgreSQL under the customer's lock, the workflow is told to plan
anew, and its planning and reserving judge them by the law that binds a person. Here is asked only
what became of it.
"""

import asyncio
from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum
from typing import Final, NamedTuple
from urllib.parse import urlsplit

from domain.channels import Channel, Purpose
from domain.contacts.message import (
    TEMPLATES,
    fault_of_subject,
    fault_of_words,
    tidied,
)
from domain.contacts.results import Action, Names
from domain.entry.bounds import fault_of_text
from domain.failures import BadInput, NotFound, WrongField
from domain.law.terms import Direction
from domain.ledger.attempt import AttemptState
from domain.model import Model
from domain.names import account_key, workflow_id
from domain.planning.by_person import HOUSE, MayContact
from store.contacts import messages
from store.contacts.messages import MessageRecord, NewMessage
from store.conversation.untold import to_tell, told
from store.database import Pool
from workers.accounts import Accounts
from workers.clock import Clock
from workers.contacts.asking import New, check_id
from workers.contacts.whose import Found, locked

NEWS: Final = "message:{}"
"""Under which name the workflow is told of one."""

_LOOK: Final = 0.1
"""Seconds between two looks at what became of it."""
_NAMES: Final = Names(es="mensaje", pt="mensagem", en="message")


class Became(StrEnum):
    """What became of a person's message."""

    WAITING = "waiting"
    """The account's workflow has not come to it yet."""
    NOT_SENT = "not_sent"
    """It may not leave, or was not taken up in time: nothing of it was sent, and nothing will be.
    The reason is said."""
    SENDING = "sending"
    """It is leaving."""
    UNKNOWN = "unknown"
    """The provider may have taken it; it is asked, and nothing is sent again."""
    REFUSED = "refused"
    """The provider took nothing of it, certainly."""
    SENT = "sent"
    """The provider has taken it."""
    DELIVERED = "delivered"
    UNDELIVERED = "undelivered"
    """It did not reach the customer."""


_BECAME: Final = {
    AttemptState.RESERVED: Became.SENDING,
    AttemptState.DISPATCHING: Became.SENDING,
    AttemptState.UNKNOWN: Became.UNKNOWN,
    AttemptState.REFUSED: Became.REFUSED,
    AttemptState.ACCEPTED: Became.SENT,
    AttemptState.DELIVERED: Became.DELIVERED,
    AttemptState.UNDELIVERED: Became.UNDELIVERED,
}
NOT_YET: Final = frozenset({Became.WAITING, Became.SENDING})


class Draft(NamedTuple):
    """What somebody writes, and to whom."""

    message_id: str
    """Of their choosing: told again under it, nothing is sent twice."""
    creditor: str
    account_id: str
    channel: Channel
    by: str
    text: str | None = None
    """Their own words; or else ``template``."""
    template: Purpose | None = None
    subject: str | None = None
    """Of an e-mail in their own words."""
    point: str | None = None
    """The contact point, by its id; or its address. Neither: the only one on the channel."""
    address: str | None = None
    party: str | None = None
    """To whom, by their customer id, where that is one who stands for the account."""


class Written(Model):
    """A message, and what became of it by now. Nothing in it is personal."""

    message_id: str
    account: str
    channel: Channel
    contact_point_id: str
    template: Purpose | None
    by: str
    at: datetime
    became: Became
    why: str | None
    """Why it was not sent, in a sentence."""
    rule: str | None
    """By which rule: of law by its id, or `house`."""
    cite: str | None
    next_allowed_at: datetime | None
    """When it would be allowed, the facts unchanged: write it again then, under another id."""
    attempt_id: str | None
    provider: str | None
    code: str | None
    """The provider's code."""
    sent_at: datetime | None
    new: bool
    """False: it was told before, and nothing has changed."""

    @property
    def may_reach(self) -> bool:
        """Whether the customer has it, or may still get it."""
        return self.became not in (Became.NOT_SENT, Became.REFUSED, Became.UNDELIVERED)


class Writing:
    """The messages of people, on a database and a Temporal client."""

    def __init__(
        self, pool: Pool, accounts: Accounts, clock: Clock, pay_url: str | None = None
    ) -> None:
        self.pool, self.accounts, self.clock = pool, accounts, clock
        self.site = urlsplit(pay_url).hostname if pay_url else None

    async def write(self, draft: Draft) -> Written:
        """Put a message on record, once, and have its account's workflow send it.

        Raises BadInput with field and rule; where its id is another message's; Unavailable where
        Temporal does not take the news (write it again under the same id).
        """
        draft = self._read(draft)
        workflow = workflow_id(draft.creditor, draft.account_id)
        now = await self.clock.now(workflow)
        key, news = account_key(draft.creditor, draft.account_id), NEWS.format(draft.message_id)
        async with self.pool.acquire() as connection, connection.transaction():
            found = await locked(connection, _asked(draft), _by(draft.channel))
            if (known := await messages.find(connection, draft.message_id)) is not None:
                _same(known, draft, found)
            else:
                written = _new(draft, found, now)
                if not await messages.write(connection, written):
                    raise _taken(draft.message_id)
                await to_tell(connection, news, [key])
        done = f"message {draft.message_id} is on record, and leaves within its time or not at all"
        runs = await self.accounts.plan_anew(key, news, done)
        await told(self.pool, news, [key])
        if not runs:
            why = "no workflow of this account runs: it is over, or intake has not started it"
            await messages.refuse(self.pool, draft.message_id, _not_running(draft, why), now)
        return (await self.became(draft.message_id)).model_copy(update={"new": known is None})

    async def became(self, message_id: str, *, patience: float = 0) -> Written:
        """What became of a message; waits, for so many seconds, until there is an answer.

        Raises NotFound.
        """
        for _ in range(int(patience / _LOOK)):
            found = await self._find(message_id)
            if found.became not in NOT_YET:
                return found
            await asyncio.sleep(_LOOK)
        return await self._find(message_id)

    async def _find(self, message_id: str) -> Written:
        check_id(message_id)
        found = await messages.find(self.pool, message_id)
        if found is None:
            raise NotFound(f"no message {message_id!r} is on record")
        now = await self.clock.now(workflow_id(found.creditor, found.account_id))
        return _written(found, now)

    def _read(self, draft: Draft) -> Draft:
        """Raises BadInput with field and rule, never with what was written."""
        check_id(draft.message_id)
        said = {"by": draft.by, "point": draft.point, "address": draft.address}
        said = {**said, "party": draft.party}
        for name, text in said.items():
            if text is not None and (rule := fault_of_text(text)) is not None:
                raise WrongField(name, rule)
        if not draft.by.strip():
            raise WrongField("by", "says who writes to the customer")
        if (draft.text is None) is (draft.template is None):
            raise WrongField("text", "or a template, one of the two")
        if draft.template is not None:
            if draft.template not in TEMPLATES:
                raise WrongField("template", f"must be one of {', '.join(sorted(TEMPLATES))}")
            if draft.party is not None:
                raise WrongField(
                    "template", "says what is owed: write to a party in your own words"
                )
            if draft.subject is not None:
                raise WrongField("subject", "the template has its own")
            # Whatever else is wrong with the channel is said as of any words.
            if (rule := fault_of_words(draft.channel, "-", self.site)) is not None:
                raise WrongField("channel", rule)
            return draft
        text = tidied(draft.text or "")
        if (rule := fault_of_words(draft.channel, text, self.site)) is not None:
            raise WrongField("text", rule)
        if (rule := fault_of_subject(draft.channel, draft.subject)) is not None:
            raise WrongField("subject", rule)
        return draft._replace(text=text)


def _asked(draft: Draft) -> New:
    """As whoever asks for a contact of any kind says whose it is, and where."""
    owner = (draft.message_id, draft.creditor, draft.account_id)
    return New(*owner, "message", draft.by, draft.point, draft.address, party=draft.party)


def _by(channel: Channel) -> Action:
    return Action(channel=channel, direction=Direction.OUTBOUND, name=_NAMES)


def _new(draft: Draft, found: Found, now: datetime) -> NewMessage:
    point = found.place.contact_point_id
    if point is None:
        raise WrongField("point", f"the customer has no such contact point for {draft.channel}")
    if not found.place.current:
        raise WrongField("point", f"{point} is not the customer's any more")
    return NewMessage(
        message_id=draft.message_id,
        customer_id=found.customer_id,
        creditor=draft.creditor,
        account_id=draft.account_id,
        channel=draft.channel,
        contact_point_id=point,
        template=draft.template,
        subject=draft.subject,
        words=draft.text,
        by_whom=draft.by,
        at=now,
    )


def _same(known: MessageRecord, draft: Draft, found: Found) -> None:
    """Raises BadInput where the message on record is another."""
    said: Mapping[str, tuple[object, object]] = {
        "account": ((known.creditor, known.account_id), (draft.creditor, draft.account_id)),
        "channel": (known.channel, draft.channel),
        "point": (known.contact_point_id, found.place.contact_point_id),
        "template": (known.template, draft.template),
        "subject": (known.subject, draft.subject),
        "text": (known.words, draft.text),
        "by": (known.by_whom, draft.by),
        "party": (known.customer_id if draft.party else None, draft.party),
    }
    if other := [name for name, (one, another) in said.items() if one != another]:
        raise _taken(known.message_id, *other)


def _taken(message_id: str, *other: str) -> BadInput:
    differs = f" (other {', '.join(other)})" if other else ""
    return BadInput(f"id: {message_id} is another message's{differs}: give each an id of its own")


def _not_running(draft: Draft, why: str) -> MayContact:
    point = draft.point or ""
    return MayContact(
        contact_point_id=point,
        channel=draft.channel,
        kind="unknown",
        allowed=False,
        why=why,
        rule=HOUSE,
    )


def _written(found: MessageRecord, now: datetime) -> Written:
    became, why = _BECAME.get(found.state) if found.state else None, found.why
    if found.refused_at is not None:
        became = Became.NOT_SENT
    elif found.waits and now >= found.over:
        became, why = Became.NOT_SENT, "nobody took it up in time: nothing of it was sent"
    elif became is None:
        became = Became.WAITING
    if became is Became.REFUSED:
        why = f"{found.provider} took nothing of it ({found.refusal})"
    return Written(
        message_id=found.message_id,
        account=account_key(found.creditor, found.account_id),
        channel=found.channel,
        contact_point_id=found.contact_point_id,
        template=found.template,
        by=found.by_whom,
        at=found.at,
        became=became,
        why=why,
        rule=found.rule,
        cite=found.cite,
        next_allowed_at=found.next_allowed_at,
        attempt_id=found.attempt_id,
        provider=found.provider,
        code=found.code,
        sent_at=found.dispatched_at,
        new=False,
    )
