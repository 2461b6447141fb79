"""What an account's workflow is started with: read, or refused in words.

Apart from the workflow, as ``workflows/state.py`` is. A start comes with messages, whose senders
have been told that they were taken: where it cannot be read, it is still known whose they are.
"""

import hashlib
from collections.abc import Iterator, Mapping
from typing import Any, Final, TypeGuard, TypeVar

from temporalio import workflow
from temporalio.exceptions import ApplicationError

from domain.account import AccountFacts
from domain.entry.bounds import fault_of_text, storable
from domain.facts import AccountOpened, LawEventReceived, Message, Start, Unread
from domain.model import Model
from domain.names import workflow_id
from workflows.reading import decoded, problem, read, unread
from workflows.state import Carried

_NOBODY: Final = "unknown"
"""Creditor where none is named: no creditor has this code (``domain/entry/ids.py``)."""
_OF_CHOOSING: Final = ("strategy", "attributes")
"""Fields of a start that are none of the account's figures."""
_LONGEST: Final = 64
"""Characters of a creditor and of an account id, as ``Start`` has it."""

M = TypeVar("M", bound=Model)


def checked(model: type[M], payload: Any) -> M:
    """Validate a request; raises ApplicationError that names field and rule."""
    try:
        return read(model, payload)
    except ValueError as error:
        raise _bad(f"{model.__name__}: {problem(error)}") from None


def started(payload: Any) -> tuple[Start, AccountOpened | Carried]:
    """The start, and what it begins with: the account, or where the last run stopped.

    Raises ApplicationError that names field and rule.
    """
    start = checked(Start, payload)
    _check_id(start)
    if start.carried is not None:
        return start, checked(Carried, start.carried)
    given = start.model_dump(exclude_none=True, exclude={"carried", "as_of", *_OF_CHOOSING})
    opened = AccountOpened(
        id=f"start:{workflow.info().first_execution_run_id}",
        facts=checked(AccountFacts, given) if len(given) > 2 else None,
        as_of=start.as_of,
        strategy=start.strategy,
        attributes=start.attributes,
    )
    return start, opened


def refused(payload: Any, why: ApplicationError) -> Unread:
    """A start that cannot be read, to be kept like one that is refused when it is recorded."""
    kind = AccountOpened.model_fields["kind"].default
    return unread(kind, storable(why.message), payload)


def whose(payload: Any) -> list[Start]:
    """The accounts of which a start that cannot be read may be, as far as that can be known.

    First the one that is told: whose id the workflow has, or else which the start names.
    """
    told = list(dict.fromkeys(_named(payload)))  # each once
    if not told:
        name = workflow.info().workflow_id
        digest = hashlib.sha256(name.encode()).hexdigest()[:12]
        short = storable(name)
        account = short if len(short) <= _LONGEST else f"{short[: _LONGEST - 13]}:{digest}"
        told = [(_NOBODY, account)]
    return [Start(creditor=creditor, account_id=account) for creditor, account in told]


def is_stop(message: Message | Unread) -> bool:
    """Whether it closes a way to the customer: it is heard wherever it may have been meant."""
    return isinstance(message, LawEventReceived) and not message.event.gives_leave


def _named(payload: Any) -> Iterator[tuple[str, str]]:
    """The keys that the workflow's id and the start name."""
    kind, _, key = workflow.info().workflow_id.partition("/")
    creditor, _, account = key.partition("/")
    if kind == "account" and _can_be(creditor) and _can_be(account):
        yield creditor, account
    try:
        said = decoded(payload)
    except ValueError:
        return
    if isinstance(said, Mapping):
        own_creditor, own_account = said.get("creditor"), said.get("account_id")
        if _can_be(own_creditor) and _can_be(own_account):
            yield own_creditor, own_account


def _can_be(name: object) -> TypeGuard[str]:
    """Whether it can be a creditor or the id of an account, as far as PostgreSQL goes."""
    return isinstance(name, str) and name != "" and fault_of_text(name, _LONGEST) is None


def _check_id(start: Start) -> None:
    """One account is one workflow only if its id is derived from the account's key."""
    expected = workflow_id(start.creditor, start.account_id)
    given = workflow.info().workflow_id
    if given != expected:
        raise _bad(f"workflow id: must be {expected!r} for this account, not {given!r}")
    if "\0" in expected:
        raise _bad("Start: creditor, account_id: must be without NUL, which no database holds")


def _bad(words: str) -> ApplicationError:
    return ApplicationError(words, type="BadInput", non_retryable=True)
