"""Argentina, Spain and the United Kingdom, where the hours are a guard and say so."""

from typing import Any

import pytest

from domain.law.model import HoursRule, Mark
from tests.unit.law.support import (
    BOOK,
    BUENOS_AIRES,
    LONDON,
    MADRID,
    ask,
    codes,
    contact,
    event,
    judge,
    local,
)


@pytest.mark.parametrize(
    ("country", "zone", "wall", "allowed", "why"),
    [
        ("AR", BUENOS_AIRES, "2026-11-18 08:59:59", False, "Wednesday before 09:00"),
        ("AR", BUENOS_AIRES, "2026-11-18 09:00:00", True, "at the opening second"),
        ("AR", BUENOS_AIRES, "2026-11-18 18:59:59", True, "the last second"),
        ("AR", BUENOS_AIRES, "2026-11-18 19:00:00", False, "at the closing second"),
        ("AR", BUENOS_AIRES, "2026-11-21 12:00:00", False, "Saturday"),
        ("AR", BUENOS_AIRES, "2026-11-22 12:00:00", False, "Sunday"),
        ("AR", BUENOS_AIRES, "2026-11-23 12:00:00", False, "Monday, National Sovereignty"),
        ("ES", MADRID, "2026-11-18 08:59:59", False, "Wednesday before 09:00"),
        ("ES", MADRID, "2026-11-18 09:00:00", True, "at the opening second"),
        ("ES", MADRID, "2026-11-18 20:59:59", True, "the last second"),
        ("ES", MADRID, "2026-11-18 21:00:00", False, "at the closing second"),
        ("ES", MADRID, "2026-11-21 12:00:00", False, "Saturday"),
        ("ES", MADRID, "2026-11-22 12:00:00", False, "Sunday"),
        ("ES", MADRID, "2026-10-12 12:00:00", False, "Monday, National Day"),
        ("ES", "Atlantic/Canary", "2026-11-18 20:59:59", True, "an hour behind the mainland"),
        ("GB", LONDON, "2026-11-18 07:59:59", False, "Wednesday before 08:00"),
        ("GB", LONDON, "2026-11-18 08:00:00", True, "at the opening second"),
        ("GB", LONDON, "2026-07-15 08:00:00", True, "in summer too: 07:00Z"),
        ("GB", LONDON, "2026-11-18 20:59:59", True, "the last second"),
        ("GB", LONDON, "2026-11-18 21:00:00", False, "at the closing second"),
        ("GB", LONDON, "2026-11-21 20:59:59", True, "Saturday as on any day"),
        ("GB", LONDON, "2026-11-22 12:00:00", False, "Sunday"),
        ("GB", LONDON, "2026-12-25 12:00:00", True, "no law or guard closes bank holidays"),
    ],
)
def test_hours(country: str, zone: str, wall: str, allowed: bool, why: str) -> None:
    for channel in ("voice", "sms", "whatsapp", "email", "letter"):
        answer = judge(ask(country, channel=channel, zones=[zone]), local(zone, wall))
        assert (answer.verdict == "allowed") is allowed, why
        if not allowed:
            assert answer.cite.startswith("Guard of this engine, not law"), why


@pytest.mark.parametrize("country", ["AR", "ES", "GB"])
def test_every_window_is_marked_a_guard(country: str) -> None:
    windows = [rule for rule in BOOK.packs[country].rules if isinstance(rule, HoursRule)]
    assert [rule.mark for rule in windows] == [Mark.GUARD]


@pytest.mark.parametrize("country", ["AR", "ES", "GB"])
def test_there_is_no_cap(country: str) -> None:
    at = local(ask(country).zones[0], "2026-11-18 12:00")
    assert judge(ask(country, history=[contact(at)] * 20), at).verdict == "allowed"


def capital(**fields: Any) -> Any:
    return ask("AR", jurisdictions=["AR", "AR-C"], **fields)


