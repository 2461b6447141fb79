"""Which strategy an account has: chosen where its situation is read, written when it is another.

Nothing is read for it, and nothing written, while no segments are configured and no upstream has
pinned one.
"""

from datetime import datetime
from typing import NamedTuple

from config.rules import RulesFactory
from domain.account import Account
from domain.segments.choosing import Arm, Choice, choose
from domain.segments.facts import Facts, entry_days, facts_of, plainly, seen_in
from domain.situation import Situation
from store.choosing import choices
from store.choosing.choices import Kept
from store.database import Connection


class Chosen(NamedTuple):
    """What is right now, and until when the days alone cannot change it."""

    choice: Choice
    facts: Facts
    until: datetime | None
    entered: int | None
    """Days past due at entry, where that has still to be noted."""

    def differs_from(self, account: Account) -> bool:
        """Whether the account stands otherwise: only then it is a new decision."""
        choice = self.choice
        stands = (account.strategy, account.segment, account.chosen_by, account.policy)
        return (choice.strategy, choice.segment, choice.by.value, choice.policy) != stands


def is_asked(factory: RulesFactory, account: Account, arm: Arm | None) -> bool:
    """Whether there is anything to choose by, or has been."""
    by = (factory.segments, account.pinned, account.chosen_by, arm)
    return any(one is not None for one in by)


async def chosen(
    factory: RulesFactory,
    connection: Connection,
    situation: Situation,
    now: datetime,
    arm: Arm | None = None,
) -> Chosen | None:
    """What is right for an account now; None: there is nothing to choose by. Writes nothing."""
    account, book = situation.account, factory.segments
    if not is_asked(factory, account, arm):
        return None
    if book is None:
        made = choose(None, factory.strategies, {}, pin=account.pinned, arm=arm)
        return Chosen(made, {}, None, None)
    kept = await choices.kept(connection, (account.creditor, account.account_id))
    return chosen_by_facts(factory, situation, kept, now, arm)


def chosen_by_facts(
    factory: RulesFactory, situation: Situation, kept: Kept, now: datetime, arm: Arm | None = None
) -> Chosen:
    """The same, of what is kept of the account for it."""
    account, book = situation.account, factory.segments
    assert book is not None, "or there is nothing to choose by facts"  # noqa: S101
    noted = kept.entered_days is not None and kept.entered_since == account.since
    entered = None if noted else entry_days(situation)
    at_entry = kept.entered_days if noted else entered
    seen = seen_in(situation, kept.attributes, now, at_entry)
    facts = facts_of(seen, book.declared, now)
    made = choose(book, factory.strategies, facts, pin=account.pinned, arm=arm)
    until = book.look_again(facts, now, situation.customer.zones)
    return Chosen(made, facts, until, entered)


async def keep(
    factory: RulesFactory,
    connection: Connection,
    account: Account,
    made: Chosen,
    now: datetime,
    arm: Arm | None = None,
) -> bool:
    """Write what is new of a choice; whether the account goes by another one now."""
    owner = (account.creditor, account.account_id)
    if made.entered is not None:
        await choices.note_entry(connection, owner, made.entered, account.since)
    if not made.differs_from(account):
        return False
    seen = {name: plainly(made.facts.get(name)) for name in made.choice.rests_on}
    by = factory.segments_decider
    digest = None if by is None else by.digest
    named = None if arm is None else arm.name
    await choices.record(connection, owner, made.choice, named, seen or None, digest, now)
    return True
