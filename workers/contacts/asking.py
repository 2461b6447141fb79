"""What somebody says of a contact that they make, read and judged before anything is written."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Final, NamedTuple

from pydantic import ValidationError

from domain.agreements.parts import Instalment
from domain.agreements.promising import form_refused
from domain.agreements.schedule import promised_on
from domain.channels import Channel
from domain.contacts.results import Action, Needs, Result, Results
from domain.entry.addresses import addresses, canonical
from domain.entry.bounds import fault_of_instant, fault_of_text, keepable
from domain.entry.broken_rule import broken_rule
from domain.facts import RecordPromise
from domain.failures import BadInput, WrongField

LONGEST_NAME: Final = 80
"""Of a contact: what is told under it has a name made of it."""
_OLDEST: Final = timedelta(days=400)
"""Nothing looks further back."""


class New(NamedTuple):
    """A contact as somebody tells of it."""

    contact_id: str
    """Of their choosing: told again under it, nothing happens twice."""
    creditor: str
    account_id: str
    action: str
    """By its code."""
    by: str
    point: str | None = None
    """The contact point, by its id; or its address. Neither: the only one on the channel."""
    address: str | None = None
    also: tuple[str, ...] = ()
    """Other accounts of the customer that are spoken of, ``<creditor>/<account_id>``."""
    party: str | None = None
    """Who is contacted, by their customer id, where that is one who stands for the account; None:
    its debtor."""


class Came(NamedTuple):
    """What came of it, as somebody tells it."""

    result: str
    """By its code."""
    callback_at: datetime | None = None
    promise_amount: Decimal | str | None = None
    promise_date: date | str | None = None
    note: str | None = None
    promise_parts: Sequence[Mapping[str, str]] = ()
    """`date` and `amount` of each, where it is promised on several dates."""


class Ending(NamedTuple):
    """The same, read: it fits the action and says all that has to be said with it."""

    code: str
    result: Result
    callback_at: datetime | None
    promised: tuple[Instalment, ...]
    """What is promised by which date; nothing where nothing is."""
    note: str | None


def read_new(new: New, results: Results) -> Action:
    """What is done. Raises BadInput with field and rule."""
    said: Mapping[str, str | None] = {"by": new.by, "point": new.point, "address": new.address}
    said = {**said, "party": new.party}
    for name, text in said.items():
        if text is not None:
            _text(name, text)
    check_id(new.contact_id)
    if not new.by.strip():
        raise BadInput("by: says who contacts the customer")
    action = results.actions.get(new.action)
    if action is None:
        raise BadInput(f"action: must be one of {', '.join(results.actions)}")
    return action


def check_id(contact_id: str) -> None:
    """Raises BadInput for what cannot name a contact."""
    _text("id", contact_id)
    if not contact_id or len(contact_id) > LONGEST_NAME or any(c.isspace() for c in contact_id):
        raise BadInput(f"id: must be 1 to {LONGEST_NAME} characters without blanks")


def read_ending(came: Came, action: Action, code: str, results: Results, now: datetime) -> Ending:
    """What came of an action of this code. Raises BadInput with field and rule."""
    ends = results.ends_of(action)
    if came.result not in ends:
        raise BadInput(f"result: of {code} it is one of {', '.join(ends)}")
    result = results.results[came.result]
    promised = _promised(came, result)
    callback = came.callback_at
    if (callback is not None) is not (result.needs is Needs.CALLBACK):
        raise BadInput(
            f"callback_at: says when to call, and {came.result} needs it"
            if callback is None
            else f"callback_at: {came.result} asks for no call"
        )
    if callback is not None:
        _instant("callback_at", callback)
        if callback <= now:
            raise BadInput("callback_at: must be ahead")
    note = None if came.note is None else keepable(came.note)
    return Ending(came.result, result, callback, promised, note)


def read_began(at: datetime, now: datetime) -> datetime:
    """When a contact that is over began. Raises BadInput for what cannot be."""
    _instant("at", at)
    if at > now:
        raise BadInput("at: must not be ahead: what has not begun is no contact")
    if at < now - _OLDEST:
        raise BadInput(f"at: must not be more than {_OLDEST.days} days back: it counts no more")
    return at


def read_address(channel: Channel, stated: str) -> str:
    """An address as we compare it. Raises BadInput for what is none on this channel."""
    if channel not in (Channel.VOICE, Channel.SMS, Channel.WHATSAPP, Channel.EMAIL):
        raise WrongField("address", f"{channel} has none: leave it out")
    read = canonical(channel, stated)
    mail = channel is Channel.EMAIL
    if not any((one[0] is Channel.EMAIL) is mail for one in addresses(read)):
        form = "a mailbox" if mail else "a number with its country code, such as +573001234567"
        raise WrongField("address", f"must be {form}")
    return read


def _promised(came: Came, result: Result) -> tuple[Instalment, ...]:
    given, parts = (came.promise_amount, came.promise_date), came.promise_parts
    if result.needs is not Needs.PROMISE:
        if parts or any(one is not None for one in given):
            raise BadInput(f"promise: {came.result} is none: leave its amount and day out")
        return ()
    if None in given and not parts:
        raise BadInput(f"promise: {came.result} needs its amount and its day")
    said: dict[str, object] = {"parts": [dict(one) for one in parts]} if parts else {}
    for name, value in zip(("amount", "date"), given, strict=True):
        said |= {} if value is None else {name: str(value)}
    try:
        read = RecordPromise.model_validate({"id": "read", **said})
    except ValidationError as error:
        first = error.errors(include_input=False, include_url=False)[0]
        where = ".".join(map(str, first["loc"]))
        raise BadInput(f"promise: {where}: {broken_rule(first)}") from None
    if (rule := form_refused(read)) is not None:
        raise BadInput(f"promise: {rule}")
    return promised_on(read)


def _text(name: str, text: str) -> None:
    if (rule := fault_of_text(text)) is not None:
        raise BadInput(f"{name}: {rule}")


def _instant(name: str, at: datetime) -> None:
    if at.tzinfo is None:
        raise BadInput(f"{name}: must carry its offset, as in 2026-11-29T09:00:00-05:00")
    if (rule := fault_of_instant(at)) is not None:
        raise BadInput(f"{name}: {rule}")
