"""A few changes of packs and code that a test must notice; ``make mutation`` tries all of them."""

from itertools import islice

import pytest

from domain.law.engine import verdict
from domain.law.model import RulePack
from lab.builders.law_requests import Requests
from lab.mutation import code, packs
from lab.mutation.__main__ import chosen, options
from lab.mutation.hunt import followed
from tests.unit.law.rules.test_every_rule_decides import CASES
from tests.unit.law.slow import Slow
from tests.unit.law.support import BOOK, ask
from tests.unit.law.tables.cases import Case

MUTANTS = list(packs.mutants(BOOK))
GONE = [m for m in MUTANTS if m.name.endswith(": gone") and m.rule_id in CASES]

SEEN_BY_SLOW = (
    "checks.LimitCheck._limit #0: Sub to Add",
    "checks.ClosedDaysCheck._closed_hours #0: Or to And",
    "checks.Check.first_pass #1: Eq to NotEq",
    "selection.Selection.latest_first #2: In to NotIn",
)


def decides(case: Case, pack: RulePack, rule_id: str) -> bool:
    """Whether the case of a rule comes out as it should under a pack."""
    forbidden, at, allowed, then = case
    denied = verdict([pack], ask(pack.jurisdiction, **forbidden), at)
    passed = verdict([pack], ask(pack.jurisdiction, **allowed), then)
    return denied.rule == rule_id and passed.verdict == "allowed"


@pytest.mark.parametrize("mutant", GONE, ids=lambda mutant: mutant.rule_id)
def test_a_rule_that_is_gone_is_missed(mutant: packs.PackMutant) -> None:
    case = CASES[mutant.rule_id]
    assert decides(case, mutant.pack, mutant.rule_id)
    changed = mutant.pack.model_copy(update={"rules": mutant.rules})
    assert not decides(case, changed, mutant.rule_id)


def test_every_rule_is_changed_and_each_change_touches_one() -> None:
    for mutant in MUTANTS:
        kept = {rule.id: rule for rule in mutant.rules}
        touched = [rule.id for rule in mutant.pack.rules if kept.get(rule.id) != rule]
        assert touched == [mutant.rule_id], mutant.name
    rules = {rule.id for pack in BOOK.packs.values() for rule in pack.rules}
    assert {mutant.rule_id for mutant in MUTANTS} == rules


def agrees() -> bool:
    """Whether engine and slow reading say the same of some random requests."""
    for request in islice(Requests(0), 150):
        asked = BOOK.packs_for(request.jurisdictions)
        slow = Slow(asked, request, request.at).lawful(request.at)
        if (verdict(asked, request, request.at).verdict == "allowed") is not slow:
            return False
    return True


@pytest.mark.parametrize("name", SEEN_BY_SLOW)
def test_a_fault_of_the_code_shows_against_the_slow_reading(name: str) -> None:
    function = name.partition(" ")[0]
    mutant = next(mutant for mutant in code.mutants(function) if mutant.name == name)
    with mutant.applied():
        assert not agrees()
    assert agrees()


def test_the_hunt_changes_what_the_tests_ask() -> None:
    """A change that no test can meet would survive them all, and nobody would look at it."""
    tried = chosen(options(["--what", "packs"]))
    assert {id(m.pack) for m in tried if isinstance(m, packs.PackMutant)} == {
        id(pack) for pack in BOOK.packs.values()
    }
    places = {mutant.place for mutant in code.mutants()}
    with followed(follow=True) as called:
        assert called is not None
        assert agrees()
    assert {place.partition(".")[0] for place in called & places} >= {
        "binding", "checks", "engine", "facts", "plan", "selection",
    }  # fmt: skip
