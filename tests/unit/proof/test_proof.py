"""Each breach is planted once; the proof has to find it, and nothing else."""

import ast
import sys
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from lab import proof as proof_module
from lab.proof import Proof, main, prove, public_holidays, read_lines
from tests.support.runs import Row, Run, attempt_row, portfolio, received_row

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
    # The portfolio has nobody in Ecuador or Chile, and calls nobody.
    unused = {"ec_day", "cl_week", "us_calls"}
    assert {check.code for check in proof.checks if not check.examined} == unused


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


def calls(*when: str, **changes: Any) -> list[Row]:
    """Calls to one customer in New York about one account."""
    told = {"jurisdictions": ["US"], "zones": ["America/New_York"], "channel": "voice"}
    return [
        at(
            attempt_row(n, attempt_id=f"c{n}", step=n, purpose=f"p{n}", **told),
            moment,
            outcome="no_answer",
            **changes,
        )
        for n, moment in enumerate(when, start=1)
    ]


DAYS = [f"2026-03-{day:02}T15:00:00+00:00" for day in range(2, 20)]


def test_an_eighth_call_in_seven_days() -> None:
    one_a_day = calls(*DAYS)
    assert broken(prove(one_a_day, [received_row(row) for row in one_a_day])) == set()
    eight = calls(DAYS[0], *(day.replace("15:", "16:") for day in DAYS[:7]))
    proof = prove(eight, [received_row(row) for row in eight])
    assert broken(proof) == {"us_calls"}
    assert "called 8 times within seven days" in proof.double[0]
    # Those that did not connect do not count.
    eight[3]["outcome"] = "busy"
    eight[3]["state"] = "undelivered"
    rang = [received_row(row) for row in eight if row["outcome"] != "busy"]
    assert broken(prove(eight, rang)) == set()


@pytest.mark.parametrize(("later", "allowed"), [(DAYS[6], False), (DAYS[7], True)])
def test_a_call_in_the_week_of_a_conversation(later: str, *, allowed: bool) -> None:
    """The date of the conversation is the first day: 2 March, then not before 9 March."""
    two = calls(DAYS[0], later)
    two[0]["outcome"] = "conversation"
    assert (broken(prove(two, [received_row(row) for row in two])) == set()) is allowed


def test_a_call_in_the_week_in_which_the_customer_called() -> None:
    (late,) = calls(DAYS[3])
    account = f"{late['creditor']}/{late['account_id']}"
    called = {"at": DAYS[0], "account": account, "kind": "reply", "detail": {"channel": "voice"}}
    assert broken(prove([late], [received_row(late)], events=[called])) == {"us_calls"}


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


def series(country: str, zone: str, *contacts: tuple[str, str]) -> Proof:
    """The proof over contacts ``(channel, local wall clock)`` of one customer, all received."""
    rows = [
        at(
            attempt_row(number),
            datetime.fromisoformat(when).replace(tzinfo=ZoneInfo(zone)).isoformat(),
            jurisdictions=[country],
            zones=[zone],
            channel=channel,
            purpose=f"notice {number}",
        )
        for number, (channel, when) in enumerate(contacts, start=1)
    ]
    return prove(rows, [received_row(row, channel=row["channel"]) for row in rows])


@pytest.mark.parametrize(
    ("contacts", "found", "why"),
    [
        ([("sms", "11-10T10:00"), ("email", "11-13T10:00")], set(), "two messages, D and D+3"),
        ([("sms", "11-10T10:00"), ("email", "11-12T19:00")], {"cl_week"}, "D+2"),
        ([("voice", "11-10T10:00"), ("voice", "11-16T10:00")], {"cl_week"}, "two calls"),
        ([("voice", "11-10T10:00"), ("voice", "11-17T08:00")], set(), "a week apart"),
        ([("voice", "11-10T10:00"), ("sms", "11-10T11:00")], set(), "a call and a message"),
        (
            [("voice", "11-10T10:00"), ("sms", "11-11T10:00"), ("sms", "11-16T10:00")],
            {"cl_week"},
            "three contacts in seven days",
        ),
        (
            [("voice", "11-10T10:00"), ("sms", "11-11T10:00"), ("sms", "11-17T10:00")],
            set(),
            "the first has left the week",
        ),
    ],
)
def test_chile(contacts: list[tuple[str, str]], found: set[str], why: str) -> None:
    dated = [(channel, f"2026-{when}") for channel, when in contacts]
    assert broken(series("CL", SANTIAGO, *dated)) == found, why


