"""One row of a file of parties: who stands for an account beside its debtor, and how."""

from datetime import date
from enum import StrEnum
from typing import Annotated, Final, Self

from pydantic import (
    AfterValidator,
    BeforeValidator,
    Field,
    ValidationInfo,
    field_validator,
    model_validator,
)

from domain.entry.bounds import fault_of_text
from domain.entry.days import a_day
from domain.entry.intake import PersonRow
from domain.law.terms import Party


class PartyRole(StrEnum):
    """As what somebody stands for an account that is not theirs."""

    GUARANTOR = "guarantor"
    """Answers for the debt if the debtor does not pay: fiador, aval, avalista."""
    CODEBTOR = "codebtor"
    """Owes the same debt: solidary debtor, codeudor, co-borrower."""
    AUTHORIZED = "authorized"
    """May speak for the debtor by the debtor's written word: a lawyer, a spouse. Never contacted by
    the machine."""


CONTACTED: Final = {
    PartyRole.GUARANTOR: Party.GUARANTOR,
    PartyRole.CODEBTOR: Party.CODEBTOR,
}
"""Those that a strategy may name, and what the law calls them."""


def _reference(value: str) -> str:
    if (rule := fault_of_text(value, 200)) is not None:
        raise ValueError(rule)
    return value


def _role(value: object) -> PartyRole:
    try:
        return PartyRole(str(value))
    except ValueError:
        raise ValueError(f"must be one of {', '.join(PartyRole)}") from None


class PartyRow(PersonRow):
    """A row that keeps every rule."""

    role: Annotated[PartyRole, BeforeValidator(_role)]
    """`guarantor`, `codebtor` or `authorized`."""
    since: Annotated[date, BeforeValidator(a_day)] | None = None
    """From which day on, on their own calendar, `2026-10-31`. Not after the file's own day, which
    it is where it is empty."""
    until: Annotated[date, BeforeValidator(a_day)] | None = None
    """The last day on which they do. Empty: no end is known. Nobody is taken back in any other way:
    whom a file does not list stays as they are."""
    proof: Annotated[str, AfterValidator(_reference), Field(min_length=1)] | None = None
    """The reference of the contract or of the debtor's written authority. Needed of who is
    `authorized`."""

    @field_validator("since")
    @classmethod
    def _begun(cls, value: date | None, info: ValidationInfo) -> date | None:
        today = (info.context or {}).get("today")
        if value is not None and today is not None and value > today:
            raise ValueError("must not be after the file's own day: list them once they do")
        return value

    @model_validator(mode="after")
    def _whole(self) -> Self:
        if self.role is PartyRole.AUTHORIZED and self.proof is None:
            raise ValueError("proof: is needed of who is authorized: the written authority")
        if self.since is not None and self.until is not None and self.until < self.since:
            raise ValueError("until: must not be before since")
        return self


_KEYS: Final = ("account_id", "creditor", "customer_id")

PARTY_COLUMNS: Final = (
    *_KEYS,
    *(name for name in PartyRow.model_fields if name not in PersonRow.model_fields),
    *(name for name in PersonRow.model_fields if name not in _KEYS),
)
"""The columns of a file of parties, in their customary order."""
