"""What planning obeys: the operator's strategy, and the law in force for one customer."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from decimal import Decimal

from domain.channels import Channel
from domain.conversation.helplines import Helpline
from domain.law.model import RulePack
from domain.learning.policy import Ranking
from domain.strategy import Strategy


@dataclass(frozen=True)
class Rules:
    """What planning obeys. In production made by ``config.rules`` and nowhere else."""

    strategy: Strategy
    packs: Sequence[RulePack]
    jurisdictions: tuple[str, ...]
    actor: str
    providers: Mapping[Channel, tuple[str, ...]]
    """Names of the providers behind each channel, in the order in which they are tried."""
    readings: Mapping[str, str] = field(default_factory=dict)
    least: Mapping[str, Decimal] | None = None
    """The smallest balance that anybody is contacted about, by currency, where it is not ours
    (``domain/entry/money.py``); None: any."""
    of_parties: tuple["Rules", ...] = ()
    """What planning obeys for each who stands for the account, in the order in which the situation
    has them; empty: none of them is contacted."""
    helplines: Mapping[str, Helpline] = field(default_factory=dict)
    """By country, whom somebody can call who speaks of ending their life."""
    decided_by: tuple[str, ...] = ()
    """Digests of what it is made of (``domain/deciders.py``): the strategy, the law of each
    jurisdiction."""
    policy: Ranking | None = None
    """What learns which of the ways that are left works best; None: nothing does."""
    min_validity: timedelta = timedelta(minutes=2)
    """A send must be over before the window is; less time than this left is no window."""
