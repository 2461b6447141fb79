"""A worker's probe says whether it lives and whether its servers answer."""

import socket

import httpx
import pytest

from domain.failures import Misconfigured, Unavailable
from workers.process.probe import probed


def free() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        port: int = one.getsockname()[1]
        return port


async def well() -> None:
    """It answers."""


async def silent() -> None:
    raise Unavailable("PostgreSQL does not answer: test")


async def test_it_says_which_server_does_not_answer() -> None:
    port = free()
    url = f"http://127.0.0.1:{port}"
    async with (
        probed("127.0.0.1", port, {"postgres": silent, "temporal": well}),
        httpx.AsyncClient(base_url=url, trust_env=False) as web,
    ):
        lives, ready = await web.get("/healthz"), await web.get("/readyz")
    assert (lives.status_code, ready.status_code) == (200, 503)
    assert ready.json() == {"postgres": "PostgreSQL does not answer: test", "temporal": "ok"}


async def test_without_a_port_there_is_none() -> None:
    async with probed("127.0.0.1", None, {}):
        pass


async def test_a_port_that_is_taken_is_told_with_what_to_do() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        with pytest.raises(Misconfigured, match="CONTRAPUNTO_WORKER_PROBE_PORT"):
            async with probed("127.0.0.1", taken.getsockname()[1], {}):
                pass
