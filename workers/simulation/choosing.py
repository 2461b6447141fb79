"""Which strategy each account goes by in a dry run: chosen as the activities choose it.

The same pure functions as ``activities/choosing``, over what is known in memory. Whoever is drawn
into an experiment is drawn by the same hash, and stays in their arm; nobody looks at experiments
meanwhile, so that no arm is closed but those that were before.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime
from typing import Final, NamedTuple

from config.rules import RulesFactory
from domain.account import Account, AccountStatus
from domain.experiments.assignment import drawn
from domain.experiments.judging import Kind, is_over
from domain.experiments.trial import Trial
from domain.segments.attributes import Attribute
from domain.segments.choosing import Arm, Choice, ChosenBy, choose
from domain.segments.facts import Facts, entry_days, facts_of, seen_in
from domain.situation import Situation
from workers.simulation.portfolio import Known

_LONG_AGO: Final = datetime(1970, 1, 1, tzinfo=UTC)

Found = tuple[tuple[str, str, str], ...]
"""What was found of experiments before: experiment, kind, arm."""


class Chosen(NamedTuple):
    """What is right now, and until when the days alone cannot change it."""

    choice: Choice
    until: datetime | None = None


class _Person(NamedTuple):
    """Who is in an experiment, with what they were drawn by."""

    came_with: bool
    at: datetime
    customer: str
    arm: str


class Choosing:
    """The choices of one group of people who are lived together."""

    def __init__(
        self,
        factory: RulesFactory,
        told: Iterable[tuple[Situation, Known]],
        forced: str | None,
        found: Found,
    ) -> None:
        """``forced``: the strategy that all go by; segments then say only who is counted where."""
        self._factory, self._forced = factory, forced
        self._known: dict[str, Known] = {}
        self._addresses: dict[str, frozenset[str]] = {}
        self._found: dict[str, set[tuple[Kind, str]]] = defaultdict(set)
        for experiment, kind, arm in found:
            self._found[experiment].add((Kind(kind), arm))
        self._in: dict[tuple[str, str], list[_Person]] = defaultdict(list)
        for one, known in told:
            self._known[one.key] = known
            points = one.customer.points
            self._addresses[one.customer.customer_id] = frozenset(p.address_id for p in points)
            for label in one.account.arms or ():
                experiment, _, arm = label.partition(":")
                self._enters(experiment, one.account, arm, one.account.balance_as_of)

    def chosen(self, situation: Situation, now: datetime) -> Chosen | None:
        """What is right for an account now; None: there is nothing to choose by."""
        account, book = situation.account, self._factory.segments
        arm = None if self._forced else self._arm_of(situation, now)
        asks = (book, account.pinned, account.chosen_by, arm, self._forced)
        if all(one is None for one in asks):
            return None
        facts: Facts = {}
        if book is not None:
            facts = self._facts(situation, book.declared, now)
        if self._forced is not None:
            made = choose(book, (), facts)
            segment = account.segment if book is None else made.segment
            by_hand = Choice(self._forced, segment, ChosenBy.DEFAULT, "tried", made.rests_on)
            return Chosen(by_hand, None)
        made = choose(book, self._factory.strategies, facts, pin=account.pinned, arm=arm)
        zones = situation.customer.zones
        return Chosen(made, None if book is None else book.look_again(facts, now, zones))

    def arms_of(self, account: Account) -> tuple[str, ...]:
        """Of each experiment that took its customer in, ``<experiment>:<arm>``."""
        names = (one.experiment.id for one in self._factory.trials)
        arms = ((name, self._arm(name, account)) for name in names)
        return tuple(f"{name}:{arm}" for name, arm in arms if arm is not None)

    def _facts(
        self, situation: Situation, declared: Mapping[str, Attribute], now: datetime
    ) -> Facts:
        known, since = self._known[situation.key], situation.account.since
        if known.entered_days is None or known.entered_since != since:
            # Noted at the first look, as the activities note it.
            known = known._replace(entered_days=entry_days(situation), entered_since=since)
            self._known[situation.key] = known
        seen = seen_in(situation, known.attributes, now, known.entered_days)
        return facts_of(seen, declared, now)

    # --- experiments ------------------------------------------------------------------------------

    def _arm_of(self, situation: Situation, now: datetime) -> Arm | None:
        acting = [one for one in self._factory.trials if one.experiment.acts(now)]
        account = situation.account
        for trial in acting:
            if (arm := self._arm(trial.experiment.id, account)) is not None:
                return self._goes_by(trial, arm)
        is_open = account.status is AccountStatus.OPEN and account.balance > 0
        if not is_open or account.pinned:
            return None
        for trial in acting:
            if (arm := self._taken_in(trial, situation, now)) is not None:
                return self._goes_by(trial, arm)
        return None

    def _taken_in(self, trial: Trial, situation: Situation, now: datetime) -> str | None:
        """The arm of a person who is not in the experiment yet; None: it takes them not."""
        experiment, account = trial.experiment, situation.account
        found = self._found[experiment.id]
        if not experiment.takes_in(now) or is_over(experiment.plan, found):
            return None
        if not trial.when.matches(self._facts(situation, trial.declared, now)):
            return None
        beside = min(self._beside(experiment.id, account), default=None)
        if beside is not None:
            self._enters(experiment.id, account, beside.arm, now, came_with=True)
            return beside.arm
        closed = self._closed(experiment.id)
        mine = drawn(experiment, account.creditor, account.customer_id, closed)
        if mine is None:
            return None
        self._enters(experiment.id, account, mine.name, now)
        return mine.name

    def _goes_by(self, trial: Trial, arm: str) -> Arm | None:
        return trial.goes_by(arm, self._closed(trial.experiment.id))

    def _closed(self, experiment: str) -> frozenset[str]:
        return frozenset(arm for kind, arm in self._found[experiment] if kind is Kind.CLOSED)

    def _arm(self, experiment: str, account: Account) -> str | None:
        there = self._in[experiment, account.creditor]
        return next((one.arm for one in there if one.customer == account.customer_id), None)

    def _beside(self, experiment: str, account: Account) -> Iterator[_Person]:
        """Who is in it and has one of their addresses."""
        mine = self._addresses[account.customer_id]
        for one in self._in[experiment, account.creditor]:
            if not mine.isdisjoint(self._addresses[one.customer]):
                yield one

    def _enters(
        self,
        experiment: str,
        account: Account,
        arm: str,
        at: datetime | None,
        *,
        came_with: bool = False,
    ) -> None:
        if self._arm(experiment, account) is None:
            person = _Person(came_with, at or _LONG_AGO, account.customer_id, arm)
            self._in[experiment, account.creditor].append(person)
