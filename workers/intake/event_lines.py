"""One line of events: whose it is, where it holds, and the rows that it becomes.

A line is recorded wherever it holds for somebody, now or later. Who is not known yet has said what
they said all the same, and it holds when a file brings them; an address that is nobody's keeps a
stop until somebody has it.
"""

from collections.abc import Mapping
from typing import Annotated, Final

from pydantic import Field

from domain.entry.ids import fault as fault_of_id
from domain.entry.intake import Problem
from domain.facts import MessageId
from domain.law.request import LawEvent
from domain.model import Strict
from store import law_rows
from store.database import Connection
from store.law_events import Customer
from store.law_rows import Laid, RefusedError

UNKNOWN: Final = "known to nobody yet: it holds when they come"

_NOBODYS: Final = "nobody's"
"""In the place of a contact point, to read an event before it is known which one is meant."""


class Whose(Strict):
    """What a line says beside its event."""

    id: MessageId
    """The sender's own name for the event: told again under it, nothing is recorded twice."""
    customer_id: Annotated[str, Field(min_length=1, max_length=64)]
    """Who said it, or of whom it is told."""
    address: Annotated[str, Field(min_length=1)] | None = None
    """The customer's number (E.164) or mailbox that it is about, on all channels that use it."""


async def laid_line(
    connection: Connection, whose: Whose, said: Mapping[str, object], customer: Customer | None
) -> Laid:
    """The rows of a line in the ids that the law is asked with. Raises RefusedError, or
    ValidationError where the event is none."""
    notes = list[str]()
    if customer is None:
        if (rule := fault_of_id(whose.customer_id)) is not None:
            raise RefusedError(Problem("customer_id", rule))  # nobody will ever come by that name
        notes.append(f"{whose.customer_id} is {UNKNOWN}")
    narrowed = {} if whose.address is None else {"contact_point_id": _NOBODYS}
    event = LawEvent.model_validate({**said, **narrowed})
    of = law_rows.Whose(whose.customer_id, customer)
    laid = await law_rows.laid_out(connection, f"file:{whose.id}", event, of, whose.address)
    return laid._replace(notes=[*notes, *laid.notes])
