"""What each stop reaches, written down a second time from the statutes: debts, addresses, channels.

Each rule stands alone. Whom a stop binds, and for what purposes, is in the tables of reach.
"""

from datetime import datetime, timedelta
from typing import Any, Final, NamedTuple

import pytest

from domain.law.engine import verdict
from domain.law.model import StopRule
from domain.law.terms import EventKind, Medium
from tests.unit.law.rules.test_every_rule_decides import CASES
from tests.unit.law.rules.test_reach import REACH
from tests.unit.law.support import BOOK, NEW_YORK, alone, ask, contact, event, local
from tests.unit.law.tables import guards
from tests.unit.law.tables.reach import ANY, CALLS
from tests.unit.law.tables.us_reach import ELECTRONIC

SECOND: Final = timedelta(seconds=1)
MINUTE: Final = timedelta(minutes=1)
DAY: Final = timedelta(days=1)


class Stop(NamedTuple):
    """How far a stop reaches.

    ``any_debt``: one asked about one debt stops them all. ``any_point``: what was said of one
    address stops a contact whose address is not told. ``together``: channels that stop as one.
    ``leaves``: a purpose that stays open, on which channels, for so many contacts, in the minutes
    after the event.
    """

    any_debt: bool = True
    any_point: bool = True
    together: str = ""
    lifted_by: str = ""
    leaves: tuple[str, str, int, int | None] | None = None


PERSONAL: Final = Stop(any_debt=False)
"""It speaks of one debt, or of whichever debts the event names; death and bankruptcy, of all."""
NUMBER: Final = Stop(any_point=False)
"""Another's number is another's for every debt, and nothing is known of a contact without one."""
ONE_CONFIRMATION: Final = ("optout_confirmation", ELECTRONIC, 1, None)
"""12 CFR 1006.14(h)(2)(i): an electronic one. A call to confirm "stop calling" is another call."""
OPT_OUT: Final = Stop(together=CALLS, lifted_by="opt_in", leaves=ONE_CONFIRMATION)
TCPA: Final = OPT_OUT._replace(leaves=("optout_confirmation", "sms", 1, 5))
DISPUTE: Final = PERSONAL._replace(lifted_by="dispute_verified dispute_withdrawn")
VERIFIED: Final = PERSONAL._replace(lifted_by="dispute_verified")
"""12 CFR 1006.38(d)(2) knows of verification alone."""

GUARDS: Final = {
    "death": Stop(),
    "bankruptcy": Stop(),
    "attorney": PERSONAL,
    "dispute": DISPUTE,
}

STOPS: Final[dict[str, Stop]] = {
    "us.bankruptcy": Stop(),
    "us.regf.cease": PERSONAL._replace(leaves=("notice", ANY, 3, None)),
    "us.regf.cease_oral": PERSONAL,
    "us.regf.attorney": PERSONAL,
    "us.regf.attorney_unknown": PERSONAL,
    "us.regf.dispute": VERIFIED,
    "us.regf.death": Stop(),
    "us.regf.opt_out": OPT_OUT,
    "us.tcpa.revocation": TCPA,
    "us.tcpa.revoke_all": TCPA._replace(together=f"{CALLS} sms"),
    "us.regf.wrong_number": NUMBER,
    "us.regf.workplace": Stop(),
    "us.ma.workplace": Stop(),
    "us.ma.workplace_oral": Stop(),
    "us.dc.opt_out": OPT_OUT,
    "us.nyc.opt_out": OPT_OUT._replace(together=""),
    "us.wv.attorney": PERSONAL,
    "co.ley1581.opt_out": OPT_OUT,
    "co.ley2300.wrong_number": NUMBER,
    "co.cgp.insolvency": Stop(),
    "mx.condusef.wrong_number": NUMBER,
    "cl.art37.wrong_number": NUMBER,
    "cl.sernac.insolvency": Stop(),
    "cl.sernac.dispute": DISPUTE,
    "pe.art62.wrong_number": NUMBER,
    "ec.art49.wrong_number": NUMBER,
    "br.guard.wrong_number": NUMBER,
    "ar.guard.wrong_number": NUMBER,
    "ar.c.guard.stop_calls": OPT_OUT._replace(leaves=None),
    "es.wrong_number": NUMBER,
    "gb.conc.wrong_number": NUMBER,
    "gb.breathing_space.standard": PERSONAL,
    "gb.breathing_space.crisis": PERSONAL,
    "gb.conc.dispute": DISPUTE,
    "gb.conc.how": OPT_OUT,
    "gb.conc.where": Stop(),
    **{rule: GUARDS[kind] for rule, (_, kind) in guards.OF.items()},
}


