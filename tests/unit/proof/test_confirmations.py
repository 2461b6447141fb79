"""A stop is confirmed once, where it was said, at once and with nothing else; or not at all."""

from datetime import datetime, timedelta

import pytest

from lab.proof.verdict import Proof, prove
from tests.support.runs import MIN_DAYS, Row, address_of, attempt_row, received_row, stop_row
from tests.unit.proof.support import BOGOTA, GUAYAQUIL, SANTIAGO, at, broken

HERS = address_of("c100", "sms")
TOLD = "2026-03-04T15:00:00+00:00"
SAID = "2026-03-04T16:00:00+00:00"
"""An hour after the message that she stops; her side heard four seconds later that it was taken."""
DONE = "Meridian: done. We won't send any more texts to this number. To change that, reply START."
BARE: Row = {"purpose": "opt_out_confirmation", "touch": 0, "text": DONE}
US: Row = {"jurisdictions": ["US"], "zones": ["America/Chicago"]}


def asked(address: str = HERS, said: str = SAID, **changes: object) -> Row:
    taken = datetime.fromisoformat(said) + timedelta(seconds=4)
    told = {"said_at": said, "account": "meridian/100", "clock": "account"}
    return stop_row(address, taken.isoformat(), **told | changes)


def message(number: int, when: str, **changes: object) -> tuple[Row, Row]:
    """An attempt, and what was received of it: ``to`` and ``text`` as told."""
    heard = {key: changes.pop(key) for key in ("to", "text") if key in changes}
    row = at(attempt_row(number, step=number), when, **changes)
    return row, received_row(row, at=row["dispatched_at"], **heard)


def confirmed(after: float = 5.0, number: int = 2, **changes: object) -> tuple[Row, Row]:
    """A confirmation so many seconds after it was said."""
    when = (datetime.fromisoformat(SAID) + timedelta(seconds=after)).isoformat()
    return message(number, when, **BARE | changes)


def proved(*rows: tuple[Row, Row], stops: list[Row] | None = None) -> Proof:
    ledger, received = zip(message(1, TOLD), *rows, strict=True)
    told = [asked()] if stops is None else stops
    return prove(ledger, received, stops=told, min_days=MIN_DAYS)


@pytest.mark.parametrize("after", [0.2, 5, 303.9], ids=["before she heard", "at once", "just"])
@pytest.mark.parametrize("where", [{}, US], ids=["Colombia", "United States"])
def test_one_that_answers_at_once_is_lawful(after: float, where: Row) -> None:
    """Also on the day of the message that it answers, where one contact a day is lawful."""
    proof = proved(confirmed(after, **where))
    assert proof.holds, proof.violations
    (check,) = (check for check in proof.checks if check.code == "confirmed")
    assert check.mark == "kept"


@pytest.mark.parametrize(
    ("answer", "told"),
    [
        (confirmed(304.1), "more than five minutes after"),
        (confirmed(86_400.0), "more than five minutes after"),
        (confirmed(-2.0), "which nobody had asked for by sms"),
        (confirmed(channel="whatsapp"), "which nobody had asked for by whatsapp"),
        (confirmed(to="+573000000001"), "which nobody had asked for by sms"),
        (confirmed(channel="voice"), "which is no electronic message"),
        (confirmed(text=f"{DONE} Your balance is unchanged."), "speaks of more than that"),
        (confirmed(text="Listo. Su saldo vencido es de $ 40.000."), "“saldo”"),
        (confirmed(text="Pronto. Sua dívida continua."), "“dívida”"),
        (confirmed(text=f"{DONE} https://pay.example.com/1"), "“pay”"),
        (confirmed(text=f"{DONE} This is from a debt collector."), "“debt”"),
    ],
    ids=[
        "late",
        "a day late",
        "before it was said",
        "another channel",
        "another handset",
        "a call",
        "a balance",
        "a sum",
        "a debt",
        "a way to pay",
        "a notice of collection",
    ],
)
def test_one_that_does_not_is_not(answer: tuple[Row, Row], told: str) -> None:
    proof = proved(answer)
    assert "confirmed" in broken(proof)
    assert told in " ".join(proof.of("confirmed"))


def test_a_second_one_is_unlawful_whoever_sends_it() -> None:
    again = confirmed(60, 3, account_id="200", covers=["meridian/200"], customer_id="c7", to=HERS)
    proof = proved(confirmed(), again)
    (told,) = proof.of("confirmed")
    assert "a second time, after attempt a002" in told


