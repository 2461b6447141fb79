"""The one factory of planning's rules: worker, commands and simulations judge by the same."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property

from config.rule_packs import RulePacks
from config.settings import Settings
from domain.account import Account, Customer
from domain.channels import Channel
from domain.conversation.helplines import Helpline
from domain.deciders import Decider, DeciderKind
from domain.experiments.trial import Trial
from domain.failures import Misconfigured
from domain.jurisdictions import jurisdictions
from domain.learning.policy import Ranking
from domain.planning.rules import Rules
from domain.segments.book import DEFAULT, SegmentBook
from domain.situation import Situation
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
    segments: SegmentBook | None = None
    """Which strategy an account has; None: all have ``default``, unless one is pinned."""
    trials: tuple[Trial, ...] = ()
    """The experiments, in the order in which they take people in."""
    policies: Mapping[str, Ranking] = field(default_factory=dict)
    """By id, those that learn."""
    _made: dict[tuple[tuple[str, ...], str, str, str | None], Rules] = field(default_factory=dict)

    def strategy(self, name: str) -> Strategy:
        """The strategy of an account; raises Misconfigured when there is no such file."""
        found = self.strategies.get(name)
        if found is None:
            known = ", ".join(sorted(self.strategies))
            raise Misconfigured(f"no strategy {name!r} in {self.settings.strategies}: {known}")
        return found

    def actor(self, creditor: str) -> str:
        """As what we collect for a creditor."""
        return self.settings.actors.get(creditor, self.settings.actor)

    def standing(self, account: Account) -> str:
        """The strategy that an account goes by until another is chosen: ``default`` where the one
        that was chosen for it is configured no more."""
        is_gone = account.chosen_by is not None and account.strategy not in self.strategies
        return DEFAULT if is_gone else account.strategy

    def policy_of(self, account: Account) -> str | None:
        """The policy in the place of the strategy's; None: the strategy's own, also where the one
        that was chosen for the account is configured no more."""
        return account.policy if account.policy in self.policies else None

    def policy(self, name: str) -> Ranking:
        """The policy of this id; raises Misconfigured when there is none."""
        found = self.policies.get(name)
        if found is None:
            known = ", ".join(sorted(self.policies)) or "there is none"
            raise Misconfigured(f"no policy {name!r} in {self.settings.policies}: {known}")
        return found

    def rules(
        self, customer: Customer, strategy: str, creditor: str, policy: str | None = None
    ) -> Rules:
        """What planning obeys for this customer of a creditor; kept, since thousands share it.

        ``policy``: the id of one in the place of that which the strategy names.
        """
        wanted = jurisdictions(customer, self.settings.readings)
        key = (wanted, strategy, self.actor(creditor), policy)
        if key not in self._made:
            self._made[key] = self._make(*key)
        return self._made[key]

    def rules_of(self, situation: Situation) -> Rules:
        """What planning obeys for a customer, by the strategy that stands."""
        account = situation.account
        strategy, policy = self.standing(account), self.policy_of(account)
        return self.rules(situation.customer, strategy, account.creditor, policy)

    def of(self, situation: Situation, strategy: str, policy: str | None = None) -> Rules:
        """What planning obeys for an account, and for each who stands for it."""
        creditor = situation.account.creditor
        rules = self.rules(situation.customer, strategy, creditor, policy)
        theirs = tuple(
            self.rules(one.customer, strategy, creditor, policy) for one in situation.parties
        )
        return replace(rules, of_parties=theirs) if theirs else rules

    def standing_rules(self, situation: Situation) -> Rules:
        """The same, by the strategy and the policy that stand."""
        account = situation.account
        return self.of(situation, self.standing(account), self.policy_of(account))

    def deciders(self) -> list[Decider]:
        """All that can decide."""
        learn = (one.policy.decider for one in self.policies.values())
        segments = filter(None, [self.segments_decider])
        actors = sorted({self.settings.actor, *self.settings.actors.values()})
        made = [self._decider(one, as_) for one in self.strategies.values() for as_ in actors]
        return [*made, *self.packs.deciders.values(), *segments, *learn]

    @cached_property
    def segments_decider(self) -> Decider | None:
        """What chooses strategies, where it is configured."""
        book = self.segments
        if book is None:
            return None
        declared = {name: one.model_dump(mode="json") for name, one in book.declared.items()}
        content = {"segments": book.content, "attributes": declared}
        return Decider.of(DeciderKind.SEGMENTS, "segments", content)

    def _decider(self, strategy: Strategy, actor: str) -> Decider:
        settings = self.settings
        content = {
            "strategy": strategy.model_dump(mode="json"),
            "readings": settings.readings,
            "actor": actor,
            "least_amounts": settings.least_amounts,
        }
        return Decider.of(DeciderKind.STRATEGY, strategy.id, content, strategy.version)

    def _make(
        self, wanted: tuple[str, ...], strategy: str, actor: str, policy: str | None
    ) -> Rules:
        binding, found = self.packs.binding(wanted), self.strategy(strategy)
        law = (self.packs.deciders[code] for code in binding if code in self.packs.deciders)
        segments = filter(None, [self.segments_decider])
        named = policy or found.policy
        learns = self.policy(named) if named else None
        of_policy = (learns.digest,) if learns else ()
        return Rules(
            strategy=found,
            packs=self.packs.packs_for(binding),
            jurisdictions=binding or wanted[:1],
            actor=actor,
            # Nobody is contacted without a law to ask.
            providers=self.served if binding else {},
            readings=self.settings.readings,
            least=self.settings.least_amounts,
            helplines=self.helplines,
            decided_by=(
                *(one.digest for one in (self._decider(found, actor), *law, *segments)),
                *of_policy,
            ),
            policy=learns,
        )
