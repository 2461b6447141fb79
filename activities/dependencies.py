"""What every activity needs, made once by the worker and handed in."""

from collections.abc import Mapping
from concurrent.futures import Executor
from dataclasses import dataclass, field
from functools import cached_property

from activities.attachments.shelf import Shelf
from activities.channels.base import Provider
from activities.channels.registry import in_use
from config.rule_packs import RulePacks
from config.rules import RulesFactory
from config.settings import Settings
from config.wording.catalogue import Wording
from config.wording.whatsapp import WhatsAppTemplates
from domain.account import Customer
from domain.channels import Channel
from domain.conversation.helplines import Helpline
from domain.experiments.trial import Trial
from domain.learning.policy import Ranking
from domain.planning.rules import Rules
from domain.segments.attributes import NONE, Attributes
from domain.segments.book import SegmentBook
from domain.situation import Situation
from domain.strategy import Strategy
from store.database import Pool
from store.facts import Facts
from store.ledger import Ledger
from store.ledger_mark import LedgerMark
from store.provider_health import ProviderHealth


@dataclass(frozen=True)
class Dependencies:
    """Connections and configuration of one worker process."""

    settings: Settings
    pool: Pool
    strategies: Mapping[str, Strategy]
    packs: RulePacks
    wording: Wording
    providers: Mapping[Channel, tuple[Provider, ...]]
    """Of each channel, all that have credentials; ``served`` says which of them may send."""
    senders: Executor
    """Threads for the providers' blocking SDKs; one for each contact that may run at a time."""
    whatsapp: WhatsAppTemplates | None = None
    """The approved templates; there wherever WhatsApp has a provider."""
    helplines: Mapping[str, Helpline] = field(default_factory=dict)
    """By country, whom somebody can call who speaks of ending their life."""
    segments: SegmentBook | None = None
    """Which strategy an account has; None: all have ``default``, unless one is pinned."""
    attributes: Attributes = NONE
    """The facts of the portfolio's own that may be told."""
    trials: tuple[Trial, ...] = ()
    """The experiments, in the order in which they take people in."""
    policies: Mapping[str, Ranking] = field(default_factory=dict)
    """By id, those that learn."""

    @cached_property
    def ledger(self) -> Ledger:
        """The contact ledger."""
        return Ledger(self.pool)

    @cached_property
    def shelf(self) -> Shelf:
        """Where the operator keeps files that go with messages."""
        return Shelf(self.settings)

    @cached_property
    def mark(self) -> LedgerMark:
        """How far this database has come."""
        return LedgerMark(self.pool)

    @cached_property
    def health(self) -> ProviderHealth:
        """How the providers' last sends went."""
        return ProviderHealth(self.pool)

    @cached_property
    def facts(self) -> Facts:
        """What arrived from outside."""
        return Facts()

    def provider(self, channel: Channel, name: str) -> Provider | None:
        """The provider of this name on a channel; None where it is not configured (any more)."""
        known = self.providers.get(channel, ())
        return next((one for one in known if one.name == name), None)

    @cached_property
    def served(self) -> dict[Channel, tuple[str, ...]]:
        """Names of the providers of each channel that may send, in the order they are tried."""
        return in_use(self.settings, self.providers)

    @cached_property
    def factory(self) -> RulesFactory:
        """Where the rules of a customer come from."""
        told = (
            self.strategies,
            self.packs,
            self.served,
            self.helplines,
            self.segments,
            self.trials,
            self.policies,
        )
        return RulesFactory(self.settings, *told)

    def rules(self, customer: Customer, strategy: str, creditor: str) -> Rules:
        """What planning obeys for this customer of a creditor."""
        return self.factory.rules(customer, strategy, creditor)

    def rules_of(self, situation: Situation) -> Rules:
        """What planning obeys for the customer, by the strategy that stands."""
        return self.factory.rules_of(situation)

    def strategy(self, name: str) -> Strategy:
        """The strategy of an account; raises Misconfigured when there is no such file."""
        return self.factory.strategy(name)
