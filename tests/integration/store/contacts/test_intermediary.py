"""The provider takes the message; a proxy on the way back says no. On real parts."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.request import Request, urlopen

import pytest

from domain.planning.step import StepKind
from lab.builders.parts import dependencies_for, second_providers, settings_for
from store.database import Pool
from tests.support.activities import Actor, accepted
from tests.support.rows import add_account, add_customer, attempts

DUE = timedelta(days=10)
POINTS = {"sms": ("sms", "mobile", "+573000000001"), "email": ("email", "email", "a@example.test")}
PROVIDERS = {
    "twilio": ("sms", "twilio_base_url"),
    "infobip": ("sms", "infobip_base_url"),
    "sendgrid": ("email", "sendgrid_base_url"),
    "resend": ("email", "resend_base_url"),
}


@contextmanager
def denying_proxy(behind: str, status: int) -> Iterator[str]:
    """Hands every POST on, and then answers it with a page of its own."""

    class Proxy(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            with urlopen(Request(behind + self.path, body, dict(self.headers))) as taken:  # noqa: S310
                taken.read()
            page = b"<html><h1>Forbidden</h1></html>"
            self.send_response(status)
            self.send_header("Content-Type", "text/html")
            self.send_header("Content-Length", str(len(page)))
            self.end_headers()
            self.wfile.write(page)

        def log_message(self, *_: object) -> None: ...

    server = ThreadingHTTPServer(("127.0.0.1", 0), Proxy)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


@pytest.mark.parametrize(
    ("provider", "status"), [("twilio", 401), ("infobip", 403), ("sendgrid", 413), ("resend", 429)]
)
async def test_a_proxys_no_after_the_providers_yes_moves_nothing(
    pool: Pool, sandbox_url: str, now: datetime, provider: str, status: int
) -> None:
    channel, variable = PROVIDERS[provider]
    with denying_proxy(sandbox_url, status) as proxy:
        told: dict[str, Any] = second_providers(sandbox_url) | {variable: proxy}
        told[f"{channel}_providers"] = (provider, *_others(channel, provider))
        with dependencies_for(
            pool, settings_for(sandbox_url, whole_orders=True, **told)
        ) as dependencies:
            await add_customer(pool, points=(POINTS[channel],))
            await add_account(pool, due=now.date() - DUE)
            actor = Actor(dependencies)
            step = await actor.planned(now)
            assert step.provider == provider
            after = await actor.contact(step)
            assert after.kind is StepKind.RECONCILE, "no other provider, no other channel"
            [row] = await attempts(pool)
            assert (row["state"], row["refusal"]) == ("unknown", None)
            # The way to the provider failed: that counts for its circuit as no answer does.
            signs = await pool.fetch("SELECT provider, sign FROM provider_health")
            assert [tuple(one) for one in signs] == [(provider, "failed")]
    [taken] = await accepted(sandbox_url)
    assert (taken["provider"], taken["attempt"]) == (provider, row["attempt_id"])


def _others(channel: str, provider: str) -> list[str]:
    return [name for name, (other, _) in PROVIDERS.items() if other == channel and name != provider]
