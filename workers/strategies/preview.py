"""The next steps of an account, with words and law: what would be sent, when, and why not sooner.

Everything is read in one transaction that may not write. The words are those of the worker's own
templates, and personal.
"""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import datetime
from typing import Final, NamedTuple

from activities.choosing.arms import arm_of
from activities.choosing.strategies import chosen
from activities.composing import compose
from activities.dependencies import Dependencies
from activities.orders import AccountRef
from activities.planning import UNPLANNABLE, seen_from
from config.rules import RulesFactory
from config.settings import Settings
from config.wording.catalogue import WordingError
from domain.channels import Channel
from domain.failures import BadInput, NotFound
from domain.ledger.ahead import Ahead, ahead
from domain.message_content import RenderedMessage
from domain.names import account_key
from domain.planning.rules import Rules
from domain.planning.step import Step, StepKind
from store.database import Connection, Pool
from store.limits.capacity import with_taken
from store.situations import read_situation
from workers.configuration import whatsapp_of, wording_of

_LOOKS: Final = 1_000
"""Of a plan that goes on and contacts nobody."""


class Foreseen(NamedTuple):
    """A step that would come, and what would be said with it."""

    step: Step
    words: RenderedMessage | None = None
    """Of a contact, as its receiver would have it. Personal."""
    fault: str | None = None
    """Why it could not be put into words."""


class Previewed(NamedTuple):
    """What would come of an account."""

    zones: tuple[str, ...]
    """Of its customer."""
    strategy: str
    version: int
    steps: tuple[Foreseen, ...]


async def preview(
    pool: Pool,
    settings: Settings,
    factory: RulesFactory,
    ref: AccountRef,
    now: datetime,
    contacts: int,
    strategy: str | None = None,
) -> Previewed:
    """The steps up to so many contacts, under the account's strategy or another.

    Raises NotFound for an account or a customer that is not known, Misconfigured for a strategy
    that is none, BadInput where no plan can be made of what is on record.
    """
    with _composer(pool, settings, factory) as dependencies:
        async with pool.acquire() as connection, connection.transaction(readonly=True):
            read = await read_situation(
                connection, ref.creditor, ref.account_id, now, factory.served
            )
            if read is None:
                key = account_key(ref.creditor, ref.account_id)
                raise NotFound(f"account {key} has no customer yet: nothing is planned")
            situation, _ = read
            name, policy = strategy or factory.standing(situation.account), None
            if strategy is None:
                # As it will be chosen when it is planned next.
                at = (connection, situation, now)
                arm = await arm_of(factory.trials, *at, writes=False)
                made = await chosen(factory, *at, arm)
                if made is not None:
                    name, policy = made.choice.strategy, made.choice.policy
            rules = factory.of(situation, name, policy)
            situation = await with_taken(connection, situation, rules.strategy.capacity, now)
            found: list[Foreseen] = []
            try:
                for each in _so_many(ahead(situation, rules, now), contacts):
                    found.append(await _foreseen(dependencies, connection, each, rules))
            except UNPLANNABLE as error:
                raise BadInput(f"no plan can be made of what is on record: {error}") from None
    obeyed = factory.strategy(name)
    return Previewed(situation.customer.zones, obeyed.id, obeyed.version, tuple(found))


def _so_many(steps: Iterator[Ahead], contacts: int) -> Iterator[Ahead]:
    made = 0
    for looks, each in enumerate(steps):
        yield each
        made += each.step.kind is StepKind.CONTACT
        if made >= contacts or looks >= _LOOKS:
            return


async def _foreseen(
    dependencies: Dependencies, connection: Connection, each: Ahead, rules: Rules
) -> Foreseen:
    step = each.step
    if step.kind is not StepKind.CONTACT:
        return Foreseen(step)
    assert step.contact_point_id  # noqa: S101 - a contact has one
    recipient = await dependencies.ledger.recipient(connection, step.contact_point_id, step.covers)
    seen, obeyed = seen_from(each.situation, rules, step)
    try:
        return Foreseen(step, compose(dependencies, seen, obeyed, step, recipient, step.not_before))
    except WordingError as error:
        return Foreseen(step, fault=str(error))


@contextmanager
def _composer(pool: Pool, settings: Settings, factory: RulesFactory) -> Iterator[Dependencies]:
    """What puts a step into words: nothing that could send is among it."""
    wording = wording_of(settings)
    has_whatsapp = Channel.WHATSAPP in factory.served
    whatsapp = whatsapp_of(settings, wording) if has_whatsapp else None
    with ThreadPoolExecutor(1) as nobody:
        yield Dependencies(
            settings=settings,
            pool=pool,
            strategies=factory.strategies,
            packs=factory.packs,
            wording=wording,
            providers={},
            senders=nobody,
            whatsapp=whatsapp,
        )
