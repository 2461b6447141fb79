"""Every rule of every pack decides at least one case alone, on both sides of its boundary.

For each rule: a request, an instant at which only this rule forbids it, and another (an instant, or
fields changed) on the far side of the boundary, where it is allowed. Without the rule the first is
allowed too.
"""

from datetime import datetime
from typing import Any, Final

import pytest

from domain.law.engine import duties, verdict
from domain.law.model import DutyRule, RulePack
from tests.unit.law.support import BOGOTA, BOOK, MEXICO, ask, contact, event, local
from tests.unit.law.tables import guards, us_state_cases, world_cases
from tests.unit.law.tables.cases import DAY, SECOND, Case, changed, stopped, timed
from tests.unit.law.us_support import ny


def co(wall: str) -> datetime:
    return local(BOGOTA, wall)


def mx(wall: str) -> datetime:
    return local(MEXICO, wall)


US_NOON, CO_TEN, MX_NOON = ny("2026-11-18 12:00"), co("2026-11-18 10:00"), mx("2026-11-18 12:00")


ROBOTEXT: Final = {"actor": "first_party", "channel": "sms", "autodialed": True}
ROBOCALL: Final[dict[str, Any]] = {"actor": "first_party", "autodialed": True}
SIX_CALLS: Final = [contact(ny(f"2026-04-0{day} 10:00")) for day in range(2, 8)]
CHECKED: Final = {"channel": "sms", "events": [event("number_check", US_NOON - DAY)]}
TALKED: Final = [contact(ny("2026-08-14 10:00"), outcome="conversation")]
TEXTED: Final = [contact(co("2026-11-17 10:00"), "sms", "sent")]