def test_whoever_stops_again_has_been_answered_and_whoever_came_back_has_not() -> None:
    later = (datetime.fromisoformat(SAID) + timedelta(minutes=30)).isoformat()
    between = (datetime.fromisoformat(SAID) + timedelta(minutes=20)).isoformat()
    twice = [confirmed(), message(3, later, **BARE)]
    again = [asked(), asked(said=later)]
    assert broken(proved(*twice, stops=again)) == {"confirmed", "co_day"}
    back = asked(said=between, kind="start", words="START")
    assert proved(*twice, stops=[*again, back]).holds


def test_whoever_stops_on_two_channels_is_answered_on_both() -> None:
    by_mail = {"channel": "email", "provider": "sendgrid"}
    mailbox = address_of("c100", "email")
    both = [asked(), asked(mailbox, channel="email")]
    assert proved(confirmed(), confirmed(60, 3, **by_mail), stops=both).holds


def test_nobody_asked_for_anything__and_nothing_is_known_of_who_asked() -> None:
    row, got = confirmed(**US)
    assert broken(prove([row], [got], stops=[])) == {"confirmed"}
    marks = {check.code: check.mark for check in prove([row], [got]).checks}
    assert marks["confirmed"] == "not_examined"


def test_a_stop_at_a_time_that_nobody_could_tell_accuses_nobody() -> None:
    undated = asked(said="2026-03-09T10:00:00+00:00", clock="estimate")
    assert proved(confirmed(), stops=[undated]).holds


def test_it_is_the_last_word_there() -> None:
    assert broken(proved(confirmed(), message(3, "2026-03-18T15:00:00+00:00"))) == {"opt_out"}


# --- what it is free of ---------------------------------------------------------------------------

EVENING = "2026-03-04T22:30:00-05:00"


def said_in(country: str, zone: str, when: str, channel: str = "sms") -> set[str]:
    """What is wrong with a confirmation that comes five seconds after a stop in a country."""
    moment = datetime.fromisoformat(when)
    first = at(attempt_row(1), (moment - timedelta(hours=12)).isoformat())
    answer = at(attempt_row(2), (moment + timedelta(seconds=5)).isoformat(), **BARE)
    rows = [
        row | {"jurisdictions": [country], "zones": [zone], "channel": channel}
        for row in (first, answer)
    ]
    received = [received_row(rows[0]), received_row(rows[1], text=DONE)]
    stops = [asked(said=moment.isoformat(), channel=channel)]
    return broken(prove(rows, received, stops=stops))


@pytest.mark.parametrize(
    ("country", "zone", "found"),
    [
        ("CO", BOGOTA, set()),
        ("US", "America/New_York", set()),
        ("US-DC", "America/New_York", {"hours"}),
        ("MX", "America/Mexico_City", set()),
        ("PE", "America/Lima", {"hours"}),
        ("EC", GUAYAQUIL, {"hours", "ec_day"}),
        ("CL", SANTIAGO, {"hours", "cl_week"}),
    ],
)
def test_hours_and_counts_bind_it_where_no_law_frees_answers(
    country: str, zone: str, found: set[str]
) -> None:
    """At half past ten in the evening by Bogotá's clock, after a message of the same day."""
    assert said_in(country, zone, EVENING) == found


def test_one_that_is_not_lawful_is_free_of_nothing() -> None:
    assert broken(proved(confirmed(400))) == {"confirmed", "co_day"}


def test_what_follows_it_counts_from_it_on() -> None:
    """By another channel: five days after the answer, eight after the message before."""
    answer = message(2, "2026-03-07T15:00:04+00:00", **BARE)
    later = message(3, "2026-03-12T15:00:00+00:00", channel="email")
    stops = [asked(said="2026-03-07T15:00:00+00:00")]
    assert broken(proved(answer, later, stops=stops)) == {"co_week"}


def test_one_that_did_not_arrive_is_no_second_contact_if_it_answers_its_customer() -> None:
    first, got = message(1, TOLD)
    lost, _ = confirmed(state="undelivered")
    assert prove([first, lost], [got], stops=[asked()]).holds
    elsewhere = [asked(account="meridian/900")]
    assert broken(prove([first, lost], [got], stops=elsewhere)) == {"co_day"}
