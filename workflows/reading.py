"""What arrives at an account's workflow, read; and what became of it, in words.

Apart from the workflow, as ``workflows/state.py`` is. Payloads come raw, since one that cannot be
decoded has to be told like any other that is wrong.
"""

import hashlib
import inspect
from collections.abc import Callable
from typing import Any, Final, TypeVar

from pydantic import ValidationError
from temporalio import workflow
from temporalio.api.common.v1 import Payload
from temporalio.common import RawValue

from activities.orders import Answer
from domain.entry.bounds import storable
from domain.entry.broken_rule import broken_rule
from domain.entry.json_text import read_json, refuse_depth
from domain.facts import (
    AcceptSettlement,
    AccountUpdated,
    AgreePlan,
    ApproveSettlement,
    BeginHardship,
    CancelPlan,
    CaseMessage,
    DeclineSettlement,
    EndHardship,
    ExtendHardship,
    Hold,
    LawEventReceived,
    Message,
    OfferSettlement,
    OfSettlement,
    OpenDispute,
    PaymentReceived,
    RecordPromise,
    ResolveDispute,
    Unread,
    WithdrawSettlement,
)
from domain.ledger import stops
from domain.model import Model

NOTHING: Final = RawValue(Payload())
"""No argument at all."""

_NAME: Final = 64
_HOLD_AMOUNTS: Final = frozenset({"instalments", "down_payment", "attributes"})
"""Fields that hold amounts and other numbers within."""
_TOLD: Final = 500
"""Characters of a problem that are told: there may be as many as a message has fields."""

M = TypeVar("M", bound=Model)
F = TypeVar("F", bound=Callable[..., Any])


def one_raw(handler: F) -> F:
    """Let the SDK take a handler of ``payload`` and ``*_`` for one of ``payload`` alone.

    Of what takes ``*_`` it reads no types, and decodes: what cannot be decoded would be dropped
    unseen. Without ``*_`` a second argument would fail the workflow's task for ever.
    """
    given = inspect.signature(handler)
    named = [it for it in given.parameters.values() if it.kind is not it.VAR_POSITIONAL]
    handler.__signature__ = given.replace(parameters=named)  # type: ignore[attr-defined]
    return handler


def read(model: type[M], payload: Any) -> M:
    """The message that a payload is. Raises ValueError, which ``problem`` puts into words."""
    value = decoded(payload)
    try:
        return model.model_validate(_as_written(value, payload))
    except ValueError:
        return model.model_validate(value)  # as histories have read it


def _as_written(value: Any, payload: Any) -> Any:
    """What a payload says, its numbers with a point as the texts that they are.

    ``450.000`` is no 450 to whoever wrote it, and as a number of JSON its zeros are lost. What may
    be written is judged where it is recorded (``domain/amounts.py``).
    """
    if not isinstance(value, dict) or not isinstance(payload, RawValue):
        return value
    names = [
        name for name, said in value.items() if isinstance(said, float) or name in _HOLD_AMOUNTS
    ]
    if not names:
        return value
    texts = read_json(payload.payload.data, parse_float=str)
    return value | {name: texts[name] for name in names}


def decoded(payload: Any) -> Any:
    """What a payload says, whatever that is. Raises ValueError where it cannot be decoded."""
    if not isinstance(payload, RawValue):
        return payload
    if not payload.payload.metadata:
        return None
    try:
        refuse_depth(payload.payload.data)
        [value] = workflow.payload_converter().from_payloads([payload.payload])
    except (ValueError, RuntimeError, LookupError, TypeError) as error:
        encoding = payload.payload.metadata.get("encoding", b"unknown").decode(errors="replace")
        raise ValueError(f"payload: cannot be decoded as {storable(encoding)}") from error
    return value


def is_newer(message: Model) -> bool:
    """Whether a message has a field that workers of 0.1 do not know: they ignore all of it."""
    return isinstance(message, LawEventReceived) and message.event.recorded_at is not None


def mended_dates(model: type[Model], payload: Any) -> Message | None:
    """A fact with legal weight whose dates or words alone keep it from being a message, as it can
    be taken; None where it is none, or wrong in something else.

    Where the customer is, nobody knows here: what was sent goes along, to be read again.
    """
    if model is not LawEventReceived:
        return None
    try:
        sent = decoded(payload)
        if not isinstance(sent, dict) or not isinstance(said := sent.get("event"), dict):
            return None
        event = {name: value for name, value in stops.read(said).said.items() if name != "text"}
        what = stops.dates_of(said)
        if said.get("text") is not None:
            what["text"] = ""
        return LawEventReceived.model_validate({**sent, "event": event, "mended": what})
    except ValueError:
        return None


