"""Cases of the packs outside the United States; Wednesday 18 November 2026 is an ordinary day."""

from functools import partial
from typing import Any, Final

from tests.unit.law.support import (
    BOGOTA,
    BUENOS_AIRES,
    GUAYAQUIL,
    LIMA,
    LONDON,
    MADRID,
    MANAUS,
    MEXICO,
    SANTIAGO,
    SAO_PAULO,
    contact,
    event,
    local,
)
from tests.unit.law.tables.cases import DAY, SECOND, Case, changed, stopped, timed

co, mx, cl, pe, ec, br, am, ar, es, gb = (
    partial(local, zone)
    for zone in (
        *(BOGOTA, MEXICO, SANTIAGO, LIMA, GUAYAQUIL),
        *(SAO_PAULO, MANAUS, BUENOS_AIRES, MADRID, LONDON),
    )
)
CO_NOON, MX_NOON, CL_NOON, PE_NOON, EC_NOON, BR_NOON, AM_NOON, AR_NOON, ES_NOON, GB_NOON = (
    noon("2026-11-18 12:00") for noon in (co, mx, cl, pe, ec, br, am, ar, es, gb)
)

REFERENCE: Final = {"party": "reference"}, {"party": "debtor"}
SMS_TUESDAY: Final = contact(cl("2026-11-10 10:00"), "sms", "sent")
SMS_FRIDAY: Final = contact(cl("2026-11-13 10:00"), "sms", "sent")
CALL_TUESDAY: Final = contact(cl("2026-11-10 10:00"))
CALLED: Final = {"history": [CALL_TUESDAY]}

