"""What a webhook says, whichever provider brings it."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any, Final

from pydantic import Field

from domain.channels import Channel
from domain.conversation.keywords import Intent, Keywords, intents_of
from domain.conversation.media import Media
from domain.conversation.standing import Standing
from domain.entry.addresses import canonical
from domain.ledger.attempt import AttemptState, RefusalKind
from domain.ledger.call_outcome import CallOutcome
from domain.model import Instant, Model

UNSUBSCRIBED: Final = "unsubscribe"
"""In the place of a provider: the customer said it to us, by the link in an e-mail."""

PAGE: Final = "page"
"""The same: the customer said it on the preference page."""

_WEIGHTIEST_FIRST: Final = (
    Intent.WRONG_PERSON,  # ends every use of the address, a stop that of one channel
    Intent.OPT_OUT,
    Intent.OPT_IN,
    Intent.HELP,
    Intent.PROMISE,
)


class DeliveryReport(Model):
    """What a provider says of one attempt: delivered, failed, complained about, talked to."""

    provider: str
    event_id: str
    """The provider's own id of the event, or one made so that its repetition has the same."""
    attempt_id: str | None
    account: str | None = None
    """The account that leads, ``<creditor>/<account_id>``, where the callback tells it."""
    status: AttemptState | None = None
    """Where the attempt moves; None for news that do not move it."""
    message_id: str | None = None
    """The provider's own id of the message or the call."""
    code: str | None = None
    kind: RefusalKind | None = None
    outcome: CallOutcome | None = None
    channel: Channel | None = None
    address: str | None = None
    """Where the message went, where the callback tells it, in its canonical spelling: a stop by who
    got a message that is on record no more holds there. Personal."""


class CustomerMessage(Model):
    """What a customer wrote, pressed or chose. Personal."""

    provider: str
    message_id: str
    channel: Channel
    address: str
    """Whose, in its canonical spelling."""
    text: str
    intent: Intent
    said_at: Instant | None = Field(default=None, exclude=True)
    """When they did, where the provider tells it."""
    standing: Standing = Standing.GENUINE
    """How far it counts as theirs; of a stop, always."""
    for_person: str | None = None
    """Why a person has to look at it, if one has to."""
    whole: str | None = None
    """What was said in all, where nobody can tell which of it the customer said."""
    media: tuple[Media, ...] = ()
    """Files that came with it, by reference."""


class _SaidToUs(Model):
    """What a customer has said by no provider's message.

    Its fields are not named as those of a report: an older gateway that finds one kept then leaves
    it to a person, and does not take it for a report that says nothing.
    """

    by: str
    event: str

    @property
    def provider(self) -> str:
        """Who brought it."""
        return self.by

    @property
    def event_id(self) -> str:
        """As of a report."""
        return self.event


class NotTheCustomer(_SaidToUs):
    """Whoever answered the call of one attempt is somebody else."""

    attempt: str


class Choice(_SaidToUs):
    """What a customer has chosen on the preference page."""

    page: str
    """The attempt with which the link was sent."""
    stops: tuple[Channel, ...] = ()
    """The media on which they want no more messages."""
    wish: dict[str, Any] | None = None
    """What they state of how to be reached, as JSON: so what is not stated stays so."""

    @property
    def attempt(self) -> str:
        """As of who is not the customer."""
        return self.page


Fact = DeliveryReport | CustomerMessage | NotTheCustomer | Choice


def customer_message(
    provider: str,
    message_id: str,
    channel: Channel,
    sender: str,
    words: Iterable[str],
    keywords: Keywords,
    known: Iterable[Intent] = (),
    said_at: datetime | None = None,
    media: Iterable[Media] = (),
) -> CustomerMessage:
    """A message of ``words``: all that a channel carries of it, such as a button's label and value.

    Each is read by itself, and the weightiest intent counts: a stop is a stop in whichever field it
    comes. ``known`` is what the provider has read in it.
    """
    said: list[str] = []
    found = set(known)
    for word in words:
        found.update(intents_of([word], keywords))
        if word.strip() and not any(word in earlier for earlier in said):
            said.append(word)
    return CustomerMessage(
        provider=provider,
        message_id=message_id,
        channel=channel,
        address=canonical(channel, sender),
        text="\n".join(said),
        intent=next((intent for intent in _WEIGHTIEST_FIRST if intent in found), Intent.OTHER),
        said_at=said_at,
        media=tuple(media),
    )
