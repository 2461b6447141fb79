"""The one factory of planning's rules: worker, commands and simulations judge by the same."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from config.rule_packs import RulePacks
from config.settings import Settings
from domain.account import Customer
from domain.channels import Channel
from domain.conversation.helplines import Helpline
from domain.failures import Misconfigured
from domain.jurisdictions import jurisdictions
from domain.planning.rules import Rules
from domain.strategy import Strategy


@dataclass(frozen=True)
class RulesFactory:
    """Makes the rules of one customer from what an operator has configured."""

    settings: Settings
    strategies: Mapping[str, Strategy]
    packs: RulePacks
    served: Mapping[Channel, tuple[str, ...]]
    """Names of the providers of each channel that may send, in the order they are tried."""
    helplines: Mapping[str, Helpline] = field(default_factory=dict)
    """By country."""
    _made: dict[tuple[tuple[str, ...], str], Rules] = field(default_factory=dict)

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
        if key not in self._made:
            self._made[key] = self._make(wanted, strategy)
        return self._made[key]

    def _make(self, wanted: tuple[str, ...], strategy: str) -> Rules:
        binding = self.packs.binding(wanted)
        return Rules(
            strategy=self.strategy(strategy),
            packs=self.packs.packs_for(binding),
            jurisdictions=binding or wanted[:1],
            actor=self.settings.actor,
            # Nobody is contacted without a law to ask.
            providers=self.served if binding else {},
            readings=self.settings.readings,
            least=self.settings.least_amounts,
            helplines=self.helplines,
        )
