"""A dry run's record as the proof reads one (``lab/proof``), and what the proof finds."""

from collections.abc import Mapping, Sequence
from typing import Any

from domain.strategy import Strategy
from lab.proof.verdict import Proof, prove
from workers.simulation.portfolio import Portfolio, Somebody
from workers.simulation.record import Record


def judged(record: Record, portfolio: Portfolio, strategy: Strategy) -> Proof:
    """The proof over a run that kept its contacts."""
    accounts = [
        {
            "creditor": owed.creditor,
            "account_id": owed.account_id,
            "country": one.country,
            "zones": list(one.zones),
        }
        for group in portfolio.groups
        for one in group
        if isinstance(one, Somebody)
        for owed in one.accounts
    ]
    return prove(
        record.attempts,
        [_with_place(row, "to") for row in record.received],
        accounts=accounts,
        stops=[_with_place(row, "address") for row in record.stops],
        said=[_with_place(row, "address") for row in record.said],
        min_days=_distances(strategy),
    )


def _with_place(row: Mapping[str, Any], field: str) -> dict[str, Any]:
    """The digest of an address, spelt so that it is nobody's telephone number."""
    return {**row, field: f"{row[field]}@dry-run.example"}


def _distances(strategy: Strategy) -> Mapping[str, int]:
    return {phase.name: phase.cadence.min_days for phase in strategy.phases}


def contacts(record: Record) -> Sequence[tuple[str, str, str, str]]:
    """Each contact by instant, account, channel and purpose, in order."""
    rows = record.attempts
    told = ((r["dispatched_at"], _key(r), r["channel"], r["purpose"]) for r in rows)
    return sorted(told)


def _key(row: Mapping[str, Any]) -> str:
    return f"{row['creditor']}/{row['account_id']}"
