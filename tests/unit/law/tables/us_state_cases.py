"""The cases that each rule of the American states decides alone (``test_every_rule_decides``)."""

from typing import Any, Final

from tests.unit.law.support import LOS_ANGELES, contact, event
from tests.unit.law.tables.cases import DAY, SECOND, Case, changed, stopped, timed
from tests.unit.law.us_support import NOON, OFFICE, la, ny


def days(first: int, *rest: int, at: Any = ny, **more: Any) -> list[dict[str, Any]]:
    """A contact at 10:00 on each of these days of November 2026."""
    return [contact(at(f"2026-11-{day} 10:00"), **more) for day in (first, *rest)]


# A contact of the 12th counts for seven days up to the 18th, one of 20 October for thirty.
LAST_NIGHT, FREE = ny("2026-11-18 20:59:59"), ny("2026-11-19 08:00")
LAST_SECOND, MIDNIGHT = ny("2026-11-18 23:59:59"), ny("2026-11-19 00:00")

CREDITOR: Final = {"actor": "first_party"}
REFUSED: Final = {"kind": "mobile", "authorized": False}
AT_WORK: Final = [
    contact(ny(f"{day} 10:00"), contact_point_kind="work") for day in ("2026-10-20", "2026-11-01")
]
TALKED: Final = [contact(ny("2026-08-14 10:00"), outcome="conversation")]
WEDNESDAY_MORNING: Final = event(
    "inconvenient_time", NOON - DAY, windows=[{"days": ["wed"], "from": "10:00", "to": "12:00"}]
)
MAILED: Final = [event("notice_mailed", ny("2026-11-01 09:00"))]
EMAILS: Final = days(12, 13, 14, 15, 16, channel="email", outcome="sent")
AMENDED: Final = {"readings": {"ny.dfs_amendment": "on"}}

_MA: Final[dict[str, Case]] = {
    "us.ma.workplace": stopped(
        "workplace_prohibited", NOON, {"contact_point": OFFICE}, in_writing=True
    ),
    "us.ma.workplace_oral": timed(
        {
            "contact_point": OFFICE,
            "events": [event("workplace_prohibited", NOON, in_writing=False)],
        },
        ny("2026-11-28 20:59:59"),
        ny("2026-11-29 08:00"),
    ),
    "us.ma.waking_hours": timed({"events": [WEDNESDAY_MORNING]}, NOON - SECOND, NOON),
    "us.ma.hours": timed(CREDITOR, ny("2026-11-18 07:59:59"), ny("2026-11-18 08:00")),
    # 21:00 Eastern; on the customer's own clock it is 18:00.
    "us.ma.household_hours": timed(
        {"party": "spouse", "zones": [LOS_ANGELES]},
        la("2026-11-18 18:00"),
        la("2026-11-18 17:59:59"),
    ),
    "us.ma.creditor_cap": timed({**CREDITOR, "history": days(12, 14)}, LAST_NIGHT, FREE),
    "us.ma.creditor_cap_elsewhere": timed(
        {**CREDITOR, "contact_point": OFFICE, "history": AT_WORK}, LAST_NIGHT, FREE
    ),
    "us.ma.agency_cap": timed({"history": days(12, 14)}, LAST_NIGHT, FREE),
    "us.ma.agency_cap_elsewhere": timed(
        {"contact_point": OFFICE, "history": AT_WORK}, LAST_NIGHT, FREE
    ),
    "us.ma.visit_cap": timed(
        {
            "channel": "visit",
            "contact_point": {"kind": "home"},
            "history": [contact(ny("2026-10-20 10:00"), "visit", "conversation")],
        },
        LAST_NIGHT,
        FREE,
    ),
}

_DC: Final[dict[str, Case]] = {
    "us.dc.third_party": changed(NOON, {"party": "spouse"}, {"party": "debtor"}),
    "us.dc.visits": changed(NOON, {"channel": "visit"}, {"channel": "letter"}),
    "us.dc.opt_out": stopped("opt_out", NOON, CREDITOR, channel="voice"),
    "us.dc.notice": timed(
        {"channel": "sms", "events": [event("notice_mailed", NOON)]}, NOON - SECOND, NOON
    ),
    "us.dc.consent": changed(
        NOON,
        {"channel": "sms", "events": MAILED, "contact_point": REFUSED},
        {"channel": "sms", "events": MAILED},
    ),
    "us.dc.consent_request": timed(
        {
            "channel": "sms",
            "purpose": "consent_request",
            "events": MAILED,
            "contact_point": REFUSED,
            "history": days(12, channel="email", outcome="sent"),
        },
        LAST_NIGHT,
        FREE,
    ),
    "us.dc.message_cap": timed(
        {"channel": "email", "events": MAILED, "history": EMAILS}, LAST_SECOND, MIDNIGHT
    ),
    "us.dc.call_cap": timed({"history": days(12, 13, 14, 15)}, LAST_NIGHT, FREE),
    "us.dc.call_cooldown": timed(
        {"history": TALKED}, ny("2026-08-20 20:59:59"), ny("2026-08-21 08:00")
    ),
    # 21:00 Eastern; on the customer's own clock it is 18:00.
    "us.dc.hours": timed(
        {"zones": [LOS_ANGELES]}, la("2026-11-18 18:00"), la("2026-11-18 17:59:59")
    ),
}

