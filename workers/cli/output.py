"""What commands show: accounts, timelines, the ledger; as tables or as lines of JSON."""

import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any, NamedTuple, TextIO
from zoneinfo import ZoneInfo

from rich.console import Console
from rich.markup import escape
from rich.table import Column, Table

from activities.planning import UNPLANNABLE
from config.rules import RulesFactory
from config.settings import Settings
from domain.calendar import shown_zone, wall
from domain.failures import BadInput, NotFound
from domain.ledger.attempt import AttemptState
from domain.names import workflow_id
from domain.planning.frame import Frame
from domain.planning.reasons.unused import why_closed
from store.access.scope import seeing
from store.database import Pool
from store.facts import RefusedMessage, refused
from store.failures import Failing
from store.settlements import Settled, Settling, Unsettled
from store.situations import read_situation
from store.views.overdue import Overdue
from store.views.records import Records
from telemetry import links
from telemetry.links import linked
from workers.accounts import Accounts
from workers.cli.rules import rules_factory
from workers.clock import Clock, moment


def jsonable(value: Any) -> Any:
    """Dates, instants and amounts as the strings our JSON uses."""
    if isinstance(value, Decimal):
        return str(value)
    if hasattr(value, "isoformat"):
        return value.isoformat()
    raise TypeError(f"{type(value).__name__} has no JSON form here")


def line(row: Mapping[str, Any]) -> str:
    """One row as one line of JSON."""
    return json.dumps(linked(row), default=jsonable, ensure_ascii=False)


def account_shown(account: str) -> str:
    """An account in a table: on a terminal it leads to its workflow in the Temporal UI."""
    link = links.to(account)
    return shown(account) if link is None else f"[link={link}]{shown(account)}[/link]"


def shown(value: object) -> str:
    """A value from outside in a table: no markup, and nothing that a terminal would obey."""
    text = str(value)
    return escape(
        text
        if text.isprintable()
        else "".join(
            one if one.isprintable() else one.encode("unicode_escape").decode() for one in text
        )
    )


def folding(*headers: str, lines: bool = False) -> Table:
    """Where it is narrow, words go on in the next line: ids differ where they would be cut."""
    return Table(*(Column(header, overflow="fold") for header in headers), show_lines=lines)


async def export_ledger(
    pool: Pool, out: TextIO, since: datetime | None = None, creditor: str | None = None
) -> int:
    """Write every attempt as a line of JSON; the number of lines."""
    count = 0
    async for row in Records(pool).export(since, creditor):
        out.write(line(row) + "\n")
        count += 1
    return count


async def show_decider(pool: Pool, digest: str, out: TextIO) -> None:
    """Write what decided as one object. Raises NotFound for what is not on record."""
    found = await Records(pool).decider(digest)
    if found is None:
        raise NotFound(f"nothing that decided has the digest {digest!r}")
    out.write(json.dumps(found, default=jsonable, ensure_ascii=False, indent=2) + "\n")


async def the_account(pool: Pool, account: str) -> dict[str, Any]:
    """The account called ``<creditor>/<account_id>``, or by its id alone where that is enough; by
    another spelling where nobody has the very one."""
    creditor, _, account_id = account.rpartition("/")
    found = await Records(pool).show(account_id, creditor or None)
    if not found:
        raise NotFound(f"no account {account!r} is known: load it with `contrapunto intake`")
    if len(found) > 1:
        keys = ", ".join(f"{row['creditor']}/{row['account_id']}" for row in found)
        raise BadInput(f"several accounts are called {account!r}: say which of {keys}")
    links.note(f"{found[0]['creditor']}/{found[0]['account_id']}")
    return found[0]


async def show_account(
    pool: Pool,
    settings: Settings,
    account: str,
    at: datetime | Clock,
    console: Console,
    *,
    as_json: bool,
) -> None:
    """Facts, next step, contact points and the customer's timeline of one account, ``at`` an
    instant, or now on its own clock."""
    row = await the_account(pool, account)
    now = await moment(at, workflow_id(row["creditor"], row["account_id"]))
    reading, key = Records(pool), f"{row['creditor']}/{row['account_id']}"
    points = await reading.points(row["customer_id"])
    unused = await unused_of(pool, rules_factory(settings), row, now)
    for point in points:
        point["not_used"] = unused.get(point.pop("contact_point_id"), "no longer listed")
    zones, rows = await _lived(pool, row["customer_id"], key)
    if as_json:
        console.file.write(line({**row, "contact_points": points, "timeline": rows}) + "\n")
        return
    table = Table(show_header=False, box=None)
    for name, value in row.items():
        if value is not None:
            table.add_row(f"[dim]{name.replace('_', ' ')}", shown(in_words(value, zones)))
    if (link := links.to(key)) is not None:
        table.add_row("[dim]temporal ui", shown(link))
    console.print(table)
    for point in points:
        told = f"not used: {shown(point['not_used'])}" if point["not_used"] else "may be used"
        console.print(f"  {point['channel']} {shown(point['address'])} ({point['kind']}): {told}")
    if zones is None:
        console.print(
            f"[yellow]customer {shown(row['customer_id'])} is not known yet: intake brings them"
        )
    else:
        show_rows(rows, zones, console)


