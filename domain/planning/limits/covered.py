"""Whether quiet times leave nothing of what a country's law leaves."""

from collections.abc import Collection, Sequence
from datetime import UTC, datetime, timedelta
from typing import Final

from domain.channels import Channel
from domain.law.engine import closes_at, next_opening
from domain.law.model import RulePack
from domain.law.request import AskedPoint, LawEvent, LawRequest
from domain.law.terms import Actor, EventKind, LawPointKind
from domain.planning.limits.hours import QuietTimes
from domain.planning.request import medium
from domain.strategy.limits import Quiet

_SINCE: Final = datetime(2027, 3, 1, tzinfo=UTC)
"""A Monday without meaning: weeks repeat."""
_LONG_BEFORE: Final = timedelta(days=400)
_LOOKS: Final = 100
"""Lawful stretches that are looked at: more than a month of days."""


def covers_all(quiet: Quiet, pack: RulePack, channels: Collection[Channel], actor: str) -> bool:
    """Whether somebody who has consented to everything could be contacted in the country, and by no
    channel outside of the quiet times. Certain: False, where the law itself closes all."""
    open_ = QuietTimes(quiet, (pack.zone,), pack.jurisdiction)
    asked = [consenting(pack, one, actor, _SINCE) for one in sorted(channels)]
    found = [_is_left(open_, [pack], one) for one in asked]
    lawful = [left for left in found if left is not None]
    return bool(lawful) and not any(lawful)


def _is_left(open_: QuietTimes, packs: Sequence[RulePack], request: LawRequest) -> bool | None:
    """Whether a lawful hour is left by one channel; None: there is no lawful one at all."""
    at, found = _SINCE, None
    for _ in range(_LOOKS):
        opens = next_opening(packs, request, at)
        if opens is None:
            return found
        closes = closes_at(packs, request, opens) or opens + timedelta(days=1)
        stretch = open_.stretch(opens)
        if stretch is not None and stretch[0] < closes:
            return True
        found, at = False, closes
    return found


def consenting(pack: RulePack, channel: Channel, actor: str, at: datetime) -> LawRequest:
    """Of somebody in the country of a pack who has consented to everything long before."""
    kind = LawPointKind.EMAIL if channel is Channel.EMAIL else LawPointKind.MOBILE
    given = at - _LONG_BEFORE
    kinds = (EventKind.OPT_IN, EventKind.CONSENT_CALL)
    return LawRequest(
        id="quiet",
        jurisdictions=(pack.jurisdiction,),
        actor=Actor(actor),
        zones=(pack.zone,),
        at=at,
        channel=medium(channel),
        contact_point=AskedPoint(id="point", kind=kind, authorized=True),
        account_id="quiet/quiet",
        events=tuple(LawEvent(kind=one, at=given, channel=medium(channel)) for one in kinds),
    )
