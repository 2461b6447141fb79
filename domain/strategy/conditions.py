"""What has to hold beside the days for an account to enter a phase, or to leave it early."""

from decimal import Decimal
from typing import Annotated, Self

from pydantic import Field, model_validator

from domain.model import Strict


class Condition(Strict):
    """All that is named has to hold. It is asked of the present delinquency, whenever the account
    is planned: what changes it lets the account come back, too."""

    broken_promises: Annotated[int, Field(ge=1)] | None = None
    """At least so many promises are broken."""
    kept_promises: Annotated[int, Field(ge=1)] | None = None
    """At least so many promises are kept."""
    reached: bool | None = None
    """Whether a contact has reached the customer so far: a message was delivered, a call became a
    conversation, or they wrote or called themselves. `false`: nothing of it."""
    unanswered: Annotated[int, Field(ge=1)] | None = None
    """At least so many touches have gone out since the customer last wrote, called or paid; under
    `leave`: touches of that phase."""
    balance_from: Annotated[dict[str, Decimal], Field(min_length=1)] | None = None
    """The balance is at least so much, by currency, such as `{COP: 500000}`; in a currency that is
    not named it never holds."""
    score: Annotated[tuple[str, ...], Field(min_length=1)] | None = None
    """The account's score is in one of these `score_bands`, or is not known (`unknown`)."""

    @model_validator(mode="after")
    def _says_something(self) -> Self:
        if not self.model_dump(exclude_none=True):
            raise ValueError("must name something that has to hold, or be left out")
        return self

    @property
    def words(self) -> str:
        """In words, as people read why an account waits."""
        said = []
        if self.broken_promises is not None:
            said.append(_counted(self.broken_promises, "broken promise"))
        if self.kept_promises is not None:
            said.append(_counted(self.kept_promises, "kept promise"))
        if self.reached is not None:
            said.append("a contact that reached" if self.reached else "no contact that reached")
        if self.unanswered is not None:
            said.append(_counted(self.unanswered, "touch without an answer", "touches without"))
        if self.balance_from is not None:
            least = (f"{sum_:f} {currency}" for currency, sum_ in self.balance_from.items())
            said.append(f"a balance of {' or '.join(least)}")
        if self.score is not None:
            said.append(f"score {' or '.join(self.score)}")
        return ", ".join(said)


def _counted(number: int, one: str, several: str | None = None) -> str:
    if number == 1:
        return f"1 {one}"
    return f"{number} {several} an answer" if several else f"{number} {one}s"
