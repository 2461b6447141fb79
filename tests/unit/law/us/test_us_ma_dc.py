"""Massachusetts and the District of Columbia: wall clocks and reasons."""

from datetime import timedelta
from typing import Any

import pytest

from tests.unit.law.support import LOS_ANGELES, ask, contact, event, opening, said
from tests.unit.law.us_support import CREDITOR, NOBODY_ASKED, NOON, OFFICE, la, ny, rule, sent


@pytest.mark.parametrize(
    ("history", "expected", "why"),
    [
        ([sent("11-12")], "none", "one in the week"),
        ([sent("11-11"), sent("11-14")], "none", "the 11th no longer counts on the 18th"),
        ([sent("11-12"), sent("11-14")], "cap", "two in the seven days up to the 18th"),
        ([sent("11-12"), sent("11-14", "sms", "sent")], "cap", "calls and texts together"),
        ([sent("11-12"), sent("11-14", "ringless_voicemail", "voicemail")], "cap", "recordings"),
        ([sent("11-12"), sent("11-14", "email", "sent")], "none", "e-mail is not counted"),
        ([sent("11-12"), sent("11-14", outcome="busy")], "none", "no message could be left"),
        ([sent("11-12"), sent("11-14", outcome="voicemail")], "cap", "one was left"),
        ([sent("11-12"), sent("11-14", account_id="A2")], "none", "another debt"),
        ([sent("11-12"), sent("11-14", direction="inbound")], "none", "the debtor called"),
        (
            [sent("11-12"), sent("11-14", contact_point_kind="work")],
            "none",
            "a call to work is counted apart",
        ),
    ],
)
@pytest.mark.parametrize(
    ("actor", "name"),
    [(CREDITOR, "creditor"), ("debt_buyer", "creditor"), ("third_party", "agency")],
)
def test_massachusetts_two_in_seven_days(
    actor: str, name: str, history: list[Any], expected: str, why: str
) -> None:
    wanted = f"us.ma.{name}_cap" if expected == "cap" else "none"
    assert rule("US-MA", actor=actor, history=history) == wanted, why


@pytest.mark.parametrize(
    ("days", "allowed", "why"),
    [
        (["10-20", "11-01"], False, "two in the thirty days up to the 18th"),
        (["10-19", "11-01"], True, "19 October no longer counts"),
        (["11-17", "11-17"], False, "nor may the two be of one day"),
    ],
)
def test_massachusetts_two_in_thirty_days_at_work(days: list[str], allowed: bool, why: str) -> None:
    history = [sent(day, contact_point_kind="work") for day in days]
    decided = rule("US-MA", actor=CREDITOR, contact_point=OFFICE, history=history)
    assert (decided == "none") is allowed, why
    assert rule("US-MA", actor=CREDITOR, history=history) == "none", "calls home are counted apart"


def test_massachusetts_counts_what_the_creditor_initiates() -> None:
    history = [
        sent("11-12"),
        sent("11-14"),
        sent("11-18", "sms", "replied", direction="inbound"),
    ]
    text: dict[str, Any] = {"actor": CREDITOR, "channel": "sms", "history": history}
    assert rule("US-MA", **text) == "us.ma.creditor_cap"
    assert rule("US-MA", **text, purpose="reply") == "none", "an answer initiates nothing"


def test_massachusetts_binds_a_creditor_to_the_hours() -> None:
    assert rule("US-MA", ny("2026-11-18 07:59:59"), actor=CREDITOR) == "us.ma.hours"
    assert rule("US-MA", ny("2026-11-18 08:00"), actor=CREDITOR) == "none"
    shift = [{"days": ["wed"], "from": "22:00", "to": "23:00"}]
    awake = event("authorized_hours", NOON, windows=shift, instrument="separate")
    at = ny("2026-11-18 22:30")
    assert rule("US-MA", at, actor=CREDITOR, events=[awake]) == "none", "waking hours known"


