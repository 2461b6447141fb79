"""Facts and requests that reach an account: written once, then planned around."""

from temporalio import activity

from activities.clock import ActivityClock
from activities.dependencies import Dependencies
from activities.heartbeat import heartbeats
from activities.orders import Answer, Recorded, RecordOrder
from activities.planning import next_step
from domain.facts import Message
from domain.ledger.admission import refusal
from domain.names import account_key
from store.database import Connection
from store.situations import lock_customer
from telemetry import observing


class Recording:
    """The activity ``record``."""

    def __init__(self, dependencies: Dependencies) -> None:
        self.dependencies = dependencies

    @activity.defn(name="record")
    async def record(self, order: RecordOrder) -> Recorded:
        """Write the messages that are new, refuse what breaks a rule, and plan.

        One transaction, serialised with everything else that happens to this customer; running
        twice writes once.
        """
        kinds = ",".join(message.kind for message in order.messages)
        about = {"account": account_key(order.creditor, order.account_id), "messages": kinds}
        with observing.span("record", about):
            return await self._record(order)

    async def _record(self, order: RecordOrder) -> Recorded:
        clock = ActivityClock()
        connect = self.dependencies.pool.acquire()
        async with heartbeats(), connect as connection, connection.transaction():
            await lock_customer(connection, order.creditor, order.account_id)
            answers = [
                await self._take(connection, order, message, clock) for message in order.messages
            ]
            step = await next_step(self.dependencies, connection, order, clock.now())
        return Recorded(step=step, answers=tuple(answers))

    async def _take(
        self, connection: Connection, order: RecordOrder, message: Message, clock: ActivityClock
    ) -> Answer:
        facts, owner, now = self.dependencies.facts, (order.creditor, order.account_id), clock.now()
        known = await facts.account(connection, owner)
        policy = self.dependencies.strategy(known.strategy if known else "default").promise
        standing = (known.currency, known.balance, known.is_open) if known else None
        refused = refusal(message, standing, now, policy, known.zones if known else ("UTC",))
        if not await facts.first_time(connection, owner, message, now, refused):
            before = await facts.refused_before(connection, owner, message.id)
            return Answer(id=message.id, refused=before, repeated=True)
        if refused is None:
            await facts.apply(connection, owner, message, now)
        else:
            activity.logger.warning("refused %s %s: %s", message.kind, message.id, refused)
        return Answer(id=message.id, refused=refused)