def stops(
    rule_id: str,
    said: dict[str, Any],
    *later: dict[str, Any],
    point: dict[str, Any] | None = None,
    **asked: Any,
) -> bool:
    """Whether the rule alone forbids its case: what was said changed, more said a day later."""
    pack = alone(rule_id)
    forbidden, at, _, _ = CASES[rule_id]
    (first,) = forbidden["events"]
    events = [{**first, "at": at - 5 * DAY, **said}]
    events += [{"at": at - DAY, **more} for more in later]
    told = {"kind": "mobile", **forbidden.get("contact_point", {}), "id": "cp1", **(point or {})}
    fields = {**forbidden, "events": events, "contact_point": told, **asked}
    request = ask(pack.jurisdiction, **fields)
    return verdict([pack], request, at).verdict != "allowed"


def test_every_stop_is_here() -> None:
    rules = (rule for pack in BOOK.packs.values() for rule in pack.rules)
    assert {rule.id for rule in rules if isinstance(rule, StopRule)} == STOPS.keys()


@pytest.mark.parametrize("rule_id", STOPS)
def test_which_debts_it_stops(rule_id: str) -> None:
    assert stops(rule_id, {"account_id": None})
    assert stops(rule_id, {"account_id": "A1"})
    assert stops(rule_id, {"account_id": "A2"}) is STOPS[rule_id].any_debt


def about(rule_id: str) -> str:
    return str(CASES[rule_id][0]["events"][0]["kind"])


OF_A_MEDIUM: Final = sorted(rule_id for rule_id in STOPS if about(rule_id) == "opt_out")
OF_AN_ADDRESS: Final = [*OF_A_MEDIUM, *(r for r in STOPS if about(r) == "wrong_number")]


@pytest.mark.parametrize("rule_id", OF_AN_ADDRESS)
def test_which_addresses_it_stops(rule_id: str) -> None:
    assert stops(rule_id, {"contact_point_id": "cp1"})
    assert not stops(rule_id, {"contact_point_id": "cp2"})
    untold = {"id": None}
    assert stops(rule_id, {"contact_point_id": "cp2"}, point=untold) is STOPS[rule_id].any_point


@pytest.mark.parametrize("rule_id", sorted(STOPS.keys() - set(OF_A_MEDIUM)))
def test_how_it_came_does_not_matter(rule_id: str) -> None:
    """12 CFR 1006.6(b)-(c), 1006.38(d)(2): contact ends, not contact by the way it was told."""
    bound = set(REACH[rule_id].channels.split())
    for came_by in Medium:
        told = {"channel": came_by}
        assert {c for c in Medium if stops(rule_id, told, channel=c)} == bound
    if rule_id not in OF_AN_ADDRESS:
        assert stops(rule_id, {"contact_point_id": "cp2"}), "told from another number"
        assert stops(rule_id, {"contact_point_id": "cp2"}, point={"id": None})


@pytest.mark.parametrize("rule_id", OF_A_MEDIUM)
def test_which_channels_stop_together(rule_id: str) -> None:
    bound = REACH[rule_id].channels.split()
    for said in Medium:
        together = STOPS[rule_id].together.split()
        expected = {said, *(together if said in together else ())} & set(bound)
        assert {c for c in Medium if stops(rule_id, {"channel": said}, channel=c)} == expected


@pytest.mark.parametrize("rule_id", STOPS)
def test_what_lifts_it(rule_id: str) -> None:
    def lifted(kind: EventKind) -> bool:
        more = {"contact_point_id": "cp1"} if kind is EventKind.WRONG_NUMBER else {}
        return not stops(rule_id, {}, {"kind": kind, "windows": [], **more})

    assert {kind for kind in EventKind if lifted(kind)} == set(STOPS[rule_id].lifted_by.split())


def test_a_verification_by_letter_ends_a_dispute_on_every_channel() -> None:
    sent = {"kind": "dispute_verified", "channel": "letter", "contact_point_id": "home"}
    assert not stops("us.regf.dispute", {"channel": "email"}, sent)


def test_an_opt_in_to_one_medium_lifts_no_stop_of_all() -> None:
    assert stops("us.regf.opt_out", {"channel": None}, {"kind": "opt_in", "channel": "sms"})
    assert stops(
        "us.regf.opt_out", {"contact_point_id": "cp1"}, {"kind": "opt_in", "channel": "sms"}
    )


