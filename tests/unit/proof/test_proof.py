"""Each breach is planted once; the proof has to find it, and nothing else."""

import ast
import sys
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.support.runs import Row, Run, attempt_row, portfolio, received_row
from workers import proof as proof_module
from workers.proof import Proof, main, prove, public_holidays, read_lines

BROKEN_TABLE = "BROKEN"


def at(row: Row, when: str, **changes: Any) -> Row:
    """The attempt moved to another instant, consistently."""
    moment = datetime.fromisoformat(when)
    return row | {
        "not_before": when,
        "not_after": (moment + timedelta(hours=1)).isoformat(),
        "reserved_at": when,
        "dispatched_at": when,
        **changes,
    }


def of(country: str, zones: list[str], when: str) -> Proof:
    """The proof over one received attempt."""
    row = at(attempt_row(), when, jurisdictions=[country], zones=zones)
    return prove([row], [received_row(row, at=when)])


def broken(proof: Proof) -> set[str]:
    """The codes of the checks that found something."""
    return {check.code for check in proof.checks if check.violations}


def test_a_lawful_portfolio_passes() -> None:
    run = portfolio(40)
    proof = prove(run.ledger, run.received, accounts=run.accounts, events=run.events)
    assert proof.holds, proof.violations
    assert proof.received == len(run.received) > 100
    assert all(check.examined for check in proof.checks)


def test_nothing_at_all_passes() -> None:
    assert prove([], []).holds


# --- double ---------------------------------------------------------------------------------------


def test_one_attempt_that_reached_a_person_twice() -> None:
    row = attempt_row(jurisdictions=["US"], zones=["America/New_York"])
    proof = prove([row], [received_row(row), received_row(row)])
    assert broken(proof) == {"once"}
    assert "reached the person 2 times" in proof.double[0]


def test_two_attempts_for_one_step() -> None:
    first = attempt_row(1)
    second = attempt_row(2, step=1)
    proof = prove([first, second], [received_row(first), received_row(second)])
    assert broken(proof) == {"step"}


def test_a_touch_that_was_taken_up_although_it_had_arrived() -> None:
    zones = {"jurisdictions": ["US"], "zones": ["America/New_York"]}
    first = attempt_row(1, **zones)
    again = attempt_row(1, attempt_id="b", step=2, channel="email", provider="sendgrid", **zones)
    proof = prove([first, again], [received_row(first), received_row(again)])
    assert broken(proof) == {"touch"}


def test_a_failover_after_a_message_that_did_not_arrive__passes() -> None:
    zones = {"jurisdictions": ["US"], "zones": ["America/New_York"]}
    lost = attempt_row(1, state="undelivered", **zones)
    again = attempt_row(1, attempt_id="b", step=2, channel="email", provider="sendgrid", **zones)
    assert prove([lost, again], [received_row(again)]).holds


@pytest.mark.parametrize("state", ["delivered", "undelivered", "unknown"])
def test_colombia_twice_a_day_over_two_accounts(state: str) -> None:
    first = attempt_row(1, state=state)
    other = attempt_row(
        1, attempt_id="b", account_id="200", covers=["meridian/200"], purpose="second_notice"
    )
    received = [received_row(other)] + ([received_row(first)] if state == "delivered" else [])
    proof = prove([first, other], received)
    assert broken(proof) == {"co_day"}
    assert "c100 was contacted twice on 2026-03-04" in proof.double[0]


@pytest.mark.parametrize(("days", "found"), [(1, True), (6, True), (7, False)])
def test_colombia_rests_seven_local_days(days: int, found: bool) -> None:
    moment = datetime.fromisoformat("2026-03-04T15:00:00+00:00") + timedelta(days=days)
    first, second = attempt_row(1), at(attempt_row(2), moment.isoformat())
    received = [received_row(first), received_row(second)]
    assert broken(prove([first, second], received)) == ({"co_week"} if found else set())


def test_colombia_counts_days_of_the_calendar_not_of_24_hours() -> None:
    first = at(attempt_row(1), "2026-03-04T23:50:00+00:00")
    second = at(attempt_row(2), "2026-03-11T12:00:00+00:00")
    assert prove([first, second], [received_row(first), received_row(second)]).holds


def test_refused_and_released_attempts_are_no_contacts() -> None:
    refused = attempt_row(1, state="refused")
    other = attempt_row(1, attempt_id="b", step=2, channel="email", provider="sendgrid")
    assert prove([refused, other], [received_row(other)]).holds


# --- unlawful -------------------------------------------------------------------------------------

BOGOTA, MEXICO, EAST, WEST = (
    "America/Bogota",
    "America/Mexico_City",
    "America/New_York",
    "America/Los_Angeles",
)


