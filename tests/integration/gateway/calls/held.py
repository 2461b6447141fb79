"""A call as Twilio holds it with the gateway, by signed HTTP."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any
from urllib.parse import urlsplit

from domain.channels import Channel, Purpose
from domain.message_content import CallScript, DebtLine, MessageContext
from domain.names import TWILIO_CALL, TWILIO_CALL_STATUS
from lab.sandbox.persons.telephone import Script, read
from tests.integration.gateway.conftest import PUBLIC, Edge

NUMBER = "+12125550142"
SID = "CA" + "1" * 32
DEBT = DebtLine(
    reference="*4821",
    amount=Decimal("450.00"),
    currency="USD",
    due_date=date(2026, 1, 12),
    days_past_due=40,
)
CONTEXT = MessageContext(
    locale="en-US",
    purpose=Purpose.SECOND_NOTICE,
    channel=Channel.VOICE,
    customer_name="Ana Rojas",
    creditor_name="Banco Ejemplo",
    agency_name="Agencia Cobros",
    debts=(DEBT,),
    pay_url="https://pay.example.com/x",
    phone="+12125550100",
    caller_name="Harbour Services",
    caller_person="Laura Gil",
)
MESSAGE = "This is Agencia Cobros, for Banco Ejemplo. This call is from a debt collector. 450."
SECRETS = ("Banco", "Agencia", "debt", "450", "collect", "account", "pay")
"""None of these may be heard by anybody who is not known to be the customer."""


class Call:
    """Twilio's side of one call: posts what it would, follows what it is told."""

    def __init__(self, edge: Edge, attempt: str) -> None:
        self.edge, self.attempt = edge, attempt
        self.query = f"attempt={attempt}&account=acme%2FA-1"
        self.script = Script()

    @property
    def heard(self) -> str:
        return " ".join(self.script.said)

    async def answered(self, by: str = "human", sid: str = SID) -> str:
        return await self._post(self.query, [("AnsweredBy", by)], sid)

    async def press(self, digits: str, sid: str = SID) -> str:
        assert self.script.action, "no key was asked for"
        url = urlsplit(self.script.action)
        assert f"{url.scheme}://{url.netloc}{url.path}" == f"{PUBLIC}{TWILIO_CALL}"
        return await self._post(url.query, [("Digits", digits)], sid)

    async def status(self, word: str, *more: tuple[str, str], sid: str = SID) -> Any:
        fields = [("CallSid", sid), ("CallStatus", word), ("To", NUMBER), *more]
        answer = await self.edge.twilio(TWILIO_CALL_STATUS, fields, query=self.query)
        assert answer.status_code == 200
        return await self.edge.row(self.attempt)

    async def _post(self, query: str, more: list[tuple[str, str]], sid: str) -> str:
        fields = [("CallSid", sid), ("CallStatus", "in-progress"), ("To", NUMBER), *more]
        answer = await self.edge.twilio(TWILIO_CALL, fields, query=query)
        assert answer.status_code == 200
        assert answer.headers["content-type"].startswith("text/xml")
        self.script = read(answer.text)
        return self.heard


async def a_call(edge: Edge, *moves: str, ends: timedelta = timedelta(hours=2)) -> Call:
    await edge.customer("c-1", voice=NUMBER, sms=NUMBER)
    await edge.account("c-1")
    moves = moves or ("dispatching", "accepted")
    attempt = await edge.attempt("c-1", *moves, channel="voice", address=NUMBER)
    closes = datetime.now(UTC) + ends
    await edge.pool.execute(
        "UPDATE attempts SET not_after = $2, zones = '{America/New_York}' WHERE attempt_id = $1",
        attempt,
        closes,
    )
    script = CallScript(context=CONTEXT, message=MESSAGE, lead=DEBT, max_days=60)
    await edge.pool.execute(
        "INSERT INTO calls (attempt_id, script) VALUES ($1, $2)",
        attempt,
        script.model_dump(mode="json"),
    )
    return Call(edge, attempt)
