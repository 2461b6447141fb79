"""Whom and what each American rule binds, written down a second time beside the packs.

Each rule stands alone, on the request it forbids (its case); one field at a time is changed.
"""

from datetime import date
from typing import Any, Final, NamedTuple

import pytest

from domain.law.engine import verdict
from domain.law.terms import Actor, Channel, Party, PointKind, Purpose
from tests.unit.law.support import BOOK, ask
from tests.unit.law.test_every_rule_decides import CASES

EVERYONE: Final = "first_party third_party debt_buyer"
COLLECTORS: Final = "third_party debt_buyer"
ANY: Final = " ".join(Channel)
CALLS: Final = "voice ringless_voicemail"
INITIATED: Final = "voice ringless_voicemail sms whatsapp visit"
MESSAGES: Final = "sms whatsapp email social_dm"
ELECTRONIC: Final = "sms whatsapp email push social_dm"
ALL_PARTIES: Final = " ".join(Party)
ALL_PURPOSES: Final = " ".join(Purpose)
ALL_POINTS: Final = " ".join(PointKind)
AT_HOME: Final = "mobile landline home unknown"


class Reach(NamedTuple):
    """What a rule binds: names of each kind, separated by blanks."""

    actors: str = EVERYONE
    channels: str = ANY
    parties: str = ALL_PARTIES
    purposes: str = ALL_PURPOSES
    points: str = ALL_POINTS
    since: date | None = None
    until: date | None = None


REG_F: Final = Reach(COLLECTORS, since=date(2021, 11, 30))
DC: Final = Reach(since=date(2023, 1, 1))
NYC: Final = Reach(since=date(2026, 9, 1))
WA: Final = Reach(COLLECTORS)

REACH: Final[dict[str, Reach]] = {
    "us.regf.third_party": REG_F._replace(parties="reference third_party"),
    "us.bankruptcy": Reach(),
    "us.regf.cease": REG_F._replace(
        purposes="collection reply optout_confirmation consent_request"
    ),
    "us.regf.cease_oral": REG_F,
    "us.regf.attorney": REG_F,
    "us.regf.attorney_unknown": REG_F,
    "us.regf.dispute": REG_F._replace(purposes="collection reply consent_request"),
    "us.regf.death": REG_F._replace(parties="debtor"),
    "us.regf.opt_out": REG_F._replace(purposes="collection reply consent_request"),
    "us.tcpa.revocation": Reach(
        channels="voice ringless_voicemail sms",
        purposes="collection reply notice consent_request",
        since=date(2025, 4, 11),
    ),
    "us.tcpa.revoke_all": Reach(channels="voice ringless_voicemail sms", since=date(2027, 1, 31)),
    "us.regf.wrong_number": REG_F,
    "us.regf.workplace": REG_F._replace(points="work"),
    "us.regf.work_email": REG_F._replace(channels="email", points="work_email"),
    "us.regf.text_60d": REG_F._replace(
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
    "us.ma.household_hours": Reach(parties="spouse reference third_party"),
    "us.ma.creditor_cap": Reach("first_party debt_buyer", INITIATED, points=AT_HOME),
    "us.ma.creditor_cap_elsewhere": Reach("first_party debt_buyer", INITIATED, points="work"),
    "us.ma.agency_cap": Reach("third_party", INITIATED, points=AT_HOME),
    "us.ma.agency_cap_elsewhere": Reach("third_party", INITIATED, points="work"),
    "us.ma.visit_cap": Reach(channels="visit"),
    "us.dc.third_party": DC._replace(parties="spouse reference third_party"),
    "us.dc.visits": DC._replace(channels="visit"),
    "us.dc.opt_out": DC._replace(
        channels=f"{CALLS} {MESSAGES}", purposes="collection reply notice consent_request"
    ),
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
    "us.fl.hours": Reach(channels=" ".join(c for c in Channel if c != "email")),
    "us.fl.email_hours": Reach(channels="email", until=date(2025, 5, 16)),
    "us.wv.attorney": Reach(),
    "us.wv.hours": Reach(channels=CALLS),
    "us.wv.inconvenient_time": Reach(channels=CALLS),
    "us.wv.call_cap": Reach(channels=CALLS),
    "us.wv.conversation_cap": Reach(channels=CALLS),
}


def binds(rule_id: str, **change: Any) -> bool:
    """Whether the rule, alone, forbids its case with a field changed."""
    pack = next(p for p in BOOK.packs.values() if any(r.id == rule_id for r in p.rules))
    alone = tuple(rule for rule in pack.rules if rule.id == rule_id)
    forbidden, at, _, _ = CASES[rule_id]
    fields = {**forbidden, **change}
    # What was said holds on the channel asked about, whichever that is.
    fields["events"] = [event | {"channel": None} for event in fields.get("events", [])]
    request = ask(pack.jurisdiction, **fields)
    return verdict([pack.model_copy(update={"rules": alone})], request, at).verdict != "allowed"


def test_every_american_rule_is_here() -> None:
    assert REACH.keys() == {rule_id for rule_id in CASES if rule_id.startswith("us.")}


@pytest.mark.parametrize("rule_id", REACH)
def test_whom_it_binds(rule_id: str) -> None:
    reach = REACH[rule_id]
    assert {a for a in Actor if binds(rule_id, actor=a)} == set(reach.actors.split())
    assert {p for p in Party if binds(rule_id, party=p)} == set(reach.parties.split())


@pytest.mark.parametrize("rule_id", REACH)
def test_what_it_binds(rule_id: str) -> None:
    reach = REACH[rule_id]
    assert {c for c in Channel if binds(rule_id, channel=c)} == set(reach.channels.split())
    assert {p for p in Purpose if binds(rule_id, purpose=p)} == set(reach.purposes.split())


@pytest.mark.parametrize("rule_id", REACH)
def test_which_addresses_it_binds(rule_id: str) -> None:
    point = CASES[rule_id][0].get("contact_point", {"id": "cp1", "authorized": True})
    bound = {k for k in PointKind if binds(rule_id, contact_point=point | {"kind": k})}
    assert bound == set(REACH[rule_id].points.split())


@pytest.mark.parametrize("rule_id", REACH)
def test_when_it_is_in_force(rule_id: str) -> None:
    rule = next(r for p in BOOK.packs.values() for r in p.rules if r.id == rule_id)
    assert (rule.effective.since, rule.effective.until) == REACH[rule_id][-2:]
