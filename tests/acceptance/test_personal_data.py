"""Marked names, numbers and words go through everything; none is found where it must not be.

Searched are Temporal's own database file, every workflow's history, all logs, and the traces and
metrics, which the processes are told to print into those logs. With the payload codec on, amounts
are not to be found in Temporal either.
"""

import asyncio
import base64
import json
import os
import shutil
import tempfile
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx
import pytest
from rich.console import Console
from temporalio.client import Client, WorkflowUpdateFailedError
from temporalio.service import RPCError

from config.settings import Settings
from domain.names import workflow_id
from lab.builders.intake_files import row, write_csv
from lab.local.fast_time import Conductor
from lab.local.stack import Stack
from store.database import connect
from workers.accounts import Accounts
from workers.codec import data_converter
from workers.connection import fast_client
from workers.intake.command import intake
from workers.intake.starter import TemporalStarter

KEYS = {
    "2026-12": base64.b64encode(os.urandom(32)).decode(),
    "2026-11": base64.b64encode(os.urandom(32)).decode(),
}
BEGAN = datetime.now(UTC)

NAME, MOBILE, MAIL, SAID = "Zzyxqa Umbral", "+12125550177", "zzyxqb@example.com", "zzyxqc-job-lost"
OTHER = "+12125550178"
PERSONAL = (NAME, "Zzyxqa", MOBILE, MOBILE[2:], OTHER[2:], MAIL, "zzyxqb", SAID)
AMOUNT = "8413.77"
CONTROL = "ZCONTROL1"
"""The account's id, readable everywhere on purpose: it shows that the search finds things."""


@pytest.fixture
def stack() -> Iterator[Stack]:
    """The local stack with keys, and with traces and metrics printed into the logs."""
    folder = Path(tempfile.mkdtemp(prefix="contrapunto-personal-"))
    extra = {
        "CONTRAPUNTO_PAYLOAD_KEYS": json.dumps(KEYS),
        "OTEL_TRACES_EXPORTER": "console",
        "OTEL_METRICS_EXPORTER": "console",
        "OTEL_METRIC_EXPORT_INTERVAL": "2000",
    }
    made = Stack(folder, fast_time=True, seed=7, extra=extra)
    try:
        yield made
    finally:
        asyncio.run(made.stop())
        shutil.rmtree(folder, ignore_errors=True)


@pytest.mark.timeout(150)
def test_nothing_personal_leaves_the_rooms_it_belongs_in(stack: Stack) -> None:
    histories = asyncio.run(_live(stack))
    asyncio.run(stack.stop())  # so that what was buffered is on disk
    received = stack.received.read_text()
    assert NAME.split()[0] in received and MOBILE in received, "it was really written to them"
    database = b"".join(file.read_bytes() for file in sorted(stack.folder.glob("temporal.db*")))
    logs = b"".join(file.read_bytes() for file in sorted(stack.logs.glob("*.log")))
    places = {"Temporal's database": database, "histories": histories, "logs": logs}
    for place, content in places.items():
        assert CONTROL.encode() in content, f"{place}: the search finds nothing at all"
        found = [mark for mark in PERSONAL if mark.encode() in content]
        assert not found, f"{place} has {found}"
    for place in ("Temporal's database", "histories"):
        assert AMOUNT.encode() not in places[place], f"{place} has the balance in clear"
    assert b'"name": "contact"' in logs, "no span of a contact: telemetry was not on"


async def _live(stack: Stack) -> bytes:
    """A fortnight with answers, refusals and failures; all histories as Temporal has them."""
    await stack.start()
    keys = Settings(payload_keys=KEYS).payload_keys
    client = await Client.connect(stack.temporal.address, data_converter=data_converter(keys))
    sandbox = httpx.AsyncClient(base_url=stack.sandbox_url, trust_env=False, timeout=30)
    async with sandbox, connect(stack.environment()["CONTRAPUNTO_DATABASE_URL"], 4) as pool:
        people = {MOBILE: "ignorer", MAIL: "ignorer"}
        (await sandbox.post("/_sandbox/people", json=people)).raise_for_status()
        # Twilio's 21211 repeats the number in its message; the others leave an attempt in doubt.
        faults = [
            {"do": "refuse:21211", "match": {"to": OTHER}},
            {"do": "truncate_after", "match": {"to": MOBILE}},
            {"do": "5xx_after", "match": {"channel": "email"}},
        ]
        (await sandbox.post("/_sandbox/faults", json=faults)).raise_for_status()
        report = await intake(
            _portfolio(stack.folder),
            snapshot=False,
            as_of=BEGAN,
            pool=pool,
            starter=TemporalStarter(Accounts(fast_client(client).client)),
            console=Console(quiet=True),
        )
        assert report.exit_code == 0, report.lines()
        conductor = Conductor(client, pool, stack.sandbox_url)
        await conductor.play(BEGAN + timedelta(days=12))
        await _write_back(sandbox)
        await conductor.play(BEGAN + timedelta(days=13))
        await _misbehave(client)
        await conductor.play(BEGAN + timedelta(days=14))
        assert await pool.fetchval("SELECT count(*) FROM inbound") > 0, "the answer arrived"
        handles = [client.get_workflow_handle(one.id) async for one in client.list_workflows()]
        found = [e.SerializeToString() for h in handles async for e in h.fetch_history_events()]
    return b"".join(found)


def _portfolio(folder: Path) -> Path:
    cells = {
        "name": NAME,
        "locale": "en-US",
        "country": "US",
        "region": "",
        "postal_code": "",
        "timezone": "America/New_York",
        "currency": "USD",
        "balance": AMOUNT,
        "mobile": MOBILE,
        "email": MAIL,
        "oldest_due_date": str(BEGAN.date() - timedelta(days=8)),
    }
    other = cells | {"mobile": OTHER, "email": "zzyxqb2@example.com"}
    lines = [
        row(account_id=CONTROL, customer_id="P1", preferred_channel="sms", **cells),
        row(account_id="ZCONTROL2", customer_id="P2", preferred_channel="sms", **other),
    ]
    return write_csv(folder / "portfolio.csv", lines)


async def _write_back(sandbox: httpx.AsyncClient) -> None:
    """The customer answers the last text message in words of their own."""
    messages = (await sandbox.get("/_sandbox/messages")).json()["messages"]
    texts = [one for one in messages if one["person"] == MOBILE and one["direction"] == "out"]
    assert texts, "no text message came"
    body = {"message": texts[-1]["id"], "text": f"call me, {SAID}, {NAME}"}
    (await sandbox.post("/_sandbox/say", json=body)).raise_for_status()


async def _misbehave(client: Client) -> None:
    """Upstream systems send what does not belong into messages; nobody repeats it."""
    handle = client.get_workflow_handle(workflow_id("banco-andino", CONTROL))
    await handle.signal("payment_received", {"id": "x1", "amount": NAME, "paid_at": MAIL})
    await handle.signal("account_updated", f"{NAME} {MOBILE}")
    for update in ("hold", "record_promise"):
        with pytest.raises((WorkflowUpdateFailedError, RPCError)):
            await handle.execute_update(update, {"id": "x2", "until": SAID, "amount": MOBILE})