CASES: Final[dict[str, Case]] = {
    "us.regf.third_party": changed(US_NOON, {"party": "reference"}, {"party": "spouse"}),
    "us.bankruptcy": stopped("bankruptcy", US_NOON, {"actor": "first_party"}),
    "us.regf.cease": stopped("cease", US_NOON, in_writing=True),
    "us.regf.cease_oral": stopped("cease", US_NOON, in_writing=False),
    "us.regf.attorney": stopped("attorney", US_NOON, contact_known=True),
    "us.regf.attorney_unknown": stopped("attorney", US_NOON, contact_known=False),
    "us.regf.dispute": stopped("dispute", US_NOON),
    "us.regf.death": stopped("death", US_NOON),
    "us.regf.optout_confirmation": changed(
        US_NOON,
        {"purpose": "optout_confirmation", "channel": "letter"},
        {"purpose": "optout_confirmation", "channel": "email"},
    ),
    "us.regf.opt_out": stopped("opt_out", US_NOON, channel="voice"),
    "us.tcpa.consent": changed(
        US_NOON,
        ROBOCALL | {"contact_point": {"kind": "mobile", "authorized": False}},
        ROBOCALL | {"contact_point": {"kind": "mobile", "authorized": True}},
    ),
    "us.tcpa.landline_cap": timed(
        ROBOCALL
        | {
            "contact_point": {"id": "cp1", "kind": "landline"},
            "history": [contact(ny(f"2026-11-0{day} 10:00")) for day in (1, 2, 3)],
        },
        ny("2026-11-30 20:59:59"),
        ny("2026-12-01 00:00"),
    ),
    "us.tcpa.revocation": stopped("opt_out", US_NOON, ROBOTEXT, channel="sms"),
    "us.tcpa.revoke_all": timed(
        {
            **ROBOTEXT,
            "channel": "voice",
            "events": [event("opt_out", US_NOON, channel="sms")],
        },
        ny("2027-01-31 00:00"),
        ny("2027-01-30 23:59:59"),
    ),
    "us.regf.wrong_number": stopped("wrong_number", US_NOON, contact_point_id="cp1"),
    "us.regf.workplace": stopped(
        "workplace_prohibited", US_NOON, {"contact_point": {"kind": "work"}}
    ),
    "us.regf.work_email": changed(
        US_NOON,
        {"channel": "email", "contact_point": {"kind": "work_email"}},
        {"channel": "email", "contact_point": {"kind": "email"}},
    ),
    "us.regf.text_60d": timed(
        {"channel": "sms", "events": [event("opt_in", ny("2026-09-20 09:00"))]},
        ny("2026-11-19 12:00"),
        ny("2026-11-18 20:59:59"),
    ),
    "us.regf.text_consent": changed(
        US_NOON,
        CHECKED | {"contact_point": {"authorized": False}},
        CHECKED | {"contact_point": {"authorized": True}},
    ),
    "us.regf.inconvenient_time": timed(
        {
            "events": [
                event(
                    "inconvenient_time",
                    US_NOON - DAY,
                    windows=[{"days": ["wed"], "from": "10:00", "to": "12:00"}],
                )
            ]
        },
        US_NOON - SECOND,
        US_NOON,
    ),
    "us.regf.hours": timed({}, ny("2026-11-18 07:59:59"), ny("2026-11-18 08:00")),
    "us.regf.call_cap": changed(
        ny("2026-04-07 12:00"),
        {"history": [*SIX_CALLS, contact(ny("2026-04-01 10:00"))]},
        {"history": [*SIX_CALLS, contact(ny("2026-03-31 10:00"))]},
    ),
    "us.regf.conversation_cooldown": timed(
        {"history": TALKED}, ny("2026-08-20 20:59:59"), ny("2026-08-21 08:00")
    ),
    "co.ley2300.references": changed(CO_TEN, {"party": "reference"}, {"party": "guarantor"}),
    "co.ley2300.visits": changed(CO_TEN, {"channel": "visit"}, {"channel": "letter"}),
    "co.ley2300.visits_exempt": changed(
        CO_TEN, {"channel": "visit", "debt_type": "rural"}, {"debt_type": "rural"}
    ),
    "co.ley1581.opt_out": stopped("opt_out", CO_TEN),
    "co.ley2300.wrong_number": stopped("wrong_number", CO_TEN, contact_point_id="cp1"),
    "co.cgp.insolvency": stopped("bankruptcy", CO_TEN),
    "co.ley2300.authorized_channel": changed(
        CO_TEN, {"contact_point": {"authorized": False}}, {"contact_point": {"authorized": True}}
    ),
    "co.ley2300.closed_days": timed(
        # The windows are closed on Sundays too, so a holiday Monday shows this rule alone.
        {},
        co("2026-11-16 18:59:59"),
        co("2026-11-17 07:00"),
    ),
    "co.ley2300.hours": timed({}, co("2026-11-21 15:00"), co("2026-11-21 14:59:59")),
    "co.ley2300.day_cap": timed(
        {"channel": "sms", "history": TEXTED, "readings": {"co.weekly": "literal"}},
        co("2026-11-17 18:59:59"),
        co("2026-11-18 07:00"),
    ),
    "co.ley2300.week_cap": timed(
        {"channel": "sms", "history": TEXTED}, co("2026-11-23 18:59:59"), co("2026-11-24 07:00")
    ),
    "co.ley2300.one_channel": timed(
        {"channel": "email", "history": TEXTED, "readings": {"co.weekly": "literal"}},
        co("2026-11-23 18:59:59"),
        co("2026-11-24 07:00"),
    ),
    "mx.condusef.third_parties": changed(MX_NOON, {"party": "spouse"}, {"party": "guarantor"}),
    "mx.condusef.wrong_number": stopped("wrong_number", MX_NOON, contact_point_id="cp1"),
    "mx.condusef.working_days": timed({}, mx("2026-11-22 12:00"), mx("2026-11-23 07:00")),
    "mx.condusef.hours": timed({}, mx("2026-11-18 22:00"), mx("2026-11-18 21:59:59")),
    **us_state_cases.CASES,
    **world_cases.CASES,
    **guards.CASES,
}