@pytest.mark.parametrize("rule_id", [rule_id for rule_id, stop in STOPS.items() if stop.leaves])
def test_what_it_leaves_open(rule_id: str) -> None:
    leaves = STOPS[rule_id].leaves
    assert leaves is not None
    purpose, channels, number, minutes = leaves
    at = CASES[rule_id][1]
    said_at = at - (minutes or 60) * MINUTE

    def closed(channel: str, made: int, since: datetime = said_at) -> bool:
        history = [contact(at - MINUTE, channel, "sent")] * made
        said = {"at": since, "channel": None}
        return stops(rule_id, said, purpose=purpose, history=history, channel=channel)

    for channel in REACH[rule_id].channels.split():
        assert closed(channel, number - 1) is (channel not in channels.split()), channel
        assert closed(channel, number)
        assert closed(channel, 0, said_at - SECOND) is (
            minutes is not None or channel not in channels.split()
        )


EITHER: Final = {True, False, None}
TRUE_OR_NOT_TOLD: Final = {True, None}

WRITING: Final[dict[str, set[bool | None]]] = {
    "us.regf.cease": TRUE_OR_NOT_TOLD,
    "us.regf.cease_oral": {False},
    "us.ma.workplace": TRUE_OR_NOT_TOLD,
    "us.ma.workplace_oral": {False},
    "us.wv.attorney": TRUE_OR_NOT_TOLD,
}
KNOWN: Final[dict[str, set[bool | None]]] = {
    "us.regf.attorney": TRUE_OR_NOT_TOLD,
    "us.regf.attorney_unknown": {False},
}
TYPES: Final = ("standard", "mental_health_crisis", "scottish", None)
MORATORIA: Final[dict[str, set[str | None]]] = {
    "gb.breathing_space.standard": {"standard", None},
    "gb.breathing_space.crisis": {"mental_health_crisis", "scottish"},
}


@pytest.mark.parametrize("rule_id", STOPS)
def test_which_events_are_meant(rule_id: str) -> None:
    written = {said for said in EITHER if stops(rule_id, {"in_writing": said})}
    assert written == WRITING.get(rule_id, EITHER)
    known = {said for said in EITHER if stops(rule_id, {"contact_known": said})}
    assert known == KNOWN.get(rule_id, EITHER)
    types = {said for said in TYPES if stops(rule_id, {"type": said})}
    assert types == MORATORIA.get(rule_id, set(TYPES))


@pytest.mark.parametrize("rule_id", ["us.tcpa.revocation", "us.tcpa.revoke_all"])
def test_ten_business_days_of_grace(rule_id: str) -> None:
    """Received on Thursday 4 February 2027; Monday the 15th is Washington's Birthday."""
    revoked = event("opt_out", local(NEW_YORK, "2027-02-04 10:00"), channel="sms")
    only = [alone(rule_id)]

    def allowed(wall: str, grace: str) -> bool:
        request = ask(
            "US",
            actor="first_party",
            channel="sms",
            autodialed=True,
            events=[revoked],
            readings={"us.tcpa_grace": grace},
        )
        return verdict(only, request, local(NEW_YORK, wall)).verdict == "allowed"

    assert not allowed("2027-02-04 10:00", "none")
    assert allowed("2027-02-19 23:59:59", "10_business_days")
    assert not allowed("2027-02-20 00:00:00", "10_business_days")


def test_an_opt_in_lifts_a_stop_of_its_own_debt_said_before_it() -> None:
    rule_id = "co.ley1581.opt_out"
    at = CASES[rule_id][1]
    again = {"kind": "opt_in"}
    assert not stops(rule_id, {}, again | {"account_id": "A1"})
    assert not stops(rule_id, {}, again | {"account_id": None})
    assert stops(rule_id, {}, again | {"account_id": "A2"}), "of another debt"
    assert stops(rule_id, {}, again | {"at": at - 5 * DAY}), "in the same second"


def test_an_answer_waits_for_a_message_after_the_last_of_several_stops() -> None:
    rule_id = "co.ley1581.opt_out"
    at = CASES[rule_id][1]

    def closed(wrote_at: datetime) -> bool:
        wrote = contact(wrote_at, direction="inbound", outcome="replied")
        twice = {"kind": "opt_out"}
        return stops(rule_id, {}, twice, purpose="reply", history=[wrote])

    assert closed(at - 2 * DAY), "between the first and the second"
    assert not closed(at - MINUTE)


def test_a_stop_that_ends_within_a_second_holds_to_the_end_of_it() -> None:
    rule_id = "gb.breathing_space.standard"
    at = CASES[rule_id][1]
    half = timedelta(milliseconds=500)
    assert stops(rule_id, {"ends_at": at + half})
    assert not stops(rule_id, {"ends_at": at - half})
    assert not stops(rule_id, {"ends_at": at})