@pytest.mark.parametrize(
    ("later", "found"),
    [("2026-11-18T19:59", {"ec_day"}), ("2026-11-19T07:00", set())],
)
def test_ecuador_once_a_day_over_all_channels(later: str, found: set[str]) -> None:
    first = ("sms", "2026-11-18T07:00")
    assert broken(series("EC", GUAYAQUIL, first, ("email", later))) == found


def test_refused_and_released_attempts_are_no_contacts() -> None:
    refused = attempt_row(1, state="refused")
    other = attempt_row(1, attempt_id="b", step=2, channel="email", provider="sendgrid")
    assert prove([refused, other], [received_row(other)]).holds


# --- unlawful -------------------------------------------------------------------------------------

SANTIAGO, LIMA, GUAYAQUIL = "America/Santiago", "America/Lima", "America/Guayaquil"
SAO_PAULO, BUENOS_AIRES = "America/Sao_Paulo", "America/Argentina/Buenos_Aires"
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
        ("FR", ["Europe/Paris"], "2026-03-04T11:00:00+01:00"),
        ("CL", [SANTIAGO], "2026-11-18T07:59:59-03:00"),
        ("CL", [SANTIAGO], "2026-11-21T20:00:00-03:00"),
        ("CL", [SANTIAGO], "2026-11-22T11:00:00-03:00"),
        ("CL", [SANTIAGO], "2026-12-08T11:00:00-03:00"),
        ("CL", [SANTIAGO, "America/Punta_Arenas"], "2026-07-15T19:00:00-04:00"),
        ("CL-NB", [SANTIAGO], "2026-08-20T11:00:00-04:00"),
        ("PE", [LIMA], "2026-11-18T06:59:59-05:00"),
        ("PE", [LIMA], "2026-11-18T20:00:00-05:00"),
        ("PE", [LIMA], "2026-11-21T11:00:00-05:00"),
        ("PE", [LIMA], "2026-10-08T11:00:00-05:00"),
        ("PE", ["Europe/Madrid"], "2026-11-18T12:00:00+01:00"),
        ("PE", [LIMA, "Europe/Madrid"], "2026-11-18T14:00:00-05:00"),
        ("EC", [GUAYAQUIL], "2026-11-18T06:59:59-05:00"),
        ("EC", [GUAYAQUIL], "2026-11-18T20:00:00-05:00"),
        ("EC", [GUAYAQUIL], "2026-11-21T11:00:00-05:00"),
        ("EC", [GUAYAQUIL], "2026-05-25T11:00:00-05:00"),
        ("EC", [GUAYAQUIL, "Pacific/Galapagos"], "2026-11-18T07:59:59-05:00"),
        ("BR", [SAO_PAULO], "2026-11-18T06:59:59-03:00"),
        ("BR", [SAO_PAULO], "2026-11-18T22:00:00-03:00"),
        ("BR-AL", ["America/Maceio"], "2026-11-18T20:00:00-03:00"),
        ("BR-AL", ["America/Maceio"], "2026-11-21T14:00:00-03:00"),
        ("BR-AL", ["America/Maceio"], "2026-11-22T11:00:00-03:00"),
        ("BR-AL", ["America/Maceio"], "2026-09-16T11:00:00-03:00"),
        ("AR", [BUENOS_AIRES], "2026-11-18T08:59:59-03:00"),
        ("AR-C", [BUENOS_AIRES], "2026-11-18T19:00:00-03:00"),
        ("AR", [BUENOS_AIRES], "2026-11-21T11:00:00-03:00"),
        ("AR", [BUENOS_AIRES], "2026-11-23T11:00:00-03:00"),
        ("ES", ["Europe/Madrid"], "2026-11-18T08:59:59+01:00"),
        ("ES", ["Europe/Madrid"], "2026-11-18T21:00:00+01:00"),
        ("ES", ["Europe/Madrid"], "2026-11-21T11:00:00+01:00"),
        ("ES", ["Europe/Madrid"], "2026-10-12T11:00:00+02:00"),
        ("ES", ["Europe/Madrid", "Atlantic/Canary"], "2026-11-18T09:59:59+01:00"),
        ("GB", ["Europe/London"], "2026-11-18T07:59:59+00:00"),
        ("GB", ["Europe/London"], "2026-11-21T21:00:00+00:00"),
        ("GB", ["Europe/London"], "2026-11-22T11:00:00+00:00"),
        ("US-DC", [WEST], "2026-11-18T18:00:00-08:00"),
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
        ("CL", [SANTIAGO], "2026-11-18T08:00:00-03:00"),
        ("CL", [SANTIAGO], "2026-11-21T19:59:59-03:00"),
        ("CL", [SANTIAGO], "2026-08-20T11:00:00-04:00"),
        ("PE", [LIMA], "2026-11-18T07:00:00-05:00"),
        ("PE", [LIMA], "2026-11-18T19:59:59-05:00"),
        ("EC", [GUAYAQUIL], "2026-11-18T07:00:00-05:00"),
        ("EC", [GUAYAQUIL], "2026-11-18T19:59:59-05:00"),
        ("BR", [SAO_PAULO], "2026-11-22T07:00:00-03:00"),
        ("BR-SP", [SAO_PAULO], "2026-11-22T21:59:59-03:00"),
        ("BR-AL", ["America/Maceio"], "2026-11-21T13:59:59-03:00"),
        ("AR", [BUENOS_AIRES], "2026-11-18T09:00:00-03:00"),
        ("AR", [BUENOS_AIRES], "2026-11-18T18:59:59-03:00"),
        ("ES", ["Europe/Madrid"], "2026-11-18T20:59:59+01:00"),
        ("GB", ["Europe/London"], "2026-11-21T20:59:59+00:00"),
        ("GB", ["Europe/London"], "2026-12-25T11:00:00+00:00"),
        ("US-DC", [WEST], "2026-11-18T17:59:59-08:00"),
    ],
)
def test_inside_the_hours(country: str, zones: list[str], when: str) -> None:
    assert of(country, zones, when).holds


@pytest.mark.parametrize(
    ("state", "when"),
    [
        ("SP", "2026-11-18T20:00:00-03:00"),
        ("SP", "2026-11-21T14:00:00-03:00"),
        ("SP", "2026-11-22T11:00:00-03:00"),
        ("SP", "2026-07-09T11:00:00-03:00"),
        ("ES", "2026-11-18T19:00:00-03:00"),
        ("ES", "2026-11-21T11:00:00-03:00"),
        ("RJ", "2026-11-18T08:59:59-03:00"),
        ("RJ", "2026-04-23T11:00:00-03:00"),
        ("AM", "2026-11-18T07:59:59-03:00"),
        ("AM", "2026-11-18T19:00:00-03:00"),
    ],
)
def test_brazilian_states_bind_calls(state: str, when: str) -> None:
    for channel, found in (("voice", {"hours"}), ("human", {"hours"}), ("sms", set())):
        codes = ["BR", f"BR-{state}"]
        row = at(attempt_row(), when, jurisdictions=codes, zones=[SAO_PAULO], channel=channel)
        assert broken(prove([row], [received_row(row, at=when, channel=channel)])) == found


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
