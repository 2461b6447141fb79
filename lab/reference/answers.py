"""What the account's workflow answers, as models: the workflow puts it together from parts of its
own, and ``tests/temporal/test_messages.py`` holds what it really answers to their schemas."""

from typing import ClassVar, Literal

from pydantic import RootModel

from activities.orders import ON_RECORD
from domain.model import Model
from domain.planning.step import Step, View
from workflows.state import AccountEnd, Entry

End = AccountEnd


class Starting(Model):
    """The account before its first plan."""

    status: Literal["starting"]
    creditor: str
    """Code of the creditor."""
    account_id: str
    """The creditor's id of the account."""


class AccountState(View):
    """What the account is doing."""

    creditor: str
    """Code of the creditor."""
    account_id: str
    """The creditor's id of the account."""
    continued: int
    """How many runs of the workflow came before this one."""
    waiting: int
    """Messages that have arrived and are not recorded yet."""

    absent: ClassVar = ("shown_as", "orders")


class StateAnswer(RootModel[AccountState | Starting]):
    """Query ``state``: what the account is doing."""


class NextStep(Step):
    """The step that the account waits for; what does not apply to it is absent."""

    absent: ClassVar = ("view", *ON_RECORD)
    never_null: ClassVar = True


class Nothing(Model):
    """No step yet."""


class NextStepAnswer(RootModel[NextStep | Nothing]):
    """Query ``next_step``: what comes next, when and why."""


class TimelineAnswer(RootModel[tuple[Entry, ...]]):
    """Query ``timeline``: what has happened lately, oldest first."""


class UpdateAnswer(Model):
    """What every update answers once it is on record."""

    id: str
    """Of the request."""
    repeated: bool
    """Whether it was on record before; then nothing has changed."""
    note: str | None
    """What the sender should know, such as that the id is another request's."""
    next_step: NextStep
    """What the account does now."""

    never_null: ClassVar = True
