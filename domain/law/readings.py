"""The named readings: where a law is contested, one switch with a default that permits less.

Three defaults are not the strictest value, each for its own reason: ``boundary`` is a uniform
convention, ``us.count_zone`` follows the consumer's calendar, and ``ny.dfs_amendment`` asks whether
a text is law at all.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Final

from pydantic import AfterValidator


@dataclass(frozen=True, slots=True)
class Reading:
    """One switch: its name, its values (default first) and what it decides."""

    name: str
    values: tuple[str, ...]
    decides: str

    @property
    def default(self) -> str:
        """The value that holds when nobody chose another."""
        return self.values[0]


_ALL: Final = (
    Reading("boundary", ("half_open", "closed", "open"), "the exact opening and closing second"),
    Reading("us.count_zone", ("consumer", "utc"), "whose calendar day drives 7-day counts"),
    Reading(
        "us.text_60d",
        ("block", "safe_harbour_only"),
        "texting without consent renewed or number checked in the last 60 days",
    ),
    Reading(
        "us.tcpa_grace",
        ("none", "10_business_days"),
        "first-party robotexts and robocalls after a revocation",
    ),
    Reading("ny.dfs_amendment", ("off", "on"), "the proposed NY DFS caps"),
    Reading("wa.week", ("rolling", "calendar"), 'RCW 19.16.250(13)(a) "single week"'),
    Reading("wa.open", ("08:00", "07:30"), "RCW 19.16.250(13)(c) opening hour"),
    Reading(
        "wa.unanswered",
        ("counts", "ignored"),
        "whether an unanswered call communicates, RCW 19.16.250(13)(a)-(b)",
    ),
    Reading("co.weekly", ("strict", "twice", "literal"), "Ley 2300 weekly reading"),
    Reading("co.week", ("rolling", "calendar"), 'Ley 2300 "semana"'),
    Reading("co.counts", ("attempt", "direct_contact"), "what starts Colombia's limits"),
    Reading(
        "co.inbound",
        ("counts", "ignored"),
        "whether a conversation the consumer began establishes contact",
    ),
    Reading("co.unit", ("consumer", "debt"), "whose contacts are counted together in Colombia"),
    Reading("co.zone", ("all", "bogota"), "hours for a debtor abroad"),
    Reading("mx.days", ("mon_fri", "all"), "Mexico's weekdays"),
    Reading("cl.unit", ("consumer", "debt"), "whose contacts are counted together in Chile"),
    Reading("cl.week", ("rolling", "calendar"), "Chile's week"),
    Reading("cl.spacing", ("clear_days", "48h"), '"two days apart"'),
    Reading("cl.unanswered", ("counts", "ignored"), "unanswered connected call"),
    Reading("cl.caps", ("joint", "separate"), "Chile's weekly caps"),
    Reading("cl.hours_media", ("all", "calls"), "reach of Chile's hours and days"),
    Reading("pe.media", ("all", "calls"), "reach of Peru's art. 62.b"),
    Reading("ec.scope", ("total", "mechanism"), "Ecuador's once a day"),
    Reading("ec.close", ("20:00", "22:00"), "Ecuador's closing hour"),
    Reading(
        "guard.attorney",
        ("stop", "law_only"),
        "whether an attorney on file stops contact where the law is silent",
    ),
    Reading(
        "guard.dispute",
        ("review", "law_only"),
        "whether a disputed debt goes to a person where the law is silent",
    ),
    Reading(
        "guard.surety",
        ("named", "any"),
        "whether guarantors and co-debtors are contacted where the law does not name them",
    ),
    Reading("br.state", ("both", "address", "ddd"), "which state law when area code differs"),
)

READINGS: Final[Mapping[str, Reading]] = {reading.name: reading for reading in _ALL}
"""Every named reading, by name."""

DEFAULTS: Final[Mapping[str, str]] = {reading.name: reading.default for reading in _ALL}
"""The value of each reading when nobody chose another."""


def checked(chosen: Mapping[str, str]) -> dict[str, str]:
    """Return the chosen readings, or raise ValueError naming the unknown switch or value."""
    for name, value in chosen.items():
        if name not in READINGS:
            raise ValueError(f"unknown reading {name!r}; known: {', '.join(READINGS)}")
        if value not in READINGS[name].values:
            allowed = ", ".join(READINGS[name].values)
            raise ValueError(f"reading {name!r} has no value {value!r}; allowed: {allowed}")
    return dict(chosen)


Readings = Annotated[dict[str, str], AfterValidator(checked)]
"""Chosen readings, name to value; a pydantic field of this type refuses unknown ones."""
