"""The page ``docs/guide/capacity.md``, written by what was measured."""

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Final

from lab.capacity import reckoning as r
from lab.capacity.books import Rows
from lab.capacity.live import Live
from lab.capacity.reckoning import Need, busiest_minute, need

_SAMPLE: Final = 200_000
_NAMES: Final = {100_000: "100 thousand", 1_000_000: "1 million", 10_000_000: "10 million"}
_FORM: Final = Path(__file__).with_name("page.txt")

Line = tuple[str, ...]


def page(live: Live, rows: Rows, webhooks: tuple[float, float], machine: str, how: str) -> str:
    """The whole page. ``webhooks``: a second by one relay, and its milliseconds for each."""
    busiest = busiest_minute(_SAMPLE)
    needs = [need(size, live, rows, busiest) for size in r.SIZES]
    sizes = ("Open accounts", *(_NAMES[one.accounts] for one in needs))
    spent = (
        _cpu("a start, and its first task", live.start_cpu),
        _cpu("a contact", live.contact_cpu),
    )
    return _FORM.read_text(encoding="utf-8").format(
        how=how,
        machine=machine,
        measured=_table(("What", "Figure"), _measured(live, rows, webhooks)),
        cpu=_table(("", *live.contact_cpu, "all"), spent),
        bytes=_table(("Of", "Table", "Bytes"), _bytes(rows)),
        needs=_table(sizes, _needs(needs)),
        days_between=r.DAYS_BETWEEN,
        working_days=r.WORKING_DAYS,
        hours=r.HOURS,
        used=r.USED,
        backlog_hours=r.BACKLOG_HOURS,
        ordinary=r.BACKLOG_HOURS / r.HOURS,
        kept_years=r.KEPT_YEARS,
        accounts_a_shard=r.ACCOUNTS_A_SHARD,
        least_shards=r.LEAST_SHARDS,
        actions=live.actions,
        price=r.PRICE,
        mix=", ".join(f"{name} {share:.0%}" for name, share in r.MIX.items()),
        sample=_SAMPLE,
        busiest=busiest,
        due=live.due,
        accounts=live.accounts,
        drained=live.drained,
    )


def _measured(live: Live, rows: Rows, webhooks: tuple[float, float]) -> Iterable[Line]:
    contact, start = sum(live.contact_cpu.values()), sum(live.start_cpu.values())
    yield f"starts a second, of {live.accounts:,} accounts", f"{live.starts_per_second:.0f}"
    yield "starts a second for each core", f"{1000 / start:.0f}"
    yield f"contacts a second, {live.due:,} due at once", f"{live.contacts_per_second:.1f}"
    yield "contacts a second for each core", f"{1000 / contact:.0f}"
    yield "the same for each core of workers", f"{1000 / live.contact_cpu['worker']:.0f}"
    yield "webhooks out a second, by one relay", f"{webhooks[0]:,.0f}"
    yield "milliseconds of a relay's processor for each", f"{webhooks[1]:.2f}"
    yield "bytes of history, a contact", f"{live.contact_bytes:,.0f}"
    yield "bytes in Temporal's database, a contact", f"{live.contact_stored:,.0f}"
    yield "bytes in Temporal's database, an account that sleeps", f"{live.open_bytes:,.0f}"
    yield "KiB of the Temporal server's memory, an open account", f"{live.server_kib:.0f}"
    yield "KiB of a worker's memory, an account in its cache", f"{live.cached_kib:.0f}"
    yield "actions, a contact", f"{live.actions:.2f}"
    yield f"attempts in the ledger, {r.A_YEAR:.0f} an account-year", f"{rows.attempts:,}"
    yield "bytes in PostgreSQL, an account-year", f"{r.ledger_of_a_year(rows):,.0f}"
    history = live.open_bytes + r.A_YEAR * live.contact_stored
    yield "bytes in Temporal's database, an account-year", f"{history:,.0f}"


def _bytes(rows: Rows) -> Iterable[Line]:
    for of, tables in (("an account", rows.account), ("a contact", rows.contact)):
        for name, size in tables.items():
            yield of, f"`{name}`", f"{size:,.0f}"
        yield of, "all", f"{sum(tables.values()):,.0f}"


def _needs(needs: Sequence[Need]) -> Iterable[Line]:
    yield "contacts a day", *(f"{one.contacts_a_day:,.0f}" for one in needs)
    yield "contacts a second, mean", *(f"{one.mean:.1f}" for one in needs)
    yield "the same, busiest minute", *(f"{one.busiest:.1f}" for one in needs)
    yield "the same, catching up", *(f"{one.catching_up:.1f}" for one in needs)
    for process in needs[0].cores:
        yield f"cores, {process}", *(f"{one.cores[process]:.1f}" for one in needs)
    yield "GB, PostgreSQL", *(f"{one.postgres_gb:,.1f}" for one in needs)
    yield "GB, Temporal", *(f"{one.temporal_gb:,.1f}" for one in needs)
    yield "history shards", *(f"{one.shards:,}" for one in needs)
    yield "million actions a month", *(f"{one.actions_a_month / 1e6:,.1f}" for one in needs)
    yield "US dollars a month for them", *(f"{one.dollars_a_month:,.0f}" for one in needs)
    for channel in needs[0].rates:
        rates = (f"{one.rates[channel]:.1f}" for one in needs)
        yield f"{channel} a second, catching up", *rates


def _cpu(what: str, spent: Mapping[str, float]) -> Line:
    return (what, *(f"{one:.1f}" for one in spent.values()), f"{sum(spent.values()):.1f}")


def _table(head: Sequence[str], lines: Iterable[Line]) -> str:
    told = [f"| {' | '.join(head)} |", "|" + "---|" * len(head)]
    return "\n".join([*told, *(f"| {' | '.join(line)} |" for line in lines)])