@pytest.mark.parametrize(
    ("country", "zones", "when"),
    [
        ("CO", [BOGOTA], "2026-03-04T06:59:59-05:00"),
        ("CO", [BOGOTA], "2026-03-04T19:00:00-05:00"),
        ("CO", [BOGOTA], "2026-03-07T07:30:00-05:00"),
        ("CO", [BOGOTA], "2026-03-07T15:00:00-05:00"),
        ("CO", [BOGOTA], "2026-03-08T11:00:00-05:00"),
        ("CO", [BOGOTA], "2026-03-23T11:00:00-05:00"),
        ("CO", [BOGOTA], "2026-07-13T11:00:00-05:00"),
        ("CO", [BOGOTA, "Europe/Madrid"], "2026-03-04T15:00:00-05:00"),
        ("MX", [MEXICO], "2026-03-04T06:59:59-06:00"),
        ("MX", [MEXICO], "2026-03-04T22:00:00-06:00"),
        ("MX", [MEXICO], "2026-03-07T11:00:00-06:00"),
        ("MX", [MEXICO], "2026-03-08T11:00:00-06:00"),
        ("MX", [MEXICO], "2026-09-16T11:00:00-06:00"),
        ("US", [EAST], "2026-03-04T07:59:59-05:00"),
        ("US", [EAST], "2026-03-04T21:00:00-05:00"),
        ("US", [EAST, WEST], "2026-03-04T10:59:59-05:00"),
        ("US-MA", [EAST], "2026-03-04T21:00:00-05:00"),
        ("BR", ["America/Sao_Paulo"], "2026-03-04T11:00:00-03:00"),
    ],
)
def test_outside_the_hours(country: str, zones: list[str], when: str) -> None:
    proof = of(country, zones, when)
    assert broken(proof) == {"hours"}
    assert proof.unlawful


@pytest.mark.parametrize(
    ("country", "zones", "when"),
    [
        ("CO", [BOGOTA], "2026-03-04T07:00:00-05:00"),
        ("CO", [BOGOTA], "2026-03-04T18:59:59.9-05:00"),
        ("CO", [BOGOTA], "2026-03-07T08:00:00-05:00"),
        ("MX", [MEXICO], "2026-03-04T21:59:59-06:00"),
        ("US", [EAST], "2026-03-08T08:00:00-04:00"),
        ("US", [EAST], "2026-07-04T20:59:59-04:00"),
        ("US", [EAST, WEST], "2026-03-04T11:00:00-05:00"),
    ],
)
def test_inside_the_hours(country: str, zones: list[str], when: str) -> None:
    assert of(country, zones, when).holds


def test_the_hours_bind_an_attempt_that_nobody_received() -> None:
    row = at(attempt_row(state="undelivered"), "2026-03-08T11:00:00-05:00")
    assert broken(prove([row], [])) == {"hours"}


def test_the_portfolios_own_country_and_zones_count_too() -> None:
    row = attempt_row(jurisdictions=["US"], zones=[BOGOTA])
    sunday = at(row, "2026-03-08T11:00:00-05:00")
    account = {"creditor": "meridian", "account_id": "100", "country": "CO", "zones": [BOGOTA]}
    received = [received_row(sunday)]
    assert prove([sunday], received).holds
    assert broken(prove([sunday], received, accounts=[account])) == {"hours"}


def test_no_zone_is_never_lawful() -> None:
    row = attempt_row(zones=[])
    assert broken(prove([row], [received_row(row)])) == {"hours"}


