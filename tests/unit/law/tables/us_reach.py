"""Whom and what each American rule binds."""

from datetime import date
from typing import Final

from domain.law.terms import Medium
from tests.unit.law.tables.reach import (
    CALLS,
    COLLECTORS,
    NOT_THE_DEBTOR,
    Reach,
)

INITIATED: Final = "voice ringless_voicemail sms whatsapp visit"
MESSAGES: Final = "sms whatsapp email social_dm"
ELECTRONIC: Final = "sms whatsapp email push social_dm"
AT_HOME: Final = "mobile landline home unknown"

REG_F: Final = Reach(COLLECTORS, since=date(2021, 11, 30))
DC: Final = Reach(since=date(2023, 1, 1))
NYC: Final = Reach(since=date(2026, 9, 1))
WA: Final = Reach(COLLECTORS)

US_REACH: Final[dict[str, Reach]] = {
    "us.regf.third_party": REG_F._replace(parties="reference third_party"),
    "us.bankruptcy": Reach(),
    "us.regf.cease": REG_F._replace(
        purposes="collection reply optout_confirmation consent_request"
    ),
    "us.regf.cease_oral": REG_F._replace(review=True),
    "us.regf.attorney": REG_F,
    "us.regf.attorney_unknown": REG_F._replace(review=True),
    "us.regf.dispute": REG_F._replace(purposes="collection reply consent_request"),
    "us.regf.death": REG_F._replace(parties="debtor"),
    "us.regf.optout_confirmation": REG_F._replace(
        channels=f"{CALLS} letter visit", purposes="optout_confirmation"
    ),
    "us.regf.opt_out": REG_F._replace(
        purposes="collection reply optout_confirmation consent_request"
    ),
    "us.tcpa.consent": Reach(
        channels="voice ringless_voicemail sms",
        purposes="collection reply notice consent_request",
        points="mobile unknown",
        robots=True,
    ),
    "us.tcpa.landline_cap": Reach(
        channels=CALLS, points="landline home work", robots=True, since=date(2023, 7, 20)
    ),
    "us.tcpa.revocation": Reach(
        channels="voice ringless_voicemail sms",
        purposes="collection reply notice consent_request",
        robots=True,
        since=date(2025, 4, 11),
    ),
    "us.tcpa.revoke_all": Reach(
        channels="voice ringless_voicemail sms", robots=True, since=date(2027, 1, 31)
    ),
    "us.regf.wrong_number": REG_F,
    "us.regf.workplace": REG_F._replace(points="work"),
    "us.regf.work_email": REG_F._replace(channels="email", points="work_email"),
    "us.regf.text_60d": REG_F._replace(
        channels="sms", purposes="collection reply notice consent_request"
    ),
    "us.regf.text_consent": REG_F._replace(
        channels="sms", purposes="collection reply notice consent_request"
    ),
    "us.regf.inconvenient_time": REG_F,
    "us.regf.hours": REG_F,
    "us.regf.call_cap": REG_F._replace(channels=CALLS),
    "us.regf.conversation_cooldown": REG_F._replace(channels=CALLS),
    "us.ma.workplace": Reach(points="work"),
    "us.ma.workplace_oral": Reach(points="work"),
    "us.ma.waking_hours": Reach(),
    "us.ma.hours": Reach(),
    "us.ma.household_hours": Reach(parties=NOT_THE_DEBTOR),
    "us.ma.creditor_cap": Reach("first_party debt_buyer", INITIATED, points=AT_HOME),
    "us.ma.creditor_cap_elsewhere": Reach("first_party debt_buyer", INITIATED, points="work"),
    "us.ma.agency_cap": Reach("third_party", INITIATED, points=AT_HOME),
    "us.ma.agency_cap_elsewhere": Reach("third_party", INITIATED, points="work"),
    "us.ma.visit_cap": Reach(channels="visit"),
    "us.dc.third_party": DC._replace(parties=NOT_THE_DEBTOR),
    "us.dc.visits": DC._replace(channels="visit"),
    "us.dc.opt_out": DC._replace(channels=f"{CALLS} {MESSAGES}"),
    "us.dc.notice": DC._replace(channels=MESSAGES),
    "us.dc.consent": DC._replace(channels=MESSAGES, purposes="collection reply notice"),
    "us.dc.consent_request": DC._replace(channels=MESSAGES, purposes="consent_request"),
    "us.dc.message_cap": DC._replace(channels=MESSAGES),
    "us.dc.call_cap": DC._replace(channels=CALLS),
    "us.dc.call_cooldown": DC._replace(channels=CALLS),
    "us.dc.hours": DC._replace(channels=f"{CALLS} sms whatsapp"),
    "us.wa.hours": WA,
    "us.wa.week_cap": WA,
    "us.wa.work_cap": WA._replace(points="work work_email"),
    "us.wa.wireless_cap": WA._replace(
        channels=f"{CALLS} sms whatsapp push", points="mobile unknown"
    ),
    "us.ny.email_consent": Reach(COLLECTORS, "email"),
    "us.ny.work_email": Reach(COLLECTORS, "email", points="work_email"),
    "us.ny.dfs_completed": Reach(COLLECTORS, CALLS),
    "us.ny.dfs_attempts": Reach(COLLECTORS, CALLS),
    "us.ny.dfs_consent": Reach(COLLECTORS, "sms whatsapp push social_dm"),
    "us.nyc.opt_out": NYC._replace(
        channels=ELECTRONIC, purposes="collection reply notice consent_request"
    ),
    "us.nyc.consent": NYC._replace(channels=ELECTRONIC),
    "us.nyc.cap": NYC,
    "us.fl.hours": Reach(channels=" ".join(c for c in Medium if c != "email")),
    "us.fl.email_hours": Reach(channels="email", until=date(2025, 5, 16)),
    "us.wv.attorney": Reach(),
    "us.wv.hours": Reach(channels=CALLS),
    "us.wv.inconvenient_time": Reach(channels=CALLS),
    "us.wv.call_cap": Reach(channels=CALLS),
    "us.wv.conversation_cap": Reach(channels=CALLS),
    # What a message must say, and how a collector must behave.
    "us.regf.opt_out_line": REG_F._replace(channels=ELECTRONIC),
    "us.regf.initial_notice": REG_F,
    "us.regf.later_notice": REG_F,
    "us.regf.identify_sender": REG_F._replace(channels=CALLS),
    "us.regf.private_message": REG_F._replace(channels="social_dm"),
    "us.regf.no_postcard": REG_F._replace(channels="letter"),
    "us.regf.rapid_succession": REG_F._replace(channels=CALLS),
    "us.regf.email_procedures": REG_F._replace(channels="email"),
    "us.regf.validation_notice": REG_F,
    "us.regf.disclosures": REG_F._replace(purposes="notice"),
    "us.regf.time_barred": REG_F._replace(debts="time_barred"),
    "us.regf.same_language": REG_F,
    "us.dc.opt_out_line": DC._replace(channels=MESSAGES),
    "us.dc.collection_notice": DC._replace(channels=f"{ELECTRONIC} letter"),
    "us.wa.caller_id": WA._replace(channels=CALLS),
    "us.ny.no_harassment": Reach(parties="debtor guarantor spouse"),
}
