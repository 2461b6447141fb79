"""The stand-ins for Infobip and Resend, as our own clients and our own checks of webhooks see them.

The same fault slots as the first two have, and the same record of what reached each person.
"""

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import pytest
from pydantic import SecretStr
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from activities.channels.base import Accepted, Outbound, Refused, Sent, Sought, Unknown, digest
from activities.channels.infobip_sms import InfobipSms, token
from activities.channels.resend_email import ResendEmail, attempt_in
from domain.channels import Channel
from domain.ledger.attempt import RefusalKind
from lab.sandbox.server import in_thread
from lab.sandbox.settings import Settings
from tests.integration.sandbox.conftest import Start
from tests.integration.sandbox.harness import ANN, MAIL, Sandbox
from workers.gateway.providers.signatures import SvixKey

BEFORE = datetime(2020, 1, 1, tzinfo=UTC)
TOLD = Settings()


@dataclass
class Hooks:
    """Takes genuine webhooks, counts the others."""

    url: str = ""
    taken: list[dict[str, Any]] = field(default_factory=list)
    refused: int = 0

    async def take(self, request: Request) -> Response:
        raw = await request.body()
        if not self._genuine(request, raw):
            self.refused += 1
            return PlainTextResponse("forged", 403)
        self.taken.append(json.loads(raw))
        return PlainTextResponse("")

    def _genuine(self, request: Request, raw: bytes) -> bool:
        query, headers = request.query_params, request.headers
        if request.url.path == "/resend":
            key = SvixKey(TOLD.resend_webhook_secret)
            named = (headers["svix-id"], headers["svix-timestamp"], headers["svix-signature"])
            return key.signed(raw, *named)
        if request.url.path == "/inbound":
            return headers["authorization"].startswith("Basic ")
        return query["token"] == token(INFOBIP_SECRET, query["attempt"])


INFOBIP_SECRET = TOLD.infobip_webhook_secret.get_secret_value()


@pytest.fixture
def hooks() -> Iterator[Hooks]:
    made = Hooks()
    paths = ("/infobip", "/inbound", "/resend")
    app = Starlette(routes=[Route(path, made.take, methods=["POST"]) for path in paths])
    with in_thread(app) as made.url:
        yield made


@pytest.fixture
def sandbox(start: Start, hooks: Hooks) -> Sandbox:
    return start(
        infobip_inbound_url=f"{hooks.url}/inbound", resend_events_url=f"{hooks.url}/resend"
    )


@dataclass
class Door:
    """One provider of the sandbox with our client for it."""

    sandbox: Sandbox
    hooks: Hooks
    client: InfobipSms | ResendEmail

    @property
    def to(self) -> str:
        return ANN if self.client.channel is Channel.SMS else MAIL

    def send(self, attempt: str = "a1", text: str = "Hola Ana") -> Sent:
        return self.client.send(
            Outbound(
                attempt_id=attempt,
                account="acme/7",
                channel=self.client.channel,
                to=self.to,
                text=text,
                subject="A subject",
                callback_url=f"{self.hooks.url}/infobip?attempt={attempt}&account=acme%2F7",
                validity_seconds=600,
            )
        )

    def find(self, attempt: str = "a1", text: str = "Hola Ana") -> Accepted | None:
        return self.client.find(Sought(attempt, self.to, digest(text), BEFORE))

    def fates(self) -> list[str]:
        """The final states that the provider told of, in order."""
        self.sandbox.settle()
        if isinstance(self.client, ResendEmail):
            return [taken["type"] for taken in self.hooks.taken]
        return [one["status"]["groupName"] for t in self.hooks.taken for one in t["results"]]


@pytest.fixture(params=["infobip", "resend"])
def door(request: pytest.FixtureRequest, sandbox: Sandbox, hooks: Hooks) -> Door:
    client: InfobipSms | ResendEmail
    if request.param == "infobip":
        secret = SecretStr(INFOBIP_SECRET)
        client = InfobipSms(TOLD.infobip_api_key, "Acme", sandbox.url, secret, timeout=0.5)
    else:
        client = ResendEmail(
            TOLD.resend_api_key, "Acme <us@example.com>", base_url=sandbox.url, timeout=0.5
        )
    return Door(sandbox, hooks, client)


def test_a_message_is_accepted_told_of_and_on_record(door: Door) -> None:
    sent = door.send()
    assert isinstance(sent, Accepted)
    told = door.fates()
    assert told[-1] in ("DELIVERED", "email.delivered")
    [line] = door.sandbox.received()
    assert (line["to"], line["attempt"], line["account"]) == (door.to, "a1", "acme/7")
    assert (line["provider"], line["text"]) == (door.client.name, "Hola Ana")
    assert line["provider_message_id"] == sent.provider_message_id
    assert door.find() == sent
    assert door.find("another", "other words") is None
    assert door.hooks.refused == 0


