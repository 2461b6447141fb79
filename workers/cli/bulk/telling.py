"""Orders in bulk, in words and as JSON."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from store.bulk.orders import KeptOrder
from store.bulk.wakes import Told
from workers.bulk.planning import Effect

_ENDS = {"start": "told of it", "lift": "told of its end"}


def lines_of(one: KeptOrder) -> Iterator[str]:
    """An order as it stands."""
    yield f"order {one.order_id}: {one.kind} of {one.scope.words()}: {_state(one)}"
    yield f"  because {one.reason}; by {one.ordered_by}, {_at(one.ordered_at)}"
    if one.lifted_by is not None and one.lifted_at is not None:
        yield f"  lifted by {one.lifted_by}, {_at(one.lifted_at)}, because {one.lifted_why}"
    yield f"  covered {one.accounts:,} open accounts when it was given"
    found = one.progress
    if found is None:
        return
    gone = f", {found.not_running:,} do not run" if found.not_running else ""
    far = f"{found.told:,} workflows of about {found.total:,} {_ENDS[found.occasion]}{gone}"
    if found.done_at is not None:
        yield f"  {far}; all are told"
    elif found.leased_until is not None:
        yield f"  {far}; going on at {one.rate} a second"
    elif one.state == "ahead":
        yield "  workflows are told when it begins"
    else:
        yield f"  {far}; nobody is telling: contrapunto bulk resume {one.order_id}"


def json_of(one: KeptOrder) -> dict[str, Any]:
    """The same as one object."""
    told = None if one.progress is None else one.progress._asdict()
    scope = one.scope.model_dump(mode="json", exclude_defaults=True)
    return {**one._asdict(), "scope": scope, "progress": told}


def json_of_effect(effect: Effect) -> dict[str, Any]:
    """What an order would do, as one object."""
    names = ("country", "phase", "accounts", "contacts", "within_a_day")
    return {
        **effect.new.model_dump(mode="json", exclude={"scope"}),
        "scope": effect.new.scope.model_dump(mode="json", exclude_defaults=True),
        "accounts": effect.accounts,
        "customers": effect.customers,
        "contacts": effect.contacts,
        "within_a_day": effect.within_a_day,
        "anywhere": effect.anywhere,
        "seconds": int(effect.takes.total_seconds()),
        "places": [dict(zip(names, one, strict=True)) for one in effect.places()],
    }


def progress(order_id: int, told: Told) -> str:
    """How far the workflows have been told."""
    gone = f", {told.not_running:,} do not run" if told.not_running else ""
    end = ": done" if told.done else ""
    return f"order {order_id}: {told.told:,} of about {told.total:,} workflows told{gone}{end}"


def _state(one: KeptOrder) -> str:
    if one.state == "stands":
        return "stands" + (f" until {_at(one.until)}" if one.until else "")
    if one.state == "ahead":
        assert one.starts_at is not None  # noqa: S101 - by what it is ahead
        return f"begins {_at(one.starts_at)}"
    return "lifted" if one.state == "lifted" else "over"


def _at(at: datetime) -> str:
    return f"{at:%Y-%m-%d %H:%M} UTC"
