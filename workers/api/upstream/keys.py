"""A request with an ``Idempotency-Key`` is carried out once, and answered the same ever after."""

import re
from collections.abc import Awaitable, Callable
from http import HTTPStatus
from typing import Final

from starlette.responses import Response

from store.database import Pool
from store.upstream.keys import RequestKeys
from workers.api.people import Person
from workers.api.problems import RETRY_AFTER, Kind, Refusal, WrongField, refusal_of, response

_KEY: Final = re.compile(r"[\x21-\x7e]{1,255}")
_KEPT: Final = ("etag", "content-type", "www-authenticate")
_AGAIN: Final = (HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN)


class OnceOnly:
    """The keys of every sender, by their name."""

    def __init__(self, pool: Pool) -> None:
        self._keys = RequestKeys(pool)

    async def once(
        self, person: Person, key: str, request: str, act: Callable[[], Awaitable[Response]]
    ) -> Response:
        """The answer, as it was the first time. Raises Refusal: 422 where the key was another
        request's, 409 while the first is under way."""
        if _KEY.fullmatch(key) is None:
            rule = "must be 1 to 255 printable characters of ASCII, without blanks"
            wrong = WrongField(where="header", field="Idempotency-Key", rule=rule)
            raise Refusal(422, Kind.INVALID, f"Idempotency-Key: {rule}", [wrong])
        kept = await self._keys.claim(person.name, key, request)
        if kept is None:
            return await self._first(person.name, key, act)
        if kept.request != request:
            raise Refusal(422, Kind.REUSED, "Idempotency-Key: another request has it")
        if kept.status is None:
            why = "the same request is under way"
            raise Refusal(409, Kind.CONFLICT, why, headers={"Retry-After": RETRY_AFTER})
        headers = {str(k): str(v) for k, v in (kept.headers or {}).items()}
        return Response(kept.answer, kept.status, headers | {"Idempotency-Replayed": "true"})

    async def _first(
        self, sender: str, key: str, act: Callable[[], Awaitable[Response]]
    ) -> Response:
        try:
            answer = await act()
        except Exception as error:
            refusal = refusal_of(error)
            again = refusal is None or refusal.status in _AGAIN
            if again or (
                refusal is not None and refusal.status >= HTTPStatus.INTERNAL_SERVER_ERROR
            ):
                await self._keys.forget(sender, key)
                raise
            assert refusal is not None  # noqa: S101 - for mypy: it would have been raised
            answer = response(refusal)
        kept = {name: value for name, value in answer.headers.items() if name in _KEPT}
        text = bytes(answer.body).decode()
        await self._keys.answered(sender, key, answer.status_code, kept, text)
        return answer