DUTIES: Final[dict[str, Case]] = {
    "us.regf.opt_out_line": changed(US_NOON, {"channel": "sms"}, {"channel": "letter"}),
    "us.regf.initial_notice": changed(US_NOON, {}, {"history": TALKED}),
    "us.regf.later_notice": changed(US_NOON, {"history": TALKED}, {}),
    "us.regf.identify_sender": changed(US_NOON, {}, {"channel": "letter"}),
    "us.regf.private_message": changed(US_NOON, {"channel": "social_dm"}, {}),
    "us.regf.no_postcard": changed(US_NOON, {"channel": "letter"}, {}),
    "us.regf.rapid_succession": changed(US_NOON, {}, {"channel": "sms"}),
    "us.regf.email_procedures": changed(US_NOON, {"channel": "email"}, {}),
    "us.regf.validation_notice": changed(US_NOON, {}, {"history": TALKED}),
    "us.regf.disclosures": changed(US_NOON, {"purpose": "notice"}, {}),
    "us.regf.time_barred": changed(US_NOON, {"debt_type": "time_barred"}, {}),
    "us.regf.same_language": changed(US_NOON, {}, {"actor": "first_party"}),
    "co.ley2300.no_reason_for_default": timed({}, co("2023-10-10 10:00"), co("2023-10-09 10:00")),
    "mx.condusef.caller_id": changed(MX_NOON, {}, {"channel": "letter"}),
    "mx.condusef.identify_sender": changed(
        MX_NOON, {}, {"history": [contact(mx("2026-11-01 12:00"))]}
    ),
    "mx.condusef.no_payment_to_agency": changed(MX_NOON, {}, {"actor": "debt_buyer"}),
    **us_state_cases.DUTIES,
    **world_cases.DUTIES,
}

RULES: Final = [(pack, rule) for pack in BOOK.packs.values() for rule in pack.rules]


def without(pack: RulePack, rule_id: str) -> RulePack:
    kept = tuple(rule for rule in pack.rules if rule.id != rule_id)
    return pack.model_copy(update={"rules": kept})


def test_every_rule_has_a_case() -> None:
    always = set(world_cases.ALWAYS)
    assert {rule.id for _, rule in RULES} == CASES.keys() | DUTIES.keys() | always


@pytest.mark.parametrize("rule_id", CASES)
def test_a_rule_decides_alone(rule_id: str) -> None:
    pack = next(pack for pack, rule in RULES if rule.id == rule_id)
    forbidden, at, allowed, then = CASES[rule_id]
    refused = ask(pack.jurisdiction, **forbidden)
    answer = verdict([pack], refused, at)
    assert (answer.rule, answer.verdict != "allowed") == (rule_id, True)
    assert verdict([without(pack, rule_id)], refused, at).verdict == "allowed"
    assert verdict([pack], ask(pack.jurisdiction, **allowed), then).verdict == "allowed"


@pytest.mark.parametrize("rule_id", DUTIES)
def test_a_duty_binds_here_and_not_there(rule_id: str) -> None:
    pack, rule = next((pack, rule) for pack, rule in RULES if rule.id == rule_id)
    assert isinstance(rule, DutyRule)
    bound, at, free, then = DUTIES[rule_id]
    assert rule_id in {duty.rule for duty in duties([pack], ask(pack.jurisdiction, **bound), at)}
    assert rule_id not in {
        duty.rule for duty in duties([pack], ask(pack.jurisdiction, **free), then)
    }


@pytest.mark.parametrize("rule_id", world_cases.ALWAYS)
def test_a_duty_that_always_binds(rule_id: str) -> None:
    pack, rule = next((pack, rule) for pack, rule in RULES if rule.id == rule_id)
    unbounded = rule.model_dump(exclude_defaults=True).keys() <= {
        *("id", "kind", "title", "cite", "mark", "source", "note", "code", "said")
    }
    assert unbounded, "it has a boundary: give it a case"
    asked = ask(pack.jurisdiction, channel="letter", actor="first_party", party="guarantor")
    assert rule_id in {duty.rule for duty in duties([pack], asked, US_NOON)}
    assert rule_id not in {duty.rule for duty in duties([without(pack, rule_id)], asked, US_NOON)}
