"""docs/reference/segments.md: the facts that segments may ask for, and the types of attributes."""

from typing import Final

from domain.segments.attributes import ALWAYS, AttributeType
from domain.segments.facts import Fact, Kind, catalogue
from lab.reference.text import GENERATED, described, table

_ABOUT: Final = """# Facts of an account

What the conditions of segments may ask for ([how](../guide/segments.md)). A fact that
is not always known matches nothing while it is not, but `known: false`.
"""

_TYPES: Final = """## Attributes

The types that `config/attributes.yaml` may give an attribute; as a fact it is called `attr_<name>`.
"""


def page() -> str:
    """A table of the facts, and one of the types."""
    facts = [
        (f"`{one.name}`", _kind(one), "always" if one.always else "", one.meaning)
        for one in catalogue(ALWAYS).values()
    ]
    told = described(AttributeType)
    types = [(f"`{one}`", told.get(one.name, "")) for one in AttributeType]
    head = ("Fact", "Type", "Known", "Meaning")
    lines = [GENERATED, _ABOUT, *table(head, facts), "", _TYPES]
    return "\n".join([*lines, *table(("Type", "Values"), types), ""])


def _kind(fact: Fact) -> str:
    if fact.kind is Kind.ONE_OF:
        return f"one of {', '.join(f'`{one}`' for one in fact.choices)}"
    return fact.kind.value
