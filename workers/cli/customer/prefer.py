"""``contrapunto customer prefer``: how a customer wants to be reached, told by a person."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, NamedTuple

from pydantic import ValidationError

from domain.calendar import wall
from domain.conversation.wishes.preference import Preference, every_day, in_force
from domain.failures import BadInput
from domain.law.terms import WEEKDAYS
from store.conversation import preferences
from store.database import Connection, Pool
from workers.accounts import Accounts
from workers.cli.customer.stating import state
from workers.clock import Clock

ANY = "any"


def read_wish(
    channel: str | None, hours: str | None, days: str | None, language: str | None
) -> Preference:
    """What was typed. ``any`` takes back what was stated before. Raises BadInput with the rule."""
    named: dict[str, Any] = {}
    if channel is not None:
        named["channel"] = None if channel == ANY else channel
    if language is not None:
        named["locale"] = None if language == ANY else language
    if hours is not None:
        stretches = [] if hours == ANY else [_stretch(one) for one in hours.split(",")]
        named["windows"] = [] if not stretches else every_day(stretches, _days(days))
    elif days is not None:
        raise BadInput("--days says on which days --hours holds: give both")
    if not named:
        raise BadInput("say what they wish for: --channel, --hours or --language")
    try:
        return Preference.model_validate(named)
    except ValidationError as error:
        words = f"--language {language}: is es, pt or en, or one of a country, such as es-MX"
        raise BadInput(words) from error


def _stretch(typed: str) -> tuple[str, str]:
    opens, dash, closes = typed.strip().partition("-")
    if not dash:
        raise BadInput(f"--hours are stretches such as 18:00-20:00, or {ANY}; {typed!r} is none")
    try:
        every_day([(opens, closes)])
    except ValidationError as error:
        why = error.errors()[0]["msg"].removeprefix("Value error, ")
        raise BadInput(f"--hours {typed.strip()}: {why}") from None
    return opens, closes


def _days(typed: str | None) -> Sequence[str]:
    if typed is None:
        return WEEKDAYS
    days = [one.strip().lower() for one in typed.split(",")]
    if unknown := [one for one in days if one not in WEEKDAYS]:
        raise BadInput(f"--days are {', '.join(WEEKDAYS)}; {unknown[0]!r} is none of them")
    return days


class Preferred(NamedTuple):
    """What is in force now, and what it has done."""

    preference: Preference
    since: datetime
    zones: Sequence[str]
    """The customer's."""
    plan_anew: int
    can_be_met: bool
    """Whether they have an address on the channel that they ask for."""


async def prefer(
    pool: Pool, accounts: Accounts, clock: Clock, customer_id: str, wish: Preference, by: str
) -> Preferred:
    """Keep what a customer has told a person, and have their accounts plan anew.

    Raises as ``state`` does.
    """

    async def keep(connection: Connection, name: str, now: datetime) -> tuple[Preference, bool]:
        await preferences.keep(connection, name, customer_id, wish, now, now, by)
        stated = in_force(await preferences.of_customer(connection, customer_id), now)
        return stated, await preferences.can_be_met(connection, customer_id, stated)

    done = await state(pool, accounts, clock, customer_id, keep)
    stated, met = done.kept
    return Preferred(stated, done.at, done.zones, done.plan_anew, met)


def as_dict(preference: Preference) -> dict[str, Any]:
    """What is in force, as other systems read it."""
    return {
        "channel": preference.channel,
        "windows": [one.model_dump(mode="json", by_alias=True) for one in preference.windows],
        "locale": preference.locale,
    }


def in_words(preference: Preference) -> str:
    """What is in force, in one line."""
    parts = [f"by {preference.channel}"] if preference.channel else []
    for one in preference.windows:
        days = "" if len(set(one.days)) == len(WEEKDAYS) else f" on {', '.join(one.days)}"
        parts.append(f"{one.opens}-{one.closes}{days}")
    if preference.locale:
        parts.append(f"in {preference.locale}")
    return "; ".join(parts) or "nothing is stated"


def tell(done: Preferred, customer_id: str) -> list[str]:
    """What was done, in words."""
    said = [
        f"customer {customer_id} wants to be reached: {in_words(done.preference)}",
        f"from {wall(done.since, done.zones)} on; {done.plan_anew} accounts plan anew",
    ]
    if not done.can_be_met:
        said.append(
            f"they have no address for {done.preference.channel}: other channels are used until"
            " intake brings one"
        )
    return said
