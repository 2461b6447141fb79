"""The figures of a portfolio run: ``summary.json``."""

import json
from collections import Counter
from collections.abc import Iterable, Mapping
from decimal import Decimal
from pathlib import Path
from typing import Any, Final

from config.settings import ROOT
from config.strategy_files import load_strategies
from domain.channels import Channel
from domain.ledger.attempt import AttemptState
from lab.report.conversation import figures as conversation_figures
from lab.report.run_record import EventLine, RunRecord, read_record

STRATEGIES: Final = ROOT / "config" / "strategies"


def summarise(folder: Path) -> dict[str, Any]:
    """Count what a run left in ``folder``, write it as ``summary.json`` there, and return it."""
    figures = figures_of(read_record(folder))
    text = json.dumps(figures, indent=2, ensure_ascii=False)
    (folder / "summary.json").write_text(text + "\n", encoding="utf-8")
    return figures


def figures_of(record: RunRecord) -> dict[str, Any]:
    """The figures of a record that has been read already. Amounts are text, exact."""
    first, last = record.span or (None, None)
    return {
        "first": first.isoformat() if first else None,
        "last": last.isoformat() if last else None,
        "days": record.days,
        "accounts": _accounts(record),
        "customers": _customers(record),
        "attempts": {
            "total": len(record.ledger),
            "by_state": _counted(a.state.value for a in record.ledger),
        },
        "contacts": _contacts(record),
        "received": len(record.received),
        "cures": _cures(record),
        "promises": _promises(record),
        "payments": _amounts(record, record.events_of("payment")),
        "replies": len(record.events_of("reply")),
        "opt_outs": len(record.events_of("opt_out")),
        "asked_to_stop": len({_asked(row) for row in record.stops if row["kind"] == "stop"}),
        "conversations": conversation_figures(record),
        "proof": record.proof.as_dict(),
    }


def _asked(row: Mapping[str, Any]) -> tuple[str, str]:
    """Somebody's address and the channel on which they asked: the same again is one request."""
    return str(row["address"]), str(row.get("channel"))


def _accounts(record: RunRecord) -> dict[str, Any]:
    return {
        "total": len(record.accounts),
        "by_end": _counted(a.end for a in record.accounts),
        "by_country": _counted(a.country for a in record.accounts),
    }


def _customers(record: RunRecord) -> int:
    people = {account.customer_id for account in record.accounts}
    return len(people | {attempt.customer_id for attempt in record.ledger})


def _contacts(record: RunRecord) -> dict[str, Any]:
    made = record.contacts
    settled = [a for a in made if a.state in (AttemptState.DELIVERED, AttemptState.UNDELIVERED)]
    delivered = sum(a.became == AttemptState.DELIVERED for a in made)
    return {
        "total": len(made),
        "per_account": round(len(made) / len(record.accounts), 2) if record.accounts else None,
        "delivered": delivered,
        "delivered_share": round(delivered / len(made), 4) if made else None,
        "delivered_share_of_settled": round(delivered / len(settled), 4) if settled else None,
        "by_channel": _counted(a.channel for a in made),
        "by_provider": _counted(a.provider for a in made),
        "by_outcome": _counted(a.became for a in made),
        "calls": _counted(a.outcome or a.state.value for a in made if a.channel == Channel.VOICE),
        "by_phase": _counted(a.phase for a in made),
        "by_country": _counted(a.country for a in made),
    }


def _cures(record: RunRecord) -> dict[str, Any]:
    cured = [a for a in record.accounts if a.end == "cured"]
    opened: Counter[str] = Counter()
    recovered: dict[str, Decimal] = {}
    brought: dict[str, Decimal] = {}
    for account in record.accounts:
        currency = account.currency
        opened[currency] += 1
        brought[currency] = brought.get(currency, Decimal(0)) + account.opened_balance
        recovered[currency] = recovered.get(currency, Decimal(0)) + account.recovered
    return {
        "count": len(cured),
        "share": round(len(cured) / len(record.accounts), 4) if record.accounts else None,
        "by_currency": {
            currency: {
                "accounts": opened[currency],
                "cured": sum(a.currency == currency for a in cured),
                "opened": str(brought[currency]),
                "recovered": str(recovered[currency]),
            }
            for currency in sorted(opened)
        },
    }


def _promises(record: RunRecord) -> dict[str, Any]:
    grace = load_strategies(STRATEGIES)["default"].promise.grace_days
    promises = record.events_of("promise")
    states = _counted(record.promise_state(promise, grace) for promise in promises)
    return {
        **_amounts(record, promises),
        "kept": states.get("kept", 0),
        "broken": states.get("broken", 0),
        "open": states.get("open", 0),
    }


def _amounts(record: RunRecord, events: list[EventLine]) -> dict[str, Any]:
    sums: dict[str, Decimal] = {}
    for event in events:
        account = record.by_key.get(event.account)
        currency = event.field("currency") or (account.currency if account else None)
        if currency and event.amount is not None:
            sums[str(currency)] = sums.get(str(currency), Decimal(0)) + event.amount
    return {"count": len(events), "amounts": {key: str(sums[key]) for key in sorted(sums)}}


def _counted(values: Iterable[str]) -> dict[str, int]:
    return dict(Counter(values).most_common())
