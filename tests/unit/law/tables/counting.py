"""What each limit counts, and for how long, written down a second time from the statutes."""

from collections.abc import Mapping
from typing import Final, NamedTuple

from domain.law.terms import ContactOutcome, LawPointKind, Medium
from tests.unit.law.tables.reach import ANY, CALLS

EVERY_ATTEMPT: Final = " ".join(ContactOutcome)
CONNECTED: Final = " ".join(o for o in ContactOutcome if o not in ("busy", "not_in_service"))
"""Rung without an answer, answered or recorded: not busy, not out of service."""
ANSWERED: Final = " ".join(o for o in CONNECTED.split() if o not in ("no_answer", "voicemail"))
ANY_POINT: Final = " ".join(LawPointKind)


class Count(NamedTuple):
    """A limit: so many contacts in so many local days, and which contacts count.

    ``per_debt``: another debt's do not. ``at_utc``: the days can be those of UTC, by the reading
    ``us.count_zone``. ``no_wrong_numbers``: those made to another person's number do not count.
    ``one_point``: those made to other numbers do not. ``inbound``: how those ended that the
    customer began and that count. Names are separated by blanks.
    """

    limit: int
    days: int
    channels: str = ANY
    outcomes: str = EVERY_ATTEMPT
    directions: str = "outbound"
    inbound: str | None = None
    points: str = ANY_POINT
    per_debt: bool = False
    at_utc: bool = False
    no_wrong_numbers: bool = False
    one_point: bool = False
    readings: Mapping[str, str] = {}


TALKS: Final = "conversation"
BOTH: Final = "outbound inbound"
INITIATED: Final = f"{CALLS} sms whatsapp visit"
ELECTRONIC: Final = "sms whatsapp email social_dm"
WRITTEN: Final = "sms whatsapp email push letter social_dm"
CALLS_AND_VISITS: Final = f"{CALLS} visit"

REG_F: Final = Count(7, 7, CALLS, CONNECTED, per_debt=True, at_utc=True, no_wrong_numbers=True)
AT_HOME: Final = Count(
    2, 7, INITIATED, CONNECTED, points="mobile landline home unknown", per_debt=True, at_utc=True
)
AT_WORK: Final = AT_HOME._replace(days=30, points="work unknown", at_utc=False)
DC: Final = Count(4, 7, CALLS, CONNECTED, per_debt=True, at_utc=True, no_wrong_numbers=True)
DFS: Final = Count(
    1, 7, CALLS, TALKS, per_debt=True, at_utc=True, readings={"ny.dfs_amendment": "on"}
)
CALL_OR_VISIT: Final = Count(1, 7, CALLS_AND_VISITS, CONNECTED)
REACHED: Final = " ".join(o for o in CONNECTED.split() if o != "undelivered")
REACHED_AND_ANSWERED: Final = " ".join(o for o in ANSWERED.split() if o != "undelivered")
CO_DAY: Final = Count(1, 1, directions=BOTH, inbound=TALKS)
CO_WEEK: Final = CO_DAY._replace(days=7)
IGNORED: Final = {"co.inbound": "ignored"}
WA_WEEK: Final = Count(3, 7, outcomes=REACHED, at_utc=True)
WA_WORK: Final = WA_WEEK._replace(limit=1, points="work work_email unknown")
LITERAL: Final = {"co.weekly": "literal"}
OTHER_CHANNEL: Final = CO_WEEK._replace(
    channels=" ".join(c for c in Medium if c != "email"), readings=LITERAL
)
"""The case asks about an e-mail."""
DIRECT: Final = "conversation delivered replied"

