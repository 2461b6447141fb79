"""The sentences of a plan, as the Temporal UI and the timeline show them."""

from collections.abc import Mapping, Sequence
from typing import Final

from domain.calendar import wall
from domain.channels import Channel, Purpose
from domain.ledger.attempt import PastContact
from domain.ledger.circuit import Circuit
from domain.planning.routing import of_provider

_LABEL: Final = {
    Channel.SMS: "SMS",
    Channel.EMAIL: "E-mail",
    Channel.WHATSAPP: "WhatsApp",
    Channel.VOICE: "Call",
    Channel.HUMAN: "Visit",
}


def label(channel: Channel) -> str:
    """A channel as people write it."""
    return _LABEL.get(channel, channel.value.capitalize())


def spoken(purpose: Purpose) -> str:
    """A purpose in words."""
    if purpose is Purpose.PERSON:
        return "by a person"
    return "pre-legal" if purpose is Purpose.PRE_LEGAL else purpose.replace("_", " ")


def missed(last: PastContact, provider: str, contact_point_id: str) -> str:
    """Why a touch goes on, now through ``provider`` to ``contact_point_id``."""
    if of_provider(last) and last.provider and last.provider != provider:
        return f"{last.provider} did not take it, now through {provider}"
    if of_provider(last) and last.contact_point_id == contact_point_id:
        return f"{last.provider or 'the provider'} did not take it, once more"
    return "the last channel did not reach the customer"


def down(circuits: Mapping[str, Circuit], zones: Sequence[str]) -> str:
    """Which providers are down, and when one of them is next tried."""
    names = " and ".join(circuits)
    probes = min(one.next_at for one in circuits.values() if one.next_at)
    return f"{names} {'are' if len(circuits) > 1 else 'is'} down, next probe {wall(probes, zones)}"


def short_cite(cite: str) -> str:
    """The first source of a citation without its comments: a line of the UI holds no more.

    The step and the ledger keep the whole citation.
    """
    for mark in ("; ", " (", ", comment "):
        cite = cite.partition(mark)[0]
    return cite


def bucket(days: int) -> str:
    """The customary thirty-day bucket of days past due."""
    if days <= 0:
        return "current"
    first = (days - 1) // 30 * 30 + 1
    return f"{first}-{first + 29}" if first <= 91 else "120+"
