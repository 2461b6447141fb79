"""A rule that is said to match nothing matches nothing; and what plainly cannot match is said."""

from collections.abc import Mapping
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from domain.segments.attributes import Attributes, Value
from domain.segments.book import SegmentBook, dead, read_book
from domain.segments.facts import catalogue

DECLARED = Attributes.model_validate(
    {
        "attributes": {
            "vip": "yes_no",
            "risk": {"type": "one_of", "values": ["low", "middle", "high"]},
            "opened": "date",
        }
    }
).declared
KNOWN = catalogue(DECLARED)
DAY = date(2025, 1, 1)


def naive(wanted: Any, value: Value | None, currency: str) -> bool:
    """A condition read plainly, without any set: how a person would."""
    if isinstance(wanted, dict) and set(wanted) == {"known"}:
        return (value is not None) is wanted["known"]
    if isinstance(wanted, dict) and not {"from", "to"} & set(wanted):
        return currency in wanted and naive(wanted[currency], value, currency)
    if value is None:
        return False
    if isinstance(wanted, dict):
        first, last = wanted.get("from"), wanted.get("to")
        low = first is None or _number(first) <= _number(value)
        return low and (last is None or _number(value) <= _number(last))
    if isinstance(wanted, list):
        return any(naive(one, value, currency) for one in wanted)
    if isinstance(value, Decimal):
        return bool(_number(wanted) == value)
    return bool(type(wanted) is type(value) and wanted == value)


def _number(value: Any) -> Any:
    return Decimal(str(value)) if isinstance(value, int | float | Decimal) else value


def plainly(when: Mapping[str, Any], facts: Mapping[str, Value | None]) -> bool:
    return all(
        naive(wanted, facts.get(name), str(facts["currency"])) for name, wanted in when.items()
    )


