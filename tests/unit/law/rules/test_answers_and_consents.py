"""What an answer to a customer who wrote is free of, and what counts as consent, rule by rule.

Each rule stands alone, on the request it forbids (its case).
"""

from datetime import datetime, timedelta
from typing import Any, Final, NamedTuple

import pytest

from domain.law.engine import verdict
from domain.law.model import BanRule, ConsentRule, HoursRule
from domain.law.terms import EventKind, Instrument
from tests.unit.law.rules.test_every_rule_decides import CASES
from tests.unit.law.rules.test_stops import STOPS
from tests.unit.law.support import BOOK, EVERY_DAY, alone, ask, contact, event
from tests.unit.law.tables import guards
from tests.unit.law.us_support import ny

MINUTE: Final = timedelta(minutes=1)
DAY: Final = timedelta(days=1)

ANSWERED_ONCE: Final = {
    # The consumer wrote first: 12 CFR 1006.6(b)(2) and 1006.14(h), comments.
    *("us.regf.attorney", "us.regf.attorney_unknown", "us.regf.opt_out"),
    # What the collector initiates is limited, or the text excepts an answer.
    *("us.ma.creditor_cap", "us.ma.creditor_cap_elsewhere"),
    *("us.ma.agency_cap", "us.ma.agency_cap_elsewhere", "us.dc.message_cap"),
    *("us.wa.week_cap", "us.wa.work_cap", "us.wa.wireless_cap"),
    # Information that the consumer asked for is exempt from Ley 2300.
    *("co.ley1581.opt_out", "co.ley2300.authorized_channel", "co.ley2300.closed_days"),
    *("co.ley2300.hours", "co.ley2300.day_cap", "co.ley2300.week_cap", "co.ley2300.one_channel"),
    "gb.conc.how",
    *(f"{country}.guard.attorney" for country in guards.ATTORNEY),
}
ANSWERED_IN_THE_SAME_SPELL: Final = {
    # 12 CFR 1006.6(b)(1), comment 6(b)(1)-2: at the inconvenient time at which the consumer wrote.
    *("us.regf.inconvenient_time", "us.regf.hours", "gb.conc.when"),
}


def passes(rule_id: str, at: datetime, **change: Any) -> bool:
    """Whether the rule alone lets its case pass with fields changed."""
    pack = alone(rule_id)
    request = ask(pack.jurisdiction, **{**CASES[rule_id][0], **change})
    return verdict([pack], request, at).verdict == "allowed"


def wrote(rule_id: str, at: datetime) -> dict[str, Any]:
    """A message of the customer's on the channel of the case."""
    channel = CASES[rule_id][0].get("channel", "voice")
    return contact(at, channel, "replied", direction="inbound", contact_point_kind="unknown")


OPENED_BY_A_MESSAGE: Final = {"us.regf.text_60d", "us.regf.text_consent", "us.regf.work_email"}
"""A text is consent to texts, and a work address the consumer used is open."""
NO_ANSWERS: Final = {"us.dc.consent_request", "us.regf.optout_confirmation"}
"""What asks for consent, or confirms that there is none."""


@pytest.mark.parametrize("rule_id", sorted(CASES.keys() - OPENED_BY_A_MESSAGE - NO_ANSWERS))
def test_who_wrote_may_be_answered_where_the_text_says_so(rule_id: str) -> None:
    fields, at, _, _ = CASES[rule_id]
    # The message that asks to stop invites none, so the one to be answered comes after it.
    later = at + 3 * MINUTE if rule_id in STOPS else at
    message = wrote(rule_id, later - 2 * MINUTE)
    history = [*fields.get("history", []), message]
    free = rule_id in ANSWERED_ONCE | ANSWERED_IN_THE_SAME_SPELL
    assert passes(rule_id, later, purpose="reply", history=history) is free
    if free:
        channel = message["channel"]
        answer = contact(later - MINUTE, channel, "sent", contact_point_kind="unknown")
        answered = [*history, answer]
        assert not passes(rule_id, later, purpose="reply", history=answered), "once"


