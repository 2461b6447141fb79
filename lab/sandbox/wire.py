"""Answers that go wrong on the wire: resets, halves, silence. They need the connection itself.

uvicorn hides the transport, so `TransportProtocol` hands it to the application in the request's
state. A reset is a real one: SO_LINGER of zero makes the kernel send RST.
"""

import asyncio
import socket
import struct
from http import HTTPStatus
from typing import Any

from starlette.responses import JSONResponse, Response
from starlette.types import Receive, Scope, Send
from uvicorn.protocols.http.h11_impl import H11Protocol

from lab.sandbox import intermediaries
from lab.sandbox.faults import Effect, Fault

TRANSPORT = "transport"


class TransportProtocol(H11Protocol):
    """uvicorn's h11 protocol that lets a response reach its connection."""

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Remember the transport for every request of this connection."""
        self.app_state = {**self.app_state, TRANSPORT: transport}
        # asyncio does this only for sockets made with proto=IPPROTO_TCP, and ours was bound by us:
        # without it head and body are two packets, and the second waits 40 ms for an ACK.
        sock = transport.get_extra_info("socket")
        if sock is not None and sock.family in (socket.AF_INET, socket.AF_INET6):
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        super().connection_made(transport)


class Broken(Response):
    """A response that is no proper answer."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Do it, then wait until the server has seen the connection go."""
        transport: Any = scope.get("state", {}).get(TRANSPORT)
        if transport is None:
            raise RuntimeError("broken answers need uvicorn with TransportProtocol")
        await self.happen(transport, receive)
        while (await receive())["type"] != "http.disconnect":
            pass

    async def happen(self, transport: asyncio.Transport, receive: Receive) -> None:
        """Break."""
        raise NotImplementedError


class Reset(Broken):
    """The connection is torn down by a TCP RST."""

    async def happen(self, transport: asyncio.Transport, receive: Receive) -> None:
        """Abort with SO_LINGER zero."""
        sock = transport.get_extra_info("socket")
        if sock is not None:
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        transport.abort()


class Hang(Broken):
    """No answer until the caller gives up, or the time is over: then a reset."""

    def __init__(self, seconds: float) -> None:
        super().__init__()
        self._seconds = seconds

    async def happen(self, transport: asyncio.Transport, receive: Receive) -> None:
        """Wait."""
        try:
            async with asyncio.timeout(self._seconds):
                while (await receive())["type"] != "http.disconnect":
                    pass
        except TimeoutError:
            transport.abort()


class Half(Broken):
    """The first half of a right answer, then the end of the connection."""

    def __init__(self, whole: Response, *, promised: bool) -> None:
        super().__init__()
        self._whole = whole
        self._promised = promised

    async def happen(self, transport: asyncio.Transport, receive: Receive) -> None:
        """Write half and close."""
        transport.write(self._bytes())
        transport.close()

    def _bytes(self) -> bytes:
        whole = self._whole
        status = f"HTTP/1.1 {whole.status_code} {HTTPStatus(whole.status_code).phrase}\r\n".encode()
        body = bytes(whole.body)
        if not body:  # SendGrid's 202: all that can be lost is the head, X-Message-Id with it
            return status[:10] if self._promised else status + b"Server: nginx\r\n"
        head = [b"Content-Type: application/json", b"Connection: close"]
        if self._promised:
            head.append(b"Content-Length: %d" % len(body))
        return status + b"\r\n".join(head) + b"\r\n\r\n" + body[: len(body) // 2]


def broken_before(effect: Effect | None, hang_seconds: float) -> Response | None:
    """How a request ends that was not accepted, for faults that are the same at every provider."""
    match effect.fault if effect else None:
        case Fault.HANG_BEFORE:
            return Hang(hang_seconds)
        case Fault.RESET_BEFORE:
            return Reset()
        case Fault.PROXY_BEFORE if effect:
            return intermediaries.answer(effect.argument)
        case _:
            return None


def refused_before(effect: Effect | None, failure: Any, hang: float) -> Response | None:
    """The answer to a request not accepted; `failure(status)` makes the provider's own no."""
    if effect is None:
        return None
    answer: Response | None
    match effect.fault:
        case Fault.REFUSE:
            answer = failure(effect.number(400))
        case Fault.TOO_MANY:
            answer = failure(429)
        case Fault.FAIL_BEFORE:
            answer = failure(effect.number(500))
        case _:
            answer = broken_before(effect, hang)
    return answer


async def after(effect: Effect | None, whole: Response, failure: Any, hang: float) -> Response:
    """The answer to an accepted request; `failure(status)` makes the provider's own 5xx."""
    if effect is None:
        return whole
    match effect.fault:
        case Fault.FAIL_AFTER:
            answer: Response = failure(effect.number(500))
            return answer
        case Fault.HANG_AFTER:
            return Hang(hang)
        case Fault.RESET_AFTER:
            return Reset()
        case Fault.TRUNCATE_AFTER | Fault.CUT_AFTER:
            return Half(whole, promised=effect.fault is Fault.CUT_AFTER)
        case Fault.PROXY_AFTER:
            return intermediaries.answer(effect.argument)
        case Fault.SLOW:
            await asyncio.sleep(float(effect.argument))
            return whole
        case _:
            return whole


def json_answer(value: Any, status: int = 200, headers: dict[str, str] | None = None) -> Response:
    """JSON as providers write it."""
    return JSONResponse(value, status, headers)
