"""A loopback HTTP server that answers with whatever a test scripts, and counts."""

import json
import socket
import struct
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

TIMEOUT = 0.4


@dataclass
class Answer:
    """One scripted answer; ``fault`` breaks it on the wire.

    ``stale``: it arrives, and the next request over its connection is reset, as by what stands
    between two ends and has forgotten a connection that was idle.
    """

    status: int = 200
    body: bytes = b""
    headers: dict[str, str] = field(default_factory=dict)
    fault: str = ""

    @classmethod
    def json(cls, status: int, value: Any, **headers: str) -> "Answer":
        said = {"Content-Type": "application/json", **headers}
        return cls(status, json.dumps(value).encode(), said)


@dataclass
class Request:
    """What reached the server."""

    method: str
    path: str
    headers: dict[str, str]
    body: bytes


class _Server(ThreadingHTTPServer):
    request_queue_size = 64
    daemon_threads = True


class Script:
    """The server: the last answer repeats for ever."""

    def __init__(self) -> None:
        self.answers: list[Answer] = []
        self.requests: list[Request] = []
        self._stale: list[object] = []
        self._server = _Server(("127.0.0.1", 0), self._handler())
        self._thread = threading.Thread(
            target=self._server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True
        )
        self._thread.start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._server.server_port}"

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        script = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def _any(self) -> None:
                length = int(self.headers.get("Content-Length") or 0)
                body = self.rfile.read(length)
                script.requests.append(
                    Request(self.command, self.path, dict(self.headers.items()), body)
                )
                answers = script.answers
                script.play(self, answers.pop(0) if len(answers) > 1 else answers[0])

            do_GET = do_POST = _any  # noqa: N815 - the names http.server looks for

            def log_message(self, *_: object) -> None: ...

        return Handler

    def play(self, handler: BaseHTTPRequestHandler, answer: Answer) -> None:
        connection = handler.connection
        handler.close_connection = True
        if connection in self._stale:
            answer = Answer(fault="reset")
        if answer.fault == "hang":
            time.sleep(3 * TIMEOUT)
            return
        if answer.fault == "reset":
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            connection.close()
            return
        if answer.fault == "close":
            return
        promised = len(answer.body) * (2 if answer.fault == "cut" else 1)
        head = [f"HTTP/1.1 {answer.status} Scripted", f"Content-Length: {promised}"]
        head += [f"{name}: {value}" for name, value in answer.headers.items()]
        if answer.fault == "half head":
            handler.wfile.write(head[0].encode()[:10])
            return
        if answer.fault == "stale":
            handler.close_connection = False
            self._stale.append(connection)
        else:
            head.append("Connection: close")
        handler.wfile.write("\r\n".join([*head, "", ""]).encode())
        handler.wfile.write(answer.body)


@pytest.fixture
def script() -> Iterator[Script]:
    made = Script()
    yield made
    made.close()