@pytest.mark.parametrize(
    ("rule_id", "weekly"),
    [
        ("us.regf.hours", False),
        ("us.regf.inconvenient_time", True),
        ("gb.conc.when", True),
        ("co.ley2300.hours", True),
        ("co.ley2300.closed_days", False),
    ],
)
def test_an_earlier_spell_is_over(rule_id: str, weekly: bool) -> None:
    """A message of the evening before, or of the same hour a week ago, and open hours since."""
    at = CASES[rule_id][1]
    history = [wrote(rule_id, at - (7 * DAY if weekly else 2 * DAY))]
    free = rule_id in ANSWERED_ONCE
    assert passes(rule_id, at, purpose="reply", history=history) is free


BANS: Final = sorted(
    rule.id for pack in BOOK.packs.values() for rule in pack.rules if isinstance(rule, BanRule)
)


@pytest.mark.parametrize("rule_id", BANS)
def test_a_ban_is_opened_by_who_has_the_address_only_where_the_text_says_so(rule_id: str) -> None:
    at = CASES[rule_id][1]
    address = {"kind": "unknown", **(CASES[rule_id][0].get("contact_point") or {}), "id": "cp1"}
    message = wrote(rule_id, at - DAY) | {"contact_point_id": "cp1"}
    opens = rule_id == "us.regf.work_email"
    assert passes(rule_id, at, contact_point=address, history=[message]) is opens
    named = event("opt_in", at - DAY, contact_point_id="cp1")
    assert passes(rule_id, at, contact_point=address, events=[named]) is opens
    agreed = address | {"authorized": True}
    assert not passes(rule_id, at, contact_point=agreed)


OPENED_BY_CONSENT: Final = {"us.regf.work_email", "us.tcpa.landline_cap"}
"""Beside the rules about consent: 12 CFR 1006.22(f)(3), 47 CFR 64.1200(a)(3)."""
OTHERS: Final = sorted(
    rule.id
    for pack in BOOK.packs.values()
    for rule in pack.rules
    if rule.id in CASES and not isinstance(rule, ConsentRule)
)


@pytest.mark.parametrize("rule_id", OTHERS)
def test_consent_opens_only_what_the_text_says(rule_id: str) -> None:
    fields, at, _, _ = CASES[rule_id]
    address = {"kind": "unknown", **(fields.get("contact_point") or {}), "id": "cp1"}
    agreed = event("opt_in", at - 400 * DAY, contact_point_id="cp1")
    events = [agreed, *fields.get("events", [])]
    opened = passes(rule_id, at, contact_point=address | {"authorized": True}, events=events)
    assert opened is (rule_id in OPENED_BY_CONSENT)


class Consent(NamedTuple):
    """What opens a channel, for how many days, and whether an authorised address or a text does."""

    events: str
    authorized: bool = True
    inbound: bool = False
    days: int | None = None


CONSENTS: Final[dict[str, Consent]] = {
    "us.regf.text_60d": Consent("opt_in number_check", authorized=False, inbound=True, days=60),
    "us.regf.text_consent": Consent("opt_in", inbound=True),
    "us.tcpa.consent": Consent("opt_in"),
    "us.dc.notice": Consent("notice_mailed", authorized=False),
    "us.dc.consent": Consent("opt_in"),
    "us.ny.email_consent": Consent("opt_in"),
    "us.ny.dfs_consent": Consent("opt_in"),
    "us.nyc.consent": Consent("opt_in"),
    "co.ley2300.authorized_channel": Consent("opt_in"),
}


def test_every_consent_is_here() -> None:
    rules = (rule for pack in BOOK.packs.values() for rule in pack.rules)
    assert {rule.id for rule in rules if isinstance(rule, ConsentRule)} == CONSENTS.keys()


@pytest.mark.parametrize("rule_id", CONSENTS)
def test_what_is_consent(rule_id: str) -> None:
    consent = CONSENTS[rule_id]
    at = CASES[rule_id][1]
    address: dict[str, Any] = {"id": "cp1", "kind": "unknown", "authorized": None}

    def opened(kind: EventKind, ago: timedelta) -> bool:
        said = event(kind, at - ago, windows=[], contact_point_id="cp1")
        return passes(rule_id, at, events=[said], contact_point=address)

    assert not passes(rule_id, at, events=[], contact_point=address)
    given = {"contact_point": address | {"authorized": True}}
    assert passes(rule_id, at, events=[], **given) is consent.authorized
    history = [wrote(rule_id, at - MINUTE)]
    texted = passes(rule_id, at, events=[], contact_point=address, history=history)
    assert texted is consent.inbound
    assert {k for k in EventKind if opened(k, MINUTE)} == set(consent.events.split())
    for kind in map(EventKind, consent.events.split()):
        last = (consent.days or 400) - 1
        assert opened(kind, last * DAY)
        assert opened(kind, (last + 1) * DAY) is (consent.days is None)


