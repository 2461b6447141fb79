"""Temporal, as a process of ours meets it: server, namespace, clock, attributes, keys."""

import asyncio
import contextlib
import re
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Final
from urllib.parse import urlsplit

from temporalio.api.enums.v1 import IndexedValueType, NamespaceState, TaskQueueType
from temporalio.api.operatorservice.v1 import ListSearchAttributesRequest
from temporalio.api.taskqueue.v1 import TaskQueue
from temporalio.api.workflowservice.v1 import (
    DescribeNamespaceRequest,
    DescribeNamespaceResponse,
    DescribeTaskQueueRequest,
    GetSystemInfoRequest,
    PollActivityTaskQueueRequest,
)
from temporalio.client import Client
from temporalio.service import RPCError, RPCStatusCode

from config.transport import is_here
from workers.cli.shell import wall_clock
from workers.connection import said_config, speaks_tls
from workers.doctor.clocks import agree
from workers.doctor.findings import Finding, cannot_tell, fault, ok, warning
from workers.search_attributes import ATTRIBUTES

OLDEST: Final = (1, 29, 1)
"""The oldest server with versions of workers as we use them."""
RETENTION: Final = timedelta(days=7)
"""Shorter, and nobody who comes back from a week's absence sees in the UI why an account ended."""
CLOCK_QUEUE: Final = "contrapunto-doctor"
"""A queue that nobody else polls, and on which nothing is ever put."""
_PAUSE: Final = 0.1


async def examine(client: Client) -> list[Finding]:
    """All but the workers."""
    info = await client.workflow_service.get_system_info(GetSystemInfoRequest())
    described = await client.workflow_service.describe_namespace(
        DescribeNamespaceRequest(namespace=client.namespace)
    )
    found = [_version(info.server_version), _tls(), *_namespace(client.namespace, described)]
    found += _dynamic(described)
    found += await _attributes(client)
    return found


def _version(text: str) -> Finding:
    numbers = re.match(r"(\d+)\.(\d+)\.(\d+)", text)
    if numbers is None:
        return cannot_tell(f"Temporal says no version that we can read ({text[:40]!r})", "")
    if tuple(map(int, numbers.groups())) < OLDEST:
        oldest = ".".join(map(str, OLDEST))
        return fault(f"Temporal is at {text}, {oldest} at least is needed", "upgrade the server")
    return ok(f"Temporal {text} answers")


def _tls() -> Finding:
    config = said_config()
    address = config["target_host"]
    host = urlsplit(address if "://" in address else f"//{address}").hostname
    if speaks_tls(config) or address.startswith("https://"):
        return ok("Temporal is reached over TLS")
    if is_here(host):
        return ok("Temporal is on this machine: no TLS is needed")
    todo = "set TEMPORAL_TLS=true and TEMPORAL_TLS_CLIENT_CERT_PATH, ..._KEY_PATH; or an API key"
    return fault("what goes to Temporal crosses a network in clear", todo)


def _namespace(name: str, described: DescribeNamespaceResponse) -> Iterator[Finding]:
    if described.namespace_info.state != NamespaceState.NAMESPACE_STATE_REGISTERED:
        yield fault(f"the namespace {name!r} is being deleted", "set TEMPORAL_NAMESPACE")
    kept = described.config.workflow_execution_retention_ttl.ToTimedelta()
    days = f"{kept / timedelta(days=1):g} days"
    if kept < RETENTION:
        todo = f"temporal operator namespace update --retention 30d --namespace {name}"
        yield warning(f"the namespace keeps closed accounts for {days} only", todo)
    else:
        yield ok(f"the namespace keeps closed accounts for {days}")


def _dynamic(described: DescribeNamespaceResponse) -> Iterator[Finding]:
    """The server's dynamic configuration, as far as it shows it."""
    threshold = "system.numConsecutiveWorkflowTaskProblemsToTriggerSearchAttribute"
    if described.namespace_info.capabilities.reported_problems_search_attribute:
        yield ok("workflows that fail again and again are marked (TemporalReportedProblems)")
    else:
        todo = f"set {threshold} to 2 in the server's dynamic configuration"
        yield warning("workflows that fail again and again are not marked", todo)
    yield cannot_tell(
        "no server shows whether fairness between creditors is switched on",
        "see that matching.enableFairness is true in its dynamic configuration; on Temporal "
        "Cloud it is a switch of the namespace",
    )


async def _attributes(client: Client) -> list[Finding]:
    try:
        known = await client.operator_service.list_search_attributes(
            ListSearchAttributesRequest(namespace=client.namespace)
        )
    except RPCError as error:
        if error.status in (RPCStatusCode.UNIMPLEMENTED, RPCStatusCode.PERMISSION_DENIED):
            names = ", ".join(f"{name} ({kind})" for name, kind in ATTRIBUTES.items())
            return [cannot_tell("the search attributes are not shown to us", f"look for {names}")]
        raise
    there = {name: _kind(kind) for name, kind in known.custom_attributes.items()}
    found = [
        fault(f"the search attribute {name} is {there[name]}, not {kind}", "make it anew")
        for name, kind in ATTRIBUTES.items()
        if there.get(name, kind) != kind
    ]
    if missing := sorted(ATTRIBUTES.keys() - there.keys()):
        what = f"the namespace lacks the search attributes {', '.join(missing)}"
        found.append(fault(what, "run `contrapunto migrate`"))
    return found or [ok("the namespace has our search attributes")]


def _kind(kind: "IndexedValueType.ValueType") -> str:
    words = IndexedValueType.Name(kind).removeprefix("INDEXED_VALUE_TYPE_")
    return words.title().replace("_", "")


async def clock(client: Client) -> list[Finding]:
    """Temporal's clock: it notes when somebody began to poll a queue. Nobody else polls this one,
    and nothing is ever on it."""
    identity = f"doctor-{wall_clock().timestamp()}"
    before = wall_clock()
    polling = asyncio.ensure_future(
        client.workflow_service.poll_activity_task_queue(
            PollActivityTaskQueueRequest(
                namespace=client.namespace,
                task_queue=TaskQueue(name=CLOCK_QUEUE),
                identity=identity,
            )
        )
    )
    try:
        while True:
            said = await _polled(client, identity)
            if said is not None:
                return [agree("Temporal", said, before, wall_clock())]
            if polling.done():
                polling.result()
                return [cannot_tell("Temporal did not show its clock", "")]
            await asyncio.sleep(_PAUSE)
    finally:
        polling.cancel()
        with contextlib.suppress(asyncio.CancelledError, RPCError):
            await polling


async def _polled(client: Client, identity: str) -> datetime | None:
    described = await client.workflow_service.describe_task_queue(
        DescribeTaskQueueRequest(
            namespace=client.namespace,
            task_queue=TaskQueue(name=CLOCK_QUEUE),
            task_queue_type=TaskQueueType.TASK_QUEUE_TYPE_ACTIVITY,
        )
    )
    for poller in described.pollers:
        if poller.identity == identity:
            return poller.last_access_time.ToDatetime(tzinfo=wall_clock().tzinfo)
    return None
