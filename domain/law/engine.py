"""The four questions asked of the law. Pure: the same packs, request and instant, the same answer.

Instants are aware datetimes (any offset in, UTC out) and are judged by the whole second they fall
in. History and events after ``at`` are ignored.
"""

from collections.abc import Sequence
from datetime import datetime

from domain.law.model import RulePack
from domain.law.request import Duty, LawRequest, Verdict


def verdict(packs: Sequence[RulePack], request: LawRequest, at: datetime) -> Verdict:
    """Say whether the contact may be made at ``at``, by which rule, and when next if not."""
    raise NotImplementedError


def next_opening(packs: Sequence[RulePack], request: LawRequest, at: datetime) -> datetime | None:
    """Return the first whole second at or after ``at`` at which every rule passes; None: never."""
    raise NotImplementedError


def closes_at(packs: Sequence[RulePack], request: LawRequest, at: datetime) -> datetime | None:
    """Return the instant, given ``at`` is allowed, at which hours or closed days next forbid it.

    Half open: at the returned instant the contact is no longer allowed. None: it never closes.
    """
    raise NotImplementedError


def duties(packs: Sequence[RulePack], request: LawRequest, at: datetime) -> tuple[Duty, ...]:
    """Return the content duties that bind a message sent at ``at``, in the order of the packs."""
    raise NotImplementedError
