"""Two instants of one event, what happened and its record: the stricter of them counts."""

from datetime import datetime, timedelta
from typing import Any, Final

import pytest

from domain.law.engine import verdict
from domain.law.model import RulePack
from domain.law.terms import EventKind
from tests.unit.law.support import ask, contact, event, judge, small_pack
from tests.unit.law.us_support import NOON

HOUR: Final = timedelta(hours=1)
DAY: Final = timedelta(days=1)
ALWAYS: Final = [
    {"days": ["mon", "tue", "wed", "thu", "fri", "sat", "sun"], "from": "00:00", "to": "24:00"}
]

TAKES: Final[dict[str, RulePack]] = {
    kind: small_pack({"kind": "stop", "event": kind})
    for kind in (
        *("cease", "attorney", "opt_out", "workplace_prohibited", "wrong_number"),
        *("dispute", "bankruptcy", "death", "breathing_space"),
    )
} | {"inconvenient_time": small_pack({"kind": "stated_times"})}
GIVES: Final[dict[str, RulePack]] = {
    kind: small_pack({"kind": "consent", "events": [kind]})
    for kind in (
        "opt_in",
        "consent_call",
        "number_check",
        "notice_mailed",
        "dispute_verified",
        "dispute_withdrawn",
    )
}
SHUT: Final[dict[str, Any]] = {
    "kind": "hours",
    "windows": [{"days": ["sun"], "from": "00:00", "to": "00:01"}],
    "authorized_hours": ["separate"],
}
GIVES["authorized_hours"] = small_pack(SHUT)


def of(kind: str, at: datetime, **more: Any) -> dict[str, Any]:
    whole = {"windows": ALWAYS, "instrument": "separate"}
    return event(kind, at, contact_point_id="cp1", **whole, **more)


def allowed(pack: RulePack, *said: dict[str, Any], at: datetime = NOON) -> bool:
    return verdict([pack], ask("ZZ", events=said), at).verdict == "allowed"


def test_every_kind_is_here() -> None:
    assert TAKES.keys() | GIVES.keys() == set(EventKind)


@pytest.mark.parametrize("kind", TAKES)
def test_what_takes_leave_away_holds_from_the_earlier_instant(kind: str) -> None:
    pack = TAKES[kind]
    assert not allowed(pack, of(kind, NOON - HOUR, recorded_at=NOON + HOUR))
    assert not allowed(pack, of(kind, NOON + HOUR, recorded_at=NOON - HOUR))
    assert not allowed(pack, of(kind, NOON + DAY)), "known, though dated in the future"
    assert not allowed(pack, of(kind, NOON + DAY, recorded_at=NOON + HOUR))
    assert not allowed(pack, of(kind, NOON + DAY), at=NOON + 2 * DAY), "nor does it lapse then"


@pytest.mark.parametrize("kind", GIVES)
def test_what_gives_leave_holds_from_the_later_instant(kind: str) -> None:
    pack = GIVES[kind]
    for said, recorded in ((NOON - HOUR, NOON), (NOON, NOON - HOUR), (NOON, None)):
        given = of(kind, said, recorded_at=recorded)
        assert not allowed(pack, given, at=NOON - timedelta(seconds=1))
        assert allowed(pack, given, at=NOON)


def test_hours_taken_back_are_gone_at_once_and_hours_given_are_not() -> None:
    """No hours at all: of those authorised they are taken back, of those inconvenient given."""
    shut, closed = GIVES["authorized_hours"], TAKES["inconvenient_time"]
    given = of("authorized_hours", NOON - DAY)
    assert allowed(shut, given)
    assert not allowed(shut, given, of("authorized_hours", NOON + HOUR) | {"windows": []})
    stated = of("inconvenient_time", NOON - DAY)
    taken_back = of("inconvenient_time", NOON - HOUR, recorded_at=NOON + HOUR) | {"windows": []}
    assert not allowed(closed, stated, taken_back)
    assert allowed(closed, stated, taken_back, at=NOON + HOUR)


