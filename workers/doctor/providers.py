"""Whether providers take our credentials: asked, never sent anything."""

from activities.channels.base import NotAskedError, Provider, TellsOfAccount
from activities.channels.registry import providers
from config.settings import Settings
from workers.doctor.findings import Finding, cannot_tell, fault, in_thread, ok, warning


async def examine(settings: Settings) -> list[Finding]:
    """A line for each company, whose account all its channels share. Raises Misconfigured."""
    found = await in_thread(lambda: providers(settings))
    accounts = {one.name: one for some in found.values() for one in some}
    if not accounts:
        todo = "docs/guide/providers.md says how"
        return [fault("no provider is configured: nobody can be contacted", todo)]
    return [await _asked(one) for _, one in sorted(accounts.items())]


async def _asked(provider: Provider) -> Finding:
    name = provider.name.title()
    if not isinstance(provider, TellsOfAccount):
        return cannot_tell(f"{name} cannot be asked without sending", "send yourself a message")
    try:
        looked = await in_thread(provider.look)
    except NotAskedError:
        return cannot_tell(f"{name} does not answer", "try again; may this machine reach it?")
    if looked.refused:
        return fault(f"{name}: {looked.said}", looked.todo)
    if looked.todo:
        return warning(f"{name}: {looked.said}", looked.todo)
    return ok(f"{name}: {looked.said}")
