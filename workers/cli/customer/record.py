"""One customer's whole record, as other systems read it and as it is then printed."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any, Final, NamedTuple

from config.rules import RulesFactory
from domain.account import AccountStatus, Promise
from domain.agreements.arrears import DueSchedule, oldest_due
from domain.agreements.keeping import keeping
from domain.agreements.plan import PaymentPlan, counted_from
from domain.agreements.terms import PartPayments
from domain.calendar import days_past_due, is_zone
from domain.conversation.wishes.preference import StatedPreference, in_force
from domain.names import account_key, workflow_id
from store.conversation.work import WorkItem, WorkItems
from store.database import Pool
from store.views.customer import OfCustomer
from store.views.records import Records
from workers.cli.customer.prefer import as_dict as as_wish
from workers.cli.output import nobody, unused_of
from workers.cli.work_items.items import as_dict
from workers.clock import Clock, moment

NOT_LISTED: Final = "no longer listed"
_MOST: Final = 10_000
"""Work items of one customer."""


class Record(NamedTuple):
    """All of it."""

    told: dict[str, Any]
    """The JSON object."""
    work: list[WorkItem]
    """Its work items, which are printed as everywhere."""
    now: datetime
    """When it was looked at, on the customer's clock."""


async def record_of(
    pool: Pool,
    factory: RulesFactory,
    customer_id: str,
    since: datetime | None,
    at: datetime | Clock,
    *,
    words: bool,
) -> Record:
    """Read it: what stands always, what happened from ``since`` on. Without ``words`` nothing that
    the customer wrote is in it, nor what was quoted of that or told to them.

    Raises NotFound for an id that nobody has.
    """
    view, records = OfCustomer(pool, customer_id, since), Records(pool)
    about = await view.about()
    if about is None:
        raise await nobody(pool, customer_id)
    zones = about["zones"]
    clock = tuple(filter(is_zone, zones)) or ("UTC",)
    accounts = await view.accounts()
    masked = {one["contact_point_id"]: one for one in await records.points(customer_id)}
    consents = await view.consents()
    points: list[dict[str, Any]] = [
        {**point, **consents.get(name, {}), "not_used": {}} for name, point in masked.items()
    ]
    plans, schedules = await view.plans(), await view.schedules()
    promises = await view.promises()
    clocks = list[datetime]()
    for account in accounts:
        now = await moment(at, workflow_id(account["creditor"], account["account_id"]))
        clocks.append(now)
        followed = factory.strategies.get(account["strategy"])  # of a closed one it may be gone
        rule = followed.part_payments if followed else PartPayments.NONE
        due = _counted_from(account, plans, schedules.get(account["account"]), rule)
        account |= {"counted_from": due, "days_past_due": days_past_due(due, now, clock)}
        if account["status"] != AccountStatus.OPEN:
            continue
        unused = await unused_of(pool, factory, account, now)
        for point in points:
            why = unused.get(point["contact_point_id"], NOT_LISTED)
            point["not_used"][account["account"]] = why
    if not clocks:
        clocks.append(at if isinstance(at, datetime) else await at.now(None))
    ids, items = (customer_id, *about["other_ids"]), WorkItems(pool)
    work = [one for who in ids for one in await items.listed(who, None, _MOST, done=True)]
    work = [one for one in work if since is None or one.done_at is None or one.done_at >= since]
    stated = await view.preferences()
    wish = in_force(map(StatedPreference.model_validate, stated), clocks[0])
    told = {
        **about,
        "wishes": as_wish(wish),
        "preferences": stated,
        "seen_at": clocks[0],
        "since": since,
        "words": words,
        "contact_points": points,
        "accounts": accounts,
        "parties": await view.parties(),
        "stands_for": await view.stands_for(),
        "promises": promises,
        "keeping": kept_of(promises, accounts),
        "plans": [as_plan(one, clocks[0], about["zones"]) for one in plans],
        "disputes": await view.disputes(),
        "hardships": await view.hardships(),
        # Of health and the like: it is shown where the words are, and the look is logged.
        "vulnerable": await view.vulnerable() if words else None,
        "payments": await view.payments(),
        "holds": await view.holds(),
        "on_file": [one if words else one | {"text": None} for one in await view.on_file()],
        "work": [as_dict(one, clocks[0]) for one in work],
        "messages": await messages_of(view, masked, words=words),
        "by_people": [one if words else one | {"note": None} for one in await view.by_people()],
        "timeline": [
            row
            for row in await records.timeline(customer_id)
            if since is None or row["at"] >= since
        ],
    }
    for part in ("on_file", "by_people"):
        _put_addresses(told[part], masked)
    for point in points:
        del point["contact_point_id"]
    return Record(told, work, clocks[0])


async def messages_of(
    view: OfCustomer, masked: Mapping[str, Mapping[str, Any]], *, words: bool
) -> list[dict[str, Any]]:
    """Every message both ways, the oldest first. ``masked``: the contact points by their ids."""
    heard = [_heard(one, words=words) for one in await view.heard()]
    sent = [_sent(one, words=words) for one in await view.sent()]
    found = sorted([*heard, *sent], key=lambda one: one["at"])
    _put_addresses(found, masked)
    return found


def _counted_from(
    account: Mapping[str, Any],
    plans: Sequence[Mapping[str, Any]],
    schedule: Mapping[str, Any] | None,
    rule: PartPayments,
) -> date:
    """Since when its days past due count, by its own date, what part payments have left of what
    fell due, or a date that a plan re-aged."""
    own = [PaymentPlan.model_validate(one) for one in plans if one["account"] == account["account"]]
    fell_due = None if schedule is None else DueSchedule.model_validate(schedule)
    told = oldest_due(fell_due, account["oldest_due_date"], account["balance"], rule)
    return counted_from(own, told, account["since"])


def kept_of(
    promises: Sequence[Mapping[str, Any]], accounts: Sequence[Mapping[str, Any]]
) -> dict[str, int]:
    """How promises were kept, each once: those of a debt's earlier number stand under the later."""
    earlier = {account_key(one["creditor"], name) for one in accounts for name in one["formerly"]}
    own = (one for one in promises if one["account"] not in earlier)
    return keeping(Promise.model_validate(one) for one in own).model_dump()


def as_plan(row: Mapping[str, Any], now: datetime, zones: Sequence[str]) -> dict[str, Any]:
    """A payment plan, each instalment as it stands, or stood when the plan ended."""
    plan = PaymentPlan.model_validate(row)
    at = min(row["ended_at"] or now, now)
    parts = [
        {
            "number": one.number,
            "due_on": one.due_on,
            "amount": one.amount,
            "open": one.open,
            "state": one.state.value,
        }
        for one in plan.parts(at, zones)
    ]
    return {**row, "instalments": parts}


def _put_addresses(rows: Sequence[dict[str, Any]], masked: Mapping[str, Mapping[str, Any]]) -> None:
    """An address as it is shown, in the place of its contact point."""
    for row in rows:
        point = masked.get(row.pop("contact_point_id"))
        row["address"] = point["address"] if point else None


def _heard(row: Mapping[str, Any], *, words: bool) -> dict[str, Any]:
    told = {"direction": "in", **row}
    if words:
        return told
    reading = row["reading"]
    media = [one | {"url": None} for one in row["media"]]
    reading = reading and reading | {"evidence": None}
    return told | {"text": None, "reading": reading, "media": media}


def _sent(row: Mapping[str, Any], *, words: bool) -> dict[str, Any]:
    return {"direction": "out", **row} | ({} if words else {"script": None, "own_words": None})
