"""What each provider's file says of its webhooks; the rest is the flow's."""

import json
from abc import ABC, abstractmethod
from collections.abc import Sequence
from datetime import datetime
from typing import ClassVar

from starlette.requests import Request
from starlette.responses import Response

from domain.names import ATTEMPT_PARAM
from workers.gateway.facts import Fact
from workers.gateway.requests import Received, names, receive


class Webhook(ABC):
    """One address that a provider calls."""

    provider: ClassVar[str]
    name: ClassVar[str]
    """In logs and traces."""
    path: ClassVar[str]
    ids: ClassVar[tuple[str, ...]] = ()
    """Fields of an event that name it in a log."""
    may_stop: ClassVar[bool] = False
    """Whether customers speak here: what cannot be read may be a stop, and is kept for a person."""

    async def receive(self, request: Request, public_url: str, now: datetime) -> Received:
        """The request, whole; 413 if it is too long."""
        return await receive(request, public_url, now)

    def about(self, request: Received) -> str:
        """The ids of a request for the log, genuine or not."""
        return names(request.query, ATTEMPT_PARAM)

    @abstractmethod
    def authenticate(self, request: Received) -> None:
        """Raises HTTPException(403) unless the provider has written this."""

    @abstractmethod
    def events(self, request: Received) -> Sequence[object]:
        """The events of a genuine request. Raises BadInput if there is no telling them apart."""

    async def completed(self, event: object, request: Received) -> object:
        """An event with what the provider keeps for whoever asks. Raises Unavailable, BadInput."""
        return event

    def may_be_stop(self, event: object) -> bool:
        """Whether a customer may ask for a stop by this event, should nobody be able to read it."""
        return self.may_stop

    @abstractmethod
    def read(self, event: object, request: Received) -> Fact | None:
        """What one event says; None if it is none of our business. Raises BadInput."""

    def raw(self, event: object, request: Received) -> str:
        """One event as it came, for the person who has to make something of it."""
        return json.dumps(event)

    async def answer(self, request: Received) -> Response:
        """What the provider hears once all events are stored and notified."""
        return Response(status_code=200)