@pytest.mark.parametrize(
    ("in_writing", "until", "why"),
    [
        (False, "2026-11-29 08:00", "ten days after the 18th"),
        (True, None, "in writing it stays"),
        (None, None, "how is not on record: as in writing"),
    ],
)
def test_massachusetts_no_calls_at_work(
    in_writing: bool | None, until: str | None, why: str
) -> None:
    said_so = event("workplace_prohibited", NOON, in_writing=in_writing)
    request = ask("US-MA", actor=CREDITOR, contact_point=OFFICE, events=[said_so])
    assert opening(request, NOON) == (ny(until) if until else None), why
    confirmed = event("workplace_prohibited", NOON + timedelta(days=5), in_writing=True)
    both = ask("US-MA", actor=CREDITOR, contact_point=OFFICE, events=[said_so, confirmed])
    assert opening(both, ny("2026-11-24 12:00")) is None, "confirmed in writing within seven days"


MAILED = event("notice_mailed", ny("2026-11-01 09:00"))
AGREED = event("opt_in", ny("2026-11-02 09:00"))


@pytest.mark.parametrize(
    ("channel", "wall", "expected", "why"),
    [
        ("voice", "2026-11-18 18:00", "us.dc.hours", "21:00 Eastern"),
        ("sms", "2026-11-18 18:00", "us.dc.hours", "texts too"),
        ("voice", "2026-11-18 17:59:59", "none", "20:59:59 Eastern"),
        ("email", "2026-11-18 18:00", "none", "e-mail is not named"),
        ("voice", "2026-07-18 18:00", "us.dc.hours", "in summer by Eastern daylight time"),
        ("voice", "2022-12-31 18:00", "none", "the act applies from 1 January 2023"),
        ("voice", "2023-01-01 18:00", "us.dc.hours", "on that day"),
    ],
)
def test_dc_hours_are_eastern(channel: str, wall: str, expected: str, why: str) -> None:
    known = [event("notice_mailed", ny("2020-01-01 09:00"))]
    fields: dict[str, Any] = {"channel": channel, "zones": [LOS_ANGELES], "events": known}
    assert rule("US-DC", la(wall), actor=CREDITOR, **fields) == expected, why


@pytest.mark.parametrize(
    ("events", "purpose", "history", "expected", "why"),
    [
        ([], "collection", [], "us.dc.notice", "nothing mailed"),
        ([AGREED], "collection", [], "us.dc.notice", "consent does not replace the notice"),
        ([MAILED], "collection", [], "us.dc.consent", "mailed, but no consent"),
        ([MAILED], "consent_request", [], "none", "one message may ask for it"),
        (
            [MAILED],
            "consent_request",
            [sent("11-12", "email", "sent")],
            "us.dc.consent_request",
            "one in seven days",
        ),
        ([MAILED], "consent_request", [sent("11-11", "email", "sent")], "none", "seven days on"),
        ([MAILED, AGREED], "collection", [], "none", "mailed and agreed"),
        (
            [MAILED, AGREED],
            "collection",
            [sent(f"11-{day}", "email", "sent") for day in range(12, 16)],
            "none",
            "four leave one",
        ),
        (
            [MAILED, AGREED],
            "collection",
            [sent(f"11-{day}", "email", "sent") for day in range(12, 17)],
            "us.dc.message_cap",
            "five e-mails and texts together",
        ),
        (
            [MAILED, AGREED, event("opt_out", ny("2026-11-10 09:00"), channel="sms")],
            "collection",
            [],
            "us.dc.opt_out",
            "opted out of texts",
        ),
    ],
)
def test_dc_electronic_messages(
    events: list[Any], purpose: str, history: list[Any], expected: str, why: str
) -> None:
    text: dict[str, Any] = {"channel": "sms", "contact_point": NOBODY_ASKED, "purpose": purpose}
    decided = rule("US-DC", actor=CREDITOR, **text, events=events, history=history)
    assert decided == expected, why