def in_words(value: Any, zones: Sequence[str] | None) -> str:
    """A fact as people read it; an instant also on the customer's clock."""
    if isinstance(value, datetime):
        return f"{value:%Y-%m-%d %H:%M:%S} UTC" + (f" ({wall(value, zones)})" if zones else "")
    return ", ".join(map(str, value)) if isinstance(value, list) else str(value)


async def unused_of(
    pool: Pool, factory: RulesFactory, row: Mapping[str, Any], now: datetime
) -> dict[str, str | None]:
    """Why each contact point is not used for an account, by its id; None: it may be."""
    # Planning looks at the person over all creditors' accounts, whoever asks; it tells reasons.
    with seeing(None):
        async with pool.acquire() as connection:
            read = await read_situation(connection, row["creditor"], row["account_id"], now, {})
    if read is None:
        return {}
    situation = read[0]
    rules = factory.rules_of(situation)
    points = situation.customer.points
    try:
        phase = Frame(situation, now, rules).phase
        closed = {
            point.contact_point_id: why_closed(situation, point, now, phase, rules)
            for point in points
        }
    except UNPLANNABLE as error:  # whoever has to mend it must see all the rest
        why = f"what is on record is impossible ({type(error).__name__})"
        return {point.contact_point_id: why for point in points}
    return {point: reason and reason.told for point, reason in closed.items()}


async def _lived(
    pool: Pool, customer_id: str, account: str | None
) -> tuple[tuple[str, ...] | None, list[dict[str, Any]]]:
    """A customer's zones, None if nobody has this id, and what happened (to one account)."""
    reading = Records(pool)
    zones = await reading.zones(customer_id)
    rows = [] if zones is None else await reading.timeline(customer_id)
    return zones, [row for row in rows if account is None or row["account"] in (None, account)]


async def nobody(pool: Pool, customer_id: str) -> NotFound:
    """What to say of an id that no customer has: whose is spelt nearly so, or what brings them."""
    if alike := await Records(pool).spelt(customer_id):
        names = ", ".join(alike)
        return NotFound(f"no customer {customer_id!r} is known, but {names}: ask for that")
    return NotFound(f"no customer {customer_id!r} is known: load them with `contrapunto intake`")


async def show_timeline(
    pool: Pool, customer_id: str, console: Console, *, as_json: bool = False
) -> None:
    """All that happened between us and a customer, over all accounts."""
    zones, rows = await _lived(pool, customer_id, None)
    if zones is None:
        raise await nobody(pool, customer_id)
    if as_json:
        for row in rows:
            console.file.write(line(row) + "\n")
        return
    show_rows(rows, zones, console)


def show_rows(rows: Sequence[Mapping[str, Any]], zones: Sequence[str], console: Console) -> None:
    """A timeline, each line by both clocks."""
    table = folding("When (UTC)", f"There ({shown_zone(zones)})", "What", "Account", "")
    for row in rows:
        there = row["at"].astimezone(ZoneInfo(shown_zone(zones)))
        table.add_row(
            f"{row['at']:%Y-%m-%d %H:%M:%S}",
            f"{there:%a %d %b %H:%M}",
            shown(row["kind"].replace("_", " ")),
            account_shown(row["account"] or ""),
            shown(row["what"]),
        )
    console.print(table)


async def show_unknown(pool: Pool, now: datetime, console: Console, *, as_json: bool) -> None:
    """What a person must look at: attempts of which nobody could say whether they were accepted."""
    found = await Settling(pool).unsettled(now)
    if as_json:
        for one in found:
            console.file.write(line(one.model_dump(mode="json", exclude_none=True)) + "\n")
        return
    table = folding("Attempt", "Account", "Channel", "Since", "What was tried")
    for one in found:
        table.add_row(
            one.attempt_id,
            account_shown(f"{one.creditor}/{one.account_id}"),
            f"{one.channel} ({one.provider})",
            in_words(one.since, one.zones),
            shown(tried(one)),
        )
    console.print(table if found else "nothing is unknown")