def mended(model: type[Model], payload: Any) -> Message | None:
    """A stop that may be wrong in more than that, as it can be taken; None where it is none, or
    wrong in what it cannot be without. What gives leave is never taken so."""
    if model is not LawEventReceived:
        return None
    try:
        sent = decoded(payload)
        said = stops.plainly(sent) if isinstance(sent, dict) else None
        return None if said is None else LawEventReceived.model_validate(said)
    except (ValueError, TypeError, RecursionError):
        return None


def problem(error: ValueError) -> str:
    """What is wrong with a payload, by field; never a value."""
    if not isinstance(error, ValidationError):
        return str(error)
    told = "; ".join(
        f"{'.'.join(map(str, one['loc'])) or 'payload'}: {broken_rule(one)}"
        for one in error.errors(include_input=False, include_url=False)
    )
    return storable(told[:_TOLD])


def unread(name: str, why: str, payload: Any) -> Unread:
    """What is kept of a payload that is no message."""
    said = payload.payload.data if isinstance(payload, RawValue) else str(payload).encode()
    identity = hashlib.sha256(name.encode() + b"\x1f" + said).hexdigest()[:24]
    return Unread(
        id=f"unread:{identity}",
        name=storable(name[:_NAME]),
        problem=why,
        sent=storable(said.decode(errors="backslashreplace")),
    )


def label(message: Message | Unread) -> str:
    """A message in a few words, the telling ones first: the UI cuts what is long."""
    if isinstance(message, Unread):
        return f"Unreadable {message.name}"
    about = _about(message)
    return f"{_kind(message)} {about}" if about else _kind(message)


def spoken(message: Message, answer: Answer) -> str:
    """A line of the timeline: what came, and what became of it."""
    if answer.refused:
        words = f"refused: {answer.refused}"
    elif answer.repeated:
        words = "known already, nothing changed"
    else:
        about = _about(message)
        words = f"recorded, {about}" if about else "recorded"
    note = f"; {answer.note}" if answer.note else ""
    return f"{_kind(message)}: {words}{note}"


def _kind(message: Message) -> str:
    return message.kind.removeprefix("record_").replace("_", " ").capitalize()


def _instalments(asked: AgreePlan) -> str:
    """A payment plan in a few words."""
    if asked.instalments is not None:
        last = f", the last by {asked.instalments[-1].date}" if asked.instalments else ""
        return f"{len(asked.instalments)} instalments{last}"
    down = f"{asked.down_payment.amount} down, " if asked.down_payment else ""
    return f"{down}{asked.number} of {asked.amount} from {asked.first_date}"


def _of_settlement(asked: OfSettlement) -> str:
    """What is asked about a settlement."""
    match asked:
        case OfferSettlement(discount=discount, amount=amount):
            return f"{discount} % less" if amount is None else f"{amount} to pay"
        case ApproveSettlement(offer=offer) | DeclineSettlement(offer=offer):
            return offer
        case AcceptSettlement(offer=offer, how=how):
            return f"{offer} by {how.value.replace('_', ' ')}"
        case WithdrawSettlement(offer=offer, reason=reason):
            return f"{offer or 'the one that stands'}, {reason}"


def _of_case(message: CaseMessage) -> str | None:
    match message:
        case EndHardship(reason=reason):
            return reason
        case OpenDispute(reason=what) | BeginHardship(reason=what):
            return what.replace("_", " ")
        case ResolveDispute(outcome=outcome, reason=why):
            return f"{outcome}, {why}" if why else outcome.value
        case ExtendHardship(review_date=review):
            return f"until {review}"
        case _:
            return None


def _about(message: Message) -> str | None:
    """What a message says, as far as one line has room for it."""
    match message:
        case PaymentReceived(amount=amount, currency=currency):
            return f"{amount} {currency or ''}".rstrip()
        case AccountUpdated(balance=balance) if balance is not None:
            return f"balance {balance}"
        case RecordPromise(parts=parts) if parts:
            return ", ".join(f"{one.amount} by {one.date}" for one in parts)
        case RecordPromise(amount=amount, date=due):
            return f"{amount} by {due}"
        case AgreePlan():
            return _instalments(message)
        case CancelPlan(reason=reason):
            return reason
        case CaseMessage():
            return _of_case(message)
        case _ if isinstance(message, OfSettlement):
            return _of_settlement(message)
        case Hold(until=until, reason=reason):
            return f"{reason}, until {until:%Y-%m-%d %H:%M %z}"
        case LawEventReceived(event=event):
            return event.kind.replace("_", " ")
        case _:
            return None
