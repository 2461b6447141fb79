"""The connection to Temporal, from its standard environment and TOML profiles."""

import os
import re
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit

from temporalio.client import Client
from temporalio.envconfig import ClientConfig, ClientConnectConfig
from temporalio.service import RPCError
from temporalio.testing import TimeSkipper, TimeSkippingConfig

from config.settings import Settings, load
from config.transport import demand_of_temporal
from domain.failures import Fault, Misconfigured, Unavailable
from workers.audit import begin_here
from workers.clock import Clock, FastClock, SystemClock
from workers.codec import data_converter

_BLANK: Final = re.compile(r"\s")
_CONFIG_FILE: Final = "TEMPORAL_CONFIG_FILE"
_FAULTY: Final = re.compile("ParseError|InvalidUri|Invalid headers|InvalidHeader")
"""In what the SDK says where no server could be asked: keys, certificates, headers, addresses. It
would be said again however long one waits."""


async def temporal_client(**options: Any) -> Client:
    """Connect as TEMPORAL_ADDRESS, TEMPORAL_NAMESPACE, TEMPORAL_PROFILE ... say.

    Payloads are encrypted where CONTRAPUNTO_PAYLOAD_KEYS has keys.
    What a command does with it is in the audit before it has it.
    Raises Unavailable or Misconfigured with what to do.
    """
    try:
        config = connect_config()
    except (ValueError, OSError, RuntimeError) as error:  # RuntimeError: the SDK's ConfigError
        raise Misconfigured(f"Temporal's configuration (TEMPORAL_*, profile): {error}") from error
    address = config["target_host"]
    converter = data_converter(load().payload_keys)
    try:
        client = await Client.connect(**{**config, "data_converter": converter, **options})
        await client.workflow_service.describe_namespace(_describe(client.namespace))
    except RPCError as error:
        if error.status.name in ("UNAUTHENTICATED", "PERMISSION_DENIED"):
            raise Misconfigured(
                f"Temporal at {address} refuses us ({error.message}): check TEMPORAL_API_KEY "
                "or the TLS settings of the profile"
            ) from error
        if error.status.name == "NOT_FOUND":
            raise Misconfigured(
                f"Temporal at {address} has no namespace {config['namespace']!r}: create it, or "
                "set TEMPORAL_NAMESPACE"
            ) from error
        raise Unavailable(_silent(address, error.message)) from error
    except (ValueError, RuntimeError) as error:
        if isinstance(error, ValueError) or _FAULTY.search(str(error)):
            raise Misconfigured(
                f"Temporal's configuration (TEMPORAL_*, profile): {_first_line(error)}"
            ) from error
        raise Unavailable(_silent(address, str(error))) from error
    await begin_here()
    return client


def connect_config() -> ClientConnectConfig:
    """What environment and profile say of the connection.

    Raises Misconfigured for an address that is none, one that would be reached in clear and must
    not be, and what the SDK has against the rest.
    """
    config = said_config()
    demand_of_temporal(
        config["target_host"], tls=speaks_tls(config), allowed=load().allow_plaintext
    )
    return config


def speaks_tls(config: ClientConnectConfig) -> bool:
    """With a key of its API the SDK does unless it is told not to."""
    return bool(config.get("tls", bool(config.get("api_key"))))


def said_config() -> ClientConnectConfig:
    """The same, whether or not it may be used."""
    named = os.environ.get(_CONFIG_FILE)  # noqa: TID251 - Temporal's own
    if named and not Path(named).is_file():
        raise Misconfigured.of([Fault(_CONFIG_FILE, "", "there is no such file")])
    config = ClientConfig.load_client_connect_config()
    config.setdefault("target_host", "127.0.0.1:7233")
    config.setdefault("namespace", "default")
    if not _is_address(config["target_host"]):
        fault = Fault("TEMPORAL_ADDRESS", "", "must be host:port, such as 127.0.0.1:7233")
        raise Misconfigured.of([fault])
    return config


def _is_address(address: str) -> bool:
    """Without a port the SDK would try the web's, and wait for a server that is not there."""
    try:
        parts = urlsplit(address if "://" in address else f"//{address}")
        return bool(parts.hostname and parts.port) and not (parts.path or _BLANK.search(address))
    except ValueError:
        return False


def _silent(address: str, why: str) -> str:
    return (
        f"Temporal does not answer at {address}: is it running (`contrapunto dev`), and is "
        f"TEMPORAL_ADDRESS right? ({why.splitlines()[0]})"
    )


def _first_line(error: Exception) -> str:
    return next(iter(str(error).splitlines()), type(error).__name__)


def _describe(namespace: str) -> Any:
    from temporalio.api.workflowservice.v1 import (  # noqa: PLC0415 - heavy, and only needed here
        DescribeNamespaceRequest,
    )

    return DescribeNamespaceRequest(namespace=namespace)


async def clock_of(settings: Settings) -> Clock:
    """What tells operators the time of an account: its own, where time is skipped."""
    if not settings.fast_time:
        return SystemClock()
    return FastClock(fast_client(await temporal_client()))


async def client_and_clock(settings: Settings) -> tuple[Client, Clock]:
    """Temporal and the clock, for a command that records something: Temporal is asked first, since
    what is recorded must be told."""
    client = await temporal_client()
    return client, FastClock(fast_client(client)) if settings.fast_time else SystemClock()


def fast_client(client: Client) -> TimeSkipper:
    """A client whose workflows stand still in time until somebody moves them on."""
    return TimeSkipper(
        client, config=TimeSkippingConfig(enabled=False, max_session_skip_count=1_000_000)
    )