@pytest.mark.parametrize(
    ("opted_in", "lifted", "why"),
    [
        ({"at": NOON - HOUR}, True, "said after the stop"),
        ({"at": NOON - HOUR, "recorded_at": NOON + HOUR}, False, "not on file yet"),
        ({"at": NOON + HOUR}, False, "dated in the future"),
        ({"at": NOON - 3 * HOUR, "recorded_at": NOON - HOUR}, False, "said before the stop"),
    ],
)
def test_leave_lifts_an_earlier_stop_once_it_counts(
    opted_in: dict[str, Any], lifted: bool, why: str
) -> None:
    pack = small_pack({"kind": "stop", "event": "opt_out", "lifted_by": ["opt_in"]})
    stop = event("opt_out", NOON - 2 * HOUR)
    assert allowed(pack, stop, {"kind": "opt_in", **opted_in}) is lifted, why


def test_a_stop_dated_ahead_is_lifted_by_no_leave_given_before_its_date() -> None:
    pack = small_pack({"kind": "stop", "event": "opt_out", "lifted_by": ["opt_in"]})
    stop, agreed = event("opt_out", NOON + DAY), event("opt_in", NOON - HOUR)
    assert not allowed(pack, stop, agreed)
    assert not allowed(pack, stop, agreed, at=NOON + 2 * DAY)
    assert allowed(pack, stop, event("opt_in", NOON + 2 * DAY), at=NOON + 2 * DAY)


def test_a_period_runs_from_the_day_it_happened_not_from_its_record() -> None:
    rule = {"kind": "stop", "event": "breathing_space", "days": 60}
    late = event("breathing_space", NOON - 60 * DAY, recorded_at=NOON - 50 * DAY)
    assert not allowed(small_pack(rule), late)
    assert allowed(small_pack(rule), late, at=NOON + DAY)
    fresh = {"kind": "consent", "events": ["number_check"], "within_days": 60}
    checked = event("number_check", NOON - 59 * DAY, recorded_at=NOON - 50 * DAY)
    assert allowed(small_pack(fresh), checked)
    assert not allowed(small_pack(fresh), checked, at=NOON + DAY)


def test_a_call_to_a_number_is_counted_until_it_is_known_to_be_anothers() -> None:
    rule = {
        "kind": "cap",
        "limit": 1,
        "period": {"days": 7},
        "unit": "person",
        "counts": {"skip_wrong_numbers": True},
    }
    called = contact(NOON - DAY, contact_point_id="cp2")
    wrong = event("wrong_number", NOON - HOUR, recorded_at=NOON + HOUR, contact_point_id="cp2")
    request = ask("ZZ", history=[called], events=[wrong])
    assert verdict([small_pack(rule)], request, NOON).verdict == "denied"
    assert verdict([small_pack(rule)], request, NOON + HOUR).verdict == "allowed"


def test_consent_to_calls_ends_at_a_stop_that_is_known() -> None:
    talked = contact(NOON - DAY, outcome="conversation")
    agreed = event("consent_call", NOON - DAY + HOUR)
    assert judge(ask(history=[talked], events=[agreed]), NOON).verdict == "allowed"
    stop = event("opt_out", NOON + HOUR, channel="voice")
    assert judge(ask(history=[talked], events=[agreed, stop]), NOON).verdict == "denied"


def test_a_message_between_a_stop_and_its_record_invites_no_answer() -> None:
    rule = {"kind": "stop", "event": "opt_out", "reply": "once"}
    stop = event("opt_out", NOON - 2 * HOUR, recorded_at=NOON)
    wrote = contact(NOON - HOUR, outcome="replied", direction="inbound")
    answer = ask("ZZ", purpose="reply", events=[stop], history=[wrote])
    assert verdict([small_pack(rule)], answer, NOON).verdict == "denied"
