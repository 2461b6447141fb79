"""No stop is lost for its date, and no fact for its words; leave is refused by both."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from domain.entry.bounds import keepable
from domain.facts import LawEventReceived
from domain.law.request import FIRST, LAST, LawEvent
from domain.law.terms import EventKind
from domain.ledger import stops
from domain.ledger.admission import fault_of_event, remark_on, unkeepable

BOGOTA = ("America/Bogota",)
WIDE = ("America/New_York", "America/Los_Angeles")
NOW = datetime(2026, 11, 28, 15, 0, tzinfo=UTC)
DAY = {"days": ["mon"], "from": "08:00", "to": "12:00"}

STOPS: list[dict[str, Any]] = [
    *(
        {"kind": kind}
        for kind in ("cease", "attorney", "opt_out", "workplace_prohibited", "dispute")
    ),
    *({"kind": kind} for kind in ("bankruptcy", "death", "breathing_space")),
    {"kind": "wrong_number", "contact_point_id": "p"},
    {"kind": "inconvenient_time", "windows": [DAY]},
    {"kind": "authorized_hours", "windows": []},
]
LEAVE: list[dict[str, Any]] = [
    *({"kind": kind} for kind in ("opt_in", "consent_call", "number_check", "notice_mailed")),
    {"kind": "dispute_verified"},
    {"kind": "dispute_withdrawn"},
    {"kind": "inconvenient_time", "windows": []},
    {"kind": "authorized_hours", "windows": [DAY]},
]
NO_DATES: list[Any] = [
    "0001-01-01T00:00:00Z",
    "0001-01-01T00:00:00+14:00",
    "1753-01-01T00:00:00Z",
    "1900-01-01",
    "1900-01-01T00:00:00",
    "9999-12-31T23:59:59Z",
    "9999-12-31T23:59:59.999999-12:00",
    "2026-02-30",
    "soon",
    "",
    "\0",
    None,
    True,
    [],
    {},
    10**30,
    float("nan"),
]


def event(said: dict[str, Any], zones: tuple[str, ...] = BOGOTA) -> tuple[LawEvent, str]:
    read = stops.read(said, zones)
    return LawEvent.model_validate(read.said), "; ".join(read.notes)


@pytest.mark.parametrize("at", NO_DATES)
@pytest.mark.parametrize("stop", STOPS, ids=lambda it: it["kind"])
def test_a_stop_is_taken_whatever_its_date_and_its_sender_is_told(
    stop: dict[str, Any], at: Any
) -> None:
    for said in ({**stop, "at": at}, stop):
        taken, notes = event(said)
        assert fault_of_event(taken, NOW) is None
        assert notes or remark_on(taken, NOW)
        assert taken.undated or taken.at == LAST


@pytest.mark.parametrize("at", [*NO_DATES, "2026-11-20", "2026-11-20T10:00:00"])
@pytest.mark.parametrize("leave", LEAVE, ids=lambda it: f"{it['kind']}")
def test_leave_with_such_a_date_is_refused(leave: dict[str, Any], at: Any) -> None:
    with pytest.raises((ValidationError, OverflowError)):
        event({**leave, "at": at})


def test_what_has_no_date_counts_from_when_it_is_known() -> None:
    taken, _ = event({"kind": "cease", "at": "0001-01-01T00:00:00Z"})
    assert (taken.at, taken.undated) == (FIRST, True)
    assert remark_on(taken, NOW) == "without a date of our years, so it counts as of now"
    old, _ = event({"kind": "opt_in", "at": "1900-01-01T00:00:00Z"})
    assert not old.undated


TEN_YEARS, SECOND = timedelta(days=3_653), timedelta(seconds=1)


@pytest.mark.parametrize(
    ("at", "undated"),
    [
        ("2001-01-01T00:00:00Z", True),
        ((NOW - TEN_YEARS - SECOND).isoformat(), True),
        ((NOW - TEN_YEARS).isoformat(), False),
        ("2026-11-20T00:00:00Z", False),
        ("2030-01-01T00:00:00Z", False),
    ],
)
def test_what_is_dated_more_than_ten_years_back_counts_from_when_it_is_known(
    at: str, undated: bool
) -> None:
    taken, _ = event({"kind": "cease", "at": at})
    assert taken.known_at(NOW).undated is undated
    assert ("dated more than ten years back" in (remark_on(taken, NOW) or "")) is undated
    agreed, _ = event({"kind": "opt_in", "at": at})
    assert agreed.known_at(NOW) is agreed


@pytest.mark.parametrize(
    ("at", "zones", "instant"),
    [
        ("2026-11-20", BOGOTA, "2026-11-20T05:00:00+00:00"),
        ("2026-11-20", WIDE, "2026-11-20T05:00:00+00:00"),
        ("2026-11-20", (), "2026-11-20T12:00:00+00:00"),
        ("2026-11-20T10:00:00", BOGOTA, "2026-11-20T15:00:00+00:00"),
        ("2026-11-20T10:00:00", WIDE, "2026-11-20T15:00:00+00:00"),
        ("2026-11-20T10:00:00", (), "2026-11-20T10:00:00+00:00"),
        ("2199-12-31", BOGOTA, "2199-12-31T00:00:00+00:00"),
    ],
)
def test_a_date_without_an_offset_is_the_customers(
    at: str, zones: tuple[str, ...], instant: str
) -> None:
    taken, notes = event({"kind": "cease", "at": at}, zones)
    assert taken.at.isoformat() == instant
    assert notes == f"at: has no offset, so it is taken as {instant}"


@pytest.mark.parametrize(
    ("ends_at", "ends", "told"),
    [
        ("2027-01-15T00:00:00Z", "2027-01-15T00:00:00+00:00", ""),
        ("9999-12-31T00:00:00Z", LAST.isoformat(), ""),
        ("9999-12-31", LAST.isoformat(), ""),
        ("2027-01-15", "2027-01-16T05:00:00+00:00", "ends_at: has no offset"),
        ("2027-01-15T10:00:00", "2027-01-15T15:00:00+00:00", "ends_at: has no offset"),
        ("0001-01-01T00:00:00Z", None, "ends_at: is no date of our years"),
        ("later", None, "ends_at: is no date of our years"),
        ("2026-11-19T00:00:00Z", None, "ends_at: lies before the stop itself"),
    ],
)
def test_an_end_that_makes_no_sense_ends_nothing(ends_at: str, ends: str | None, told: str) -> None:
    taken, notes = event(
        {"kind": "breathing_space", "at": "2026-11-20T00:00:00Z", "ends_at": ends_at}
    )
    assert (taken.ends_at.isoformat() if taken.ends_at else None) == ends
    assert notes.startswith(told) and bool(notes) is bool(told)


@pytest.mark.parametrize(
    ("days", "kept"), [(60, 60), (0, None), (-1, None), ("x", None), (10**9, 36_500), ("30", 30)]
)
def test_a_number_of_days_that_cannot_be_loses_no_stop(days: Any, kept: int | None) -> None:
    taken, notes = event({"kind": "bankruptcy", "at": "2026-11-20T00:00:00Z", "days": days})
    assert taken.days == kept
    assert bool(notes) is (days not in (60, "30"))


def test_what_is_only_ours_to_say_is_left_away() -> None:
    at = "2026-11-20T00:00:00Z"
    taken, notes = event({"kind": "cease", "at": at, "recorded_at": at, "sent_at": "0001-01-01"})
    assert (taken.recorded_at, taken.sent_at) == (None, None)
    assert "recorded_at: is ours to say" in notes and "sent_at: is no date" in notes


def test_a_good_stop_is_left_as_it_is() -> None:
    said = {"kind": "cease", "at": "2026-11-20T10:00:00-05:00"}
    taken, notes = event(said)
    assert (taken, notes) == (LawEvent.model_validate(said), "")


ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.datetimes(),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.text(max_size=5), inner),
    max_leaves=4,
)


@given(st.sampled_from(STOPS), st.dictionaries(st.sampled_from(stops.DATES), ANYTHING))
def test_nothing_in_its_dates_keeps_a_stop_from_being_read(
    stop: dict[str, Any], dates: dict[str, Any]
) -> None:
    for zones in (BOGOTA, WIDE, ()):
        taken, _ = event({**stop, **dates}, zones)
        assert FIRST <= taken.at <= LAST + timedelta(days=1)
        assert LawEvent.model_validate(taken.model_dump(mode="json", by_alias=True)) == taken


# --- signals, however they are written ------------------------------------------------------------

CEASE = {"kind": "cease", "at": "2026-11-20T10:00:00Z"}


def taken(sent: dict[str, Any]) -> tuple[LawEventReceived | None, str]:
    said = stops.plainly(sent)
    made = None if said is None else LawEventReceived.model_validate(said)
    return made, "; ".join(stops.told_of((made and made.mended) or {}))


@pytest.mark.parametrize(
    ("more", "left", "told"),
    [
        ({"source": "crm"}, {}, "fields that are not known here are left away"),
        ({"channel": "SMS "}, {"channel": "sms"}, ""),
        ({"channel": "phone"}, {}, "channel: cannot be read, so it is left away"),
        ({"channel": ""}, {}, "channel: cannot be read, so it is left away"),
        ({"in_writing": "sí"}, {}, "in_writing: cannot be read, so it is left away"),
        ({"account_id": 12345}, {"account_id": "12345"}, ""),
        ({"account_id": "A\0"}, {}, "account_id: cannot be read, so it is left away"),
        ({"account_id": ["A1"]}, {}, "account_id: cannot be read, so it is left away"),
        ({"contact_point_id": 5}, {"contact_point_id": "5"}, ""),
        ({"address": "+573001234567"}, {"contact_point_id": "+573001234567"}, ""),
        ({"windows": ""}, {}, "windows: cannot be read, so it is left away"),
        ({"days": ""}, {}, ""),
        ({"text": {"a": 1}}, {}, "text: stays out of histories, so it is left away"),
        ({"kind": "CEASE"}, {}, "kind: is spelt otherwise"),
        ({"kind": " cease"}, {}, "kind: is spelt otherwise"),
        ({"kind": "optout"}, {"kind": EventKind.OPT_OUT}, "kind: is spelt otherwise"),
        ({"kind": "Opt-Out"}, {"kind": EventKind.OPT_OUT}, "kind: is spelt otherwise"),
        ({"kind": "STOP"}, {"kind": EventKind.OPT_OUT}, "kind: is spelt otherwise"),
    ],
)
def test_a_stop_is_taken_however_it_is_written(
    more: dict[str, Any], left: dict[str, Any], told: str
) -> None:
    made, notes = taken({"id": "s1", "event": {**CEASE, **more}})
    assert made is not None
    assert (made.id, notes) == ("s1", told)
    assert made.event == LawEvent.model_validate(CEASE).model_copy(update=left)


@pytest.mark.parametrize(
    ("said", "meant", "told"),
    [
        ({**CEASE, "kind": "Cease-"}, CEASE, "kind: is spelt otherwise"),
        ({**CEASE, "channel": " SMS"}, {**CEASE, "channel": "sms"}, ""),
        (
            {**CEASE, "comment": "by telephone"},
            CEASE,
            "fields that are not known here are left away",
        ),
        ({**CEASE, "windows": "x"}, CEASE, "windows: cannot be read, so it is left away"),
        ({**CEASE, "windows": "x", "text": "basta"}, {**CEASE, "text": "basta"}, "windows: cannot"),
        ({**CEASE, "at": "20/11/2026"}, {**CEASE, "at": "20/11/2026"}, ""),
        (CEASE, CEASE, ""),
        ({**CEASE, "kind": "OPT_IN"}, {**CEASE, "kind": "OPT_IN"}, ""),
        (
            {"kind": "wrong_number", "at": "2026-11-20"},
            {"kind": "wrong_number", "at": "2026-11-20"},
            "",
        ),
    ],
    ids=str,
)
def test_a_stop_in_a_file_is_what_it_plainly_means(
    said: dict[str, Any], meant: dict[str, Any], told: str
) -> None:
    read = stops.as_meant(said)
    assert read.said == meant
    assert "; ".join(read.notes).startswith(told)
    assert bool(read.notes) is bool(told)


@pytest.mark.parametrize("kind", [EventKind.OPT_OUT, EventKind.OPT_IN])
def test_who_wants_no_voicemails_wants_no_calls(kind: EventKind) -> None:
    event = LawEvent.model_validate({**CEASE, "kind": kind, "channel": "ringless_voicemail"})
    heard = stops.as_heard(event).channel
    assert heard == ("voice" if kind is EventKind.OPT_OUT else "ringless_voicemail")


@pytest.mark.parametrize("name", [None, "", "s 1", "s" * 200, "s\u200b", ["s"], True])
def test_a_stop_without_an_id_has_one_of_its_own(name: Any) -> None:
    sent = {"id": name, "event": CEASE}
    made, notes = taken(sent)
    assert made is not None
    assert made.id.startswith("stop:")
    assert notes == "id: is none, so the stop is kept under one of its own"
    assert made == taken(sent)[0]
    other, _ = taken({"id": name, "event": {**CEASE, "at": "2026-11-21T10:00:00Z"}})
    assert other is not None
    assert other.id != made.id


def test_an_event_in_the_place_of_its_message_is_one() -> None:
    made, _ = taken({"id": 7, **CEASE})
    assert made is not None
    assert (made.id, made.event) == ("7", LawEvent.model_validate(CEASE))


@pytest.mark.parametrize(
    "event",
    [
        *LEAVE,
        {"kind": "OPT-IN"},
        {"kind": "optin"},
        {"kind": "authorized_hours", "windows": "always"},
        {"kind": "authorized_hours", "windows": ""},
        {"kind": "inconvenient_time", "windows": ""},
        {"kind": "inconvenient_time", "windows": "evenings"},
        {"kind": "wrong_number"},
        {"kind": "deth"},
        {"kind": 5},
        {},
    ],
    ids=str,
)
def test_nothing_else_is_taken_so(event: dict[str, Any]) -> None:
    assert taken({"id": "s1", "event": {"at": "2026-11-20T10:00:00Z", "who": "x", **event}}) == (
        None,
        "",
    )


@given(st.dictionaries(st.sampled_from([*LawEvent.model_fields, "id", "event", "x"]), ANYTHING))
def test_whatever_stands_around_a_cease_it_is_one(around: dict[str, Any]) -> None:
    for sent in ({**around, "event": {**around, **CEASE}}, {"event": {**around, "kind": "Cease"}}):
        made, _ = taken(sent)
        assert made is not None
        assert made.event.kind is EventKind.CEASE
        assert unkeepable(made) is None


# --- words ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("no\u200d más\u00a0\u2028ya", "no\u200d más\u00a0\u2028ya"),
        ("a\0b", "a\\u0000b"),
        ("a\ud800b", "a\\ud800b"),
        ("two\nlines\t", "two\nlines\t"),
        ("x" * 10_001, "x" * 10_000 + "… (10001 characters)"),
        (["no", 1], '["no", 1]'),
        (7, "7"),
    ],
)
def test_words_are_kept_whatever_they_are(text: Any, kept: str) -> None:
    assert stops.words({"kind": "opt_in", "text": text})["text"] == kept


@given(st.text(st.characters(), max_size=50))
def test_what_is_kept_postgresql_and_json_hold(text: str) -> None:
    kept = keepable(text)
    assert "\0" not in kept
    assert json.loads(json.dumps(kept)).encode() == kept.encode()


@pytest.mark.parametrize("kind", EventKind)
def test_no_kind_is_forgotten_here(kind: EventKind) -> None:
    assert kind in {one["kind"] for one in (*STOPS, *LEAVE)}


@pytest.mark.parametrize(
    ("at", "undated"), [("2000-01-02T11:59:59Z", True), ("2000-01-02T12:00:00Z", False)]
)
def test_what_is_dated_within_the_first_day_of_2000_anywhere_has_no_date(
    at: str, undated: bool
) -> None:
    assert LawEvent.model_validate({**CEASE, "at": at}).undated is undated
