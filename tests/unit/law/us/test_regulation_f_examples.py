"""The worked examples of Regulation F's comments, each with its wall clock."""

from datetime import datetime, timedelta
from typing import Any

import pytest

from tests.unit.law.support import EVERY_DAY, ask, contact, event, judge
from tests.unit.law.us_support import NOON, ny

SECOND = timedelta(seconds=1)


ALWAYS = [{"days": list(EVERY_DAY), "from": "00:00", "to": "24:00"}]


def allowed(at: datetime = NOON, **fields: Any) -> bool:
    return judge(ask(**fields), at).verdict == "allowed"


@pytest.mark.parametrize(
    ("queued", "sent", "lawful", "why"),
    [
        ("20:59", "21:00:00", False, "written in time, sent too late: comment 6(b)(1)(i)-1"),
        ("21:30", "08:00:00", True, "written at night, sent when it is convenient"),
    ],
)
def test_an_electronic_message_occurs_when_it_is_sent(
    queued: str, sent: str, lawful: bool, why: str
) -> None:
    request = {"channel": "email", "queued_at": ny(f"2026-11-17 {queued}")}
    assert allowed(ny(f"2026-11-18 {sent}"), **request) is lawful, why


@pytest.mark.parametrize(
    ("channel", "point", "lawful", "why"),
    [
        ("voice", {"id": "home", "kind": "landline"}, False, "a landline is a place"),
        ("letter", {"id": "dependencies", "kind": "home"}, False, "so is a postal address"),
        ("voice", {"id": "cell", "kind": "mobile"}, True, "a mobile number is none"),
        ("email", {"id": "mail", "kind": "email"}, True, "nor is an e-mail address"),
    ],
)
def test_not_at_home(channel: str, point: dict[str, str], lawful: bool, why: str) -> None:
    """Comment 6(b)(1)-1.iii: "please do not contact me at home"."""
    said = [
        event("inconvenient_time", NOON, windows=ALWAYS, contact_point_id=place)
        for place in ("home", "dependencies")
    ]
    assert allowed(channel=channel, contact_point=point, events=said) is lawful, why


@pytest.mark.parametrize(
    ("wrote", "channel", "lawful", "why"),
    [
        ("2026-11-18 11:00", "email", True, "one answer to what the consumer wrote since"),
        ("2026-11-18 11:00", "whatsapp", False, "only in the medium in which it came"),
        ("2026-11-18 09:00", "email", False, "the message that names the attorney invites none"),
    ],
)
def test_a_represented_consumer_who_writes_is_answered_once(
    wrote: str, channel: str, lawful: bool, why: str
) -> None:
    """Comment 6(b)(2)-1."""
    written = contact(ny(wrote), "email", "replied", direction="inbound")
    request: dict[str, Any] = {
        "purpose": "reply",
        "events": [event("attorney", ny("2026-11-18 10:00"), contact_known=True)],
    }
    assert allowed(channel=channel, history=[written], **request) is lawful, why
    answered = contact(ny("2026-11-18 11:30"), "email", "sent")
    assert not allowed(channel=channel, history=[written, answered], **request), "no second one"


def test_an_attorney_who_does_not_respond() -> None:
    """1006.6(b)(2): the bar ends when the attorney fails to respond in a reasonable time."""
    silent_until = ny("2026-12-18 12:00")
    request = {"events": [event("attorney", NOON, contact_known=True, ends_at=silent_until)]}
    assert not allowed(silent_until - SECOND, **request)
    assert allowed(silent_until, **request)


@pytest.mark.parametrize(
    ("last", "lawful", "why"),
    [
        ({"account_id": "A1"}, False, "discussed"),
        ({"account_id": "A2"}, True, "only the other debt was discussed"),
        ({"account_id": None}, False, "not told which: comment 14(b)(4)-1 counts it to each"),
    ],
)
def test_a_conversation_counts_to_every_debt_discussed(
    last: dict[str, Any], lawful: bool, why: str
) -> None:
    talked = contact(ny("2026-11-16 10:00"), outcome="conversation", **last)
    assert allowed(history=[talked]) is lawful, why


