"""Operations that say what became of accounts."""

import hashlib
from typing import Any, Final

from domain.failures import NotFound
from store.upstream.putting import versions_of
from store.upstream.reading import Reading
from store.views.records import Records
from workers.api.operations import Call, Operation, Told, Unaudited
from workers.api.people import Right
from workers.api.upstream import models
from workers.api.upstream.facts import Facts
from workers.api.upstream.paging import cursor, instant, place
from workers.api.upstream.putting import OF_ACCOUNT, OF_CUSTOMER, TAG, account_of
from workers.api.work import Rooms

_NOTED: Final = frozenset({"done", "settled", "party"})
"""What happened of which people wrote notes, or which is of other people: for who may read."""


class Following:
    """Accounts as they stand."""

    def __init__(self, rooms: Rooms) -> None:
        self._rooms, self._facts = rooms, Facts(rooms)

    async def listed(self, call: Call) -> models.AccountPage:
        """A page of accounts."""
        query: models.AccountsWanted = call.query
        after = place(query.cursor, 2)
        key = None if after is None else (after[0], after[1])
        about = (call.person.creditors, query.creditor, query.status, query.customer)
        found = await Reading(self._rooms.pool).accounts(*about, key, query.limit + 1)
        page, more = found[: query.limit], len(found) > query.limit
        after_it = cursor(page[-1]["creditor"], page[-1]["account_id"]) if more else None
        return models.AccountPage.model_validate({"items": page, "next": after_it})

    async def account(self, call: Call) -> Told:
        """One account."""
        row = await self._account(call)
        answer = models.AccountState.model_validate(row)
        tag = await versions_of(self._rooms.pool, row["creditor"], row["account_id"])
        return Told(answer, 200, {} if tag is None else {"ETag": f'"{tag}"'})

    async def next(self, call: Call) -> models.NextStep:
        """What comes next."""
        row = await self._account(call)
        told = {"kind": row["next_kind"], "at": row["next_at"], "summary": row["next_summary"]}
        return models.NextStep.model_validate({"account": row["account"], **told})

    async def timeline(self, call: Call) -> models.TimelinePage:
        """What happened."""
        row, query = await self._account(call), call.query
        after = place(query.cursor, 2)
        key = None if after is None else (instant(after[0]), after[1])
        noted = call.person.may(Right.READ)
        lived = [
            (one["at"], _mark(one), one)
            for one in await Records(self._rooms.pool).timeline(row["customer_id"])
            if one["account"] in (None, row["account"]) and (noted or one["kind"] not in _NOTED)
        ]
        lived.sort(key=lambda one: one[:2])
        rest = [one for one in lived if key is None or one[:2] > key]
        page, more = rest[: query.limit], len(rest) > query.limit
        after_it = cursor(page[-1][0].isoformat(), page[-1][1]) if more else None
        return models.TimelinePage.model_validate(
            {"items": [one[2] for one in page], "next": after_it}
        )

    async def ledger(self, call: Call) -> models.LedgerPage:
        """Whom it was contacted by, and when."""
        row, query = await self._account(call), call.query
        after = place(query.cursor, 2)
        key = None if after is None else (instant(after[0]), after[1])
        about = (row["creditor"], row["account_id"], key, query.limit + 1)
        found = await Reading(self._rooms.pool).ledger(*about)
        page, more = found[: query.limit], len(found) > query.limit
        last = page[-1] if more else None
        after_it = cursor(last["reserved_at"].isoformat(), last["attempt_id"]) if last else None
        return models.LedgerPage.model_validate({"items": page, "next": after_it})

    async def points(self, call: Call) -> models.ContactPoints:
        """The addresses of a customer, masked."""
        customer_id = await self._facts.seen(call)
        records = Records(self._rooms.pool)
        if await records.zones(customer_id) is None:
            raise NotFound(f"no customer {customer_id!r} is known")
        found = await records.points(customer_id)
        return models.ContactPoints.model_validate({"customer_id": customer_id, "items": found})

    async def _account(self, call: Call) -> dict[str, Any]:
        creditor, account_id = account_of(call)
        named = await Records(self._rooms.pool).now_called(creditor, account_id)
        row = await Reading(self._rooms.pool).account(creditor, named)
        if row is None:
            raise NotFound(f"no account {creditor}/{account_id} is known")
        return row

    def operations(self) -> list[Operation]:
        """All of them."""
        of_account: dict[str, Any] = {"problems": (404,), "parameters": OF_ACCOUNT}
        paged: dict[str, Any] = {**of_account, "query": models.PageWanted}
        one = "/v1/accounts/{creditor}/{account_id}"
        return [
            Operation(
                "GET",
                "/v1/accounts",
                "list_accounts",
                "Accounts",
                "By creditor and id, in pages.",
                Right.FOLLOW,
                self.listed,
                models.AccountPage,
                TAG,
                audit=Unaudited("accounts by ids and figures"),
                query=models.AccountsWanted,
            ),
            Operation(
                "GET",
                one,
                "show_account",
                "How an account stands",
                "What is owed, in which phase it is, and what it is at. An id that it had before "
                "leads to it, too.",
                Right.FOLLOW,
                self.account,
                models.AccountState,
                TAG,
                audit=Unaudited("how an account stands, without words"),
                tagged=True,
                **of_account,
            ),
            Operation(
                "GET",
                f"{one}/next-step",
                "show_next_step",
                "What comes next",
                "As it was planned last, with the rule that made it so.",
                Right.FOLLOW,
                self.next,
                models.NextStep,
                TAG,
                audit=Unaudited("what is planned, without words"),
                **of_account,
            ),
            Operation(
                "GET",
                f"{one}/timeline",
                "list_timeline",
                "What happened",
                "Of the account, and what its customer said for all of theirs; the oldest first. "
                "No words of anybody's.",
                Right.FOLLOW,
                self.timeline,
                models.TimelinePage,
                TAG,
                audit=Unaudited("what happened, without words"),
                **paged,
            ),
            Operation(
                "GET",
                f"{one}/ledger",
                "list_ledger",
                "Every contact",
                "Each contact of the account with its outcome, the oldest first.",
                Right.FOLLOW,
                self.ledger,
                models.LedgerPage,
                TAG,
                audit=Unaudited("contacts by codes, without words"),
                **paged,
            ),
            Operation(
                "GET",
                "/v1/customers/{customer_id}/contact-points",
                "list_contact_points",
                "The addresses of a customer",
                "Masked.",
                Right.FOLLOW,
                self.points,
                models.ContactPoints,
                TAG,
                audit=Unaudited("addresses, masked"),
                problems=(404,),
                parameters=OF_CUSTOMER,
            ),
        ]


def _mark(one: dict[str, Any]) -> str:
    """By what things of one instant are in order."""
    text = f"{one['kind']}\x1f{one['account']}\x1f{one['what']}"
    return hashlib.sha256(text.encode()).hexdigest()[:16]
