"""What Temporal is told of an activity that fails: everybody who may open its UI reads it."""

from collections.abc import Callable

import pytest
from pydantic import TypeAdapter
from temporalio import activity
from temporalio.exceptions import ApplicationError
from temporalio.testing import ActivityEnvironment
from temporalio.worker import ActivityInboundInterceptor, ExecuteActivityInput

from activities.failing import FailsWithoutWords
from domain.failures import Unavailable
from telemetry.errors import WHOLE

SAID = "Ana Rojas, Calle 1"


def refused() -> None:
    TypeAdapter(int).validate_python(SAID)


def unavailable() -> None:
    try:
        raise OSError(SAID)
    except OSError as error:
        raise Unavailable("PostgreSQL does not answer") from error


def worded() -> None:
    raise ApplicationError("balance: must not be negative", type="Refused", non_retryable=True)


class _Doing(ActivityInboundInterceptor):
    def __init__(self, do: Callable[[], None]) -> None:
        self.do = do

    async def execute_activity(self, input: ExecuteActivityInput) -> None:
        self.do()


async def failed(do: Callable[[], None]) -> ApplicationError:
    inbound = FailsWithoutWords().intercept_activity(_Doing(do))

    @activity.defn
    async def run() -> None:
        await inbound.execute_activity(ExecuteActivityInput(run, (), None, {}))

    with pytest.raises(ApplicationError) as raised:
        await ActivityEnvironment().run(run)
    return raised.value


@pytest.mark.parametrize("whole", ["", "1"])
async def test_an_error_travels_by_kind_and_place(
    monkeypatch: pytest.MonkeyPatch, whole: str
) -> None:
    monkeypatch.setenv(WHOLE, whole)
    error = await failed(refused)
    assert (error.type, error.non_retryable, error.__cause__) == ("ValidationError", False, None)
    assert error.__suppress_context__, "what it came from would travel, too"
    assert error.message.startswith("ValidationError at ")
    assert SAID not in str(error)


async def test_what_we_word_ourselves_travels_without_what_it_came_from() -> None:
    error = await failed(unavailable)
    assert (error.type, error.non_retryable) == ("Unavailable", False)
    assert "PostgreSQL does not answer, from OSError at " in error.message
    assert SAID not in str(error)


async def test_what_a_workflow_is_told_on_purpose_is_left_alone() -> None:
    error = await failed(worded)
    assert (error.type, error.non_retryable) == ("Refused", True)
    assert error.message == "balance: must not be negative"