def ranged(values: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    pair = st.tuples(values, values).map(lambda two: {"from": min(two), "to": max(two)})
    one_end = st.sampled_from(["from", "to"]).flatmap(
        lambda end: values.map(lambda value: {end: value})
    )
    return st.one_of(values, pair, one_end, st.lists(values, min_size=1, max_size=3))


def names(*values: str) -> st.SearchStrategy[Any]:
    return st.one_of(st.sampled_from(values), st.lists(st.sampled_from(values), min_size=1))


SMALL = st.integers(-2, 6)
DAYS = st.integers(0, 4).map(lambda days: DAY + timedelta(days=days))
QUARTERS = st.integers(0, 4).map(lambda n: n / 4)
UNKNOWN = st.just({"known": False}) | st.just({"known": True})
CONDITIONS: Mapping[str, st.SearchStrategy[Any]] = {
    "country": names("CO", "MX", "BR"),
    "currency": names("COP", "MXN"),
    "region": names("CO-ANT", "MX-JAL") | UNKNOWN,
    "days_past_due": ranged(SMALL),
    "promises_kept": ranged(SMALL),
    "open_accounts": ranged(SMALL),
    "score": ranged(QUARTERS) | UNKNOWN,
    "contactable_sms": st.booleans(),
    "balance": st.dictionaries(
        st.sampled_from(["COP", "MXN"]),
        ranged(st.integers(0, 4)).filter(lambda one: not isinstance(one, list)),
        min_size=1,
    ),
    "attr_vip": st.booleans() | UNKNOWN,
    "attr_risk": names("low", "middle", "high") | UNKNOWN,
    "attr_opened": ranged(DAYS) | UNKNOWN,
    "preferred_channel": names("sms", "email") | UNKNOWN,
}


@st.composite
def rules(draw: st.DrawFn) -> list[dict[str, Any]]:
    made = []
    for place in range(draw(st.integers(1, 5))):
        facts = draw(
            st.lists(st.sampled_from(sorted(CONDITIONS)), min_size=1, max_size=3, unique=True)
        )
        when = {name: draw(CONDITIONS[name]) for name in facts}
        made.append({"name": f"r{place}", "when": when, "strategy": "default"})
    return made


FACTS = st.fixed_dictionaries(
    {
        "country": st.sampled_from(["CO", "MX", "BR", "CL"]),
        "currency": st.sampled_from(["COP", "MXN", "USD"]),
        "region": st.sampled_from(["CO-ANT", "MX-JAL", "CO-CUN", None]),
        "days_past_due": st.integers(-4, 8),
        "promises_kept": st.integers(0, 8),
        "open_accounts": st.integers(1, 8),
        "score": st.one_of(st.none(), st.integers(-2, 10).map(lambda n: Decimal(n) / 8)),
        "contactable_sms": st.booleans(),
        "balance": st.integers(0, 10).map(lambda n: Decimal(n) / 2),
        "attr_vip": st.sampled_from([True, False, None]),
        "attr_risk": st.sampled_from(["low", "middle", "high", None]),
        "attr_opened": st.one_of(
            st.none(), st.integers(-1, 6).map(lambda n: DAY + timedelta(days=n))
        ),
        "preferred_channel": st.sampled_from(["sms", "email", "voice", None]),
    }
)


def read(listed: list[dict[str, Any]]) -> tuple[SegmentBook | None, set[int]]:
    """The segments, and which of the rules are said to match nothing."""
    said = {"segments": listed, "default": "default"}
    book, wrong = read_book(said, ["default"], DECLARED)
    assert all("can" in one.rule for one in wrong), wrong
    return book, {int(one.path[1]) for one in wrong}


@given(rules(), st.lists(FACTS, min_size=1, max_size=40))
@settings(max_examples=150)
def test_no_rule_that_is_said_to_be_dead_is_ever_the_first_to_match(
    listed: list[dict[str, Any]], accounts: list[dict[str, Value | None]]
) -> None:
    _, said_dead = read(listed)
    for facts in accounts:
        first = next((n for n, one in enumerate(listed) if plainly(one["when"], facts)), None)
        assert first not in said_dead


@given(rules(), st.lists(FACTS, min_size=1, max_size=20))
@settings(max_examples=150)
def test_a_rule_matches_what_it_plainly_says(
    listed: list[dict[str, Any]], accounts: list[dict[str, Value | None]]
) -> None:
    book, said_dead = read(listed)
    if book is None:
        listed = [one for place, one in enumerate(listed) if place not in said_dead]
        book, said_dead = read(listed)
        assert said_dead == set(), "what is left is as alive as it was"
    assert book is not None
    for facts in accounts:
        wanted = next((one["name"] for one in listed if plainly(one["when"], facts)), None)
        found = book.segment_of(facts)
        assert (found and found.name) == wanted


GRID = [
    {"country": country, "days_past_due": days, "attr_risk": risk, "currency": "COP"}
    for country in ("CO", "MX", "XX")
    for days in range(-2, 6)
    for risk in ("low", "middle", "high", None)
]


@given(
    st.lists(
        st.fixed_dictionaries(
            {},
            optional={
                "country": names("CO", "MX"),
                "days_past_due": ranged(st.integers(-1, 4)),
                "attr_risk": names("low", "middle", "high") | UNKNOWN,
            },
        ).filter(bool),
        min_size=1,
        max_size=5,
    )
)
@settings(max_examples=150)
def test_of_what_can_be_counted_out_every_dead_rule_is_found(whens: list[Any]) -> None:
    """Over all that three facts may be: a rule that is first for none of it is dead."""
    listed = [
        {"name": f"r{place}", "when": when, "strategy": "default"}
        for place, when in enumerate(whens)
    ]
    _, said_dead = read(listed)
    firsts = {
        next((n for n, one in enumerate(listed) if plainly(one["when"], facts)), None)
        for facts in GRID
    }
    assert said_dead == set(range(len(listed))) - firsts


def test_it_says_by_which_rules_it_is_covered() -> None:
    whens = [
        {"country": "MX"},
        {"days_past_due": {"to": 10}},
        {"days_past_due": {"from": 11}, "score": {"known": True}},
        {"days_past_due": {"from": 11}, "score": {"known": False}},
        {"country": "CO"},
    ]
    listed = [
        {"name": f"r{place}", "when": when, "strategy": "default"}
        for place, when in enumerate(whens)
    ]
    book, wrong = read_book({"segments": listed, "default": "default"}, ["default"], DECLARED)
    assert book is None
    [one] = wrong
    assert one.path == ("segments", 4, "when")
    assert "goes to r1, r2, r3 before it" in one.rule


@pytest.mark.parametrize("count", [300])
def test_hundreds_of_rules_are_read_in_a_moment(count: int) -> None:
    """Where it would take too long to be certain, nothing is said to be dead."""
    listed = [
        {
            "name": f"r{place}",
            "strategy": "default",
            "when": {
                "days_past_due": {"from": place % 7, "to": place % 11 + 60},
                "score": {"from": place / 1000},
                "balance": {"COP": {"to": place + 1}, "MXN": {"from": place}},
                "country": ["CO", "MX"] if place % 2 else "BR",
                "promises_kept": place % 5,
            },
        }
        for place in range(count)
    ]
    book, wrong = read_book({"segments": listed, "default": "default"}, ["default"], DECLARED)
    assert book is not None or wrong
    if book is not None:
        assert list(dead(book, KNOWN)) == []
