"""The operator's caps of a person: when the next contact fits into all of them.

Contacts of the past only leave a window of days as time goes on, so the next instant that is free
is known, and nothing has to be asked again and again.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final, NamedTuple
from zoneinfo import ZoneInfo

from domain.calendar import day_start
from domain.channels import ANSWERS, TO_PARTIES, Purpose
from domain.law.terms import Party
from domain.ledger.attempt import PastContact
from domain.situation import Situation
from domain.strategy.limits import Caps

FREE_OF_LIMITS: Final = frozenset({*ANSWERS, Purpose.OPT_OUT_CONFIRMATION})
"""What neither counts nor is held: somebody asked, and waits for it."""


class Held(NamedTuple):
    """What keeps a touch back."""

    until: datetime
    why: str
    """A code."""
    words: str


def counted(situation: Situation) -> list[PastContact]:
    """The contacts that a person's caps count: whatever went, or is about to go, to them."""
    return [
        one
        for one in situation.contacts
        if one.made_or_coming and one.purpose not in FREE_OF_LIMITS and _is_theirs(situation, one)
    ]


def held_by_caps(caps: Caps, situation: Situation, earliest: datetime) -> Held | None:
    """Until when the caps are full for a contact that would go at ``earliest``; None: they are
    not. Where the zones of a customer disagree, by the slowest clock."""
    made = sorted(one.at for one in counted(situation))
    found: Held | None = None
    for most, days, name in caps.windows:
        if len(made) < most:
            continue
        # Once this one has left the window, fewer than ``most`` are in it; those before it left
        # sooner.
        until = _leaves(made[-most], days, situation.customer.zones)
        if until > earliest and (found is None or until > found.until):
            times = "contact" if most == 1 else "contacts"
            found = Held(until, "cap", f"the operator's cap of {most} {times} a {name}")
    return found


def _leaves(at: datetime, days: int, zones: Sequence[str]) -> datetime:
    """When a contact of ``at`` is in a window of so many days no more, by every clock."""
    return max(
        day_start(at.astimezone(ZoneInfo(zone)).date() + timedelta(days=days), (zone,))
        for zone in zones
    )


def _is_theirs(situation: Situation, contact: PastContact) -> bool:
    """Whether it went to this very person: not to the others who are part of the account."""
    if situation.key not in contact.about or contact.elsewhere:
        return True  # of another account of theirs, or at an address of theirs
    to_party = contact.purpose in TO_PARTIES
    if situation.party is Party.DEBTOR and not to_party:
        return True
    points = situation.customer.points
    return any(one.contact_point_id == contact.contact_point_id for one in points)
