"""One delinquent account, from its first day past due to its end.

    step = plan
    while step is not the end:
        wait until step.not_before              a durable timer, broken by any message
        step = contact(step) or record(messages)

It holds no rules: every activity answers with the next step, so a decision is always a recorded
result, and replay never depends on today's strategy, law or time-zone data.
"""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from temporalio import workflow
from temporalio.common import Priority, RawValue
from temporalio.exceptions import ApplicationError

from domain.names import (
    COLLECT_ACCOUNT,
    TASK_QUEUE,
    account_key,
    attempt_id,
    channel_queue,
)

with workflow.unsafe.imports_passed_through():
    from activities.contacting import Contacting, ReconcileOrder
    from activities.orders import ContactOrder, RecordOrder
    from activities.recording import Recording
    from domain.facts import (
        AccountOpened,
        AccountUpdated,
        DeliveryFailed,
        LawEventReceived,
        Message,
        MessageReceived,
        PaymentReceived,
        Unread,
    )
    from domain.planning.step import Step, StepKind
    from telemetry import observing
    from workflows import options, visibility
    from workflows.reading import (
        NOTHING,
        is_newer,
        label,
        mended,
        mended_dates,
        one_raw,
        problem,
        read,
        spoken,
        unread,
    )
    from workflows.requests import Requests
    from workflows.starting import is_stop, refused, started, whose
    from workflows.state import AccountEnd, Carried, Entry