def asked_for_a_call(rule_id: str, days: int, *talks: dict[str, Any]) -> bool:
    """Whether a call passes at noon, days after the consumer asked for one, called that morning.

    What blocks it is new, so that only the request can open it: four recordings left, which are no
    call on this channel, or a conversation that the consumer began.
    """
    asked = ny("2026-11-02 09:00")
    morning = ny("2026-11-02 10:00") + days * DAY
    talk = contact(morning, outcome="conversation", direction="inbound")
    recordings = [contact(morning, "ringless_voicemail", "voicemail")] * 4
    blocks = recordings if rule_id == "us.dc.call_cap" else [talk]
    said = [event("consent_call", asked)]
    noon = morning + timedelta(hours=2)
    return passes(rule_id, noon, history=[*talks, *blocks], events=said)


@pytest.mark.parametrize("rule_id", ["us.dc.call_cap", "us.dc.call_cooldown"])
def test_a_call_the_consumer_asked_for_may_be_made_for_seven_days(rule_id: str) -> None:
    assert asked_for_a_call(rule_id, 6)
    assert not asked_for_a_call(rule_id, 7)
    # It is one call that was asked for: talking before it was made does not answer the request.
    talk = contact(ny("2026-11-03 10:00"), outcome="conversation", direction="inbound")
    assert asked_for_a_call(rule_id, 2, talk)
    made = contact(ny("2026-11-03 11:00"))
    assert not asked_for_a_call(rule_id, 2, made)


OPENED_BY_A_SEPARATE_DOCUMENT: Final = {
    # The consumer says what is convenient: 12 CFR 1006.6(b)(1), and the states that follow it.
    *("us.regf.hours", "us.ma.hours", "us.wv.hours", "us.fl.hours", "us.fl.email_hours"),
    "co.ley2300.hours",
}
HOURS: Final = sorted(
    rule.id for pack in BOOK.packs.values() for rule in pack.rules if isinstance(rule, HoursRule)
)


@pytest.mark.parametrize("rule_id", HOURS)
def test_what_opens_further_hours(rule_id: str) -> None:
    at = CASES[rule_id][1]
    always = [{"days": list(EVERY_DAY), "from": "00:00", "to": "24:00"}]

    def opened(instrument: Instrument | None) -> bool:
        said = event("authorized_hours", at - DAY, windows=always, instrument=instrument)
        return passes(rule_id, at, events=[said])

    assert opened(Instrument.SEPARATE) is (rule_id in OPENED_BY_A_SEPARATE_DOCUMENT)
    assert not opened(Instrument.CONTRACT)
    assert not opened(None)


def test_consent_to_calls_holds_seven_days_and_ends_with_the_next_conversation() -> None:
    """12 CFR 1006.14(b)(3)(i): the day of consent is the first of the seven."""
    given = ny("2026-11-02 09:00")
    said = [event("consent_call", given)]
    talked = contact(given - timedelta(minutes=30), outcome="conversation")
    last = ny("2026-11-08 12:00")
    assert not passes("us.regf.conversation_cooldown", last, history=[talked])
    assert passes("us.regf.conversation_cooldown", last, history=[talked], events=said)

    def seven_calls_on(day: int, *talks: dict[str, Any]) -> bool:
        calls = [contact(ny(f"2026-11-{day:02} 10:00"))] * 7
        noon = ny(f"2026-11-{day:02} 12:00")
        return passes("us.regf.call_cap", noon, history=[*talks, *calls], events=said)

    assert seven_calls_on(8)
    assert not seven_calls_on(9)
    again = contact(ny("2026-11-03 10:00"), outcome="conversation")
    assert not seven_calls_on(8, again)
