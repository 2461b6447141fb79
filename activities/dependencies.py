"""What every activity needs, made once by the worker and handed in."""

from collections.abc import Mapping
from concurrent.futures import Executor
from dataclasses import dataclass, field
from functools import cached_property

from activities.channels.base import Provider
from activities.channels.registry import in_use
from config.rule_packs import RulePacks
from config.settings import Settings
from config.wording.catalogue import Wording
from config.wording.whatsapp import WhatsAppTemplates
from domain.account import Customer
from domain.channels import Channel
from domain.failures import Misconfigured
from domain.jurisdictions import jurisdictions
from domain.planning.planner import Rules
from domain.strategy import Strategy
from store.database import Pool
from store.facts import Facts
from store.ledger import Ledger
from store.provider_health import ProviderHealth


@dataclass(frozen=True)
class Dependencies:
    """Connections and configuration of one worker process."""

    settings: Settings
    pool: Pool
    strategies: Mapping[str, Strategy]
    book: RulePacks
    wording: Wording
    providers: Mapping[Channel, tuple[Provider, ...]]
    """Of each channel, all that have credentials; ``served`` says which of them may send."""
    senders: Executor
    """Threads for the providers' blocking SDKs; one for each contact that may run at a time."""
    whatsapp: WhatsAppTemplates | None = None
    """The approved templates; there wherever WhatsApp has a provider."""
    _rules: dict[tuple[tuple[str, ...], str], Rules] = field(default_factory=dict)

    @cached_property
    def ledger(self) -> Ledger:
        """The contact ledger."""
        return Ledger(self.pool)

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

    def strategy(self, name: str) -> Strategy:
        """The strategy of an account; raises Misconfigured when there is no such file."""
        found = self.strategies.get(name)
        if found is None:
            known = ", ".join(sorted(self.strategies))
            raise Misconfigured(f"no strategy {name!r} in {self.settings.strategies}: {known}")
        return found

    def rules(self, customer: Customer, strategy: str) -> Rules:
        """What planning obeys for this customer; kept, since thousands share the same."""
        wanted = jurisdictions(customer, self.settings.readings)
        key = (wanted, strategy)
        if key not in self._rules:
            self._rules[key] = self._make_rules(wanted, strategy)
        return self._rules[key]

    def _make_rules(self, wanted: tuple[str, ...], strategy: str) -> Rules:
        binding = self.book.binding(wanted)
        return Rules(
            strategy=self.strategy(strategy),
            packs=self.book.packs_for(binding),
            jurisdictions=binding or wanted[:1],
            actor=self.settings.actor,
            # Nobody is contacted without a law to ask.
            providers=self.served if binding else {},
            readings=self.settings.readings,
            least=self.settings.least_amounts,
        )
