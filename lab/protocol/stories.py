"""A counterexample told so that anybody can follow it."""

from collections.abc import Sequence
from datetime import datetime
from typing import Final
from zoneinfo import ZoneInfo

from domain.channels import Channel
from domain.conversation.work_words import WorkOutcome, WorkReason
from domain.law.terms import EventKind
from domain.ledger.attempt import AttemptState
from domain.ledger.protocol import Do
from domain.planning.step import StepKind
from lab.protocol.explore import Found
from lab.protocol.world import ACCOUNTS, SETTINGS, World, step_of

_NEXT: Final = {
    Do.RESERVE: "before it reserved",
    Do.DISPATCH: "after reserving, before dispatching",
    Do.SEND: "after committing the dispatch, before the request left",
    Do.ACCEPT: "after the provider's answer, before it was written down",
    Do.REFUSE: "after the provider's answer, before it was written down",
    Do.DOUBT: "before it had marked the attempt as unknown",
    Do.RELEASE: "before it had released the attempt",
    Do.ASK: "before it asked the provider",
    Do.ASK_LATER: "before it had set the time of the next asking",
    Do.PLAN: "before its answer reached the server",
}
_WRITES: Final = {
    Do.ACCEPT: "writes that the provider accepted it",
    Do.REFUSE: "writes that it was refused: certainly nothing was accepted",
    Do.DOUBT: "marks the attempt as unknown",
    Do.RELEASE: "releases the attempt",
    Do.ASK_LATER: "sets the time of the next asking",
}


def tell(found: Found) -> str:
    """The shortest counterexample, a sentence a line."""
    lines = [_sentence(label, world) for label, world in found.story]
    numbered = [f"{place:>3}. {line}" for place, line in enumerate(lines, 1)]
    return "\n".join([*numbered, f"  => {found.broken}."])


def _sentence(label: Sequence[object], world: World) -> str:
    name, *rest = label
    return _SENTENCES[str(name)](rest, world)


def _who(rest: Sequence[object]) -> str:
    """An execution by its account and its place among the tries."""
    account, token = rest[:2]
    assert isinstance(account, int)
    return f"{ACCOUNTS[account]}'s execution {_number(token)}"


def _number(token: object) -> str:
    assert isinstance(token, int)
    return f"#{token + 1}"


def _account(rest: Sequence[object]) -> str:
    account = rest[0]
    assert isinstance(account, int)
    return ACCOUNTS[account]


def _clock(at: object, world: World) -> str:
    """An instant by the customer's clock, and where that is."""
    assert isinstance(at, datetime)
    zone = SETTINGS[world.setting].zone
    place = zone.rpartition("/")[2].replace("_", " ")
    return f"{at.astimezone(ZoneInfo(zone)):%A %H:%M} in {place}"


def _take(rest: Sequence[object], _: World) -> str:
    what = "contact" if rest[2] is StepKind.CONTACT else "reconciliation"
    found = "no row yet" if rest[3] == "absent" else f"the row in {rest[3]}"
    return (
        f"A worker takes up the {what} of {_account(rest)} ({_number(rest[1])}) and finds {found}."
    )


def _says(rest: Sequence[object], _: World) -> str:
    word = "STOP" if rest[0] is EventKind.OPT_OUT else "START"
    return f"The customer writes {word}; the gateway puts it on record."


def _answer(rest: Sequence[object], _: World) -> str:
    place = rest[1]
    assert isinstance(place, int)
    return f"It answers with {_account(rest)}'s next step: {step_of(place).summary}."


def _callback(rest: Sequence[object], _: World) -> str:
    return f"The provider's callback says that {_account(rest)}'s message is {rest[1]}."


def _person(rest: Sequence[object], _: World) -> str:
    there = "finds it" if rest[1] is AttemptState.ACCEPTED else "finds nothing"
    return f"A person looks the message up at the provider, {there}, and settles it as {rest[1]}."


_ASKS: Final = {
    WorkReason.BALANCE: "how much is owed",
    WorkReason.PROMISE: "that they will pay, and not how much",
    WorkReason.ALREADY_PAID: "that it is paid",
    WorkReason.DISPUTE: "that they do not owe it",
}