@workflow.defn(name=COLLECT_ACCOUNT)
class CollectAccount(Requests):
    """The loop, the messages that break it, and what it shows; its requests are in ``Requests``."""

    @workflow.init
    @one_raw
    def __init__(self, start: RawValue = NOTHING, *_: Any) -> None:
        self._raw = start
        self._step: Step | None = None
        self._inbox: list[Message | Unread] = []
        self._cause: observing.Cause = None
        super().__init__()
        self._timeline: list[Entry] = []
        self._runs = 0
        self._at_once = 0
        self._odd = 0
        """Signals of this run that an older version lets pass."""

    @workflow.run
    @one_raw
    async def run(self, start: RawValue = NOTHING, *_: Any) -> AccountEnd:
        """Collect the account; ends when it is cured, closed, recalled or handed off."""
        try:
            self._start, beginning = started(self._raw)
        except ApplicationError as why:
            await self._refuse(why)
            raise
        await self._begin(beginning)
        while True:
            step = self._current
            if self._inbox:
                await self._record()
            elif step.ends:
                await workflow.wait_condition(workflow.all_handlers_finished)
                if not self._inbox:
                    return self._outcome(step)
            elif self._history_is_long():
                await workflow.wait_condition(workflow.all_handlers_finished)
                if not self._inbox:
                    self._continue(step)
            elif not await self._message_before(step):
                await self._act(step)

    # --- the loop's parts -----------------------------------------------------------------------

    async def _begin(self, beginning: AccountOpened | Carried) -> None:
        """Take up where the last run stopped, or open the account with what the starter sent."""
        if isinstance(beginning, Carried):
            self._timeline, self._runs = list(beginning.timeline), beginning.runs
            self._show(beginning.step)
            return
        self._inbox.insert(0, beginning)
        await self._record()

    async def _refuse(self, why: ApplicationError) -> None:
        """Keep a start that cannot be read, and record all that has come by then as if it had come
        alone: whoever sent it with the start was told that it is taken."""
        told, *others = whose(self._raw)
        self._start = told
        # For those that ended before: they can still be asked.
        if not workflow.patched(options.KEEP_STARTS):
            return
        self._note(f"Account opened: refused: {why.message}")
        self._inbox.insert(0, refused(self._raw, why))
        while self._inbox:
            came = self._inbox
            await self._record()
            stops = [one for one in came if is_stop(one)]
            for other in others if stops else []:
                self._start = other
                later, self._inbox = self._inbox, stops
                await self._record()
                self._inbox = [*later, *self._inbox]
            self._start = told
            await workflow.wait_condition(workflow.all_handlers_finished)

    async def _message_before(self, step: Step) -> bool:
        """Wait for the step's time. True: a message came first."""
        wait, why = step.not_before - workflow.now(), step.summary
        if wait > timedelta(0):
            self._at_once = 0
        else:
            self._at_once += 1
            # Asked only here, so that a life without a fault costs no marker.
            if self._at_once <= options.AT_ONCE or not workflow.patched(options.BRAKE):
                return False
            wait = options.BREATH
            why = f"Due at once {self._at_once} times in a row, so a minute later: {why}"
            workflow.logger.warning("planned in circles: %d steps at once", self._at_once)
        try:
            await workflow.wait_condition(
                lambda: bool(self._inbox), timeout=wait, timeout_summary=why[:200]
            )
        except TimeoutError:
            return False
        return True

    async def _act(self, step: Step) -> None:
        """Do what the step says; only contacts leave the ``collections`` queue."""
        if step.kind is StepKind.CONTACT and step.channel is not None:
            touch = observing.touch(self._about(step))
            with observing.current(touch):
                contact = workflow.start_activity_method(
                    Contacting.contact,
                    ContactOrder.of(**self._ref, step=step),
                    task_queue=channel_queue(step.channel.value),
                    start_to_close_timeout=options.CONTACT,
                    heartbeat_timeout=options.HEARTBEAT,
                    retry_policy=options.FOREVER,
                    priority=self._fair,
                    # Which; its timer has said when, and by which law.
                    summary=step.summary.partition(",")[0][:200],
                )
            recorded = await self._record_beside(contact)
            done = await observing.lasting(touch, contact)
            if recorded:  # the contact may have planned before that was known
                await self._record()
                return
        elif step.kind is StepKind.RECONCILE and step.attempt_id is not None:
            done = await workflow.execute_activity_method(
                Contacting.reconcile,
                ReconcileOrder(**self._ref, attempt_id=step.attempt_id),
                task_queue=TASK_QUEUE,
                start_to_close_timeout=options.CONTACT,
                heartbeat_timeout=options.HEARTBEAT,
                retry_policy=options.FOREVER,
                summary=step.summary[:200],
            )
        else:
            await self._record()
            return
        self._show(done)
        if step.kind is StepKind.CONTACT and done.view.last_contact:
            self._note(f"Last contact: {done.view.last_contact}")

    async def _record_beside(self, contact: "workflow.ActivityHandle[Step]") -> bool:
        """Record what arrives while a contact is under way; whether anything did.

        It may wait in its queue for hours. A payment or a hold has to be on record before it
        reserves, or between that and its dispatch, to stop it: the inbox stops nothing.
        """
        recorded = False
        while True:
            await workflow.wait_condition(lambda: contact.done() or bool(self._inbox))
            # Asked only now, so that a contact that nothing disturbs costs no marker.
            if contact.done() or not workflow.patched(options.RECORD_BESIDE):
                return recorded
            await self._record()
            recorded = True

    async def _record(self) -> None:
        """Write what has arrived, in the order of arrival, and plan."""
        came, self._inbox = self._inbox, []
        plans = 0 if self._step is None else self._step.plans
        messages = tuple(one for one in came if not isinstance(one, Unread))
        kept = tuple(one for one in came if isinstance(one, Unread))
        asked = {one.id: self._asked[one.id].at for one in messages if one.id in self._asked}
        cause, self._cause = self._cause, None
        with observing.current(cause):
            recording = workflow.start_activity_method(
                Recording.record,
                RecordOrder(
                    **self._ref, messages=messages, asked_at=asked, unread=kept, plans=plans
                ),
                task_queue=TASK_QUEUE,
                start_to_close_timeout=options.RECORD,
                heartbeat_timeout=options.HEARTBEAT,
                retry_policy=options.FOREVER,
                summary=(", ".join(map(label, came)) or "Look again and plan")[:200],
            )
        recorded = await recording
        for message, answer in zip(messages, recorded.answers, strict=True):
            if message.id in self._asked:
                self._asked[message.id].answer = answer
            if answer.refused or answer.note or not isinstance(message, AccountOpened):
                self._note(spoken(message, answer))
        self._show(recorded.step)

    def _history_is_long(self) -> bool:
        info = workflow.info()
        return (
            info.get_current_history_length() >= options.HISTORY_LIMIT
            or info.is_continue_as_new_suggested()
        )

    def _continue(self, step: Step) -> None:
        carried = Carried(step=step, timeline=tuple(self._timeline), runs=self._runs + 1)
        start = self._start.model_copy(
            update={"carried": carried.model_dump(mode="json", exclude_none=True)}
        )
        workflow.continue_as_new(
            start.model_dump(mode="json", exclude_none=True, exclude={"strategy", "attributes"})
        )

    # --- what it shows --------------------------------------------------------------------------

    def _show(self, step: Step) -> None:
        if self._step is None or step.summary != self._step.summary:
            self._note(f"Next: {step.summary}")
        self._step = step
        updates = visibility.changed(
            workflow.info().typed_search_attributes, self._start.creditor, step
        )
        if updates:
            workflow.upsert_search_attributes(updates)
        workflow.set_current_details(visibility.details(step))

    def _note(self, what: str) -> None:
        self._timeline.append(Entry(at=workflow.now(), what=what))
        del self._timeline[: -options.TIMELINE]

    def _outcome(self, step: Step) -> AccountEnd:
        view = step.view
        return AccountEnd(
            reason=str(step.close_reason),
            phase=view.phase,
            balance=str(view.balance),
            currency=view.currency,
        )

    @property
    def _current(self) -> Step:
        assert self._step is not None, "set by _begin"  # noqa: S101
        return self._step

    @property
    def _ref(self) -> dict[str, str]:
        return {"creditor": self._start.creditor, "account_id": self._start.account_id}

    def _about(self, step: Step) -> observing.Attributes:
        """What the span of a touch says."""
        return {
            "account": account_key(**self._ref),
            "attempt": attempt_id(**self._ref, step=step.number),
            "channel": step.channel,
            "purpose": step.purpose,
            "phase": step.phase or step.view.phase,
            "touch": step.touch,
        }

    @property
    def _fair(self) -> Priority:
        """One creditor's large portfolio does not hold up another's."""
        return Priority(fairness_key=self._start.creditor[:64])

    # --- signals: facts that have happened ------------------------------------------------------
    # What they carry is taken raw: an argument that cannot be decoded, one too few or too many must
    # neither fail the workflow's task for ever nor go unnoticed. Hence RawValue, NOTHING and *_.

    @workflow.signal(description="Money has arrived: id, amount, currency, paid_at")
    @one_raw
    def payment_received(self, payload: RawValue = NOTHING, *_: Any) -> None:
        """Take a payment; see domain/facts.py for the fields."""
        self._take(PaymentReceived, payload)

    @workflow.signal(description="New facts: id, balance, oldest_due_date, as_of")
    @one_raw
    def account_updated(self, payload: RawValue = NOTHING, *_: Any) -> None:
        """Take new facts of the account or its customer."""
        self._take(AccountUpdated, payload)

    @workflow.signal(description="An accepted message did not reach the customer: id, attempt_id")
    @one_raw
    def delivery_failed(self, payload: RawValue = NOTHING, *_: Any) -> None:
        """Take word of a failed delivery; the gateway has stored it."""
        self._take(DeliveryFailed, payload)

    @workflow.signal(description="The customer wrote: id, channel, intent")
    @one_raw
    def message_received(self, payload: RawValue = NOTHING, *_: Any) -> None:
        """Take word of a customer's message; its text is in PostgreSQL."""
        self._take(MessageReceived, payload)

    @workflow.signal(description="A cease, attorney, dispute, bankruptcy, death...: id, event")
    @one_raw
    def law_event(self, payload: RawValue = NOTHING, *_: Any) -> None:
        """Take a fact that the law gives weight to; it holds for the customer."""
        self._take(LawEventReceived, payload)

    @workflow.signal(dynamic=True, description="Any other: told and kept, and nothing follows")
    def unknown(self, name: str, arguments: Sequence[RawValue]) -> None:
        """Tell of a signal of a name that is none of ours."""
        self._odd += 1
        self._ignore(name, "no such signal is known", arguments[0] if arguments else NOTHING)

    def _take(self, model: type[Message], payload: RawValue) -> None:
        """A malformed signal is told in the timeline and the log, kept, and stops nothing."""
        try:
            message = read(model, payload)
            if is_newer(message):
                self._odd += 1
                if not self._may(options.TAKE_NEWER):
                    raise ValueError("event.recorded_at: is not known here")
            self._put(message)
        except ValueError as error:
            self._odd += 1
            # Asked only here, so that a life without such a stop costs no marker.
            for way, patch in ((mended_dates, options.MEND_STOPS), (mended, options.READ_STOPS)):
                stop = way(model, payload)
                if stop is not None and self._may(patch):
                    self._put(stop)
                    break
            else:
                self._ignore(model.model_fields["kind"].default, problem(error), payload)

    def _ignore(self, name: str, why: str, payload: RawValue) -> None:
        kept = unread(name, why, payload)
        told = f"Ignored signal {kept.name}: {why}"
        workflow.logger.warning(told)
        self._note(told)
        # Asked only here, so that a life without a malformed signal costs no marker.
        if self._may(options.KEEP_UNREAD):
            self._put(kept)

    def _may(self, patch: str) -> bool:
        """Whether what is odd is taken as the patch has it.

        A run in which an older version let one pass has answered "no" for good: by the patch alone
        this version would lose every later stop of that run. So it is asked of each by its number.
        """
        return workflow.patched(patch) or workflow.patched(f"{patch}:{self._odd}")

    def _put(self, message: Message | Unread) -> None:
        """Into the inbox; what is recorded belongs to the trace of its first message."""
        self._inbox.append(message)
        self._cause = self._cause or observing.origin()

    # --- queries --------------------------------------------------------------------------------

    @workflow.query(description="Phase, status, balance, days past due")
    def state(self) -> dict[str, Any]:
        """What the account is doing."""
        if self._step is None:
            return {"status": "starting", **self._ref}
        told = self._step.view.model_dump(mode="json")
        view = {name: told.get(name) for name in visibility.SHOWN}
        return {**self._ref, **view, "continued": self._runs, "waiting": len(self._inbox)}

    @workflow.query(description="What comes next, when and why")
    def next_step(self) -> dict[str, Any]:
        """The step the account waits for."""
        step = self._step
        if step is None:
            return {}
        said = step.model_dump(mode="json", exclude={"view"}, exclude_none=True)
        if step.kind is StepKind.CONTACT:
            covers = step.covers or (account_key(**self._ref),)
            return {"phase": step.view.phase, **said, "covers": list(covers)}
        return {**said, "covers": list(step.covers)}

    @workflow.query(description="What has happened lately")
    def timeline(self) -> list[dict[str, Any]]:
        """The last entries, oldest first; all of it is in PostgreSQL."""
        return [entry.model_dump(mode="json") for entry in self._timeline]
