"""Operations on orders in bulk: the functions of `contrapunto bulk`, over HTTP.

Workflows are told afterwards, by the API's own process: the order holds before.
"""

from http import HTTPStatus
from typing import Any, Final

from pydantic import ValidationError

from domain.bulk.order import NewOrder
from domain.entry.broken_rule import broken_rule
from domain.failures import WrongField as Wrong
from store.bulk.orders import KeptOrder
from workers.api.bulk import models
from workers.api.operations import Audited, Call, Operation, Told, Unaudited
from workers.api.people import Right
from workers.api.problems import Kind, Refusal, WrongField
from workers.api.reading import path_number
from workers.api.work import Rooms
from workers.bulk.planning import Bulk, Effect, confirmed

TAG: Final = "bulk"
_ID: Final = {"order_id": "The number of the order."}
_SCOPE: Final = ("creditor", "countries", "regions", "phases", "segments", "strategies", "products")


class Orders:
    """All operations on orders."""

    def __init__(self, rooms: Rooms, bulk: Bulk) -> None:
        self._rooms, self._bulk = rooms, bulk

    async def plan(self, call: Call) -> models.BulkPlan:
        """What it would do."""
        effect = await self._effect(call, "planned")
        places = [
            models.BulkPlace(
                country=country, phase=phase, accounts=accounts, contacts=ahead, within_a_day=soon
            )
            for country, phase, accounts, ahead, soon in effect.places()
        ]
        return models.BulkPlan(
            accounts=effect.accounts,
            customers=effect.customers,
            contacts=effect.contacts,
            within_a_day=effect.within_a_day,
            anywhere=effect.anywhere,
            seconds=int(effect.takes.total_seconds()),
            places=tuple(places),
        )

    async def give(self, call: Call) -> Told:
        """From now on it holds."""
        effect = await self._effect(call, call.body.reason)
        twice = effect.new.scope.is_everything or not effect.accounts
        if twice and not confirmed(call.body.accounts, effect):
            covers = "all accounts" if effect.accounts else "no account that is open now"
            rule = f"must say how many its plan tells, for this order covers {covers}"
            raise _refused("accounts", rule)
        order = await self._bulk.give(effect, call.person.name)
        return Told(_told(await self._bulk.orders.one(order)), HTTPStatus.CREATED)

    async def listed(self, call: Call) -> models.BulkPage:
        """Those of the creditors whom the token names."""
        found = await self._bulk.orders.listed(
            ended=call.query.ended, creditors=call.person.creditors, limit=call.query.limit
        )
        return models.BulkPage(items=tuple(map(_told, found)))

    async def one(self, call: Call) -> models.BulkAnswer:
        """One of them."""
        order = path_number(call.path, "order_id", "order")
        return _told(await self._bulk.orders.one(order, call.person.creditors))

    async def lift(self, call: Call) -> models.BulkAnswer:
        """From now on it holds no more."""
        order, why = path_number(call.path, "order_id", "order"), call.body.reason.strip()
        await self._bulk.orders.one(order, call.person.creditors)
        if not why:
            raise _refused("reason", "says why it is lifted")
        await self._bulk.orders.lift(order, call.person.name, why)
        return _told(await self._bulk.orders.one(order))

    async def _effect(self, call: Call, reason: str) -> Effect:
        body, own = call.body, call.person.creditors
        if own is not None and (body.creditor is None or body.creditor not in own):
            why = "the token names creditors: name one of them as `creditor`"
            raise Refusal(HTTPStatus.FORBIDDEN, Kind.FORBIDDEN, why)
        scope = {name: given for name in _SCOPE if (given := getattr(body, name))}
        if body.attributes:
            scope["attributes"] = body.attributes
        if bool(scope) is body.everything:
            raise _refused("everything", "in the place of the other fields, or one of those")
        said: dict[str, Any] = {"kind": body.kind, "reason": reason, "scope": scope}
        said |= {"starts_at": body.starts_at, "until": body.until, "rate": body.rate}
        try:
            new = NewOrder.model_validate(said)
            return await self._bulk.effect(new, await self._rooms.clock.now(None))
        except ValidationError as error:
            first = error.errors(include_input=False, include_url=False)[0]
            where = ".".join(str(one) for one in first["loc"] if one != "scope")
            rule = broken_rule(first)
            if not where:  # of the whole: the rule begins with its field
                where, _, rule = rule.partition(": ")
            raise _refused(where, rule) from None
        except Wrong as wrong:
            raise _refused(wrong.field, wrong.rule) from None

    def operations(self) -> list[Operation]:
        """All of them."""
        common: dict[str, Any] = {"parameters": _ID, "problems": (404,)}
        return [
            Operation(
                "POST",
                "/v1/bulk-orders/plan",
                "plan_bulk_order",
                "What an order would do",
                "Counts whom an order for many accounts would cover, and gives none.",
                Right.ORDER,
                self.plan,
                models.BulkPlan,
                TAG,
                audit=Audited(),
                body=models.BulkAsked,
                body_needed=True,
            ),
            Operation(
                "POST",
                "/v1/bulk-orders",
                "give_bulk_order",
                "An order for many accounts",
                "It holds from the answer on, for accounts that come later, too; workflows hear of "
                "it afterwards. 409 where the same stands already.",
                Right.ORDER,
                self.give,
                models.BulkAnswer,
                TAG,
                audit=Audited(),
                body=models.BulkGiven,
                body_needed=True,
                status=HTTPStatus.CREATED,
                keyed=True,
                problems=(409,),
            ),
            Operation(
                "GET",
                "/v1/bulk-orders",
                "list_bulk_orders",
                "Orders that stand",
                "Those of the creditors whom the token names; of a token that names none, all.",
                Right.ORDER,
                self.listed,
                models.BulkPage,
                TAG,
                audit=Unaudited("orders, which name no person"),
                query=models.BulkWanted,
            ),
            Operation(
                "GET",
                "/v1/bulk-orders/{order_id}",
                "read_bulk_order",
                "One order",
                "Whether it holds, and how far workflows have been told.",
                Right.ORDER,
                self.one,
                models.BulkAnswer,
                TAG,
                audit=Unaudited("orders, which name no person"),
                **common,
            ),
            Operation(
                "POST",
                "/v1/bulk-orders/{order_id}/lift",
                "lift_bulk_order",
                "The end of an order",
                "It holds no more from the answer on. 409 where it is over already.",
                Right.ORDER,
                self.lift,
                models.BulkAnswer,
                TAG,
                audit=Audited(),
                body=models.BulkLift,
                body_needed=True,
                keyed=True,
                **{**common, "problems": (404, 409)},
            ),
        ]


def _told(kept: KeptOrder) -> models.BulkAnswer:
    far = kept.progress
    told = far and models.BulkTold.model_validate(
        {
            "of": far.occasion,
            "total": far.total,
            "told": far.told,
            "not_running": far.not_running,
            "done": far.done_at is not None,
        }
    )
    fields = {**kept.scope.model_dump(), **kept._asdict(), "told": told}
    names = models.BulkAnswer.model_fields
    return models.BulkAnswer.model_validate({k: v for k, v in fields.items() if k in names})


def _refused(field: str, rule: str) -> Refusal:
    wrong = WrongField(where="body", field=field, rule=rule)
    return Refusal(HTTPStatus.UNPROCESSABLE_ENTITY, Kind.INVALID, f"{field}: {rule}", [wrong])
