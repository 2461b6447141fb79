"""What every process of a dry run needs: plain, so that it can be handed over."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from config.learning.policy_files import policies_for
from config.rule_packs import load_packs
from config.rules import RulesFactory
from config.settings import Settings
from domain.channels import Channel
from domain.strategy import Strategy
from people.worlds import World

PROVIDERS: Final[Mapping[Channel, tuple[str, ...]]] = {
    Channel.SMS: ("twilio",),
    Channel.EMAIL: ("sendgrid",),
    Channel.WHATSAPP: ("twilio",),
    Channel.VOICE: ("twilio",),
}
"""The names under which contacts stand in the ledger; nobody of that name is asked anything."""


@dataclass(frozen=True)
class Run:
    """One dry run: a strategy, a world, a seed and a stretch of time."""

    strategy: str
    """As JSON."""
    world: World
    seed: int
    began: datetime
    days: int
    settings: str
    """As JSON: readings, actor, smallest amounts, and where law and policies are."""
    channels: tuple[str, ...] = tuple(channel.value for channel in PROVIDERS)
    """Those that have a provider."""
    keep: bool = False
    """Whether every contact is kept beside the sums, for who judges the ledger."""


def factory_of(run: Run) -> RulesFactory:
    """The worker's own factory of rules, for one strategy."""
    settings = Settings.model_validate_json(run.settings)
    strategy = Strategy.model_validate_json(run.strategy)
    served = {channel: names for channel, names in PROVIDERS.items() if channel in run.channels}
    packs = load_packs(settings.law, settings.readings)
    strategies = {strategy.id: strategy}
    learnt = policies_for(settings, strategies) if strategy.policy else {}
    return RulesFactory(settings, strategies, packs, served, policies=learnt)
