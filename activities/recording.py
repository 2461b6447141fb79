"""Facts and requests that reach an account: written once, then planned around."""

from temporalio import activity

from activities import observing
from activities.alive import heartbeats
from activities.clock import ActivityClock
from activities.house import House
from activities.orders import Answer, Recorded, RecordOrder
from activities.planning import next_step
from activities.store.database import Connection
from activities.store.situations import lock_customer
from domain.admission import refusal
from domain.messages import Message
from domain.names import account_key


class Recording:
    """The activity ``record``."""

    def __init__(self, house: House) -> None:
        self.house = house

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
        connect = self.house.pool.acquire()
        async with heartbeats(), connect as connection, connection.transaction():
            await lock_customer(connection, order.creditor, order.account_id)
            answers = [
                await self._take(connection, order, message, clock) for message in order.messages
            ]
            step = await next_step(self.house, connection, order, clock.now())
        return Recorded(step=step, answers=tuple(answers))

    async def _take(
        self, connection: Connection, order: RecordOrder, message: Message, clock: ActivityClock
    ) -> Answer:
        facts, owner, now = self.house.facts, (order.creditor, order.account_id), clock.now()
        known = await facts.account(connection, owner)
        policy = self.house.strategy(known.strategy if known else "default").promise
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
