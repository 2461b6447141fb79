"""Whom and what each rule binds, written down a second time beside the packs, from the statutes."""

from datetime import date
from typing import Final, NamedTuple

from domain.law.terms import Actor, LawPointKind, LawPurpose, Medium, Party

EVERYONE: Final = " ".join(Actor)
COLLECTORS: Final = "third_party debt_buyer"
ANY: Final = " ".join(Medium)
CALLS: Final = "voice ringless_voicemail"
ALL_PARTIES: Final = " ".join(Party)
NOT_THE_DEBTOR: Final = "spouse reference third_party"
ALL_PURPOSES: Final = " ".join(LawPurpose)
ALL_POINTS: Final = " ".join(LawPointKind)
SMALL_LOANS: Final = "microcredit fomento agricultural rural"
ALL_DEBTS: Final = f"other {SMALL_LOANS} time_barred"


class Reach(NamedTuple):
    """What a rule binds: names of each kind, separated by blanks; ``other`` is a debt of any type.

    ``review``: what it forbids a person may allow. ``robots``: only what is dialled automatically.
    """

    actors: str = EVERYONE
    channels: str = ANY
    parties: str = ALL_PARTIES
    purposes: str = ALL_PURPOSES
    points: str = ALL_POINTS
    debts: str = ALL_DEBTS
    review: bool = False
    robots: bool = False
    since: date | None = None
    until: date | None = None