KIND = RefusalKind


@pytest.mark.parametrize(
    ("do", "kind"),
    [
        ("429", KIND.RATE),
        ("refuse:401", KIND.CONFIGURATION),
        ("refuse:403", KIND.CONFIGURATION),
        ("5xx_before", None),
        ("5xx_before:503", None),
        ("hang_before", None),
        ("reset_before", None),
    ],
)
def test_what_fails_before_acceptance_reaches_nobody(
    door: Door, do: str, kind: RefusalKind | None
) -> None:
    door.sandbox.fault(do, provider=door.client.name)
    sent = door.send()
    assert isinstance(sent, Unknown) if kind is None else isinstance(sent, Refused)
    if isinstance(sent, Refused):
        assert sent.kind is kind
    assert door.fates() == []
    assert door.sandbox.received() == []
    assert door.find() is None
    assert isinstance(door.send("a2"), Accepted), "the fault is used up"


@pytest.mark.parametrize(
    "do", ["5xx_after", "hang_after", "reset_after", "truncate_after", "cut_after"]
)
def test_what_fails_after_acceptance_is_unknown_told_of_and_found(door: Door, do: str) -> None:
    door.sandbox.fault(do, provider=door.client.name)
    assert isinstance(door.send(), Unknown)
    assert door.fates()[-1] in ("DELIVERED", "email.delivered")
    assert len(door.sandbox.received()) == 1
    assert isinstance(door.find(), Accepted)


@pytest.mark.parametrize(
    ("do", "infobip", "resend"),
    [
        ("silent", 0, 0),
        ("callback_lost", 0, 1),
        ("callback_late", 0, 1),
        ("callback_double", 2, 4),
        ("callback_reorder", 1, 2),
        ("callback_forged", 1, 2),
    ],
)
def test_callbacks_go_wrong_as_told(door: Door, do: str, infobip: int, resend: int) -> None:
    door.sandbox.fault(do, provider=door.client.name)
    assert isinstance(door.send(), Accepted)
    assert len(door.fates()) == (infobip if door.client.name == "infobip" else resend)
    assert door.hooks.refused == (do == "callback_forged")
    assert len(door.sandbox.received()) == 1
    if do == "callback_late":
        assert [result["ok"] for result in door.sandbox.perform_all()] == [True]
        assert door.fates()[-1] in ("DELIVERED", "email.delivered")
    if do == "callback_reorder":
        assert door.fates()[0] in ("DELIVERED", "email.delivered")


@pytest.mark.parametrize("do", ["undelivered", "failed", "blocked"])
def test_what_was_accepted_may_never_arrive(door: Door, do: str) -> None:
    door.sandbox.fault(do, provider=door.client.name)
    assert isinstance(door.send(), Accepted)
    assert door.fates()[-1] in ("UNDELIVERABLE", "email.bounced", "email.failed")
    assert door.sandbox.received() == []


def test_a_provider_that_is_down_leaves_the_others_alone(door: Door) -> None:
    door.sandbox.fault("5xx_before", times=None, provider=door.client.name)
    assert isinstance(door.send(), Unknown)
    assert door.sandbox.sms(attempt="a9").sid


def test_a_second_message_of_the_same_attempt_never_reaches_anybody(door: Door) -> None:
    """Infobip rejects an id that is taken; Resend answers again, and sends nothing."""
    first = door.send()
    again, other = door.send(), door.send(text="Hola otra vez")
    assert len(door.sandbox.received()) == 1
    if door.client.name == "infobip":
        assert isinstance(again, Unknown)
    else:
        assert again == first
    assert isinstance(other, Unknown)


def test_people_answer_by_sms_and_complain_about_mails(
    door: Door, act: Callable[[Door], None]
) -> None:
    act(door)
    door.sandbox.settle()
    if door.client.name == "infobip":
        [said] = [one for t in door.hooks.taken for one in t["results"] if "from" in one]
        assert said["from"] == ANN.removeprefix("+")
        assert said["text"]
    else:
        assert door.hooks.taken[-1]["type"] == "email.complained"
        assert attempt_in(door.hooks.taken[-1]["data"]) == f"n{len(door.sandbox.received()) - 1}"


@pytest.fixture
def act() -> Callable[[Door], None]:
    def stop(door: Door) -> None:
        door.sandbox.cast_one(door.to, "opt_outer")
        for nth in range(3):  # the least patient stop at the first, the most at the third
            door.send(f"n{nth}", f"Hola {nth}")
            door.sandbox.settle()
            if door.sandbox.perform_all():
                return

    return stop
