"""All that is wrong with strategies, segments, attributes and experiments, in one go.

What a file says that cannot be is told by the readers with which processes start; here also what
only shows beside the rest of the configuration: a phase that nobody could be contacted in, or has
no words; and with the database, what the customers of the portfolio read.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from config.settings import Settings
from config.wording.catalogue import PURPOSES_BY_CHANNEL, Wording
from domain.channels import Channel
from domain.experiments.treatment import is_holdout
from domain.failures import Fault
from domain.strategy import Phase, Strategy
from store.database import Pool
from store.views import choosing
from workers.configuration import Configuration, of_strategies


@dataclass
class Report:
    """What was found."""

    faults: list[Fault] = field(default_factory=list)
    """What a process would not start with, or nobody could be contacted by."""
    notes: list[Fault] = field(default_factory=list)
    """What is hardly meant so, and stops nothing."""


def check(settings: Settings) -> tuple[Report, Configuration]:
    """What is wrong without a look at the database."""
    read = of_strategies(settings)
    report = Report(list(read.faults))
    served = tuple(read.served) or tuple(PURPOSES_BY_CHANNEL)
    arms = {arm.strategy for one in read.trials for arm in one.experiment.arms if arm.strategy}
    for strategy in read.strategies.values():
        if is_holdout(strategy.id):
            continue
        report.faults += _nobody(settings, strategy, served)
        report.faults += _wordless(settings, strategy, served)
    if read.segments is not None:
        named = {*read.segments.strategies, "default"}
        report.notes += _unused(settings, read.strategies, named | arms)
    return report, read


async def check_live(pool: Pool, settings: Settings, read: Configuration, report: Report) -> None:
    """What is wrong beside the portfolio as it stands; writes nothing."""
    async with pool.acquire() as connection, connection.transaction(readonly=True):
        spoken = await choosing.locales(connection)
        beside = await choosing.pinned_beside(connection, list(read.strategies))
    if read.wording is not None:
        report.notes += _unread(settings, read.wording, spoken)
    for strategy, accounts in beside:
        rule = f"{accounts} open accounts are pinned to {strategy!r}, which is none"
        todo = "bring the strategy back, or tell another: until then they go by their segment"
        report.faults.append(Fault(str(settings.strategies), "", rule, todo))


def _nobody(settings: Settings, strategy: Strategy, served: Sequence[Channel]) -> Iterator[Fault]:
    """A strategy whose touches go by no channel that is served: one without any is not loaded."""
    if any(_reaches(phase, served) for phase in strategy.phases):
        return
    used = ", ".join(served)
    why = f"no phase that makes a touch has a channel with a provider (there are {used})"
    todo = "give such a phase a channel that is served"
    yield Fault(_of(settings, strategy), "phases", f"contacts nobody: {why}", todo)


def _reaches(phase: Phase, served: Sequence[Channel]) -> bool:
    return bool(phase.cadence.max_touches) and not phase.channels.keys().isdisjoint(served)


def _wordless(settings: Settings, strategy: Strategy, served: Sequence[Channel]) -> Iterator[Fault]:
    """A purpose of a phase for which there are no words on any of its channels: of those that have
    words, each has them in every language, or the templates are not read at all."""
    for place, phase in enumerate(strategy.phases):
        channels = [channel for channel in phase.channels if channel in served]
        for purpose in phase.purposes if channels and phase.cadence.max_touches else ():
            if any(purpose in PURPOSES_BY_CHANNEL.get(channel, ()) for channel in channels):
                continue
            rule = f"{purpose} has no words on {', '.join(channels)}: nothing could be said"
            where = f"phases.{place + 1}.purposes"
            todo = f"name another purpose, or a channel that has words ({', '.join(_WORDS)})"
            yield Fault(_of(settings, strategy), f"{where} ({phase.name})", rule, todo)


_WORDS = tuple(channel.value for channel in PURPOSES_BY_CHANNEL)


def _unused(
    settings: Settings, strategies: Mapping[str, Strategy], named: Iterable[str]
) -> Iterator[Fault]:
    for name in sorted(set(strategies) - set(named)):
        if is_holdout(name):
            continue
        rule = "is named by no segment and no arm: only accounts that are pinned to it have it"
        yield Fault(_of(settings, strategies[name]), "", rule)


def _unread(
    settings: Settings, wording: Wording, spoken: Iterable[tuple[str, str, int]]
) -> Iterator[Fault]:
    for locale, country, customers in spoken:
        if wording.supports(locale):
            continue
        got = wording.locale_for(locale, country, settings.fallback_locale)
        rule = f"{customers} customers read {locale}, in which there are no words: they get {got}"
        yield Fault(str(settings.templates), "", rule, "add a language, or leave it so")


def _of(settings: Settings, strategy: Strategy) -> str:
    return f"strategy {strategy.id!r} in {settings.strategies}"
