"""What a read-back needs: a worker's dependencies, and a gateway's way of taking a message in."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from temporalio.client import Client

from config.keywords import load_keywords
from config.reader import load_reader
from config.settings import Settings
from store.call_scripts import CallScripts
from store.conversation.page import PreferencePages
from workers.accounts import Accounts
from workers.clock import Clock
from workers.gateway.flow import Flow
from workers.restoring.readback import ReadBack
from workers.worker import dependencies


@asynccontextmanager
async def reading(settings: Settings, client: Client, clock: Clock) -> AsyncIterator[ReadBack]:
    """A reading with the providers of the settings."""
    keywords = load_keywords()
    reader = load_reader(keywords, classifier=settings.classifier)
    async with dependencies(settings) as rooms:
        pool = rooms.pool
        pages, scripts = PreferencePages(pool, reader), CallScripts(pool)
        flow = Flow(settings.public_url.rstrip("/"), scripts, pages, Accounts(client), clock)
        yield ReadBack(rooms, client, flow, keywords)
