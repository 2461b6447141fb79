"""Whether workers poll each queue that something may be put on."""

from temporalio.client import Client

from config.settings import Settings
from workers.configuration import of_worker
from workers.doctor.findings import Finding, fault, in_thread, ok
from workers.process.queues import Queue, look, wanted


async def examine(client: Client, settings: Settings) -> list[Finding]:
    """A line for each queue."""
    read = await in_thread(lambda: of_worker(settings))
    queues = wanted(read.served, reports=settings.report_folder is not None)
    return [_polled(one) for one in await look(client, queues)]


def _polled(queue: Queue) -> Finding:
    what = "workflows" if queue.kind == "workflow" else "activities"
    if not queue.pollers:
        todo = "start `contrapunto worker`; before the first one, --skip workers"
        return fault(f"nobody works the {what} of the queue {queue.name}", todo)
    workers = f"{queue.pollers} worker{'s' * (queue.pollers > 1)}"
    builds = f", build {', '.join(queue.builds)}" if queue.builds else ""
    return ok(f"{workers} for the {what} of {queue.name}{builds}")