def _asks(rest: Sequence[object], _: World) -> str:
    reason, channel = WorkReason(str(rest[0])), Channel(str(rest[1]))
    verb = "asks" if reason is WorkReason.BALANCE else "writes"
    return f"The customer {verb} by {channel} {_ASKS[reason]}; the gateway puts it on record."


def _item(rest: Sequence[object]) -> str:
    return f"the item '{WorkReason(str(rest[0]))}'"


def _does(rest: Sequence[object], _: World) -> str:
    return f"A person does {_item(rest)}: {WorkOutcome(str(rest[2]))}."


_SENTENCES: Final = {
    "asks": _asks,
    "heard": lambda rest, _: f"The gateway has a person asked: {_item(rest)} is open.",
    "unheard_of": lambda rest, _: f"The gateway dies before it has opened {_item(rest)}.",
    "claims": lambda rest, _: f"A person takes up {_item(rest)}.",
    "given_back": lambda rest, _: (
        f"A person's time for {_item(rest)} is over, or it is given back."
    ),
    "does": _does,
    "does_too": lambda rest, _: f"Another person does {_item(rest)} as well.",
    "time": lambda rest, world: f"Time passes: {_clock(rest[0], world)}.",
    "slow": lambda rest, world: f"All that takes long: meanwhile it is {_clock(rest[0], world)}.",
    "night": lambda _, world: (
        f"Everything hangs until {_clock(SETTINGS[world.setting].night, world)}."
    ),
    "record": lambda rest, _: f"{_account(rest)}'s workflow takes note and plans anew.",
    "look": lambda rest, _: f"{_account(rest)}'s workflow looks again and plans.",
    "take": _take,
    "resend": lambda rest, _: f"{_who(rest)} takes the row for its own and sends.",
    "peek": lambda rest, _: f"{_who(rest)} plans: nothing stands against the contact.",
    "unwanted": lambda rest, _: f"{_who(rest)} plans again: the contact is not wanted any more.",
    "reserve": lambda rest, _: f"{_who(rest)} reserves (through {rest[2]}).",
    "dispatch": lambda rest, _: f"{_who(rest)} commits that the request leaves.",
    "overtaken": lambda rest, _: f"{_who(rest)} may not dispatch: somebody, or a fact, was faster.",
    "send": lambda rest, _: f"{_who(rest)} sends through {rest[2]}; the provider accepts.",
    "late": lambda rest, _: f"{_who(rest)} finds that it is too late to send.",
    "refused": lambda rest, _: f"{_who(rest)} sends; the provider refuses.",
    "lost": lambda rest, _: (
        f"{_who(rest)} sends through {rest[2]}; the provider accepts, but its answer is lost."
    ),
    "swallowed": lambda rest, _: f"{_who(rest)} sends; the request never arrives.",
    "intercepted": lambda rest, _: (
        f"{_who(rest)} sends through {rest[2]}, which accepts; a proxy says that it is forbidden."
    ),
    "turned_away": lambda rest, _: (
        f"{_who(rest)} sends; a proxy lets nothing through, and says that it is forbidden."
    ),
    "seen": lambda rest, _: f"The provider's list has {_account(rest)}'s message.",
    "unasked": lambda rest, _: (
        f"The provider's list of {_account(rest)}'s messages cannot be read."
    ),
    "not_seen": lambda rest, _: f"{_account(rest)}'s message is not in the provider's list.",
    "settle": lambda rest, _: f"{_who(rest)} {_WRITES[Do(str(rest[2]))]}.",
    "unheard": lambda rest, _: f"{_who(rest)} answers; the server gave it up long ago.",
    "answer": _answer,
    "crash": lambda rest, _: f"The worker dies {_NEXT[Do(str(rest[2]))]}.",
    "frozen": lambda rest, _: (
        f"The worker freezes {_NEXT[Do(str(rest[2]))]}; the server gives its work to another."
    ),
    "callback": _callback,
    "says": _says,
    "says_again": lambda _, __: "The provider delivers the same message of the customer again.",
    "pays": lambda rest, _: f"The customer pays {_account(rest)} in full; the payment is recorded.",
    "person": _person,
}