CASES: Final[dict[str, Case]] = {
    "cl.art37.third_parties": changed(CL_NOON, *REFERENCE),
    "cl.art37.wrong_number": stopped("wrong_number", CL_NOON, contact_point_id="cp1"),
    "cl.sernac.insolvency": stopped("bankruptcy", CL_NOON),
    "cl.sernac.dispute": stopped("dispute", CL_NOON),
    # Tuesday, Immaculate Conception, up to where the hours close anyway.
    "cl.art37.closed_days": timed({}, cl("2026-12-08 19:59:59"), cl("2026-12-09 08:00")),
    "cl.art37.hours": timed({}, cl("2026-11-21 20:00"), cl("2026-11-21 19:59:59")),
    # One call in the seven days that end with the day of contact.
    "cl.art37.call_cap": timed(CALLED, cl("2026-11-16 19:59:59"), cl("2026-11-17 08:00")),
    # Two messages; under the joint reading that cap says the same.
    "cl.art37.message_cap": timed(
        {
            "channel": "email",
            "history": [SMS_TUESDAY, SMS_FRIDAY],
            "readings": {"cl.caps": "separate"},
        },
        cl("2026-11-16 19:59:59"),
        cl("2026-11-17 08:00"),
    ),
    # Sent on Tuesday: Wednesday and Thursday lie between, and on Friday the next may go.
    "cl.art37.message_spacing": timed(
        {"channel": "email", "history": [SMS_TUESDAY]},
        cl("2026-11-12 19:59:59"),
        cl("2026-11-13 08:00"),
    ),
    # Two messages, and the first call would be the third contact.
    "cl.art37.joint_cap": timed(
        {"history": [SMS_TUESDAY, SMS_FRIDAY]}, cl("2026-11-16 19:59:59"), cl("2026-11-17 08:00")
    ),
    # Monday, Cape Arica.
    "cl.ap.closed_days": timed({}, cl("2027-06-07 23:59:59"), cl("2027-06-08 00:00")),
    # Thursday, O'Higgins' birth.
    "cl.nb.closed_days": timed({}, cl("2026-08-20 23:59:59"), cl("2026-08-21 00:00")),
    "pe.art62.third_parties": changed(PE_NOON, *REFERENCE),
    "pe.art62.wrong_number": stopped("wrong_number", PE_NOON, contact_point_id="cp1"),
    # Thursday, Battle of Angamos.
    "pe.art62.closed_days": timed({}, pe("2026-10-08 19:59:59"), pe("2026-10-09 07:00")),
    # The debtor is in Mexico, where it is an hour earlier, and the guard has nothing to say.
    "pe.art62.hours": timed({"zones": [MEXICO]}, pe("2026-11-18 20:00"), pe("2026-11-18 19:59:59")),
    # The debtor is in Madrid; in Lima it is two in the afternoon.
    "pe.guard.hours_abroad": timed(
        {"zones": [MADRID]}, es("2026-11-18 20:00"), es("2026-11-18 19:59:59")
    ),
    "ec.art49.third_parties": changed(EC_NOON, *REFERENCE),
    "ec.art49.wrong_number": stopped("wrong_number", EC_NOON, contact_point_id="cp1"),
    # Monday: Pichincha fell on a Sunday and is moved.
    "ec.art49.closed_days": timed({}, ec("2026-05-25 19:59:59"), ec("2026-05-26 07:00")),
    "ec.art49.hours": timed({}, ec("2026-11-18 20:00"), ec("2026-11-18 19:59:59")),
    "ec.art49.day_cap": timed(
        {"history": [contact(ec("2026-11-17 10:00"), "sms", "sent")]},
        ec("2026-11-17 19:59:59"),
        ec("2026-11-18 07:00"),
    ),
    "br.guard.third_parties": changed(BR_NOON, *REFERENCE),
    "br.guard.wrong_number": stopped("wrong_number", BR_NOON, contact_point_id="cp1"),
    "br.guard.night": timed({}, br("2026-11-18 22:00"), br("2026-11-18 21:59:59")),
    # Thursday, the state's Constitutionalist Revolution.
    "br.sp.lei15426.holidays": timed({}, br("2026-07-09 19:59:59"), br("2026-07-10 08:00")),
    "br.sp.lei15426.hours": timed({}, br("2026-11-21 14:00"), br("2026-11-21 13:59:59")),
    # Monday, the state's Our Lady of Penha.
    "br.es.lei10626.holidays": timed({}, br("2026-04-13 18:59:59"), br("2026-04-14 08:00")),
    "br.es.lei10626.hours": timed({}, br("2026-11-18 19:00"), br("2026-11-18 18:59:59")),
    # Thursday, the state's Saint George.
    "br.rj.guard.holidays": timed({}, br("2026-04-23 18:59:59"), br("2026-04-24 09:00")),
    "br.rj.lei7868.hours": timed({}, br("2026-11-18 08:59:59"), br("2026-11-18 09:00")),
    # Friday, Zumbi and Black Awareness.
    "br.am.guard.holidays": timed({}, am("2026-11-20 18:59:59"), am("2026-11-23 08:00")),
    "br.am.lei306.hours": timed({}, am("2026-11-18 19:00"), am("2026-11-18 18:59:59")),
    "br.am.guard.opening": timed({}, am("2026-11-18 07:59:59"), am("2026-11-18 08:00")),
    # Wednesday, the state's emancipation.
    "br.al.lei7782.closed_days": timed({}, br("2026-09-16 19:59:59"), br("2026-09-17 08:00")),
    "br.al.lei7782.hours": timed(
        {"channel": "sms"}, br("2026-11-21 14:00"), br("2026-11-21 13:59:59")
    ),
    "ar.guard.third_parties": changed(AR_NOON, *REFERENCE),
    "ar.guard.wrong_number": stopped("wrong_number", AR_NOON, contact_point_id="cp1"),
    # Monday, National Sovereignty.
    "ar.guard.closed_days": timed({}, ar("2026-11-23 18:59:59"), ar("2026-11-24 09:00")),
    "ar.guard.hours": timed({}, ar("2026-11-18 19:00"), ar("2026-11-18 18:59:59")),
    "ar.c.guard.stop_calls": stopped("opt_out", AR_NOON, channel="voice"),
    "ar.c.guard.workplace": changed(
        AR_NOON, {"contact_point": {"kind": "work"}}, {"contact_point": {"kind": "mobile"}}
    ),
    "es.third_parties": changed(ES_NOON, *REFERENCE),
    "es.wrong_number": stopped("wrong_number", ES_NOON, contact_point_id="cp1"),
    # Tuesday, Immaculate Conception.
    "es.guard.closed_days": timed({}, es("2026-12-08 20:59:59"), es("2026-12-09 09:00")),
    "es.guard.hours": timed({}, es("2026-11-18 21:00"), es("2026-11-18 20:59:59")),
    "gb.conc.third_parties": changed(GB_NOON, *REFERENCE),
    "gb.conc.wrong_number": stopped("wrong_number", GB_NOON, contact_point_id="cp1"),
    # Registered on Monday 2 March: sixty days more end with Friday 1 May.
    "gb.breathing_space.standard": timed(
        {"events": [event("breathing_space", gb("2026-03-02 09:00"), type="standard")]},
        gb("2026-05-01 20:59:59"),
        gb("2026-05-02 08:00"),
    ),
    "gb.breathing_space.crisis": stopped("breathing_space", GB_NOON, type="mental_health_crisis"),
    "gb.conc.dispute": stopped("dispute", GB_NOON),
    "gb.conc.how": stopped("opt_out", GB_NOON, channel="voice"),
    "gb.conc.where": stopped("workplace_prohibited", GB_NOON, {"contact_point": {"kind": "work"}}),
    # A shift worker who sleeps until noon.
    "gb.conc.when": timed(
        {
            "events": [
                event(
                    "inconvenient_time",
                    GB_NOON - DAY,
                    windows=[{"days": ["wed"], "from": "00:00", "to": "12:00"}],
                )
            ]
        },
        GB_NOON - SECOND,
        GB_NOON,
    ),
    "gb.conc.visits": changed(GB_NOON, {"channel": "visit"}, {"channel": "letter"}),
    "gb.guard.hours": timed({}, gb("2026-11-21 21:00"), gb("2026-11-21 20:59:59")),
}

