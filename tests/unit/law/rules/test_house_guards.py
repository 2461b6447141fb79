"""Death, bankruptcy, an attorney and a dispute silence everywhere: by law, or by a guard."""

from datetime import timedelta
from typing import Any

import pytest

from domain.law.model import Mark
from domain.law.request import Verdict
from domain.law.terms import Actor, Medium
from tests.unit.law.support import BOOK, ask, event, home, judge, local
from tests.unit.law.tables import guards

COUNTRIES = sorted(code for code in BOOK.packs if len(code) == 2)


def answer(country: str, kind: str, **fields: Any) -> Verdict:
    at = local(home(country), "2026-11-18 10:00")
    said = [event(kind, at, account_id="A2" if kind in ("death", "bankruptcy") else None)]
    return judge(ask(country, events=said, **fields), at)


@pytest.mark.parametrize("actor", Actor)
@pytest.mark.parametrize("kind", ["death", "bankruptcy"])
@pytest.mark.parametrize("country", COUNTRIES)
def test_nobody_writes_to_the_dead_or_the_bankrupt(country: str, kind: str, actor: Actor) -> None:
    for channel in Medium:
        found = answer(country, kind, actor=actor, channel=channel)
        assert (found.verdict != "allowed", found.next_allowed_at) == (True, None), channel


@pytest.mark.parametrize("country", COUNTRIES)
def test_a_guarantor_may_be_spoken_to_after_the_debtors_death(country: str) -> None:
    asked = {"party": "guarantor", "actor": "first_party", "readings": {"guard.surety": "any"}}
    assert answer(country, "death", **asked).verdict == "allowed"


SURETIES = {
    # Whom the law names among those who may be contacted: everybody else is left alone.
    "CO": "none",
    "MX": "none",
    "EC": "none",
    "US": "us.guard.surety",
    "PE": "pe.guard.surety",
    "CL": "cl.guard.surety",
    "ES": "es.guard.surety",
    "GB": "gb.guard.surety",
    "BR": "br.guard.surety",
    "AR": "ar.guard.surety",
}


@pytest.mark.parametrize("party", ["guarantor", "codebtor"])
@pytest.mark.parametrize("actor", Actor)
@pytest.mark.parametrize("country", COUNTRIES)
def test_who_stands_for_a_debt_is_contacted_where_the_law_names_them(
    country: str, actor: Actor, party: str
) -> None:
    at = local(home(country), "2026-11-18 10:00")
    consented = [event("opt_in", at - timedelta(days=1))]
    asked = {"channel": "email", "party": party, "actor": actor, "events": consented}
    said = judge(ask(country, **asked), at)
    assert said.rule == SURETIES[country]
    assert (said.verdict, said.next_allowed_at) == (
        ("allowed", None) if said.rule == "none" else ("denied", None)
    )
    opened = judge(ask(country, **asked, readings={"guard.surety": "any"}), at)
    assert opened.verdict == "allowed", "one switch opens what the law is silent on"


@pytest.mark.parametrize(
    ("country", "party"),
    [
        (country, party)
        for country in COUNTRIES
        for party in ("spouse", "reference", "third_party")
        if (country, party) != ("US", "spouse")  # a consumer by 12 CFR 1006.6(a)
    ],
)
def test_no_switch_opens_a_contact_with_a_third_party(country: str, party: str) -> None:
    at = local(home(country), "2026-11-18 10:00")
    asked = ask(country, channel="email", party=party, readings={"guard.surety": "any"})
    assert judge(asked, at).verdict == "denied"


@pytest.mark.parametrize("kind", ["attorney", "dispute"])
@pytest.mark.parametrize("country", COUNTRIES)
def test_an_attorney_or_a_dispute_silences_an_agency(country: str, kind: str) -> None:
    assert answer(country, kind).verdict != "allowed"


@pytest.mark.parametrize("kind", ["attorney", "dispute"])
@pytest.mark.parametrize("country", COUNTRIES)
def test_where_the_law_is_silent_a_reading_opens_it(country: str, kind: str) -> None:
    guarded = country.lower() in guards.COUNTRIES[kind]
    open_to_choice = answer(country, kind, readings={f"guard.{kind}": "law_only"})
    assert (open_to_choice.verdict == "allowed") is guarded
    if guarded:
        said = answer(country, kind)
        assert (said.rule, said.reading) == (
            f"{country.lower()}.guard.{kind}",
            f"guard.{kind}={'stop' if kind == 'attorney' else 'review'}",
        )


@pytest.mark.parametrize("rule_id", guards.OF)
def test_a_guard_is_marked_as_none_of_the_law(rule_id: str) -> None:
    rule = next(r for p in BOOK.packs.values() for r in p.rules if r.id == rule_id)
    assert (rule.mark, rule.cite) == (Mark.GUARD, "Guard of this engine, not law")
