"""Which arm of an experiment an account goes by: the one its customer was drawn into, or is now.

Nothing is read for it while no experiment is configured.
"""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import NamedTuple

from domain.account import AccountStatus
from domain.experiments.assignment import drawn, drawn_from
from domain.experiments.judging import Kind, is_over
from domain.experiments.trial import Trial
from domain.segments.choosing import Arm
from domain.segments.facts import Facts, facts_of, seen_in
from domain.situation import Situation
from store.choosing import choices
from store.database import Connection
from store.experiments import people
from store.situations import lock_contact


class _Asked(NamedTuple):
    """One account that is planned."""

    connection: Connection
    situation: Situation
    now: datetime
    found: Mapping[str, Collection[tuple[str, str]]]
    """By experiment, kind and arm of what was found of it."""
    writes: bool
    """Whether what is drawn is written down; else it is only foreseen."""

    @property
    def whom(self) -> tuple[str, str]:
        """The person: a customer of a creditor."""
        return self.situation.account.creditor, self.situation.account.customer_id

    def closed(self, experiment: str) -> frozenset[str]:
        """The arms of an experiment that are closed."""
        return frozenset(arm for kind, arm in self.found[experiment] if kind == Kind.CLOSED)


async def arm_of(
    trials: Sequence[Trial],
    connection: Connection,
    situation: Situation,
    now: datetime,
    *,
    writes: bool = True,
) -> Arm | None:
    """What the account goes by, drawn and written down now where it is the first time; None: no
    experiment says anything of its strategy.

    With ``writes=False`` nothing is locked or written: it is the arm of the next plan, unless
    something comes between.
    """
    account = situation.account
    acting = [one for one in trials if one.experiment.acts(now)]
    if not acting and not account.arms:
        return None
    whom = (account.creditor, account.customer_id)
    names = [one.experiment.id for one in acting]
    in_it, found = await people.standing(connection, *whom, names) if acting else ({}, {})
    asked = _Asked(connection, situation, now, found, writes)
    mine = _first(acting, in_it) or await _taken_in(acting, in_it, asked)
    arms = () if mine is None else (f"{mine[0].experiment.id}:{mine[1]}",)
    if writes and account.arms != arms:
        await people.mark(connection, (account.creditor, account.account_id), arms)
    if mine is None:
        return None
    trial, arm = mine
    return trial.goes_by(arm, asked.closed(trial.experiment.id))


def _first(acting: Sequence[Trial], in_it: Mapping[str, str]) -> tuple[Trial, str] | None:
    """Of the experiments that act, the one that the person is in."""
    for trial in acting:
        if trial.experiment.id in in_it:
            return trial, in_it[trial.experiment.id]
    return None


async def _taken_in(
    acting: Sequence[Trial], in_it: Mapping[str, str], asked: _Asked
) -> tuple[Trial, str] | None:
    """The first experiment that takes the person in, with their arm."""
    account = asked.situation.account
    if account.status is not AccountStatus.OPEN or account.balance <= 0 or account.pinned:
        return None
    wanted = [one for one in acting if _is_open(one, asked)]
    if not wanted:
        return None
    facts = await _facts(wanted, asked)
    wanted = [one for one in wanted if one.when.matches(facts[one.experiment.id])]
    if not wanted:
        return None
    if asked.writes:
        # From here on nobody else takes them in, nor whoever has one of their addresses.
        await lock_contact(asked.connection, account.creditor, account.account_id)
    names = [one.experiment.id for one in acting]
    in_it, _ = await people.standing(asked.connection, *asked.whom, names)
    if (mine := _first(acting, in_it)) is not None:
        return mine
    for trial in wanted:
        arm = await _draw(trial, asked)
        if arm is not None:
            return trial, arm
    return None


def _is_open(trial: Trial, asked: _Asked) -> bool:
    experiment = trial.experiment
    if not experiment.takes_in(asked.now):
        return False
    known = {(Kind(kind), arm) for kind, arm in asked.found[experiment.id]}
    return not is_over(experiment.plan, known)


async def _facts(wanted: Sequence[Trial], asked: _Asked) -> dict[str, Facts]:
    """Of each experiment what its conditions look at."""
    account = asked.situation.account
    kept = await choices.kept(asked.connection, (account.creditor, account.account_id))
    noted = kept.entered_days is not None and kept.entered_since == account.since
    entered = kept.entered_days if noted else None
    seen = seen_in(asked.situation, kept.attributes, asked.now, entered)
    return {one.experiment.id: facts_of(seen, one.declared, asked.now) for one in wanted}


async def _draw(trial: Trial, asked: _Asked) -> str | None:
    """The arm of a person who is not in the experiment yet, written down; None: it takes them not,
    since it would be one that is closed."""
    experiment, connection, whom = trial.experiment, asked.connection, asked.whom
    with_whom = await people.beside(connection, experiment.id, *whom)
    if with_whom is not None:
        arm, chances, came_with = with_whom.arm, with_whom.chances, with_whom.customer_id
    else:
        closed = asked.closed(experiment.id)
        mine = drawn(experiment, *whom, closed)
        if mine is None:
            return None
        arm, chances, came_with = mine.name, drawn_from(experiment, closed), None
    if asked.writes:
        await people.take_in(connection, experiment, whom, arm, chances, came_with, asked.now)
    return arm
