"""What each provider's file says of its webhooks; the rest is the flow's."""

import json
from abc import ABC, abstractmethod
from collections.abc import Sequence
from typing import ClassVar

from starlette.responses import Response

from domain.names import ATTEMPT_PARAM
from workers.gateway.facts import Fact
from workers.gateway.requests import Received, names


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

    def about(self, request: Received) -> str:
        """The ids of a request for the log, genuine or not."""
        return names(request.query, ATTEMPT_PARAM)

    @abstractmethod
    def authenticate(self, request: Received) -> None:
        """Raises HTTPException(403) unless the provider has written this."""

    @abstractmethod
    def events(self, request: Received) -> Sequence[object]:
        """The events of a genuine request. Raises BadInput if there is no telling them apart."""

    @abstractmethod
    def read(self, event: object, request: Received) -> Fact | None:
        """What one event says; None if it is none of our business. Raises BadInput."""

    def raw(self, event: object, request: Received) -> str:
        """One event as it came, for the person who has to make something of it."""
        return json.dumps(event)

    async def answer(self, request: Received) -> Response:
        """What the provider hears once all events are stored and notified."""
        return Response(status_code=200)
