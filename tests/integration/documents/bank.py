"""A bank whose messages carry files."""

import hashlib
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from activities.dependencies import Dependencies
from domain.channels import Channel, Purpose
from domain.documents.document import DocumentKind
from domain.names import contact_point_id
from domain.strategy import Attached
from store.database import Pool
from store.documents.documents import Became, Listed, record
from store.views.customer import OfCustomer
from tests.integration.channels.conftest import Script
from tests.support.activities import Actor, accepted
from tests.support.rows import add_account, add_customer

PDF, PNG, OGG = b"%PDF-1.7 a statement", b"\x89PNG\r\n\x1a\n a code", b"OggS a voice"
TYPES = {PDF: "application/pdf", PNG: "image/png", OGG: "audio/ogg"}
COLOMBIAN, AMERICAN = "+573001234567", "+13055550123"
PIX = {"bank": {"key": "12345678901", "name": "BANCO", "city": "SAO PAULO"}}
ALL = (Channel.EMAIL, Channel.WHATSAPP, Channel.SMS)


@dataclass
class Bank:
    """A bank whose messages carry files."""

    pool: Pool
    dependencies: Dependencies
    sandbox_url: str
    files: Script
    folder: Path

    async def customer(self, channel: str, *, to: str = "", country: str = "CO") -> Actor:
        """One who can be reached in one way."""
        mail = (channel, "email", "ana@example.com")
        points = (mail if channel == "email" else (channel, "mobile", to or COLOMBIAN),)
        zones = ("America/New_York",) if country == "US" else ("America/Bogota",)
        about = {"country": country, "zones": zones, "points": points, "preferred": channel}
        await add_customer(self.pool, **about)  # type: ignore[arg-type]
        await add_account(self.pool, due=datetime.now(UTC).date() - timedelta(days=10))
        return Actor(self.dependencies)

    def wants(self, *kinds: DocumentKind, channels: tuple[Channel, ...] = ALL) -> None:
        """What the strategy names."""
        named = tuple(
            Attached(purpose=purpose, kind=kind, channels=channels)
            for purpose in (Purpose.REMINDER, Purpose.SECOND_NOTICE)
            for kind in kinds
        )
        changed = {"attachments": named, "reply_rest_days": 0}
        own = self.dependencies.strategies["default"].model_copy(update=changed)
        self.dependencies.strategies["default"] = own  # type: ignore[index]

    async def lists(
        self, content: bytes, kind: DocumentKind, *, name: str = "f1", at_url: bool = True
    ) -> None:
        """A file of account A1, on the bank's host or in its folder."""
        (self.folder / name).write_bytes(content)
        one = Listed(
            document_id=name,
            creditor="bank",
            account_id="A1",
            customer_id="C1",
            kind=kind,
            url=f"{self.files.url}/{name}" if at_url else None,
            file=None if at_url else name,
            media_type=TYPES[content],
            name=f"{kind.value}.bin",
            bytes=len(content),
            sha256=hashlib.sha256(content).hexdigest(),
            valid_from=None,
            valid_until=None,
        )
        async with self.pool.acquire() as connection:
            before = datetime.now(UTC) - timedelta(days=1)
            assert await record(connection, one, before) is Became.NEW

    async def sent(self, actor: Actor, *, wrote: bool = False) -> dict[str, Any]:
        """The one message that went."""
        [message] = await self.all_sent(actor, wrote=wrote)
        assert len(message["text"]) > 40, "the words are complete"
        return message

    async def all_sent(self, actor: Actor, *, wrote: bool = False) -> list[dict[str, Any]]:
        """All that providers took, the newest first, as the sandbox lists them."""
        step = await actor.planned(datetime.now(UTC))
        if wrote:
            point = contact_point_id("C1", "whatsapp", COLOMBIAN)
            await self.pool.execute(
                "INSERT INTO inbound (provider, inbound_id, channel, customer_id, "
                "contact_point_id, address, text, intent, at) "
                "VALUES ('twilio', 'SM1', 'whatsapp', 'C1', $1, $2, 'hola', 'other', $3)",
                *(point, COLOMBIAN, step.not_before - timedelta(hours=1)),
            )
        await actor.contact(step)
        return await accepted(self.sandbox_url)

    async def left_away(self) -> list[str | None]:
        """What is on record of each file with the attempt, as `customer show` has it."""
        [sent] = await OfCustomer(self.pool, "C1", None).sent()
        return [one["left_away"] for one in sent["attached"] or ()]
