"""A sandbox under real uvicorn, a gateway that checks signatures, and the official SDKs."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest

from lab.sandbox.app import create_app
from lab.sandbox.clock import Clock
from lab.sandbox.persons.bank import Bank, PiggyBank
from lab.sandbox.server import in_thread
from lab.sandbox.settings import Settings
from tests.integration.sandbox.harness import Receiver, Sandbox

Start = Callable[..., Sandbox]


@pytest.fixture(scope="package")
def gateway() -> Iterator[Receiver]:
    receiver = Receiver()
    with in_thread(receiver.app()) as url:
        receiver.url = url
        yield receiver


@pytest.fixture
def receiver(gateway: Receiver) -> Receiver:
    gateway.forget()
    return gateway


@pytest.fixture
def receiver_url(receiver: Receiver) -> str:
    return receiver.url


@pytest.fixture
def start(receiver: Receiver, tmp_path: Path) -> Iterator[Start]:
    """Start sandboxes with settings; everybody ignores messages unless a test casts them."""
    with ExitStack() as stack:

        def start(clock: Clock | None = None, bank: Bank | None = None, **told: Any) -> Sandbox:
            told = {
                "inbound_sms_url": f"{receiver.url}/twilio/inbound",
                "sendgrid_events_url": f"{receiver.url}/sendgrid/events",
                "received_file": tmp_path / "received.jsonl",
                "personas": {"ignorer": 1, **dict.fromkeys(OTHERS, 0)},
                "callback_delay": 0,
                "callback_backoff": 0.02,
                "fast_time": True,
                **told,
            }
            settings = Settings.model_validate(told)
            receiver.trust(settings)
            app = create_app(settings, clock=clock, bank=bank or PiggyBank())
            url = stack.enter_context(in_thread(app))
            return stack.enter_context(Sandbox(url, settings, app.state.world, receiver))

        yield start


@pytest.fixture
def sandbox(start: Start) -> Sandbox:
    return start()


OTHERS = ("payer", "promiser", "answerer", "opt_outer", "unreachable")
