"""``contrapunto law explain``: what the law says of a live account at one instant.

It reads the situation that the reservation reads, and puts the same question to the same packs.
"""

import json
from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any, Final
from zoneinfo import ZoneInfo

from rich.console import Console
from rich.table import Table

from activities.channels.registry import in_use, providers
from config.rule_packs import load_packs
from config.rules import RulesFactory
from config.settings import Settings
from config.strategy_files import load_strategies
from domain.account import Account, ContactPoint
from domain.channels import Channel
from domain.failures import Misconfigured, NotFound
from domain.jurisdictions import reading_that_binds
from domain.law.engine import verdict
from domain.planning.frame import Frame
from domain.planning.request import law_history, law_request
from domain.planning.rules import Rules
from domain.planning.unused import why_unused
from domain.situation import Situation
from store.database import Pool
from store.situations import read_situation
from workers.cli.output import the_account

CHANNELS: Final = tuple(channel for channel in Channel if channel is not Channel.HUMAN)
"""A person's own turn is no channel of the law."""


async def explain(
    pool: Pool,
    settings: Settings,
    account: str,
    now: datetime,
    console: Console,
    *,
    as_json: bool,
) -> None:
    """Print, for each contact point and channel, whether the law allows it at ``now``, and why."""
    row = await the_account(pool, account)
    async with pool.acquire() as connection:
        found = await read_situation(connection, row["creditor"], row["account_id"], now, {})
    if found is None:
        raise NotFound(f"customer {row['customer_id']} is not known yet: intake brings them")
    situation, _ = found
    told = explained(situation, _rules(settings, situation), now)
    if as_json:
        console.file.write(json.dumps(told, ensure_ascii=False, indent=2) + "\n")
    else:
        _show(told, situation, console)


def explained(situation: Situation, rules: Rules, now: datetime) -> dict[str, Any]:
    """The answers as JSON: the account, the instant, and one entry a contact point or channel."""
    history = law_history(situation)
    channels = []
    phase = Frame(situation, now, rules).phase
    for point in _points(situation):
        known = point.contact_point_id != ""
        request = law_request(situation, rules, point, now, history)
        if not known:
            request = request.model_copy(update={"contact_point": None})
        said = verdict(rules.packs, request, now).model_dump(mode="json", exclude={"id"})
        said["reading"] = _reading(said, situation, rules)
        channels.append(
            {
                "channel": point.channel.value,
                "contact_point": point.contact_point_id or None,
                "kind": point.kind.value if known else None,
                "allowed": said["verdict"] == "allowed",
                **said,
                "not_used": why_unused(situation, point, now, phase, rules)
                if known
                else "no contact point on file",
            }
        )
    return {
        "account": situation.key,
        "at": now.isoformat(),
        "jurisdictions": list(rules.jurisdictions),
        "actor": rules.actor,
        "zones": list(situation.customer.zones),
        "silence": _silence(situation.account, situation, now),
        "channels": channels,
    }


def _reading(said: dict[str, Any], situation: Situation, rules: Rules) -> str | None:
    """What decided: the readings of the rule, and the one by which its state binds at all."""
    of_state = (
        reading_that_binds(situation.customer, rules.readings, pack.jurisdiction)
        for pack in rules.packs
        if any(rule.id == said["rule"] for rule in pack.rules)
    )
    return ", ".join(filter(None, (said["reading"], *of_state))) or None


def rules_factory(settings: Settings) -> RulesFactory:
    """The worker's rules, on a machine that may lack the worker's secrets."""
    # On a machine without any provider's secrets that says nothing of the worker's.
    served = in_use(settings, providers(settings)) or dict.fromkeys(CHANNELS, ("",))
    packs = load_packs(settings.law, settings.readings)
    return RulesFactory(settings, load_strategies(settings.strategies), packs, served)


def _rules(settings: Settings, situation: Situation) -> Rules:
    customer = situation.customer
    rules = rules_factory(settings).rules(customer, situation.account.strategy)
    if not rules.packs:
        raise Misconfigured(
            f"no rule pack for {customer.country} in {settings.law}: "
            "nobody is contacted without a law to ask"
        )
    return rules


def _points(situation: Situation) -> Iterator[ContactPoint]:
    """Every contact point; for a channel without one, a stand-in with an empty id."""
    for channel in CHANNELS:
        points = [point for point in situation.customer.points if point.channel is channel]
        yield from points or [ContactPoint(contact_point_id="", channel=channel)]


def _silence(account: Account, situation: Situation, now: datetime) -> str | None:
    if account.status == "closed":
        return "the account is closed"
    if account.hold_until is not None and account.hold_until > now:
        return f"on hold until {account.hold_until.isoformat()}"
    promise = situation.open_promise(now)
    return f"a promise to pay by {promise.due_on} is open" if promise else None


def _show(told: dict[str, Any], situation: Situation, console: Console) -> None:
    zones: Sequence[str] = told["zones"]
    places = " + ".join(told["jurisdictions"])
    console.print(f"{told['account']} under {places}, {told['actor']}, in {', '.join(zones)}")
    if told["silence"]:
        console.print(f"[yellow]{told['silence']}: it is not contacted, whatever the law allows")
    table = Table("Channel", "Now", "Why", "Next", show_lines=True)
    for one in told["channels"]:
        kind = f"\n[dim]{one['kind']}" if one["kind"] else ""
        why = [one["reason"]]
        if not one["allowed"]:
            why.append(f"[dim]{one['rule']}: {one['cite']}")
        if one["reading"]:
            why.append(f"[dim]reading {one['reading']}")
        if one["not_used"]:
            why.append(f"[yellow]not used: {one['not_used']}")
        table.add_row(
            one["channel"] + kind, _now(one["verdict"]), "\n".join(why), _next(one, zones[0])
        )
    console.print(table)


def _now(said: str) -> str:
    return {"allowed": "[green]allowed", "denied": "[red]denied"}.get(said, f"[yellow]{said}")


def _next(one: dict[str, Any], zone: str) -> str:
    if one["allowed"]:
        return "now"
    if one["next_allowed_at"] is None:
        return "never, as things are"
    at = datetime.fromisoformat(one["next_allowed_at"]).astimezone(ZoneInfo(zone))
    return f"{at:%a %d %b %Y %H:%M:%S}\n[dim]{zone}"
