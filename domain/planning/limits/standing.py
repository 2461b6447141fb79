"""Whether a condition of a phase holds for an account, by what is known of it."""

from collections.abc import Iterable
from datetime import datetime

from domain.account import PromiseState
from domain.ledger.attempt import AttemptState, PastContact
from domain.ledger.call_outcome import CallOutcome
from domain.situation import Situation
from domain.strategy.conditions import Condition
from domain.strategy.phase import Phase
from domain.strategy.strategy import Strategy


class Standing:
    """An account as conditions ask of it, in its present delinquency."""

    def __init__(
        self, situation: Situation, strategy: Strategy, contacts: Iterable[PastContact]
    ) -> None:
        """``contacts``: what the account has been told, those given back left out."""
        self._situation, self._strategy = situation, strategy
        self._contacts = tuple(contacts)

    def holds(self, condition: Condition, phase: Phase) -> bool:
        """Whether all of it holds; ``phase``: whose condition it is."""
        account = self._situation.account
        if not self._at_least(condition.broken_promises, PromiseState.BROKEN):
            return False
        if not self._at_least(condition.kept_promises, PromiseState.KEPT):
            return False
        if condition.reached is not None and condition.reached is not self._reached():
            return False
        if condition.unanswered is not None:
            of_phase = phase if condition is phase.leave else None
            if self._unanswered(of_phase) < condition.unanswered:
                return False
        if condition.balance_from is not None:
            least = condition.balance_from.get(account.currency)
            if least is None or account.balance < least:
                return False
        band = self._strategy.band(account.score)
        return condition.score is None or band in condition.score

    def _at_least(self, number: int | None, state: PromiseState) -> bool:
        if number is None:
            return True
        since = self._situation.account.since
        found = [
            one
            for one in self._situation.promises
            if one.state is state and (since is None or one.made_at >= since)
        ]
        return len(found) >= number

    def _reached(self) -> bool:
        heard = any(
            one.outcome is CallOutcome.CONVERSATION
            if one.outcome is not None
            else one.state is AttemptState.DELIVERED
            for one in self._contacts
        )
        since = self._situation.account.since
        return heard or any(since is None or one.at >= since for one in self._situation.replies)

    def _unanswered(self, phase: Phase | None) -> int:
        last = self._last_sign()
        touches = {
            (one.account, one.phase, one.touch)
            for one in self._contacts
            if one.touch
            and one.made_or_coming
            and (last is None or one.at > last)
            and (phase is None or one.phase == phase.name)
        }
        return len(touches)

    def _last_sign(self) -> datetime | None:
        """When the customer last wrote, called or paid."""
        replies = (one.at for one in self._situation.replies)
        return max((*replies, *self._situation.payments), default=None)
