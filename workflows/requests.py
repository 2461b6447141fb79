"""Updates: what is asked of an account, and can be refused.

Apart from the workflow, as ``workflows/state.py`` is.
"""

from abc import abstractmethod
from typing import Any

from temporalio import workflow
from temporalio.common import RawValue
from temporalio.exceptions import ApplicationError

from domain.facts import (
    AcceptSettlement,
    AgreePlan,
    ApproveSettlement,
    BeginHardship,
    CancelPlan,
    Close,
    DeclineSettlement,
    EndHardship,
    ExtendHardship,
    Hold,
    Message,
    OfferSettlement,
    OpenDispute,
    RecordPromise,
    ResolveDispute,
    Resume,
    Unread,
    WithdrawSettlement,
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

    @workflow.update(description="Offer less than the balance: id, discount or amount, by, role")
    @one_raw
    async def offer_settlement(self, payload: RawValue = NOTHING, *_: Any) -> dict[str, Any]:
        """Offer a settlement, or have it wait for who may; answers with the next step."""
        return await self._ask(OfferSettlement, payload)

    @workflow.update(
        description="Approve an offer above its maker's authority: id, offer, by, role"
    )
    @one_raw
    async def approve_settlement(self, payload: RawValue = NOTHING, *_: Any) -> dict[str, Any]:
        """Have a proposed settlement be offered; answers with the next step."""
        return await self._ask(ApproveSettlement, payload)

    @workflow.update(description="Do not approve an offer: id, offer, by, role, reason")
    @one_raw
    async def decline_settlement(self, payload: RawValue = NOTHING, *_: Any) -> dict[str, Any]:
        """Decline a proposed settlement; answers with the next step."""
        return await self._ask(DeclineSettlement, payload)

    @workflow.update(description="The customer accepts an offer: id, offer, how")
    @one_raw
    async def accept_settlement(self, payload: RawValue = NOTHING, *_: Any) -> dict[str, Any]:
        """Record that an offer is accepted; answers with the next step."""
        return await self._ask(AcceptSettlement, payload)

    @workflow.update(description="Take an offer back: id, offer, reason")
    @one_raw
    async def withdraw_settlement(self, payload: RawValue = NOTHING, *_: Any) -> dict[str, Any]:
        """Withdraw the offer that stands; answers with the next step."""
        return await self._ask(WithdrawSettlement, payload)

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

    @offer_settlement.validator
    @one_raw
    def _check_offer(self, payload: RawValue = NOTHING, *_: Any) -> None:
        checked(OfferSettlement, payload)

    @approve_settlement.validator
    @one_raw
    def _check_approval(self, payload: RawValue = NOTHING, *_: Any) -> None:
        checked(ApproveSettlement, payload)

    @decline_settlement.validator
    @one_raw
    def _check_decline(self, payload: RawValue = NOTHING, *_: Any) -> None:
        checked(DeclineSettlement, payload)

    @accept_settlement.validator
    @one_raw
    def _check_acceptance(self, payload: RawValue = NOTHING, *_: Any) -> None:
        checked(AcceptSettlement, payload)

    @withdraw_settlement.validator
    @one_raw
    def _check_withdrawal(self, payload: RawValue = NOTHING, *_: Any) -> None:
        checked(WithdrawSettlement, payload)

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
