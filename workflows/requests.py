"""Updates: what is asked of an account, and can be refused.

Apart from the workflow, as ``workflows/state.py`` is.
"""

from abc import abstractmethod
from typing import Any

from temporalio import workflow
from temporalio.common import RawValue
from temporalio.exceptions import ApplicationError

from domain.facts import (
    AgreePlan,
    BeginHardship,
    CancelPlan,
    Close,
    EndHardship,
    ExtendHardship,
    Hold,
    Message,
    OpenDispute,
    RecordPromise,
    ResolveDispute,
    Resume,
    Unread,
    other_contents,
)
from workflows.reading import NOTHING, one_raw, read
from workflows.starting import checked
from workflows.state import Asked


class Requests:
    """The updates of an account: each is put into its inbox, and waits for its answer."""

    def __init__(self) -> None:
        self._asked: dict[str, Asked] = {}

    @abstractmethod
    def _put(self, message: Message | Unread) -> None:
        """Into the inbox."""

    @abstractmethod
    def next_step(self) -> dict[str, Any]:
        """The step that the account waits for."""

    @workflow.update(description="Be silent until an instant: id, until, reason")
    @one_raw
    async def hold(self, payload: RawValue = NOTHING, *_: Any) -> dict[str, Any]:
        """Put the account on hold; answers with the next step."""
        return await self._ask(Hold, payload)

    @workflow.update(description="Lift a hold: id")
    @one_raw
    async def resume(self, payload: RawValue = NOTHING, *_: Any) -> dict[str, Any]:
        """Lift a hold; answers with the next step."""
        return await self._ask(Resume, payload)

    @workflow.update(description="Stop collecting: id, reason")
    @one_raw
    async def close(self, payload: RawValue = NOTHING, *_: Any) -> dict[str, Any]:
        """Close the account; answers with the next step, which is the end."""
        return await self._ask(Close, payload)

    @workflow.update(description="The customer will pay: id, amount, date")
    @one_raw
    async def record_promise(self, payload: RawValue = NOTHING, *_: Any) -> dict[str, Any]:
        """Record a promise to pay; answers with the next step."""
        return await self._ask(RecordPromise, payload)

    @workflow.update(description="The customer will pay in parts: id, instalments")
    @one_raw
    async def agree_plan(self, payload: RawValue = NOTHING, *_: Any) -> dict[str, Any]:
        """Record a payment plan; answers with the next step."""
        return await self._ask(AgreePlan, payload)

    @workflow.update(description="Take a payment plan back: id, plan, reason")
    @one_raw
    async def cancel_plan(self, payload: RawValue = NOTHING, *_: Any) -> dict[str, Any]:
        """Cancel the active payment plan; answers with the next step."""
        return await self._ask(CancelPlan, payload)

    @workflow.update(description="The customer disputes the debt: id, reason, documents")
    @one_raw
    async def open_dispute(self, payload: RawValue = NOTHING, *_: Any) -> dict[str, Any]:
        """Open a dispute; answers with the next step."""
        return await self._ask(OpenDispute, payload)

    @workflow.update(description="A dispute ends: id, outcome, reason")
    @one_raw
    async def resolve_dispute(self, payload: RawValue = NOTHING, *_: Any) -> dict[str, Any]:
        """Resolve the dispute that stands; answers with the next step."""
        return await self._ask(ResolveDispute, payload)

    @workflow.update(description="The customer cannot pay as agreed: id, reason, review_date")
    @one_raw
    async def begin_hardship(self, payload: RawValue = NOTHING, *_: Any) -> dict[str, Any]:
        """Begin a hardship; answers with the next step."""
        return await self._ask(BeginHardship, payload)

    @workflow.update(description="A hardship goes on: id, review_date")
    @one_raw
    async def extend_hardship(self, payload: RawValue = NOTHING, *_: Any) -> dict[str, Any]:
        """Put the review of a hardship off; answers with the next step."""
        return await self._ask(ExtendHardship, payload)

    @workflow.update(description="A hardship ends: id, reason")
    @one_raw
    async def end_hardship(self, payload: RawValue = NOTHING, *_: Any) -> dict[str, Any]:
        """End a hardship; answers with the next step."""
        return await self._ask(EndHardship, payload)

    @hold.validator
    @one_raw
    def _check_hold(self, payload: RawValue = NOTHING, *_: Any) -> None:
        checked(Hold, payload)

    @resume.validator
    @one_raw
    def _check_resume(self, payload: RawValue = NOTHING, *_: Any) -> None:
        checked(Resume, payload)

    @close.validator
    @one_raw
    def _check_close(self, payload: RawValue = NOTHING, *_: Any) -> None:
        checked(Close, payload)

    @record_promise.validator
    @one_raw
    def _check_promise(self, payload: RawValue = NOTHING, *_: Any) -> None:
        checked(RecordPromise, payload)

    @agree_plan.validator
    @one_raw
    def _check_plan(self, payload: RawValue = NOTHING, *_: Any) -> None:
        checked(AgreePlan, payload)

    @cancel_plan.validator
    @one_raw
    def _check_cancel(self, payload: RawValue = NOTHING, *_: Any) -> None:
        checked(CancelPlan, payload)

    @open_dispute.validator
    @one_raw
    def _check_dispute(self, payload: RawValue = NOTHING, *_: Any) -> None:
        checked(OpenDispute, payload)

    @resolve_dispute.validator
    @one_raw
    def _check_resolution(self, payload: RawValue = NOTHING, *_: Any) -> None:
        checked(ResolveDispute, payload)

    @begin_hardship.validator
    @one_raw
    def _check_hardship(self, payload: RawValue = NOTHING, *_: Any) -> None:
        checked(BeginHardship, payload)

    @extend_hardship.validator
    @one_raw
    def _check_extension(self, payload: RawValue = NOTHING, *_: Any) -> None:
        checked(ExtendHardship, payload)

    @end_hardship.validator
    @one_raw
    def _check_end(self, payload: RawValue = NOTHING, *_: Any) -> None:
        checked(EndHardship, payload)

    async def _ask(self, model: type[Message], payload: RawValue) -> dict[str, Any]:
        """Hand a request to the loop and wait for its answer; an id is asked once."""
        message = read(model, payload)
        known = self._asked.get(message.id)
        asked = known or Asked(message, workflow.now())
        if known is None:
            self._asked[message.id] = asked
            self._put(message)
        await workflow.wait_condition(lambda: asked.answer is not None)
        answer = asked.answer
        assert answer is not None  # noqa: S101
        self._forget_old_answers()
        if answer.refused is not None:
            raise ApplicationError(answer.refused, type="Refused", non_retryable=True)
        told = {"id": message.id, "repeated": answer.repeated or known is not None}
        note = other_contents(asked.message, message) if known else answer.note
        if note is not None:
            told["note"] = note
        return {**told, "next_step": self.next_step()}

    def _forget_old_answers(self) -> None:
        """PostgreSQL remembers every id; these are only for those who ask again at once."""
        settled = [key for key, asked in self._asked.items() if asked.answer is not None]
        for key in settled[:-50]:
            del self._asked[key]