def test_dc_messages_to_a_wrong_address_do_not_count() -> None:
    history = [sent(f"11-{day}", "email", "sent", contact_point_id="old") for day in range(12, 17)]
    wrong = event("wrong_number", ny("2026-11-17 09:00"), contact_point_id="old")
    email: dict[str, Any] = {"actor": CREDITOR, "channel": "email", "history": history}
    assert rule("US-DC", **email, events=[MAILED, AGREED]) == "us.dc.message_cap"
    assert rule("US-DC", **email, events=[MAILED, AGREED, wrong]) == "none"


FOUR = [sent(f"11-{day}") for day in (12, 13, 14, 15)]
ASKED = event("consent_call", ny("2026-11-18 09:00"))
TALKED = contact(ny("2026-11-18 09:30"), outcome="conversation")


@pytest.mark.parametrize(
    ("history", "events", "expected", "why"),
    [
        (FOUR[1:], [], "none", "three leave one"),
        (FOUR, [], "us.dc.call_cap", "four in seven days"),
        ([*FOUR[1:], sent("11-15", outcome="busy")], [], "none", "no connection"),
        ([*FOUR[1:], sent("11-15", account_id="A2")], [], "none", "another account"),
        ([*FOUR[1:], sent("11-15", direction="inbound")], [], "none", "the consumer's own call"),
        (FOUR, [ASKED], "none", "the consumer asked to be called back"),
        ([*FOUR, TALKED], [ASKED], "us.dc.call_cooldown", "which has been done"),
        ([TALKED], [], "us.dc.call_cooldown", "seven days after a completed call"),
        ([TALKED | {"direction": "inbound"}], [], "us.dc.call_cooldown", "whoever placed it"),
        ([TALKED], [event("consent_call", ny("2026-11-18 09:31"))], "none", "asked for another"),
    ],
)
def test_dc_calls(history: list[Any], events: list[Any], expected: str, why: str) -> None:
    assert rule("US-DC", actor=CREDITOR, history=history, events=events) == expected, why


def test_dc_words_bind_a_creditor_too() -> None:
    assert said(ask("US-DC", actor=CREDITOR, channel="email"), NOON) == [
        "opt_out_line",
        "mini_miranda",
    ]


@pytest.mark.parametrize(
    ("returned", "at", "expected", "why"),
    [
        ([], "2026-11-24 20:59:59", "none", "the seventh day of the request"),
        (
            [contact(ny("2026-11-18 09:30"))],
            "2026-11-18 12:00",
            "us.dc.call_cap",
            "one call was asked for, and it was made",
        ),
    ],
)
def test_dc_a_requested_call(returned: list[Any], at: str, expected: str, why: str) -> None:
    four = [contact(ny("2026-11-18 08:30"))] * 4
    calls = [*four, *returned]
    assert rule("US-DC", ny(at), actor=CREDITOR, history=calls, events=[ASKED]) == expected, why


def test_dc_whose_messages_count() -> None:
    """Five per account; the one request for consent is per consumer."""
    email: dict[str, Any] = {"actor": CREDITOR, "channel": "email", "events": [MAILED, AGREED]}
    other = [sent(f"11-{day}", "email", "sent", account_id="A2") for day in range(12, 17)]
    assert rule("US-DC", **email, history=other) == "none"
    asking = email | {"purpose": "consent_request", "history": other}
    assert rule("US-DC", **asking) == "us.dc.consent_request"


@pytest.mark.parametrize(
    ("purpose", "number", "decided"),
    [("collection", 5, "us.dc.message_cap"), ("consent_request", 1, "us.dc.consent_request")],
)
def test_dc_whose_day_counts_is_a_reading(purpose: str, number: int, decided: str) -> None:
    """20:30 on the 11th in Washington is already the 12th in UTC, and counts a day longer."""
    history = [contact(ny("2026-11-11 20:30"), "email", "sent")] * number
    email: dict[str, Any] = {"channel": "email", "purpose": purpose, "history": history}
    asked: dict[str, Any] = {"actor": CREDITOR, "events": [MAILED, AGREED], **email}
    at = ny("2026-11-18 15:00")
    assert rule("US-DC", at, **asked) == "none"
    assert rule("US-DC", at, **asked, readings={"us.count_zone": "utc"}) == decided
