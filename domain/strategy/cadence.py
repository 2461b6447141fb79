"""How often an account is spoken of, and when it is a person's turn."""

from typing import Annotated

from pydantic import Field

from domain.model import Strict


class Cadence(Strict):
    """How often an account is spoken of in the phase; the law may ask for longer distances."""

    min_days: Annotated[int, Field(ge=1)]
    """Days on the customer's calendar from one touch to the next: 1 is the next day."""
    max_touches: Annotated[int, Field(ge=0)]
    """Touches in the whole phase; 0: none is made."""


class PersonsTurn(Strict):
    """A person's turn among the touches of a phase, once in it."""

    after: Annotated[int, Field(ge=0)]
    """After how many touches of the phase a person is asked to contact the customer
    (`person_first`), as soon as the next one is due; 0: before the first."""
    within_days: Annotated[int, Field(ge=1, le=60)] = 3
    """Days on the customer's calendar, the one on which they are asked included, that automation
    waits for them; then it goes on by itself, and the item stays. Done before, it goes on then."""