def test_chiquinquira_is_a_holiday_from_2026_on_whatever_the_library_knows(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    public_holidays.cache_clear()
    monkeypatch.setattr("holidays.country_holidays", lambda *_, **__: [])
    try:
        assert public_holidays("CO", 2025) == set()
        assert public_holidays("CO", 2026) == {date(2026, 7, 13)}
        assert public_holidays("CO", 2027) == {date(2027, 7, 12)}
        assert public_holidays("CO", 2029) == {date(2029, 7, 9)}
    finally:
        public_holidays.cache_clear()


@pytest.mark.parametrize("detail", [{"channel": "sms"}, "STOP by SMS", {}, None, {"text": "BASTA"}])
def test_a_contact_after_an_opt_out(detail: object) -> None:
    first, second = attempt_row(1), attempt_row(2)
    stop = {"at": "2026-03-05T10:00:00+00:00", "account": "meridian/100", "kind": "opt_out"}
    proof = prove(
        [first, second],
        [received_row(first), received_row(second)],
        events=[stop | {"detail": detail}],
    )
    assert broken(proof) == {"opt_out"}


def test_an_opt_out_binds_the_customers_other_accounts() -> None:
    first = attempt_row(1)
    other = attempt_row(2, account_id="200", covers=["meridian/200"])
    stop = {"at": "2026-03-05T10:00:00+00:00", "account": "meridian/100", "kind": "opt_out"}
    received = [received_row(first), received_row(other)]
    assert broken(prove([first, other], received, events=[stop])) == {"opt_out"}


def test_an_opt_out_of_another_channel_or_one_in_flight__passes() -> None:
    row = attempt_row(1)
    stop = {"account": "meridian/100", "kind": "opt_out"}
    email = stop | {"at": "2026-03-01T10:00:00+00:00", "detail": {"channel": "email"}}
    flight = stop | {"at": "2026-03-04T15:00:02.5+00:00", "detail": {"channel": "sms"}}
    assert prove([row], [received_row(row)], events=[email, flight]).holds


def test_one_confirmation_of_an_opt_out__passes() -> None:
    first = attempt_row(1)
    stop = {"at": "2026-03-05T10:00:00+00:00", "account": "meridian/100", "kind": "opt_out"}
    bare = [attempt_row(n, purpose="opt_out_confirmation") for n in (2, 3)]
    received = [received_row(row) for row in (first, *bare)]
    assert prove([first, bare[0]], received[:2], events=[stop]).holds
    assert broken(prove([first, *bare], received, events=[stop])) == {"opt_out"}


# --- record ---------------------------------------------------------------------------------------


def test_a_message_that_is_no_attempt() -> None:
    row = attempt_row()
    assert broken(prove([], [received_row(row)])) == {"unrecorded"}
    assert broken(prove([], [received_row(row, attempt=None)])) == {"unrecorded"}


@pytest.mark.parametrize(
    "change", [{"channel": "email"}, {"provider": "other"}, {"account": "meridian/999"}]
)
def test_a_message_that_is_not_what_the_ledger_says(change: Row) -> None:
    row = attempt_row()
    assert broken(prove([row], [received_row(row, **change)])) == {"unrecorded"}


def test_a_delivery_that_nobody_received() -> None:
    assert broken(prove([attempt_row()], [])) == {"unheard"}


def test_an_acceptance_without_receipt_that_nobody_received__passes() -> None:
    assert prove([attempt_row(state="accepted")], []).holds


def test_dispatch_before_reservation() -> None:
    row = attempt_row(reserved_at="2026-03-04T15:00:02.5+00:00")
    assert broken(prove([row], [received_row(row)])) == {"order"}


def test_received_before_dispatch() -> None:
    row = attempt_row(dispatched_at="2026-03-04T15:00:30+00:00")
    proof = prove([row], [received_row(row, at="2026-03-04T15:00:10+00:00")])
    assert broken(proof) == {"order"}


def test_received_without_a_dispatch_on_record() -> None:
    row = attempt_row()
    assert broken(prove([row | {"dispatched_at": None}], [received_row(row)])) == {"order"}


@pytest.mark.parametrize("when", ["2026-03-04T14:59:58+00:00", "2026-03-04T19:00:00+00:00"])
def test_accepted_outside_its_window(when: str) -> None:
    row = attempt_row(reserved_at=when, dispatched_at=when)
    assert broken(prove([row], [received_row(row, at=when)])) == {"window"}


@pytest.mark.parametrize("state", ["reserved", "released", "refused"])
def test_a_message_whose_attempt_does_not_count_as_made(state: str) -> None:
    row = attempt_row(state=state)
    assert broken(prove([row], [received_row(row)])) == {"state"}


def test_a_time_without_offset_proves_nothing() -> None:
    row = attempt_row()
    with pytest.raises(ValueError, match="without an offset"):
        prove([row], [received_row(row, at="2026-03-04T10:00:00")])


# --- the program ----------------------------------------------------------------------------------


def test_the_proof_imports_nothing_of_ours() -> None:
    tree = ast.parse(Path(proof_module.__file__).read_text(encoding="utf-8"))
    named: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            named |= {alias.name.split(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0
            named.add(str(node.module).split(".")[0])
    assert named - set(sys.stdlib_module_names) == {"holidays"}
    assert "importlib" not in named


def test_the_command_says_so__clean(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = portfolio(10).write(tmp_path)
    assert main([str(folder)]) == 0
    shown = capsys.readouterr().out
    assert "nothing unlawful, nothing twice" in shown
    assert BROKEN_TABLE not in shown


def test_the_command_says_so__broken(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    run = portfolio(10)
    Run(run.ledger, [*run.received, run.received[0]], run.accounts, run.events).write(tmp_path)
    assert main([str(tmp_path)]) == 1
    shown = capsys.readouterr().out
    assert BROKEN_TABLE in shown
    assert "reached the person 2 times" in shown


def test_the_command_says_so__nothing_there(tmp_path: Path) -> None:
    assert main([str(tmp_path)]) == 2
    assert main([]) == 2


def test_the_command_says_so__torn_line(tmp_path: Path) -> None:
    (tmp_path / "ledger.jsonl").write_text('{"attempt_id"\n', encoding="utf-8")
    (tmp_path / "received.jsonl").write_text("", encoding="utf-8")
    assert main([str(tmp_path)]) == 2


def test_a_line_may_hold_any_character(tmp_path: Path) -> None:
    path = tmp_path / "received.jsonl"
    path.write_text('{"text": "one\u2028two"}\n', encoding="utf-8")
    assert read_lines(path) == [{"text": "one\u2028two"}]
