"""The one web page: what every handset and mailbox received, and when."""

from functools import cache
from importlib.resources import files
from typing import Final

from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

POLICY: Final = (
    "default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'; connect-src 'self'"
)


@cache
def _html() -> str:
    return files(__package__).joinpath("page.html").read_text(encoding="utf-8")


async def page(request: Request) -> Response:
    """`GET /`; its data comes from `/_sandbox/messages`."""
    return HTMLResponse(_html(), headers={"Content-Security-Policy": POLICY})