@pytest.mark.parametrize(
    ("fields", "rule", "why"),
    [
        ({}, "none", "nothing was said"),
        ({"contact_point": {"kind": "work"}}, "ar.c.guard.workplace", "a telephone at work"),
        ({"contact_point": {"kind": "work"}, "channel": "email"}, "none", "calls only"),
        ({"contact_point": {"kind": "work"}, "actor": "first_party"}, "none", "agents only"),
        ({"events": ["opt_out"]}, "ar.c.guard.stop_calls", "no calls after a request"),
        ({"events": ["opt_out"], "channel": "letter"}, "none", "calls only"),
        ({"events": ["opt_out", "opt_in"]}, "none", "the request was taken back"),
    ],
)
def test_the_capitals_bill(fields: dict[str, Any], rule: str, why: str) -> None:
    at = local(BUENOS_AIRES, "2026-11-18 12:00")
    kinds = fields.get("events", [])
    said = [
        event(kind, local(BUENOS_AIRES, f"2026-11-1{day} 12:00")) for day, kind in enumerate(kinds)
    ]
    assert judge(capital(**{**fields, "events": said}), at).rule == rule, why


def test_duties_of_argentina_and_spain() -> None:
    at = local(BUENOS_AIRES, "2026-11-18 12:00")
    national = ["dignified_treatment", "no_court_like_papers"]
    assert codes(ask("AR"), at) == national
    assert codes(capital(), at) == [*national, "identify_sender", "no_publication"]
    assert codes(capital(actor="first_party"), at) == national
    assert codes(ask("ES", channel="sms"), at) == ["identify_sender", "contractual_amount_only"]


MORNING = [{"days": ["wed"], "from": "08:00", "to": "13:00"}]
REGISTERED = "2026-03-02 09:00"


@pytest.mark.parametrize(
    ("more", "last", "opens", "why"),
    [
        ({"type": "standard"}, "2026-05-01 20:59:59", "2026-05-02 08:00", "61 days after"),
        ({}, "2026-05-01 20:59:59", "2026-05-02 08:00", "no type told: the standard one"),
        (
            {"type": "standard", "ends_at": local(LONDON, "2026-04-10 00:00")},
            "2026-04-09 20:59:59",
            "2026-04-10 08:00",
            "the notice's own end comes first",
        ),
        ({"type": "standard", "days": 30}, "2026-04-01 20:59:59", "2026-04-02 08:00", "its days"),
        ({"type": "mental_health_crisis"}, "2030-01-02 12:00", None, "no end is known"),
        ({"type": "scottish"}, "2030-01-02 12:00", None, "a kind we do not know has no end"),
        (
            {"type": "mental_health_crisis", "ends_at": local(LONDON, "2026-08-01 00:00")},
            "2026-07-31 20:59:59",
            "2026-08-01 08:00",
            "30 days after the treatment, as the notice says",
        ),
    ],
)
def test_breathing_space(more: dict[str, Any], last: str, opens: str | None, why: str) -> None:
    request = ask("GB", events=[event("breathing_space", local(LONDON, REGISTERED), **more)])
    answer = judge(request, local(LONDON, last))
    assert answer.rule.startswith("gb.breathing_space"), why
    assert answer.next_allowed_at == (local(LONDON, opens) if opens else None), why
    if opens:
        assert judge(request, local(LONDON, opens)).verdict == "allowed", why
    notice = ask("GB", purpose="notice", events=[e.model_dump() for e in request.events])
    assert judge(notice, local(LONDON, "2026-03-03 12:00")).verdict == "allowed", why


@pytest.mark.parametrize(
    ("fields", "rule", "why"),
    [
        (
            {"events": [("inconvenient_time", {"windows": MORNING})]},
            "gb.conc.when",
            "a shift worker who sleeps until one",
        ),
        (
            {"events": [("opt_out", {"channel": "voice"})]},
            "gb.conc.how",
            "not by telephone, please",
        ),
        (
            {"events": [("opt_out", {"channel": "voice"})], "channel": "email"},
            "none",
            "by e-mail then",
        ),
        (
            {"events": [("workplace_prohibited", {})], "contact_point": {"kind": "work"}},
            "gb.conc.where",
            "not at work",
        ),
        ({"events": [("workplace_prohibited", {})]}, "none", "but on the mobile"),
        ({"events": [("dispute", {})]}, "gb.conc.dispute", "for a person"),
        ({"channel": "visit"}, "gb.conc.visits", "for a person"),
    ],
)
def test_reasonable_requests_in_britain(fields: dict[str, Any], rule: str, why: str) -> None:
    when = local(LONDON, "2026-11-10 12:00")
    said = [event(kind, when, **more) for kind, more in fields.get("events", [])]
    request = ask("GB", **{**fields, "events": said})
    assert judge(request, local(LONDON, "2026-11-18 12:00")).rule == rule, why