CALLS_ONLY: Final[Any] = {}, {"channel": "letter"}
BEFORE_2021: Final[Any] = {}, cl("2021-04-20 00:00"), {}, cl("2021-04-19 23:59:59")

DUTIES: Final[dict[str, Case]] = {
    "co.ley2300.family_privacy": timed({}, co("2023-10-10 10:00"), co("2023-10-09 10:00")),
    "mx.condusef.no_minors_or_elderly": changed(MX_NOON, {}, {"channel": "sms"}),
    "mx.condusef.no_court_like_papers": timed({}, mx("2014-10-08 12:00"), mx("2014-10-07 12:00")),
    "mx.condusef.written_agreement": timed({}, mx("2014-10-08 12:00"), mx("2014-10-07 12:00")),
    "mx.profeco.given_contacts_only": timed({}, mx("2014-10-08 12:00"), mx("2014-10-07 12:00")),
    "cl.art37.identify_sender": BEFORE_2021,
    "cl.art37.debt_information": BEFORE_2021,
    "cl.art37.no_enforcement": BEFORE_2021,
    "cl.art37.records": BEFORE_2021,
    "cl.subtel.prefix_600": timed({}, cl("2025-08-13 00:00"), cl("2025-08-12 23:59:59")),
    "pe.art62.no_court_like_papers": timed({}, pe("2010-01-01 00:00"), pe("2009-12-31 23:59:59")),
    "ec.art49.caller_id": changed(EC_NOON, *CALLS_ONLY),
    "br.anatel.authentication": timed({}, br("2025-08-07 00:00"), br("2025-08-06 23:59:59")),
    "br.anatel.prefix_0303": timed({}, br("2025-08-06 23:59:59"), br("2025-08-07 00:00")),
    "br.anatel.prefix_0304": timed({}, br("2022-11-01 00:00"), br("2022-10-31 23:59:59")),
    "br.sp.do_not_call": changed(BR_NOON, {"channel": "whatsapp"}, {"channel": "email"}),
    "ar.c.ley6171.identify_sender": changed(AR_NOON, {}, {"actor": "first_party"}),
    "ar.c.ley6171.no_publication": changed(AR_NOON, {}, {"actor": "first_party"}),
    "es.no_mobile_caller": timed({}, es("2025-01-01 00:00"), es("2024-12-31 23:59:59")),
    "gb.conc.verify_identity": changed(GB_NOON, *CALLS_ONLY),
    "gb.conc.no_premium_number": timed({}, gb("2014-04-01 00:00"), gb("2014-03-31 23:59:59")),
}

ALWAYS: Final = (
    "cl.art37.no_court_like_papers",
    "br.cdc42.dignity",
    "ar.ley24240.dignity",
    "ar.ley24240.no_court_like_papers",
    "es.angeco.identify_sender",
    "es.angeco.contractual_amount",
)
"""Duties that bind every contact at all times: there is no boundary to stand on."""
