"""``contrapunto law explain``: what the law says of a live account at one instant.

It reads the situation that the reservation reads, and puts the same question to the same packs.
"""

import json
from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any, Final
from zoneinfo import ZoneInfo

from rich.console import Console

from config.settings import Settings
from domain.account import ContactPoint
from domain.channels import Channel
from domain.failures import Misconfigured, NotFound
from domain.jurisdictions import reading_that_binds
from domain.law.engine import verdict
from domain.names import workflow_id
from domain.planning import pauses
from domain.planning.frame import Frame
from domain.planning.reasons.unused import Reason, why_closed
from domain.planning.rules import Rules
from domain.situation import Situation
from store.database import Pool
from store.situations import read_situation
from workers.cli.output import folding, shown, the_account
from workers.cli.rules import rules_of
from workers.clock import Clock, moment

CHANNELS: Final = tuple(channel for channel in Channel if channel is not Channel.HUMAN)
"""A person's own turn is no channel of the law."""


async def explain(
    pool: Pool,
    settings: Settings,
    account: str,
    at: datetime | Clock,
    console: Console,
    *,
    as_json: bool,
) -> None:
    """Print, for each contact point and channel, whether the law allows it, and why: ``at`` an
    instant, or now on the account's own clock."""
    row = await the_account(pool, account)
    now = await moment(at, workflow_id(row["creditor"], row["account_id"]))
    async with pool.acquire() as connection:
        found = await read_situation(connection, row["creditor"], row["account_id"], now, {})
    if found is None:
        raise NotFound(f"customer {row['customer_id']} is not known yet: intake brings them")
    situation, _ = found
    rules = rules_of(settings, situation)
    if not rules.packs:
        raise Misconfigured(
            f"no rule pack for {situation.customer.country} in {settings.law}: "
            "nobody is contacted without a law to ask"
        )
    told = explained(situation, rules, now)
    if as_json:
        console.file.write(json.dumps(told, ensure_ascii=False, indent=2) + "\n")
    else:
        show(told, situation, console)


def explained(situation: Situation, rules: Rules, now: datetime) -> dict[str, Any]:
    """The answers as JSON: the account, the instant, and one entry a contact point or channel."""
    channels = []
    frame = Frame(situation, now, rules)
    silent = pauses.any_of(frame)
    for point in _points(situation):
        known = point.contact_point_id != ""
        request = frame.asked_of(point)
        if not known:
            request = request.model_copy(update={"contact_point": None})
        said = verdict(rules.packs, request, now).model_dump(mode="json", exclude={"id"})
        said["reading"] = _reading(said, situation, rules)
        closed: Reason | None = Reason("no contact point on file")
        if known:
            closed = why_closed(situation, point, now, frame.phase, rules)
        channels.append(
            {
                "channel": point.channel.value,
                "contact_point": point.contact_point_id or None,
                "kind": point.kind.value if known else None,
                # May it be contacted: by the law, by the address, and by how the account stands.
                "allowed": said["verdict"] == "allowed" and closed is None and silent is None,
                **said,
                # What keeps it closed longest: the verdict may name a rule of the hour before it.
                "not_used": closed and closed.told,
                "not_used_by": closed and closed.rule,
            }
        )
    return {
        "account": situation.key,
        "at": now.isoformat(),
        "jurisdictions": list(rules.jurisdictions),
        "actor": rules.actor,
        "zones": list(situation.customer.zones),
        "silence": silent.summary if silent else None,
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


def _points(situation: Situation) -> Iterator[ContactPoint]:
    """Every contact point; for a channel without one, a stand-in with an empty id."""
    for channel in CHANNELS:
        points = [point for point in situation.customer.points if point.channel is channel]
        yield from points or [ContactPoint(contact_point_id="", channel=channel)]


def show(told: dict[str, Any], situation: Situation, console: Console) -> None:
    """Print what ``explained`` tells, for people."""
    zones: Sequence[str] = told["zones"]
    places = " + ".join(told["jurisdictions"])
    account = shown(told["account"])
    console.print(f"{account} under {places}, {told['actor']}, in {', '.join(zones)}")
    if told["silence"]:
        console.print(f"[yellow]Not contacted, whatever the law allows. {shown(told['silence'])}")
    by_law = " by the law" if told["silence"] else ""
    table = folding("Channel", f"Now{by_law}", "Why", f"Next{by_law}", lines=True)
    for one in told["channels"]:
        kind = f"\n[dim]{one['kind']}" if one["kind"] else ""
        why = [shown(one["reason"])]
        if one["verdict"] != "allowed":
            why.append(f"[dim]{shown(one['rule'])}: {shown(one['cite'])}")
        if one["reading"]:
            why.append(f"[dim]reading {shown(one['reading'])}")
        why_not = one["not_used"]
        if why_not and one["not_used_by"] != one["rule"]:
            why.append(f"[yellow]not used: {shown(why_not)}")
        now = _now("not used" if one["verdict"] == "allowed" and why_not else one["verdict"])
        table.add_row(one["channel"] + kind, now, "\n".join(why), _next(one, zones[0]))
    console.print(table)


def _now(said: str) -> str:
    return {"allowed": "[green]allowed", "denied": "[red]denied"}.get(said, f"[yellow]{said}")


def _next(one: dict[str, Any], zone: str) -> str:
    if one["verdict"] == "allowed" and not one["not_used"]:
        return "now"
    if one["not_used"] and one["not_used_by"] is None:
        return "never, as things are"
    if one["next_allowed_at"] is None:
        return "never, as things are"
    at = datetime.fromisoformat(one["next_allowed_at"]).astimezone(ZoneInfo(zone))
    return f"{at:%a %d %b %Y %H:%M:%S}\n[dim]{zone}"
