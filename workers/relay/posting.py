"""One delivery: a POST that is signed, bounded in time, and goes where it is meant to go."""

import asyncio
import socket
from collections.abc import Sequence
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Final, NamedTuple

import aiohttp
from aiohttp.abc import AbstractResolver, ResolveResult

from config.webhooks.endpoints import Endpoint, is_public
from workers.relay.signing import headers

_MOST: Final = 4_096
"""Octets that are read of an answer, so that its connection can be used again."""
_LONGEST_WAIT: Final = 86_400.0
GONE: Final = 410
_TOO_MANY: Final = 429
_UNAVAILABLE: Final = 503


class Answer(NamedTuple):
    """What came of a delivery."""

    problem: str | None
    """Why it counts as not delivered, without a word of theirs; None: it is delivered."""
    status: int | None = None
    wait: float | None = None
    """Seconds for which they want to be left alone."""


class PrivateAddressError(OSError):
    """A name that leads to where no endpoint may lie."""


class _PublicOnly(AbstractResolver):
    """Names lead to public addresses, or nowhere: looked up for each connection, not before it."""

    def __init__(self) -> None:
        self._inner = aiohttp.ThreadedResolver()

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_UNSPEC
    ) -> list[ResolveResult]:
        """The addresses of a name. Raises PrivateAddressError."""
        found = await self._inner.resolve(host, port, family)
        if not found or not all(is_public(one["host"]) for one in found):
            raise PrivateAddressError("leads to a private address")
        return found

    async def close(self) -> None:
        """End it."""
        await self._inner.close()


def session_for(endpoint: Endpoint) -> aiohttp.ClientSession:
    """Connections to one endpoint. TLS is verified; no proxy, no cookies, nothing is unpacked."""
    connector = aiohttp.TCPConnector(
        limit=endpoint.concurrency,
        resolver=aiohttp.ThreadedResolver() if endpoint.private else _PublicOnly(),
        ttl_dns_cache=30,
        keepalive_timeout=20,
    )
    return aiohttp.ClientSession(
        connector=connector,
        timeout=aiohttp.ClientTimeout(total=endpoint.timeout),
        cookie_jar=aiohttp.DummyCookieJar(),
        auto_decompress=False,
        trust_env=False,
    )


async def post(
    session: aiohttp.ClientSession,
    endpoint: Endpoint,
    keys: Sequence[bytes],
    event_id: str,
    body: bytes,
    now: datetime,
) -> Answer:
    """Deliver one event; whatever comes of it is an answer."""
    told = headers(keys, event_id, int(now.timestamp()), body)
    try:
        async with session.post(
            endpoint.url, data=body, headers=told, allow_redirects=False
        ) as answer:
            await answer.content.read(_MOST)
            return _judged(answer.status, answer.headers.get("retry-after"), now)
    except PrivateAddressError:
        return Answer("its name leads to a private address")
    except aiohttp.ClientConnectorDNSError as error:
        private = isinstance(error.os_error, PrivateAddressError)
        why = "its name leads to a private address" if private else "its name is not known"
        return Answer(why)
    except aiohttp.ClientConnectorCertificateError:
        return Answer("its certificate is not valid")
    except aiohttp.ClientSSLError:
        return Answer("no TLS with it")
    except TimeoutError:
        return Answer(f"no answer within {endpoint.timeout:g} seconds")
    except aiohttp.ClientConnectionError:
        return Answer("no connection")
    except (aiohttp.ClientError, OSError, asyncio.IncompleteReadError) as error:
        return Answer(f"its answer cannot be read ({type(error).__name__})")


def _judged(status: int, retry_after: str | None, now: datetime) -> Answer:
    if 200 <= status < 300:
        return Answer(None, status)
    wait = seconds_of(retry_after, now) if status in (_TOO_MANY, _UNAVAILABLE) else None
    if 300 <= status < 400:
        return Answer(f"answers {status}, a redirect, which is not followed", status)
    return Answer(f"answers {status}", status, wait)


def seconds_of(retry_after: str | None, now: datetime) -> float | None:
    """The header ``Retry-After`` in seconds, a day at most; None: none can be read."""
    if retry_after is None:
        return None
    text = retry_after.strip()
    if text.isascii() and text.isdecimal():
        return min(float(text[:9]), _LONGEST_WAIT)
    try:
        at = parsedate_to_datetime(text)
    except (ValueError, TypeError, IndexError):
        return None
    if at.tzinfo is None:
        at = at.replace(tzinfo=UTC)
    return min(max((at - now).total_seconds(), 0.0), _LONGEST_WAIT)
