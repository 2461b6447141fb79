"""Workflows that a replay must catch; a module of its own, since the sandbox imports it again."""

from datetime import timedelta
from typing import Any

from temporalio import workflow
from temporalio.exceptions import ApplicationError

from domain.names import COLLECT_ACCOUNT

with workflow.unsafe.imports_passed_through():
    from domain.planning.step import Step
    from workflows.collect_account import CollectAccount
    from workflows.state import AccountEnd


@workflow.defn(name=COLLECT_ACCOUNT)
class Unchanged(CollectAccount):
    """The control: a subclass as such must pass."""

    @workflow.init
    def __init__(self, start: Any = None, *_: Any) -> None:
        super().__init__(start)

    @workflow.run
    async def run(self, start: Any = None, *_: Any) -> AccountEnd:
        return await super().run(start)


@workflow.defn(name=COLLECT_ACCOUNT)
class ExtraTimer(CollectAccount):
    """Sleeps a second before it acts."""

    @workflow.init
    def __init__(self, start: Any = None, *_: Any) -> None:
        super().__init__(start)

    @workflow.run
    async def run(self, start: Any = None, *_: Any) -> AccountEnd:
        return await super().run(start)

    async def _act(self, step: Step) -> None:
        await workflow.sleep(timedelta(seconds=1))
        await super()._act(step)


@workflow.defn(name=COLLECT_ACCOUNT)
class MissingTimer(CollectAccount):
    """Acts at once, whatever the step's time."""

    @workflow.init
    def __init__(self, start: Any = None, *_: Any) -> None:
        super().__init__(start)

    @workflow.run
    async def run(self, start: Any = None, *_: Any) -> AccountEnd:
        return await super().run(start)

    async def _message_before(self, step: Step) -> bool:
        return False


@workflow.defn(name=COLLECT_ACCOUNT)
class Reordered(CollectAccount):
    """Looks again before the contact, and not after the messages."""

    @workflow.init
    def __init__(self, start: Any = None, *_: Any) -> None:
        super().__init__(start)

    @workflow.run
    async def run(self, start: Any = None, *_: Any) -> AccountEnd:
        return await super().run(start)

    async def _act(self, step: Step) -> None:
        await self._record()
        await super()._act(step)


@workflow.defn(name=COLLECT_ACCOUNT)
class SilentAttributes(CollectAccount):
    """Shows nothing in the search attributes any more."""

    @workflow.init
    def __init__(self, start: Any = None, *_: Any) -> None:
        super().__init__(start)

    @workflow.run
    async def run(self, start: Any = None, *_: Any) -> AccountEnd:
        return await super().run(start)

    def _show(self, step: Step) -> None:
        self._step = step


@workflow.defn(name=COLLECT_ACCOUNT)
class Unrecorded(CollectAccount):
    """Fails over a start that it cannot read, and records nothing of what came with it."""

    @workflow.init
    def __init__(self, start: Any = None, *_: Any) -> None:
        super().__init__(start)

    @workflow.run
    async def run(self, start: Any = None, *_: Any) -> AccountEnd:
        return await super().run(start)

    async def _refuse(self, why: ApplicationError) -> None:
        return


MUTANTS = (ExtraTimer, MissingTimer, Reordered, SilentAttributes)
