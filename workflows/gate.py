"""Whether a version can do its work, asked on each of its queues before any account is its own.

The worker controller on Kubernetes starts it (``rollout.gate.workflowType: Gate``), and moves no
traffic to a version of which it has not succeeded everywhere.
"""

from temporalio import workflow

from domain.names import GATE

with workflow.unsafe.imports_passed_through():
    from activities.gate import READY, Ready
    from workflows import options


@workflow.defn(name=GATE)
class Gate:
    """Asks one worker of this queue whether it is ready."""

    @workflow.run
    async def run(self) -> Ready:
        """Ask; fails with what is wrong."""
        ready: Ready = await workflow.execute_activity(
            READY,
            result_type=Ready,
            start_to_close_timeout=options.RECORD,
            schedule_to_close_timeout=options.GATE,
            summary="Is this version ready?",
        )
        return ready
