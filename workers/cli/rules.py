"""The rules of a customer, for commands that explain: by the worker's own factory."""

from activities.channels.registry import in_use, providers
from config.choosing.segment_files import load_attributes, load_segments
from config.experiments.files import load_experiments, with_holdouts
from config.helplines.catalogue import load_helplines
from config.learning.policy_files import policies_for
from config.rule_packs import load_packs
from config.rules import RulesFactory
from config.settings import Settings
from config.strategy_files import load_strategies
from domain.channels import Channel
from domain.planning.rules import Rules
from domain.situation import Situation


def rules_factory(settings: Settings) -> RulesFactory:
    """The worker's rules, on a machine that may lack the worker's secrets."""
    # Where no provider's secrets are at hand, which channels the worker serves is not known here:
    # then none is left out for that reason.
    served = in_use(settings, providers(settings)) or dict.fromkeys(Channel, ("",))
    packs = load_packs(settings.law, settings.readings)
    strategies, helplines = load_strategies(settings.strategies), load_helplines(settings.helplines)
    attributes = load_attributes(settings)
    segments = load_segments(settings, strategies, attributes)
    policies = policies_for(settings, strategies)
    trials = load_experiments(settings.experiments, strategies, attributes, policies)
    told = (with_holdouts(strategies, trials), packs, served, helplines, segments, trials)
    return RulesFactory(settings, *told, policies)


def rules_of(settings: Settings, situation: Situation) -> Rules:
    """What planning obeys for this customer under these settings."""
    factory = rules_factory(settings)
    return factory.rules_of(situation)
