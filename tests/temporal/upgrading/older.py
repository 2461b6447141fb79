"""The workflow as workers of 0.1 run it, as far as what they let pass goes; a module of its own,
since the sandbox imports it again."""

from typing import Any

from temporalio import workflow

from domain.names import COLLECT_ACCOUNT

with workflow.unsafe.imports_passed_through():
    from workflows.collect_account import CollectAccount
    from workflows.reading import is_newer, read
    from workflows.state import AccountEnd


@workflow.defn(name=COLLECT_ACCOUNT)
class Older(CollectAccount):
    """Tells of a malformed signal in the timeline, and of one with a field that it does not know;
    nothing follows."""

    @workflow.init
    def __init__(self, start: Any = None, *_: Any) -> None:
        super().__init__(start)

    @workflow.run
    async def run(self, start: Any = None, *_: Any) -> AccountEnd:
        return await super().run(start)

    def _take(self, model: Any, payload: Any) -> None:
        try:
            message = read(model, payload)
        except ValueError:
            self._note("Ignored")
        else:
            if is_newer(message):
                self._note("Ignored")
            else:
                self._put(message)
