"""The files of one message: chosen while it is reserved, had and checked before it is dispatched.

Nothing here keeps a message from leaving: what cannot be had is left away, and that is written down
with the attempt. Nothing of a file goes into a log or a history.
"""

import asyncio
import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from activities.attachments.shelf import NotHadError, Shelf
from activities.channels.base import Attachment
from activities.dependencies import Dependencies
from domain.documents.carrying import MOST_FILES, Way, why_none, why_not
from domain.documents.document import Document, DocumentKind
from domain.planning.step import Step
from domain.situation import Situation
from domain.strategy import Strategy
from store.database import Connection
from store.documents.attached import Outcome, keep
from store.documents.documents import newest


@dataclass(frozen=True, repr=False)
class Wanted:
    """A file that the strategy wants with a message. It has no repr: what it holds is personal."""

    kind: DocumentKind
    document: Document | None = None
    """The one that is listed; None: none is."""


async def wanted(
    connection: Connection,
    situation: Situation,
    strategy: Strategy,
    step: Step,
    now: datetime,
) -> tuple[Wanted, ...]:
    """What the strategy wants with a step, in its order; asked only where it wants anything."""
    assert step.purpose and step.channel  # noqa: S101 - it is a contact
    kinds = strategy.wanted_with(step.purpose, step.channel)
    if not kinds:
        return ()
    accounts = step.covers or (situation.key,)
    found = await newest(
        connection,
        situation.account.creditor,
        situation.customer.customer_id,
        kinds,
        accounts,
        now,
    )
    return tuple(one for kind in kinds for one in _of_kind(kind, found))


def _of_kind(kind: DocumentKind, found: Sequence[Document]) -> Sequence[Wanted]:
    """Those of the accounts; where there are none, that of the customer."""
    ours = [one for one in found if one.kind is kind]
    own = [one for one in ours if one.account_id is not None] or ours
    return [Wanted(kind, one) for one in own] or [Wanted(kind)]


async def attach(
    dependencies: Dependencies, attempt_id: str, way: Way, files: Sequence[Wanted]
) -> tuple[Attachment, ...]:
    """Fetch and check what can go along, and write down what becomes of each."""
    none, shelf, loop = why_none(way), dependencies.shelf, asyncio.get_running_loop()
    outcomes, taken, length, tried = list[Outcome](), list[Attachment](), 0, 0
    for one in files:
        document, why = one.document, none
        made: Attachment | None = None
        if why is None and document is None:
            why = "none is listed"
        if why is None and document is not None:
            why = why_not(way, document.media_type, document.bytes, length, len(taken))
            if why is None and tried >= MOST_FILES:
                why = "others were tried already"
            if why is None:
                tried += 1
                try:
                    made = await loop.run_in_executor(
                        dependencies.senders, _had, shelf, way, document
                    )
                except NotHadError as error:
                    why = str(error)
        if made is not None and document is not None:
            taken.append(made)
            length += document.bytes
        outcomes.append(_outcome(one, why))
    await keep(dependencies.pool, attempt_id, outcomes)
    return tuple(taken)


def _had(shelf: Shelf, way: Way, document: Document) -> Attachment:
    """The file, read and found to be what was listed. Raises NotHadError."""
    if not way.by_content and document.url is None:
        raise NotHadError("lies in a folder, where no provider can fetch it")
    content = shelf.content(document)
    return Attachment(
        name=document.name,
        media_type=document.media_type,
        sha256=hashlib.sha256(content).hexdigest(),
        content=content if way.by_content else None,
        url=None if way.by_content else document.url,
    )


def _outcome(one: Wanted, why: str | None) -> Outcome:
    document = one.document
    if document is None:
        return Outcome(one.kind, None, None, None, None, why)
    about = (document.document_id, document.media_type, document.bytes, document.sha256)
    return Outcome(one.kind, *about, why)
