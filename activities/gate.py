"""Whether a worker can do its work: what the workflow ``Gate`` asks on each queue."""

from typing import Final

from temporalio import activity

from activities.dependencies import Dependencies
from domain.model import Model
from store.database import SCHEMA, check_schema

READY: Final = "ready"


class Ready(Model):
    """What a worker that is ready has."""

    database: str
    """The schema that it needs, and its database has."""
    jurisdictions: int
    """How many rule packs it has."""
    channels: tuple[str, ...]
    """On which it can send."""


class Gatekeeping:
    """Looks, and sends nothing."""

    def __init__(self, dependencies: Dependencies) -> None:
        self.dependencies = dependencies

    @activity.defn(name=READY)
    async def ready(self) -> Ready:
        """Read the database; the worker has read its rules and words before it took this up."""
        parts = self.dependencies
        await parts.mark.ping()
        await check_schema(parts.pool)
        return Ready(
            database=SCHEMA,
            jurisdictions=len(parts.packs.packs),
            channels=tuple(sorted(channel.value for channel in parts.providers)),
        )
