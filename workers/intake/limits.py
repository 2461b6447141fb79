"""What an intake takes without asking, and what it compares the file with."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from decimal import Decimal

from config.settings import Settings
from domain.entry.money import LEAST
from domain.segments.rows import ALONE, Portfolio
from domain.strategy import Strategy


@dataclass(frozen=True)
class Limits:
    """Limits of one intake; those of the settings, unless a test or the lab sets its own."""

    shared_address: int = 4
    """How many customers may have one address."""
    recall_share: float = 1.0
    """Which part of a creditor's open accounts a snapshot may recall by itself."""
    accept_recalls: int | None = None
    """How many accounts a person has said may be recalled, whatever their share."""
    accept_names: Collection[str] = ()
    """Customers of whom a person has said that they are one, though nothing but the id is known."""
    skew: timedelta = timedelta(minutes=5)
    """How far ahead of our clock the file's moment may lie."""
    last_day: int | None = None
    """Last day past due of the strategy's last phase; None: not known here."""
    least: Mapping[str, Decimal] = field(default_factory=lambda: LEAST)
    """The smallest balance that is worth a message, by currency."""
    creditor_names: Collection[str] | None = None
    """Creditors whose name customers know; None: not known here."""
    portfolio: Portfolio = ALONE
    """The strategies that may be pinned, and the attributes that may be told."""

    @classmethod
    def of(
        cls,
        settings: Settings,
        strategy: Strategy | None,
        accept_recalls: int | None = None,
        accept_names: Collection[str] = (),
        portfolio: Portfolio | None = None,
    ) -> "Limits":
        """Those of the settings. ``strategy``: that of new accounts, if there may be any."""
        return cls(
            shared_address=settings.shared_address_limit,
            recall_share=settings.recall_share,
            accept_recalls=accept_recalls,
            accept_names=frozenset(accept_names),
            skew=timedelta(seconds=settings.intake_skew),
            last_day=None if strategy is None else strategy.last_day,
            least=settings.least_amounts,
            creditor_names=settings.creditor_names,
            portfolio=portfolio or ALONE,
        )
