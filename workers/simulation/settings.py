"""What every process of a dry run needs: plain, so that it can be handed over."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from config.choosing.segment_files import load_attributes, load_segments
from config.experiments.files import load_experiments, with_holdouts
from config.learning.policy_files import policies_for
from config.rule_packs import load_packs
from config.rules import RulesFactory
from config.settings import Settings
from config.strategy_files import load_strategies
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


PLANNED_WITH: Final = ("readings", "actor", "actors", "least_amounts", "law", "policy_keys")
"""The settings that planning goes by, the same of all sides."""
CHOSEN_WITH: Final = ("strategies", "segments", "attributes", "experiments", "policies")
"""Where it stands what a strategy is chosen by; a side may have its own."""


@dataclass(frozen=True)
class Run:
    """One dry run: what accounts are collected by, a world, a seed and a stretch of time."""

    strategy: str | None
    """The one that all go by, as JSON; None: each account goes by what is chosen for it."""
    world: World
    seed: int
    began: datetime
    days: int
    settings: str
    """As JSON (``told``)."""
    channels: tuple[str, ...] = tuple(channel.value for channel in PROVIDERS)
    """Those that have a provider."""
    keep: bool = False
    """Whether every contact is kept beside the sums, for who judges the ledger."""
    found: tuple[tuple[str, str, str], ...] = ()
    """Of experiments, what was found before: experiment, kind, arm."""


def told(settings: Settings) -> str:
    """What a process is told of the settings: what nobody has set is left away, since it says
    nothing where it is read."""
    set_ = settings.model_fields_set.intersection(CHOSEN_WITH)
    return settings.model_dump_json(include={*PLANNED_WITH, *set_})


def forced(run: Run) -> Strategy | None:
    """The strategy that all go by."""
    return None if run.strategy is None else Strategy.model_validate_json(run.strategy)


def factory_of(run: Run) -> RulesFactory:
    """The worker's own factory of rules; for one strategy, where all go by it. Raises Misconfigured
    as a worker's start does."""
    settings, alone = Settings.model_validate_json(run.settings), forced(run)
    served = {channel: names for channel, names in PROVIDERS.items() if channel in run.channels}
    packs = load_packs(settings.law, settings.readings)
    known, attributes = load_strategies(settings.strategies), load_attributes(settings)
    book = load_segments(settings, known, attributes)
    if alone is not None:
        strategies: Mapping[str, Strategy] = {alone.id: alone}
        learnt = policies_for(settings, strategies) if alone.policy else {}
        return RulesFactory(settings, strategies, packs, served, {}, book, (), learnt)
    learnt = policies_for(settings, known)
    trials = load_experiments(settings.experiments, known, attributes, learnt)
    strategies = with_holdouts(known, trials)
    return RulesFactory(settings, strategies, packs, served, {}, book, trials, learnt)


def digest_of(factory: RulesFactory) -> str:
    """Of all that an account may be collected by."""
    said = [
        *(one.model_dump_json() for _, one in sorted(factory.strategies.items())),
        json.dumps(factory.segments_decider.content if factory.segments_decider else None),
        *(one.experiment.model_dump_json() for one in factory.trials),
    ]
    return hashlib.sha256("\n".join(said).encode()).hexdigest()[:16]
