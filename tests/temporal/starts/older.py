"""The workflow as workers of 0.1 run it where the start cannot be read; a module of its own, since
the sandbox imports it again."""

from typing import Any

from temporalio import workflow
from temporalio.exceptions import ApplicationError

from domain.names import COLLECT_ACCOUNT

with workflow.unsafe.imports_passed_through():
    from workflows.collect_account import CollectAccount
    from workflows.state import AccountEnd


@workflow.defn(name=COLLECT_ACCOUNT)
class Older(CollectAccount):
    """Fails at once; nothing of what came with the start is recorded."""

    @workflow.init
    def __init__(self, start: Any = None, *_: Any) -> None:
        super().__init__(start)

    @workflow.run
    async def run(self, start: Any = None, *_: Any) -> AccountEnd:
        return await super().run(start)

    async def _refuse(self, why: ApplicationError) -> None:
        return