def tried(one: Unsettled) -> str:
    """What is known of an attempt in doubt, in one line."""
    lines = [one.detail or f"{one.state}: the sending run has not been heard of since"]
    times = "once" if one.asked == 1 else f"{one.asked} times"
    if one.asked_at is not None:
        last = f", last {one.asked_at:%Y-%m-%d %H:%M}"
        lines.append(f"{one.provider} was asked {times} in vain{last}")
    if one.asked_next is not None:
        lines.append(f"nobody has asked since {one.asked_next:%Y-%m-%d %H:%M}: account closed?")
    return "; ".join([*lines, "no callback"])


class Told(NamedTuple):
    """What became of an attempt that a person has settled."""

    attempt: str
    account: str
    outcome: str
    repeated: bool
    """It had been settled so before."""
    plans_anew: bool
    """Its account has a running workflow, which has heard of it."""

    def __str__(self) -> str:
        """In words."""
        words = "was settled so before" if self.repeated else f"settled as {self.outcome}"
        if self.plans_anew:
            return f"{self.attempt} {words}; {self.account} plans anew"
        return f"{self.attempt} {words}; {self.account} has no running workflow, so nothing follows"


async def tell_settled(
    accounts: Accounts, attempt: str, done: Settled, outcome: AttemptState
) -> Told:
    """Wake the account of an attempt that a person settled, so that its plan goes on.

    Raises Unavailable when Temporal does not take the news: settling again tells again.
    """
    account = f"{done.creditor}/{done.account_id}"
    words = "was settled so before" if done.repeated else f"settled as {outcome}"
    heard = await accounts.plan_anew(account, f"settled:{attempt}", f"{attempt} is {words}")
    return Told(attempt, account, outcome.value, done.repeated, bool(heard))


def show_overdue(console: Console, accounts: Sequence[Overdue], *, as_json: bool) -> None:
    """The list, the longest overdue first."""
    if as_json:
        for account in accounts:
            console.file.write(line({"kind": "overdue", **account._asdict()}) + "\n")
        return
    table = folding("Account", "Due since", "Next step", "Planned (UTC)")
    for account in accounts:
        table.add_row(
            account_shown(f"{account.creditor}/{account.account_id}"),
            in_words(account.next_at, account.zones) if account.next_at else "never planned",
            shown(account.next_summary or ""),
            f"{account.planned_at:%Y-%m-%d %H:%M}" if account.planned_at else "",
        )
    if accounts:
        console.print(table)
    console.print(f"{len(accounts)} accounts")


def show_failing(console: Console, accounts: Sequence[Failing], *, as_json: bool) -> None:
    """Accounts whose activity is tried again and again in vain; nothing where there are none."""
    if as_json:
        for account in accounts:
            console.file.write(line({"kind": "failing", **account._asdict()}) + "\n")
        return
    if not accounts:
        return
    table = folding("Account", "Fails since (UTC)", "What fails", "Attempts", "Last (UTC)")
    for account in accounts:
        table.add_row(
            account_shown(f"{account.creditor}/{account.account_id}"),
            f"{account.since:%Y-%m-%d %H:%M}",
            shown(f"{account.activity}: {account.error}"),
            str(account.attempts),
            f"{account.at:%Y-%m-%d %H:%M}",
        )
    console.print(table)
    console.print(f"{len(accounts)} accounts fail again and again")


async def refused_of(
    pool: Pool, account: str | None, since: datetime | None, most: int
) -> list[RefusedMessage]:
    """Messages that were not taken, of one account or all; raises NotFound for an account that
    neither they nor a file have named."""
    creditor, _, account_id = (account or "").rpartition("/")
    found = await refused(pool, since, creditor or None, account_id or None, most)
    if account and not found and not await Records(pool).show(account_id, creditor or None):
        raise NotFound(f"nothing was refused for {account!r}, and no such account is known")
    return found


def show_refused(console: Console, messages: Sequence[RefusedMessage], *, as_json: bool) -> None:
    """Messages that were not taken, the latest first."""
    if as_json:
        for one in messages:
            console.file.write(line(one._asdict()) + "\n")
        return
    table = folding("When", "Account", "What", "Id", "Why not")
    for one in messages:
        table.add_row(
            in_words(one.at, one.zones),
            account_shown(f"{one.creditor}/{one.account_id}"),
            shown(one.kind.replace("_", " ")),
            shown(one.message_id),
            shown(one.refused),
        )
    console.print(table if messages else "nothing was refused")
