"""Operations that put accounts and people, by the door of intake."""

import logging
import re
from collections.abc import Mapping, Sequence
from datetime import datetime
from http import HTTPStatus
from typing import Any, Final

from domain.entry.bounds import fault_of_instant
from domain.entry.ids import fault as fault_of_id
from domain.entry.intake import Problem
from domain.failures import NotFound
from workers.api.operations import Audited, Call, Operation, Told, Writes
from workers.api.people import Person, Right
from workers.api.problems import Kind, Refusal, WrongField
from workers.api.reading import path_text
from workers.api.upstream import models
from workers.api.work import Rooms
from workers.intake.online import Answer, Online, Outcome, Put, spelt_otherwise

OF_ACCOUNT: Final = {
    "creditor": "Code of the creditor.",
    "account_id": "The creditor's id of the account.",
}
OF_CUSTOMER: Final = {"customer_id": "The customer's id."}
TAG: Final = "upstream"
_TAGS: Final = re.compile(r'(?:W/)?"([\x21\x23-\x7e]{0,64})"')
MOST_OCTETS: Final = 4_194_304

log = logging.getLogger(__name__)


class Puts:
    """What is put as the rows of a file are."""

    def __init__(self, rooms: Rooms, online: Online) -> None:
        self._rooms, self._online = rooms, online

    async def account(self, call: Call) -> Told:
        """Put one account."""
        creditor, account_id = account_of(call)
        cells = {**call.body.cells(), "creditor": creditor, "account_id": account_id}
        answer = await self._online.put(
            Put(cells, creditors=call.person.creditors, as_of=await self._as_of(call), **_if(call))
        )
        return _told(answer, f"{creditor}/{account_id}")

    async def customer(self, call: Call) -> Told:
        """Put one person."""
        customer_id = path_text(call.path, "customer_id", "customer")
        await self._check_new(call.person, customer_id)
        cells = {**call.body.cells(), "customer_id": customer_id, "creditor": "", "account_id": ""}
        if (rule := fault_of_id(customer_id)) is not None:
            raise refused((Problem("customer_id", rule),), "path")
        put = Put(cells, True, call.person.creditors, await self._as_of(call), **_if(call))
        return _told(await self._online.put(put), customer_id)

    async def point(self, call: Call) -> Told:
        """Put one address of a person."""
        customer_id = path_text(call.path, "customer_id", "customer")
        body: models.PointPut = call.body
        point = {body.kind.value: body.address, "consents": list(body.consents)}
        cells = {"customer_id": customer_id, "creditor": "", "account_id": ""}
        put = Put(cells, True, call.person.creditors, point=point, **_if(call))
        return _told(await self._online.put(put), customer_id)

    async def batch(self, call: Call) -> models.BatchAnswer:
        """Put many accounts; an answer for each."""
        as_of = await self._as_of(call)
        answers: dict[int, models.RowAnswer] = {}
        puts: dict[int, Put] = {}
        for place, row in enumerate(call.body.rows):
            cells = row.cells()
            wrong = _not_theirs(call.person, cells)
            if wrong:
                answers[place] = _row(place, cells, Answer(problems=wrong))
            else:
                puts[place] = Put(cells, creditors=call.person.creditors, as_of=as_of)
        if puts:
            found = await self._online.put_all(list(puts.values()))
            for (place, put), answer in zip(puts.items(), found, strict=True):
                answers[place] = _row(place, put.cells, answer)
        rows = tuple(answers[place] for place in sorted(answers))
        return models.BatchAnswer(refused=sum(bool(one.errors) for one in rows), rows=rows)

    async def _check_new(self, person: Person, customer_id: str) -> None:
        """Raises Refusal where the id is another spelling of one that is known."""
        if person.creditors is not None:
            return
        known = await spelt_otherwise(self._rooms.pool, customer_id)
        if known is not None:
            rule = f"is on record as {known}: give it as it is on record"
            raise refused((Problem("customer_id", rule),), "path")

    async def _as_of(self, call: Call) -> datetime | None:
        given: datetime | None = call.body.as_of
        if given is None:
            return None
        rule = fault_of_instant(given)
        if rule is None:
            now = await self._rooms.clock.now(None)
            if given > now + self._online.limits().skew:
                rule = "is ahead of the clock"
        if rule is not None:
            raise refused((Problem("as_of", rule),))
        return given

    def operations(self) -> list[Operation]:
        """All of them."""
        put: dict[str, Any] = {
            "body_needed": True,
            "exact": True,
            "keyed": True,
            "tagged": True,
            "conditional": True,
        }
        return [
            Operation(
                "PUT",
                "/v1/accounts/{creditor}/{account_id}",
                "put_account",
                "An account",
                "Takes an account in, or changes it, by the rules of an intake file and in its "
                "words. It is in Temporal within a second. Where nothing is said of the person, "
                "what is on record holds.",
                Right.BRING,
                self.account,
                models.PutAnswer,
                TAG,
                audit=Audited(Writes.WITH_THE_CHANGE),
                body=models.AccountPut,
                parameters=OF_ACCOUNT,
                problems=(404, 409, 412),
                also=(201,),
                **put,
            ),
            Operation(
                "POST",
                "/v1/batches/accounts",
                "put_accounts",
                "Up to 1,000 accounts",
                "Each row has its own answer; a bad one stops no other. They are judged beside "
                "each other as the rows of one file: the numbers of lines in `rule` are places.",
                Right.BRING,
                self.batch,
                models.BatchAnswer,
                TAG,
                audit=Audited(Writes.WITH_THE_CHANGE),
                body=models.Batch,
                body_needed=True,
                keyed=True,
                problems=(409,),
                most=MOST_OCTETS,
                exact=True,
            ),
            Operation(
                "PUT",
                "/v1/customers/{customer_id}",
                "put_customer",
                "A person",
                "Changes what is on record of a person, whole. A token that names creditors "
                "changes those who have an account with them; new ones come with an account.",
                Right.BRING,
                self.customer,
                models.PutAnswer,
                TAG,
                audit=Audited(Writes.WITH_THE_CHANGE),
                body=models.CustomerPut,
                parameters=OF_CUSTOMER,
                problems=(404, 409, 412),
                also=(201,),
                **put,
            ),
            Operation(
                "PUT",
                "/v1/customers/{customer_id}/contact-points",
                "put_contact_point",
                "An address of a person",
                "Adds an address, or says on which channels it may be used. The others stay.",
                Right.BRING,
                self.point,
                models.PutAnswer,
                TAG,
                audit=Audited(Writes.WITH_THE_CHANGE),
                body=models.PointPut,
                parameters=OF_CUSTOMER,
                problems=(404, 409, 412),
                also=(201,),
                **put,
            ),
        ]