@pytest.mark.parametrize(
    ("events", "at", "lawful", "why"),
    [
        ([], "2026-04-08 10:00", False, "seven calls, no consent"),
        ([event("consent_call", ny("2026-04-08 09:00"))], "2026-04-08 10:00", True, "day one"),
        ([event("consent_call", ny("2026-04-02 12:00"))], "2026-04-08 20:59:59", True, "day 7"),
        ([event("consent_call", ny("2026-04-01 12:00"))], "2026-04-08 10:00", False, "day 8"),
        (
            [event("consent_call", ny("2026-04-08 09:00"), valid_until=ny("2026-04-08 10:00"))],
            "2026-04-08 10:00",
            False,
            "given for an hour",
        ),
        (
            [
                event("consent_call", ny("2026-04-08 09:00")),
                event("opt_out", ny("2026-04-08 09:30"), channel="voice"),
                event("opt_in", ny("2026-04-08 09:40"), channel="voice"),
            ],
            "2026-04-08 10:00",
            False,
            "revoked, and what came after renewed no consent to more calls",
        ),
        (
            [event("consent_call", ny("2026-04-08 09:00"), account_id="A2")],
            "2026-04-08 10:00",
            False,
            "about another debt",
        ),
    ],
)
def test_prior_consent_to_more_calls(
    events: list[dict[str, Any]], at: str, lawful: bool, why: str
) -> None:
    """1006.14(b)(3)(i): at most seven consecutive days, the day it is given being the first."""
    calls = [contact(ny(f"2026-04-08 08:{minute}")) for minute in range(10, 17)]
    assert allowed(ny(at), history=calls, events=events) is lawful, why


@pytest.mark.parametrize(
    ("fields", "lawful", "why"),
    [
        ({"channel": "letter", "purpose": "notice"}, True, "the law requires it"),
        ({"channel": "letter"}, False, "mail is a medium too"),
        ({"channel": "letter", "account_id": "A2"}, False, "whatever the debt"),
        ({"channel": "email"}, True, "another medium"),
    ],
)
def test_a_consumer_who_wants_no_more_letters(
    fields: dict[str, Any], lawful: bool, why: str
) -> None:
    """1006.14(h) and its comments."""
    stop = event("opt_out", NOON - SECOND, channel="letter", text="no more letters")
    assert allowed(events=[stop], **fields) is lawful, why


@pytest.mark.parametrize(
    ("instrument", "lawful", "why"),
    [
        ("separate", True, "given directly to this collector: comment 6(b)(4)(i)-1"),
        ("contract", False, "the creditor's contract gives this collector nothing"),
    ],
)
def test_other_hours_need_consent_given_to_this_collector(
    instrument: str, lawful: bool, why: str
) -> None:
    night = [{"days": list(EVERY_DAY), "from": "21:00", "to": "23:00"}]
    agreed = event("authorized_hours", NOON, windows=night, instrument=instrument)
    assert allowed(ny("2026-11-18 22:59:59"), events=[agreed]) is lawful, why
    assert not allowed(ny("2026-11-18 23:00"), events=[agreed]), "beyond what was agreed"


def test_an_opt_in_of_one_address_opens_no_work_email() -> None:
    office: dict[str, Any] = {
        "channel": "email",
        "contact_point": {"id": "office", "kind": "work_email"},
    }
    assert not allowed(**office, events=[event("opt_in", NOON, contact_point_id="private")])
    assert allowed(**office, events=[event("opt_in", NOON, contact_point_id="office")])


def test_asking_for_consent_is_contact_too() -> None:
    text: dict[str, Any] = {"channel": "sms", "purpose": "consent_request"}
    assert judge(ask(**text), NOON).rule == "us.regf.text_60d"
    fresh = event("number_check", NOON - timedelta(days=1))
    assert allowed(**text, events=[fresh])
    assert not allowed(**text, events=[fresh, event("opt_out", NOON, channel="sms")])
    assert not allowed(**text, events=[fresh, event("dispute", NOON)])
