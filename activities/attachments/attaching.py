"""The files of one message: chosen while it is reserved, had and checked before it is dispatched.

Nothing here keeps a message from leaving: what cannot be had is left away, and that is written down
with the attempt. Nothing of a file goes into a log or a history.
"""

import asyncio
import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Final

from activities.attachments.drawing import NAME, PNG, qr
from activities.attachments.file_link import file_url
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
    pix_code: str | None = None
    """What a code to pay by is drawn of, where none is listed."""


async def wanted(
    connection: Connection,
    situation: Situation,
    strategy: Strategy,
    step: Step,
    now: datetime,
    pix_code: str | None,
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
    return tuple(one for kind in kinds for one in _of_kind(kind, found, pix_code))


def _of_kind(
    kind: DocumentKind, found: Sequence[Document], pix_code: str | None
) -> Sequence[Wanted]:
    """Those of the accounts; where there are none, that of the customer."""
    ours = [one for one in found if one.kind is kind]
    own = [one for one in ours if one.account_id is not None] or ours
    drawn = pix_code if kind is DocumentKind.QR else None
    return [Wanted(kind, one) for one in own] or [Wanted(kind, pix_code=drawn)]


async def attach(
    dependencies: Dependencies, attempt_id: str, way: Way, files: Sequence[Wanted], now: datetime
) -> tuple[Attachment, ...]:
    """Fetch and check what can go along, and write down what becomes of each."""
    none, loop = why_none(way), asyncio.get_running_loop()
    outcomes, taken, tried = list[Outcome](), list[Attachment](), list[Wanted]()
    for one in files:
        try:
            if none is not None:
                raise NotHadError(none)
            if len(tried) >= MOST_FILES:  # each may take its time
                raise NotHadError("others were tried already")
            tried.append(one)
            link = file_url(dependencies.settings, attempt_id, len(outcomes), now)
            had = partial(_had, dependencies.shelf, way, one, link, _length(taken), len(taken))
            taken.append(await loop.run_in_executor(dependencies.senders, had))
            outcomes.append(_outcome(one, taken[-1]))
        except NotHadError as why:
            outcomes.append(_outcome(one, why))
    await keep(dependencies.pool, attempt_id, outcomes)
    return tuple(taken)


def _length(taken: Sequence[Attachment]) -> int:
    return sum(one.size for one in taken)


def _had(
    shelf: Shelf, way: Way, one: Wanted, link: str | None, already: int, count: int
) -> Attachment:
    """The file, read and found to be what was listed, or drawn. Raises NotHadError. ``link``: our
    own address of it, for who fetches it and where it has no other."""
    document = one.document
    if document is None:
        return _drawn(way, one, link, already, count)
    why = why_not(way, document.media_type, document.bytes, already, count)
    if why is not None:
        raise NotHadError(why)
    if not way.by_content and document.url is None and link is None:
        raise NotHadError(f"lies in a folder: {_NO_LINK}")
    content = shelf.content(document)
    return Attachment(
        name=document.name,
        media_type=document.media_type,
        size=len(content),
        sha256=document.sha256,
        content=content if way.by_content else None,
        url=None if way.by_content else document.url or link,
    )


_NO_LINK: Final = "needs CONTRAPUNTO_UNSUBSCRIBE_KEY to be fetched"


def _drawn(way: Way, one: Wanted, link: str | None, already: int, count: int) -> Attachment:
    """The Pix code as a QR; for who fetches it, at our own address, where it is drawn again."""
    if one.pix_code is None:
        raise NotHadError("none is listed")
    if not way.by_content and link is None:
        raise NotHadError(f"is drawn for the message: {_NO_LINK}")
    content = qr(one.pix_code)
    if (why := why_not(way, PNG, len(content), already, count)) is not None:
        raise NotHadError(why)
    return Attachment(
        name=NAME,
        media_type=PNG,
        size=len(content),
        sha256=hashlib.sha256(content).hexdigest(),
        content=content if way.by_content else None,
        url=None if way.by_content else link,
    )


def _outcome(one: Wanted, came: Attachment | NotHadError) -> Outcome:
    document = one.document
    name = None if document is None else document.document_id
    if isinstance(came, Attachment):
        about = (came.media_type, came.size, came.sha256)
        fetched = document is None and came.url is not None
        return Outcome(one.kind, name, *about, None, one.pix_code if fetched else None)
    if document is None:
        return Outcome(one.kind, None, None, None, None, str(came))
    return Outcome(one.kind, name, document.media_type, document.bytes, document.sha256, str(came))
