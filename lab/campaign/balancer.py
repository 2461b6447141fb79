"""What stands before the two gateways: takes turns, and brings some requests twice or thrice.

    python -m lab.campaign.balancer PORT SEED REPEATED GATEWAY...

A gateway that is away is passed over. Of the share REPEATED half goes to both gateways at the same
instant; of the other half the answer is lost on its way back, so that the provider repeats it.
"""

import asyncio
import contextlib
import sys
from collections import Counter
from collections.abc import AsyncIterator
from itertools import count
from typing import Final

import httpx
import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from lab.sandbox.seed import draw

_HOP: Final = {"host", "connection", "content-length", "transfer-encoding", "keep-alive"}


class Balancer:
    """Forwards requests as they are."""

    def __init__(self, seed: int, repeated: float, gateways: list[str]) -> None:
        self.seed, self.repeated, self.gateways = seed, repeated, gateways
        self.struck: Counter[str] = Counter()
        self.numbers = count()
        self.client = httpx.AsyncClient(trust_env=False, timeout=20)

    async def forward(self, request: Request) -> Response:
        """Answer with what a gateway answered; 503 when there is none."""
        number, body = next(self.numbers), await request.body()
        order = self.gateways[number % 2 :] + self.gateways[: number % 2]
        chance = draw(self.seed, "balancer", number)
        if chance < self.repeated / 2:
            self.struck["callback to both gateways at once"] += 1
            answers = await asyncio.gather(*(self._ask(g, request, body) for g in order))
        else:
            answers = []
            for gateway in order:
                answers = [await self._ask(gateway, request, body)]
                if answers[0] is not None:
                    break
        answer = next((a for a in answers if a is not None), None)
        if answer is None:
            return Response(status_code=503)
        if self.repeated / 2 <= chance < self.repeated:
            self.struck["answer to a callback lost"] += 1
            return Response(status_code=502)
        return Response(answer.content, answer.status_code)

    async def _ask(self, gateway: str, request: Request, body: bytes) -> httpx.Response | None:
        target = request.scope["raw_path"].decode("latin-1")
        if query := request.scope["query_string"].decode("latin-1"):
            target += f"?{query}"
        headers = {k: v for k, v in request.headers.items() if k not in _HOP}
        with contextlib.suppress(httpx.TransportError):
            return await self.client.request(
                request.method, gateway + target, content=body, headers=headers
            )
        return None

    async def counts(self, _: Request) -> Response:
        """How often what happened."""
        return JSONResponse(dict(self.struck))


def app(seed: int, repeated: float, gateways: list[str]) -> Starlette:
    """The application."""
    balancer = Balancer(seed, repeated, gateways)

    @contextlib.asynccontextmanager
    async def lifespan(_: Starlette) -> AsyncIterator[None]:
        yield
        await balancer.client.aclose()

    everything = Route("/{path:path}", balancer.forward, methods=["GET", "POST"])
    return Starlette(routes=[Route("/_counts", balancer.counts), everything], lifespan=lifespan)


if __name__ == "__main__":
    port, seed, repeated, *gateways = sys.argv[1:]
    made = app(int(seed), float(repeated), gateways)
    uvicorn.run(made, host="127.0.0.1", port=int(port), log_level="error")