COUNTS: Final[dict[tuple[str, str], Count]] = {
    ("us.regf.call_cap", "14(b)(2)(i)(A)"): REG_F,
    ("us.regf.conversation_cooldown", "14(b)(2)(i)(B)"): REG_F._replace(
        limit=1, channels="voice", outcomes=TALKS, directions=BOTH
    ),
    ("us.tcpa.landline_cap", "30 days"): Count(3, 30, CALLS, one_point=True),
    ("us.ma.creditor_cap", "per debt"): AT_HOME,
    ("us.ma.agency_cap", "per debt"): AT_HOME,
    ("us.ma.creditor_cap_elsewhere", "30 days"): AT_WORK,
    ("us.ma.agency_cap_elsewhere", "30 days"): AT_WORK,
    ("us.ma.visit_cap", "30 days"): Count(1, 30, "visit", per_debt=True),
    ("us.dc.consent_request", "once"): Count(1, 7, ELECTRONIC, at_utc=True),
    ("us.dc.message_cap", "five"): DC._replace(
        limit=5, channels=ELECTRONIC, outcomes=EVERY_ATTEMPT
    ),
    ("us.dc.call_cap", "four"): DC,
    ("us.dc.call_cooldown", "completed"): DC._replace(
        limit=1, channels="voice", outcomes=TALKS, directions=BOTH, no_wrong_numbers=False
    ),
    ("us.wa.week_cap", "any form"): WA_WEEK,
    ("us.wa.week_cap", "answered"): WA_WEEK._replace(
        outcomes=REACHED_AND_ANSWERED, readings={"wa.unanswered": "ignored"}
    ),
    ("us.wa.work_cap", "at work"): WA_WORK,
    ("us.wa.work_cap", "answered"): WA_WORK._replace(
        outcomes=REACHED_AND_ANSWERED, readings={"wa.unanswered": "ignored"}
    ),
    ("us.wa.wireless_cap", "a day"): Count(2, 1, f"{CALLS} sms whatsapp push", one_point=True),
    ("us.ny.dfs_completed", "proposed"): DFS,
    ("us.ny.dfs_attempts", "proposed"): DFS._replace(limit=3, outcomes=EVERY_ATTEMPT),
    ("us.nyc.cap", "per account"): Count(3, 7, per_debt=True, at_utc=True),
    ("us.wv.call_cap", "30 calls"): Count(30, 7, CALLS, at_utc=True),
    ("us.wv.conversation_cap", "10 talks"): Count(10, 7, "voice", TALKS, BOTH, at_utc=True),
    ("co.ley2300.day_cap", "art. 3"): CO_DAY,
    ("co.ley2300.day_cap", "direct"): CO_DAY._replace(
        outcomes=DIRECT, readings={"co.counts": "direct_contact"}
    ),
    ("co.ley2300.day_cap", "begun by us"): CO_DAY._replace(
        directions="outbound", inbound=None, readings=IGNORED
    ),
    ("co.ley2300.day_cap", "debt"): CO_DAY._replace(per_debt=True, readings={"co.unit": "debt"}),
    ("co.ley2300.week_cap", "strict"): CO_WEEK,
    ("co.ley2300.week_cap", "twice"): CO_WEEK._replace(limit=2, readings={"co.weekly": "twice"}),
    ("co.ley2300.week_cap", "direct"): CO_WEEK._replace(
        outcomes=DIRECT, readings={"co.counts": "direct_contact"}
    ),
    ("co.ley2300.week_cap", "begun by us"): CO_WEEK._replace(
        directions="outbound", inbound=None, readings=IGNORED
    ),
    ("co.ley2300.week_cap", "debt"): CO_WEEK._replace(per_debt=True, readings={"co.unit": "debt"}),
    ("co.ley2300.one_channel", "literal"): OTHER_CHANNEL,
    ("co.ley2300.one_channel", "twice"): OTHER_CHANNEL._replace(readings={"co.weekly": "twice"}),
    ("co.ley2300.one_channel", "direct"): OTHER_CHANNEL._replace(
        outcomes=DIRECT, readings={**LITERAL, "co.counts": "direct_contact"}
    ),
    ("co.ley2300.one_channel", "begun by us"): OTHER_CHANNEL._replace(
        directions="outbound", inbound=None, readings={**LITERAL, **IGNORED}
    ),
    ("co.ley2300.one_channel", "debt"): OTHER_CHANNEL._replace(
        per_debt=True, readings={**LITERAL, "co.unit": "debt"}
    ),
    ("cl.art37.call_cap", "a week"): CALL_OR_VISIT,
    ("cl.art37.call_cap", "answered"): CALL_OR_VISIT._replace(
        outcomes=ANSWERED, readings={"cl.unanswered": "ignored"}
    ),
    ("cl.art37.call_cap", "debt"): CALL_OR_VISIT._replace(
        per_debt=True, readings={"cl.unit": "debt"}
    ),
    ("cl.art37.message_cap", "a week"): Count(2, 7, WRITTEN),
    ("cl.art37.message_cap", "debt"): Count(
        2, 7, WRITTEN, per_debt=True, readings={"cl.unit": "debt"}
    ),
    ("cl.art37.message_spacing", "D and D+3"): Count(1, 3, WRITTEN),
    ("cl.art37.message_spacing", "debt"): Count(
        1, 3, WRITTEN, per_debt=True, readings={"cl.unit": "debt"}
    ),
    ("cl.art37.joint_cap", "in all"): Count(2, 7, outcomes=CONNECTED),
    ("cl.art37.joint_cap", "answered"): Count(
        2, 7, outcomes=ANSWERED, readings={"cl.unanswered": "ignored"}
    ),
    ("cl.art37.joint_cap", "debt"): Count(
        2, 7, outcomes=CONNECTED, per_debt=True, readings={"cl.unit": "debt"}
    ),
    ("ec.art49.day_cap", "in all"): Count(1, 1),
    ("ec.art49.day_cap", "each way"): Count(1, 1, "voice", readings={"ec.scope": "mechanism"}),
}

WEEKS: Final = {
    ("co.ley2300.week_cap", "strict"): ("co.week", 16),
    ("co.ley2300.one_channel", "literal"): ("co.week", 16),
    ("cl.art37.call_cap", "a week"): ("cl.week", 16),
    ("cl.art37.message_cap", "a week"): ("cl.week", 16),
    ("cl.art37.joint_cap", "in all"): ("cl.week", 16),
    ("us.wa.week_cap", "any form"): ("wa.week", 15),
    ("us.wa.work_cap", "at work"): ("wa.week", 15),
}
"""The reading under which a week is one of the calendar, and the day of November 2026 on which one
begins: a Monday, and in Washington a Sunday."""

ABROAD: Final = {
    ("co.ley2300.day_cap", "art. 3"): "co.zone",
    ("co.ley2300.week_cap", "strict"): "co.zone",
    ("co.ley2300.one_channel", "literal"): "co.zone",
}
"""Whose days are Bogotá's, wherever the debtor is, by a reading."""
