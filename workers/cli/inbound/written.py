"""``contrapunto inbound list``: what customers wrote, and how the reader understands it today."""

import json
import logging
from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Final

from rich.console import Console

from domain.calendar import wall
from domain.conversation.keywords import Meaning
from domain.conversation.media import in_words
from domain.conversation.reader import Reader, Reading, name_of
from store.audit.writing import looked
from store.conversation.written import Written, latest
from store.database import Pool
from telemetry.links import linked
from workers.cli.output import folding, shown

_DONE: Final = {one.value: one for one in (Meaning.OPT_OUT, Meaning.OPT_IN, Meaning.WRONG_PERSON)}
"""What is done at once, whatever the words say."""

_TOLD: Final = {"at", "channel", "customer_id", "text", "media"}

log = logging.getLogger(__name__)


async def show_written(
    pool: Pool,
    reader: Reader,
    customer_id: str | None,
    since: datetime,
    limit: int,
    by: str,
    console: Console,
    *,
    as_json: bool,
) -> None:
    """Print messages with their words. That they were looked at, and by whom, is logged."""
    found = await latest(pool, customer_id, since, limit)
    await tell_look(pool, by, len(found), {one.customer_id or "nobody's" for one in found})
    read = [(one, reader.read(one.heard())) for one in found]
    if as_json:
        for one, reading in read:
            line = one.model_dump(mode="json", include=_TOLD)
            about = {"id": one.id, "account": one.account, "recorded_as": one.intent}
            line = about | line | reading.told() | {"corrected": one.corrected}
            console.file.write(json.dumps(linked(line), ensure_ascii=False) + "\n")
        return
    table = folding("when", "customer", "channel", "words", "read as", lines=True)
    for one, reading in read:
        at = wall(one.at, one.zones or ())
        who = one.customer_id or "nobody, or several"
        words = "\n".join(filter(None, (one.text, *in_words(one.media))))
        table.add_row(at, shown(who), one.channel, shown(words), "\n".join(_said(one, reading)))
    console.print(table)


async def tell_look(pool: Pool, by: str, count: int, whose: Collection[str]) -> None:
    """Somebody is about to look at what customers wrote."""
    await looked(pool, whose, {"messages": count})
    log.info("%s looked at %d messages of customers: %s", by, count, ", ".join(sorted(whose)))


def _said(one: Written, reading: Reading) -> Sequence[str]:
    lines = [", ".join(dict.fromkeys(map(name_of, reading.intents)))]
    done = _DONE.get(one.intent)
    if done is not None and done not in reading.intents:  # a provider, or a button, said it
        return [f"{name_of(done)}, as it was told"]
    if reading.amount is not None:
        lines.append(f"{reading.amount:f}")
    if reading.days:
        lines.append(("" if reading.day else "one of ") + ", ".join(map(str, reading.days)))
    if reading.channel is not None:
        lines.append(f"by {reading.channel}")
    lines += [f"{one.opens} to {one.closes}" for one in reading.hours]
    return [*lines, "a person should look"] if reading.to_person else lines
