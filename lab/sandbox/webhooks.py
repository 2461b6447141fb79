"""Posting webhooks: in the background, repeated while the receiver is down, counted."""

import asyncio
import contextlib
import logging
from collections import deque
from collections.abc import Coroutine, Iterator
from typing import Any, Final

import httpx

log: Final = logging.getLogger(__name__)


class NotDeliveredError(Exception):
    """The receiver of a webhook did not take it."""


class Poster:
    """One HTTP client for every webhook, and the background tasks that use it."""

    def __init__(self, retries: int, backoff: float) -> None:
        self._client = httpx.AsyncClient(timeout=20, trust_env=False, follow_redirects=False)
        self._retries = retries
        self._backoff = backoff
        self._tasks: dict[asyncio.Task[None], str | None] = {}
        self.posted = 0
        self.failures: deque[str] = deque(maxlen=200)

    @property
    def in_flight(self) -> int:
        """How many background callbacks are still under way."""
        return len(self._tasks)

    async def post(self, url: str, content: bytes, headers: dict[str, str]) -> None:
        """Post until a 2xx; a 4xx is a verdict and is not repeated."""
        trouble = ""
        for again in range(self._retries + 1):
            if again:
                await asyncio.sleep(self._backoff * 2 ** (again - 1))
            try:
                answer = await self._client.post(url, content=content, headers=headers)
            except httpx.TransportError as error:
                trouble = f"{type(error).__name__} {error}".strip()
                continue
            if answer.is_success:
                self.posted += 1
                return
            trouble = f"HTTP {answer.status_code}"
            if answer.status_code < 500 and answer.status_code != httpx.codes.TOO_MANY_REQUESTS:
                break
        path = httpx.URL(url).path
        self.failures.append(f"{path}: {trouble}")
        raise NotDeliveredError(f"{path}: {trouble}")

    async def fetch(self, url: str, content: bytes, headers: dict[str, str]) -> str:
        """Post once and read the answer; whatever is no 2xx is no answer."""
        try:
            answer = await self._client.post(url, content=content, headers=headers)
        except httpx.TransportError as error:
            raise NotDeliveredError(f"{httpx.URL(url).path}: {type(error).__name__}") from error
        if not answer.is_success:
            raise NotDeliveredError(f"{httpx.URL(url).path}: HTTP {answer.status_code}")
        self.posted += 1
        return answer.text

    async def post_forged(self, url: str, content: bytes, headers: dict[str, str]) -> None:
        """Post what the receiver ought to refuse; the answer is counted by the receiver's tests."""
        try:
            answer = await self._client.post(url, content=content, headers=headers)
        except httpx.TransportError:
            return
        if answer.is_success:
            self.failures.append(f"{httpx.URL(url).path}: a forged callback was accepted")

    def background(self, work: Coroutine[Any, Any, None], account: str | None) -> None:
        """Run in the background; the sandbox is not quiet, about this account, before it ends."""
        task = asyncio.create_task(work)
        self._tasks[task] = account
        task.add_done_callback(self._tasks.pop)

    async def quiet(self, account: str) -> None:
        """Return when nothing about an account is under way."""
        while mine := [task for task, of in self._tasks.items() if of == account]:
            await asyncio.wait(mine)

    @contextlib.contextmanager
    def tolerant(self) -> Iterator[None]:
        """A callback that nobody takes is logged, and life goes on."""
        try:
            yield
        except NotDeliveredError as error:
            log.warning("webhook not delivered: %s", error)

    async def close(self) -> None:
        """Drop what is under way and close the client."""
        tasks = list(self._tasks)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await self._client.aclose()
