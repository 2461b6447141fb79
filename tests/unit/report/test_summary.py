"""The summary counts what is in the files, and nothing else."""

import json
from collections import Counter
from pathlib import Path

import pytest

from domain.ledger.attempt import MADE
from lab.proof.record import MADE as PROVED_MADE
from lab.report.data import outcomes as outcomes_of
from lab.report.run_record import read_record
from lab.report.summary import summarise
from tests.support.runs import Row, Run, attempt_row, portfolio, received_row, stop_row


@pytest.fixture
def run() -> Run:
    return portfolio(30)


def test_the_totals_agree_with_the_ledger(run: Run, tmp_path: Path) -> None:
    figures = summarise(run.write(tmp_path))
    states = Counter(row["state"] for row in run.ledger)
    made = [row for row in run.ledger if row["state"] in MADE]
    contacts = figures["contacts"]
    assert figures["attempts"] == {"total": len(run.ledger), "by_state": dict(states)}
    assert contacts["total"] == len(made)
    for name in ("by_channel", "by_provider", "by_outcome", "by_phase", "by_country"):
        assert sum(contacts[name].values()) == len(made)
    assert contacts["delivered"] == states["delivered"]
    assert figures["received"] == len(run.received)
    assert sum(figures["accounts"]["by_end"].values()) == len(run.accounts)
    assert figures["cures"]["count"] == figures["accounts"]["by_end"]["cured"]
    assert figures["customers"] == len({row["customer_id"] for row in run.accounts})


def test_what_customers_did_agrees_with_the_events(run: Run, tmp_path: Path) -> None:
    figures = summarise(run.write(tmp_path))
    kinds = Counter(row["kind"] for row in run.events)
    promises = figures["promises"]
    assert figures["payments"]["count"] == kinds["payment"]
    assert figures["replies"] == kinds["reply"]
    assert figures["opt_outs"] == kinds["opt_out"]
    assert promises["kept"] + promises["broken"] + promises["open"] == kinds["promise"]


def test_the_file_is_what_was_returned(run: Run, tmp_path: Path) -> None:
    figures = summarise(run.write(tmp_path))
    assert json.loads((tmp_path / "summary.json").read_text(encoding="utf-8")) == figures
    assert figures["proof"]["holds"] is True
    assert {check["code"] for check in figures["proof"]["checks"]} >= {"hours", "once", "co_week"}


def test_nothing_is_counted_where_nothing_is(tmp_path: Path) -> None:
    figures = summarise(tmp_path)
    assert figures["first"] is None
    assert figures["contacts"]["per_account"] is None
    assert figures["proof"]["holds"] is True


def test_violations_are_counted(tmp_path: Path) -> None:
    row = attempt_row()
    figures = summarise(Run([row], [received_row(row), received_row(row)]).write(tmp_path))
    assert figures["proof"]["holds"] is False
    assert figures["proof"]["double"] == 2  # twice by one attempt, and twice on a Colombian day


PROMISE = {
    "at": "2026-03-04T16:00:00+00:00",
    "account": "meridian/100",
    "kind": "promise",
    "detail": {"amount": "50.00", "currency": "USD", "date": "2026-03-10"},
}


@pytest.mark.parametrize(
    ("paid", "on", "state"),
    [
        ("50", "2026-03-12T20:00:00+00:00", "kept"),
        ("49.99", "2026-03-10T20:00:00+00:00", "broken"),
        ("50", "2026-03-13T20:00:00+00:00", "broken"),
        ("10", "2026-03-11T20:00:00+00:00", "open"),
    ],
)
def test_a_promise_is_kept_by_its_date_and_grace(
    paid: str, on: str, state: str, tmp_path: Path
) -> None:
    payment: Row = PROMISE | {"at": on, "kind": "payment", "detail": {"amount": paid}}
    account = portfolio(1).accounts[0] | {
        "creditor": "meridian",
        "account_id": "100",
        "zones": ["America/Bogota"],
        "closed_at": None,
    }
    later = payment | {"at": "2026-03-20T00:00:00+00:00", "kind": "reply", "detail": {}}
    events = [PROMISE, payment] + ([later] if state == "broken" else [])
    figures = summarise(Run(accounts=[account], events=events).write(tmp_path))
    assert figures["promises"][state] == 1


def test_a_call_that_nobody_took_delivered_nothing(tmp_path: Path) -> None:
    call = {"channel": "voice", "jurisdictions": ["US"], "zones": ["America/Chicago"]}
    outcomes = ("no_answer", "conversation", "voicemail")
    calls = [attempt_row(n, **call, outcome=how) for n, how in enumerate(outcomes, start=1)]
    folder = Run(calls, [received_row(row) for row in calls]).write(tmp_path)
    contacts = summarise(folder)["contacts"]
    assert (contacts["total"], contacts["delivered"]) == (3, 2)
    assert contacts["by_outcome"] == {"delivered": 2, "unanswered": 1}
    shown = outcomes_of(read_record(folder))["rows"][0]["parts"]
    assert (shown["delivered"], shown["unanswered"]) == (2, 1)


def test_the_days_are_those_that_the_starter_states(tmp_path: Path) -> None:
    row = attempt_row()
    run = Run([row], [received_row(row)])
    run.stated |= {"began": "2026-03-01T14:27:00+00:00", "until": "2026-06-29T14:27:00+00:00"}
    figures = summarise(run.write(tmp_path))
    assert (figures["first"], figures["days"]) == (run.stated["began"], 120)


def test_who_asked_to_stop_is_counted_once_an_address_and_channel(tmp_path: Path) -> None:
    stops = [stop_row("+1312", f"2026-03-0{n}T10:00:00+00:00", words=f"no {n}") for n in (1, 2)]
    stops.append(stop_row("+1312", "2026-03-03T10:00:00+00:00", kind="wrong_person"))
    assert summarise(Run(stops=stops).write(tmp_path))["asked_to_stop"] == 1


def test_a_stated_promise_is_believed(tmp_path: Path) -> None:
    stated = PROMISE | {"detail": {"amount": "1", "date": "2026-03-10", "state": "kept"}}
    record = read_record(Run(events=[stated]).write(tmp_path))
    assert record.promise_state(record.events[0], 2) == "kept"


def test_the_proofs_own_list_of_states_is_still_the_ledgers() -> None:
    assert {state.value for state in MADE} == PROVED_MADE
