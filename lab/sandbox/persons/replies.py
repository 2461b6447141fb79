"""What people write to us is brought by the provider of the channel on which they write."""

from datetime import datetime, timedelta
from typing import Final, Protocol

from lab.sandbox.persons.agenda import Action
from lab.sandbox.persons.people import Kind
from lab.sandbox.record import Meant, Message
from lab.sandbox.world import World

STALE: Final = timedelta(hours=12)
"""How late a day can still be named by the words that were meant for another moment."""


class Says(Protocol):
    """A provider through which people answer."""

    def inbound_id(self, digits: str, /) -> str:
        """The id of an answer."""
        ...

    async def say(
        self, asked: Message, text: str, at: datetime, digits: str, *, exact: bool = True
    ) -> str:
        """Bring an answer to us; what became of it."""
        ...


class Replies:
    """The doing of what people intend to write."""

    def __init__(self, world: World, says: dict[str, Says]) -> None:
        """``says``: the provider by the name that is on the message which is answered."""
        self._world, self._says = world, says
        world.agenda.performers[Kind.REPLY] = self._reply

    async def _reply(self, action: Action) -> str:
        asked, told = self._place(action), action.details.get("meant")
        digits, meant = self._world.name("inbound", action.id), None
        if told is not None:
            meant = Meant.model_validate(told)
            now = (await self._world.clock.now(asked.account)).at
            if meant.on is not None and now > action.at + STALE:
                return "too late to say"  # "on Friday" means another day by now
        text, asks = str(action.details["text"]), self._world.meaning(action)
        return await self.write(asked, text, digits, asks=asks, meant=meant)

    async def write(
        self,
        asked: Message,
        text: str,
        digits: str,
        *,
        asks: str | None,
        meant: Meant | None = None,
    ) -> str:
        """Somebody answers ``asked`` now; what became of it. What they meant, and what they asked
        for, is on record."""
        provider, reading = self._says[asked.provider], await self._world.clock.now(asked.account)
        name = provider.inbound_id(digits)
        try:
            outcome = await provider.say(asked, text, reading.at, digits, exact=reading.exact)
        finally:
            if meant and (written := self._world.record.messages.get(name)):
                written.meant = meant
                self._world.record.update(written)
        if meant:
            self._world.has_said(asked.person, meant, reading.at)
        await self._world.heed(digits, asked, text, asks, name)
        return outcome

    def _place(self, action: Action) -> Message:
        """The message that is answered; or, for who writes elsewhere, one as if it had come there
        from the number at which we are known."""
        asked = self._world.record.messages[action.message]
        by = action.details.get("by")
        if by is None:
            return asked
        mark = "whatsapp:" if by == "whatsapp" else ""
        return asked.model_copy(
            update={
                "provider": "twilio",
                "channel": by,
                "to": mark + action.details["from"],
                "sender": mark + self._world.settings.default_sender,
                "service": None,
                "subject": None,
            }
        )