def account_of(call: Call) -> tuple[str, str]:
    """The account that the address names, if its creditor may be seen. Raises NotFound, and
    Refusal with 422 for ids that can be none."""
    creditor = path_text(call.path, "creditor", "creditor")
    account_id = path_text(call.path, "account_id", "account")
    if not call.person.sees(creditor):
        raise NotFound(f"no account {creditor}/{account_id} is known")
    wrong = [
        Problem(name, rule)
        for name, value in (("creditor", creditor), ("account_id", account_id))
        if (rule := fault_of_id(value)) is not None
    ]
    if wrong:
        raise refused(wrong, "path")
    return creditor, account_id


def refused(found: Sequence[Problem], where: str = "body") -> Refusal:
    """422, with each field that is wrong."""
    wrong = [
        WrongField(where=where, field="" if one.field == "row" else one.field, rule=one.rule)
        for one in found
    ]
    detail = "; ".join(f"{one.field or where}: {one.rule}" for one in wrong[:5])
    return Refusal(422, Kind.INVALID, detail, wrong)


def _if(call: Call) -> dict[str, Any]:
    """The conditions of a request. Raises Refusal with 422 for what is none."""
    match, none = call.headers.get("if-match"), call.headers.get("if-none-match")
    if none is not None and none.strip() != "*":
        raise _no_condition("If-None-Match", "must be *")
    if match is None:
        return {"if_none": none is not None}
    if match.strip() == "*":
        return {"if_match": ("*",), "if_none": none is not None}
    parts = [_TAGS.fullmatch(one.strip()) for one in match.split(",")]
    tags = [one.group(1) for one in parts if one is not None and not one.group(0).startswith("W/")]
    if None in parts:
        raise _no_condition("If-Match", 'must be * or an ETag such as "0f3b"')
    return {"if_match": tuple(tags), "if_none": none is not None}


def _no_condition(header: str, rule: str) -> Refusal:
    wrong = WrongField(where="header", field=header, rule=rule)
    return Refusal(422, Kind.INVALID, f"{header}: {rule}", [wrong])


def _told(answer: Answer, name: str) -> Told:
    if answer.missing:
        raise NotFound(f"no customer {name!r} is known")
    if answer.unmet is not None:
        raise Refusal(412, Kind.CONDITION, answer.unmet)
    if answer.problems:
        raise refused(answer.problems)
    tag = None if answer.version is None else answer.version.tag
    told = models.PutAnswer(id=name, outcome=answer.outcome or Outcome.OLDER, etag=tag)
    status = HTTPStatus.CREATED if answer.outcome is Outcome.CREATED else HTTPStatus.OK
    return Told(told, status, {} if tag is None else {"ETag": f'"{tag}"'})


def _row(place: int, cells: Mapping[str, Any], answer: Answer) -> models.RowAnswer:
    named = (cells.get("creditor"), cells.get("account_id"))
    whole = all(isinstance(one, str) and fault_of_id(one) is None for one in named)
    wrong = tuple(
        WrongField(where="body", field=f"rows.{place}" + _of(one.field), rule=one.rule)
        for one in answer.problems
    )
    status = HTTPStatus.CREATED if answer.outcome is Outcome.CREATED else HTTPStatus.OK
    return models.RowAnswer(
        row=place,
        status=HTTPStatus.UNPROCESSABLE_ENTITY if wrong else status,
        id=f"{named[0]}/{named[1]}" if whole else None,
        outcome=None if wrong else answer.outcome,
        etag=None if answer.version is None else answer.version.tag,
        errors=wrong,
    )


def _of(field: str) -> str:
    return "" if field == "row" else f".{field}"


def _not_theirs(person: Person, cells: Mapping[str, Any]) -> tuple[Problem, ...]:
    """Why a row is none that may be put, before anything is asked of it."""
    found = []
    for name in ("creditor", "account_id", "customer_id"):
        value = cells.get(name)
        if not isinstance(value, str):
            found.append(Problem(name, "must be text"))
        elif (rule := fault_of_id(value)) is not None:
            found.append(Problem(name, rule))
    creditor = cells.get("creditor")
    if not found and not person.sees(str(creditor)):
        found.append(Problem("creditor", "is none of those that the token names"))
    return tuple(found)
