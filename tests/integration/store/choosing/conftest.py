"""Segments over real PostgreSQL: two strategies, and who has which."""

from collections.abc import Callable
from dataclasses import replace

import pytest
import yaml

from activities.dependencies import Dependencies
from domain.segments.attributes import Attributes
from domain.segments.book import read_book
from tests.support.activities import Actor

ATTRIBUTES = Attributes.model_validate(
    {"attributes": {"vip": "yes_no", "risk": {"type": "one_of", "values": ["low", "high"]}}}
)

Choosing = Callable[[str], Actor]


@pytest.fixture
def choosing(actor: Actor, dependencies: Dependencies) -> Choosing:
    """The account, by segments written as an operator writes them; beside `default` there is
    `gentle`, whose phases have other names."""
    own = dependencies.strategies["default"]
    phases = tuple(one.model_copy(update={"name": f"gentle-{one.name}"}) for one in own.phases)
    gentle = own.model_copy(update={"id": "gentle", "phases": phases})
    strategies = {"default": own, "gentle": gentle}

    def by(text: str) -> Actor:
        declared = ATTRIBUTES.declared
        book, wrong = read_book(yaml.safe_load(text), strategies, declared) if text else (None, [])
        assert wrong == []
        made = replace(dependencies, strategies=strategies, segments=book, attributes=ATTRIBUTES)
        actor.dependencies = made
        return actor

    return by
