"""Ends and silences: why an account is not contacted, whatever the channels and the law."""

from datetime import timedelta
from typing import Final

from domain.account import AccountStatus, CloseReason, PromiseState
from domain.calendar import day_start, local_date, reaches, wall
from domain.channels import Channel
from domain.planning.frame import Frame
from domain.planning.reasons.dust import dust
from domain.planning.reasons.promises import settle, silent_until
from domain.planning.step import Status, Step, StepKind

HALTED_LOOK: Final = timedelta(hours=1)
"""How long an account waits before it looks whether contacts go on again."""

_ENDED: Final = {
    CloseReason.CURED: "Cured: nothing is overdue",
    CloseReason.CLOSED: "Closed on request",
    CloseReason.RECALLED: "Recalled by the creditor",
}


def any_of(frame: Frame) -> Step | None:
    """The end or pause that keeps the account from every touch now, in the planner's order."""
    return end(frame) or silence(frame) or hand_off(frame) or halt(frame) or rest(frame)


def end(frame: Frame) -> Step | None:
    """The account is over: closed, or nothing is owed."""
    account = frame.account
    if account.status is AccountStatus.CLOSED:
        return _close(frame, account.close_reason or CloseReason.CLOSED)
    return _close(frame, CloseReason.CURED) if account.balance <= 0 else None


def hand_off(frame: Frame) -> Step | None:
    """After the last phase, but not under a hold or an open promise: those are kept first."""
    past = frame.days > frame.rules.strategy.last_day
    return _close(frame, CloseReason.HANDED_OFF) if past else None


def silence(frame: Frame) -> Step | None:
    """A hold, or a promise that is open."""
    account, now, zones = frame.account, frame.now, frame.zones
    if account.hold_until is not None and account.hold_until > now:
        reason = f" ({account.hold_reason})" if account.hold_reason else ""
        why = f"On hold{reason} until {wall(account.hold_until, zones, now)}"
        return frame.wait(account.hold_until, "hold", why, Status.ON_HOLD)
    policy = frame.rules.strategy.promise
    promise = frame.situation.open_promise(now)
    if promise and settle(promise, now, policy, zones) is PromiseState.OPEN:
        until = silent_until(promise, policy, zones)
        why = (
            f"Promise to pay by {promise.due_on:%d %b}, silent until its grace ends "
            f"{wall(until, zones, frame.now)}"
        )
        return frame.wait(until, "promise", why, Status.PROMISED)
    return None


def halt(frame: Frame) -> Step | None:
    """Nobody is contacted from a database that has forgotten contacts, until a person says go."""
    why = frame.situation.halted
    if why is None:
        return None
    words = f"Nobody is contacted: the database was {why} (contrapunto ledger resume)"
    return frame.wait(frame.now + HALTED_LOOK, "halted", words, Status.HALTED)


def rest(frame: Frame) -> Step | None:
    """Not due yet, or the customer wrote and it is a person's turn."""
    strategy, zones = frame.rules.strategy, frame.zones
    if frame.days < strategy.first_day:
        until = reaches(frame.account.oldest_due_date, strategy.first_day, zones)
        return frame.wait(until, "not_due", f"Not due yet, begins {wall(until, zones, frame.now)}")
    if (why := dust(frame.account.balance, frame.account.currency, frame.rules.least)) is not None:
        return frame.wait(frame.boundary, "dust", why, Status.SILENCED)
    if not frame.situation.replies:
        return None
    last = max(frame.situation.replies, key=lambda reply: reply.at)
    how = "called" if last.channel is Channel.VOICE else "wrote"
    rested = local_date(last.at, zones) + timedelta(days=strategy.reply_rest_days)
    until = day_start(rested, zones)
    if until <= frame.now:
        return None
    why = f"The customer {how}; a person's turn until {wall(until, zones, frame.now)}"
    return frame.wait(until, "reply", why, Status.RESTING)


def _close(frame: Frame, reason: CloseReason) -> Step:
    handed_off = f"Handed off after day {frame.rules.strategy.last_day}"
    return Step(
        kind=StepKind.CLOSE,
        not_before=frame.now,
        summary=_ENDED.get(reason, handed_off),
        why=reason.value,
        close_reason=reason,
        view=frame.view(Status.CLOSED),
    )
