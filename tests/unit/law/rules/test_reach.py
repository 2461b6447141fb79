"""Each rule binds whom and what the tables say (``us_reach``, ``world_reach``), and nothing else.

Each rule stands alone, on the request it forbids (its case); one field at a time is changed.
"""

from datetime import timedelta
from typing import Any, Final

import pytest

from domain.law.engine import duties, verdict
from domain.law.model import DutyRule
from domain.law.terms import Actor, LawPointKind, LawPurpose, Medium, Party
from tests.unit.law.rules.test_every_rule_decides import CASES, DUTIES, US_NOON
from tests.unit.law.support import BOOK, alone, ask, contact
from tests.unit.law.tables import guards
from tests.unit.law.tables.reach import ALL_DEBTS
from tests.unit.law.tables.us_reach import US_REACH
from tests.unit.law.tables.world_cases import ALWAYS
from tests.unit.law.tables.world_reach import WORLD_REACH

REACH: Final = US_REACH | WORLD_REACH | guards.REACH
BOUND: Final = CASES | DUTIES | {rule_id: ({}, US_NOON, {}, US_NOON) for rule_id in ALWAYS}


def answer(rule_id: str, **change: Any) -> str:
    """The verdict of the rule alone on its case with a field changed; ``bound`` if it is a duty."""
    pack = alone(rule_id)
    (rule,) = pack.rules
    bound, at, _, _ = BOUND[rule_id]
    fields = {**bound, **change}
    # What was said holds on the channel asked about, whichever that is.
    fields["events"] = [event | {"channel": None} for event in fields.get("events", [])]
    request = ask(pack.jurisdiction, **fields)
    if isinstance(rule, DutyRule):
        return "bound" if duties([pack], request, at) else "allowed"
    return verdict([pack], request, at).verdict


def kind_of(rule_id: str) -> str:
    return next(r.kind for p in BOOK.packs.values() for r in p.rules if r.id == rule_id)


def binds(rule_id: str, **change: Any) -> bool:
    return answer(rule_id, **change) != "allowed"


def test_every_rule_is_here() -> None:
    assert REACH.keys() == BOUND.keys()


@pytest.mark.parametrize("rule_id", REACH)
def test_whom_it_binds(rule_id: str) -> None:
    reach = REACH[rule_id]
    assert {a for a in Actor if binds(rule_id, actor=a)} == set(reach.actors.split())
    assert {p for p in Party if binds(rule_id, party=p)} == set(reach.parties.split())


@pytest.mark.parametrize("rule_id", REACH)
def test_what_it_binds(rule_id: str) -> None:
    reach = REACH[rule_id]
    assert {c for c in Medium if binds(rule_id, channel=c)} == set(reach.channels.split())
    assert {p for p in LawPurpose if binds(rule_id, purpose=p)} == set(reach.purposes.split())
    assert binds(rule_id, autodialed=False) is not reach.robots


@pytest.mark.parametrize("rule_id", REACH)
def test_which_addresses_it_binds(rule_id: str) -> None:
    point = BOUND[rule_id][0].get("contact_point", {"id": "cp1", "authorized": True})
    bound = {k for k in LawPointKind if binds(rule_id, contact_point=point | {"kind": k})}
    assert bound == set(REACH[rule_id].points.split())


@pytest.mark.parametrize("rule_id", REACH)
def test_which_debts_it_binds(rule_id: str) -> None:
    bound = {kind for kind in ALL_DEBTS.split() if binds(rule_id, debt_type=kind)}
    assert bound == set(REACH[rule_id].debts.split())
    assert binds(rule_id, debt_type=None) is ("other" in bound)


@pytest.mark.parametrize("rule_id", CASES)
def test_a_person_may_allow_what_is_to_be_reviewed(rule_id: str) -> None:
    assert answer(rule_id) == ("review" if REACH[rule_id].review else "denied")


SAID: Final = {
    *("us.regf.opt_out_line", "us.regf.initial_notice", "us.regf.later_notice"),
    *("us.regf.identify_sender", "us.dc.opt_out_line", "us.dc.collection_notice"),
    *("mx.condusef.identify_sender", "cl.art37.identify_sender", "cl.art37.debt_information"),
    *("cl.art37.no_enforcement", "ar.c.ley6171.identify_sender", "es.angeco.identify_sender"),
}
"""Duties that add words to a message; the others are of conduct."""


@pytest.mark.parametrize("rule_id", sorted(REACH.keys() - CASES.keys()))
def test_which_duties_add_words(rule_id: str) -> None:
    rule = next(r for p in BOOK.packs.values() for r in p.rules if r.id == rule_id)
    assert isinstance(rule, DutyRule)
    assert rule.said is (rule_id in SAID)


@pytest.mark.parametrize("rule_id", [rule_id for rule_id in CASES if kind_of(rule_id) == "ban"])
def test_having_written_opens_nothing_but_a_work_address(rule_id: str) -> None:
    """12 CFR 1006.22(f)(3): unless the consumer used it to write to the collector."""
    fields, at, _, _ = CASES[rule_id]
    channel = fields.get("channel", "voice")
    wrote = contact(at - timedelta(days=1), channel, "replied", direction="inbound")
    assert binds(rule_id, history=[wrote]) is (rule_id != "us.regf.work_email")


@pytest.mark.parametrize("rule_id", REACH)
def test_when_it_is_in_force(rule_id: str) -> None:
    rule = next(r for p in BOOK.packs.values() for r in p.rules if r.id == rule_id)
    assert (rule.effective.since, rule.effective.until) == REACH[rule_id][-2:]
