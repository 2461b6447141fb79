"""Acts of this machine: a command that begins or fails, a process that loads its configuration."""

import asyncio
import hashlib
import logging
import socket
from collections.abc import Iterable, Mapping
from typing import Any

from asyncpg import InterfaceError, PostgresError

from config.settings import Settings, load
from domain.failures import Failure
from store.audit.act import Act, Stage, current, opened
from store.audit.writing import Entry, Runs, write
from store.database import connect
from workers.version import VERSION

log = logging.getLogger(__name__)


async def begin_here() -> None:
    """Write that the open act was asked for, unless it is written.

    Raises Misconfigured or Unavailable: what cannot be written is not done.
    """
    act = current()
    if act is not None and not act.begun:
        async with connect(load().database(), 1):
            pass  # whoever connects in an act writes it


async def asked(workflow: str, request: str, message: str) -> None:
    """Write that a workflow is about to be asked, so that what follows there is known by whom."""
    act = current()
    if act is None or not act.rows:
        return
    account = workflow.removeprefix("account/")
    entry = Entry(Stage.ASKED, account=account, message=message, told={"asked": request})
    if act.runs is not None:
        await write(act.runs, act, entry)
        return
    async with connect(load().database(), 1) as pool:
        await write(pool, act, entry)


def failed_here(act: Act, told: Mapping[str, Any]) -> None:
    """Write that an act was refused or broke off; where that cannot be written, it is logged."""
    try:
        asyncio.run(_failed(act, told))
    except (Failure, OSError, PostgresError, InterfaceError, TimeoutError) as error:
        log.warning("that `%s` failed is not in the audit: %s", act.what, type(error).__name__)


async def _failed(act: Act, told: Mapping[str, Any]) -> None:
    with opened(None):
        async with connect(load().database(), 1) as pool:
            about = (act.customer, act.account, None, None)
            await write(pool, act, Entry(Stage.FAILED, *about, told=told))


async def loaded(
    runs: Runs, process: str, settings: Settings, deciders: Iterable[str] = ()
) -> None:
    """Write with which configuration a process, or a command that works as one, begins.

    ``deciders``: digests under which the ledger keeps strategies, law and wording. Of the settings
    one digest is told, in which secrets have no part.
    """
    made = hashlib.sha256(settings.model_dump_json().encode()).hexdigest()
    told = {"version": VERSION, "settings": made, "deciders": sorted(deciders)}
    act = current() or Act(f"process:{process}@{socket.gethostname()}", process)
    await write(runs, act, Entry(Stage.LOADED, told=told))
