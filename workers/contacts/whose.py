"""Whose contact it is, of which accounts and where; and whether it may be made."""

from datetime import datetime
from typing import NamedTuple

from config.rules import RulesFactory
from domain.account import ContactPoint
from domain.channels import Channel
from domain.contacts.results import Action
from domain.entry.party import CONTACTED
from domain.failures import BadInput, NotFound, WrongField
from domain.law.terms import Direction
from domain.names import account_key
from domain.planning.by_person import MayContact, may_contact
from domain.planning.rules import Rules
from domain.situation import Situation
from store.contacts import manual
from store.contacts.manual import Place
from store.database import Connection, Pool
from store.law_events import owner_of
from store.situations import lock_contact, read_situation
from workers.contacts.asking import New, read_address


async def may(
    pool: Pool,
    rules: RulesFactory,
    now: datetime,
    account: tuple[str, str],
    channel: Channel,
    party: str | None = None,
) -> tuple[MayContact, ...]:
    """What a person may use now of what the customer has on a channel; of one that needs no contact
    point, whether it may be used at all. ``party``: one who stands for the account, in the debtor's
    place."""
    async with pool.acquire() as connection:
        if party is not None:
            await check_party(connection, *account, party)
        situation, obeyed = await situation_of(connection, rules, *account, now)
    side, _ = seen_from(situation, obeyed, party)
    points = [one for one in side.customer.points if one.channel is channel]
    return tuple(
        may_contact(situation, obeyed, now, point, party) for point in points or [nowhere(channel)]
    )


class Found(NamedTuple):
    """Whose contact it is, of which accounts, and where."""

    customer_id: str
    covers: tuple[str, ...]
    place: Place


async def locked(connection: Connection, new: New, action: Action) -> Found:
    """Whose contact it is and where, under the customer's lock."""
    if not await lock_contact(connection, new.creditor, new.account_id):
        key = account_key(new.creditor, new.account_id)
        raise NotFound(f"no customer of account {key} is known: load them by intake")
    own = account_key(new.creditor, new.account_id)
    if new.party is not None:
        await check_party(connection, new.creditor, new.account_id, new.party)
        if new.also:
            raise WrongField("also", "a party is spoken with of the one account they stand for")
        return Found(new.party, (own,), await _place(connection, new.party, new, action))
    customer = await owner_of(connection, new.creditor, new.account_id)
    assert customer is not None, "an account that is locked has a holder"  # noqa: S101
    covers = tuple(dict.fromkeys((own, *new.also)))
    theirs = await manual.of_same_person(connection, customer, covers)
    if foreign := [one for one in covers if one not in theirs]:
        raise BadInput(f"also: {', '.join(foreign)} is no account of this customer's")
    return Found(customer, covers, await _place(connection, customer, new, action))


async def check_party(
    connection: Connection, creditor: str, account_id: str, customer_id: str
) -> None:
    """Raises WrongField for whom no contact about the account is recorded with."""
    role = await manual.stands_for(connection, creditor, account_id, customer_id)
    if role is None:
        key = account_key(creditor, account_id)
        raise WrongField(
            "party", f"stands for {key} by no file: load them by `contrapunto parties`"
        )
    if role not in CONTACTED:
        raise WrongField("party", f"is {role}: no law is known by which they may be collected from")


def seen_from(
    situation: Situation, rules: Rules, customer_id: str | None
) -> tuple[Situation, Rules]:
    """An account as it is seen from one who stands for it; of anybody else, from its debtor."""
    sides = zip(situation.standings, situation.parties, rules.of_parties, strict=True)
    for standing, side, obeyed in sides:
        if standing.customer_id == customer_id:
            return side, obeyed
    return situation, rules


async def _place(connection: Connection, customer: str, new: New, action: Action) -> Place:
    """Where: the contact point that is named, or has the address, or is the only one."""
    channel, address = action.channel, None
    if new.point is not None and new.address is not None:
        raise WrongField("point", "or an address, not both")
    if new.address is not None:
        address = read_address(channel, new.address)
    found = await manual.places(connection, customer, channel, new.point, address)
    if new.point is not None:
        if not found:
            raise WrongField("point", f"{new.point} is no contact point of this customer's")
        if found[0].channel != channel:
            raise WrongField("point", f"{new.point} is for {found[0].channel}, not {channel}")
        return found[0]
    if address is not None and not found:
        return Place(None, channel, await manual.address_key(connection, channel, address), False)
    if len(found) > 1 and address is None and action.direction is Direction.OUTBOUND:
        ids = ", ".join(str(one.contact_point_id) for one in found)
        several = f"the customer has several for {channel}: say which of {ids}"
        raise WrongField("point", several)
    alone = found[:1] if address is not None or len(found) == 1 else []
    return alone[0] if alone else Place(None, channel, None, False)


async def situation_of(
    connection: Connection, factory: RulesFactory, creditor: str, account_id: str, now: datetime
) -> tuple[Situation, Rules]:
    """What is known of an account, and the rules that it is judged by. Raises NotFound."""
    read = await read_situation(connection, creditor, account_id, now, {})
    if read is None:
        key = account_key(creditor, account_id)
        raise NotFound(f"no account {key} with its customer is known: load them by intake")
    return read[0], factory.standing_rules(read[0])


def point_of(situation: Situation, action: Action, place: Place) -> ContactPoint:
    """The contact point as the situation has it; else a place on no record."""
    points = situation.customer.points
    known = (one for one in points if one.contact_point_id == place.contact_point_id)
    return next(known, None) or nowhere(action.channel)


def nowhere(channel: Channel) -> ContactPoint:
    """A place on no record: the law takes it for any."""
    return ContactPoint(contact_point_id="", channel=channel)