_WA: Final[dict[str, Case]] = {
    "us.wa.hours": timed({}, la("2026-11-18 07:59:59"), la("2026-11-18 08:00")),
    "us.wa.week_cap": timed(
        {"history": days(12, 13, 14, at=la, channel="letter", outcome="sent")},
        la("2026-11-18 20:59:59"),
        la("2026-11-19 08:00"),
    ),
    "us.wa.work_cap": timed(
        {"contact_point": OFFICE, "history": days(12, at=la, contact_point_kind="work")},
        la("2026-11-18 20:59:59"),
        la("2026-11-19 08:00"),
    ),
    "us.wa.wireless_cap": timed(
        {"history": days(18, 18, at=la)}, la("2026-11-18 20:59:59"), la("2026-11-19 08:00")
    ),
}

_NY: Final[dict[str, Case]] = {
    "us.ny.email_consent": changed(
        NOON, {"channel": "email", "contact_point": REFUSED}, {"channel": "email"}
    ),
    "us.ny.work_email": changed(
        NOON,
        {"channel": "email", "contact_point": {"kind": "work_email", "authorized": True}},
        {"channel": "email", "contact_point": {"kind": "email", "authorized": True}},
    ),
    "us.ny.dfs_completed": timed(
        {**AMENDED, "history": days(12, outcome="conversation")}, LAST_SECOND, MIDNIGHT
    ),
    "us.ny.dfs_attempts": timed({**AMENDED, "history": days(12, 13, 14)}, LAST_SECOND, MIDNIGHT),
    "us.ny.dfs_consent": changed(
        NOON,
        {**AMENDED, "channel": "sms", "contact_point": REFUSED},
        {"channel": "sms", "contact_point": REFUSED},
    ),
    "us.nyc.opt_out": stopped("opt_out", NOON, {**CREDITOR, "channel": "sms"}, channel="sms"),
    "us.nyc.consent": changed(
        NOON,
        {**CREDITOR, "channel": "sms", "contact_point": REFUSED},
        {**CREDITOR, "channel": "letter", "contact_point": REFUSED},
    ),
    "us.nyc.cap": timed({"history": days(12, 13, 14)}, LAST_SECOND, MIDNIGHT),
}

_OTHERS: Final[dict[str, Case]] = {
    "us.fl.hours": timed(CREDITOR, ny("2026-11-18 21:00"), ny("2026-11-18 20:59:59")),
    "us.fl.email_hours": timed(
        {"channel": "email"}, ny("2025-05-15 23:59:59"), ny("2025-05-16 00:00")
    ),
    "us.wv.attorney": timed(
        {**CREDITOR, "events": [event("attorney", NOON)]}, NOON + 3 * DAY, NOON + 3 * DAY - SECOND
    ),
    "us.wv.hours": timed(CREDITOR, ny("2026-11-18 07:59:59"), ny("2026-11-18 08:00")),
    "us.wv.inconvenient_time": timed({"events": [WEDNESDAY_MORNING]}, NOON - SECOND, NOON),
    "us.wv.call_cap": timed(
        {"history": days(12, *[13, 14, 15] * 9, 16, 17), **CREDITOR}, LAST_NIGHT, FREE
    ),
    "us.wv.conversation_cap": timed(
        {
            "history": days(
                12, *[13, 14, 15] * 3, account_id="A2", direction="inbound", outcome="conversation"
            ),
        },
        LAST_NIGHT,
        FREE,
    ),
}

CASES: Final[dict[str, Case]] = _MA | _DC | _WA | _NY | _OTHERS

DUTIES: Final[dict[str, Case]] = {
    "us.dc.opt_out_line": changed(NOON, {**CREDITOR, "channel": "sms"}, {"channel": "letter"}),
    "us.dc.collection_notice": changed(NOON, {**CREDITOR, "channel": "letter"}, {}),
    "us.wa.caller_id": changed(NOON, {}, CREDITOR),
    "us.ny.no_harassment": changed(NOON, CREDITOR, {"party": "reference"}),
}
