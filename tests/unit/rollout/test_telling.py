"""What is said of versions and gates."""

from workers.cli.rollout.telling import needs, replayed, stuck_accounts
from workers.rollout.deployments import Queue, Version
from workers.rollout.moving import Stuck
from workers.rollout.replaying import Failed, Kind, Replayed

KIND = Kind("promised", "7-30", "early")


def version(
    status: str = "draining", pinned: int = 0, backlog: int = 0, opened: int = 0
) -> Version:
    queues = (Queue("collections", "workflow", backlog, 1),)
    return Version("abc", status, 0, {}, queues, opened, pinned)


def test_a_version_that_nothing_needs_may_be_stopped() -> None:
    assert not version().needed
    [said] = needs(version(opened=7))
    assert said.startswith("nothing needs the workers of abc")
    assert "7 accounts that it had go over at their next task" in said


def test_each_need_is_told() -> None:
    for one, word in (
        (version("current"), "is current"),
        (version("ramping"), "is ramping"),
        (version(pinned=3), "3 accounts are pinned"),
        (version(backlog=4), "4 tasks wait"),
    ):
        assert one.needed
        assert word in needs(one)[0]


def test_a_gate_that_fails_names_the_account_and_what_to_do() -> None:
    why = "[TMPRL1100] Nondeterminism error: Timer machine does not handle this event"
    failed = tuple(Failed(f"account/bank/A{n}", "r", KIND, why, True) for n in range(7))
    lines = replayed(Replayed(9, 1200, 2, failed))
    assert "7 cannot be replayed" in lines[0]
    assert "account/bank/A0" in lines[1]
    assert "promised, early, open for 7-30 days" in lines[1]
    assert "and 2 more" in lines[6]
    assert "workflow.patched" in lines[-1]


def test_who_stays_need_not_be_replayed() -> None:
    failed = tuple(Failed(f"account/bank/A{n}", "r", KIND, "why", True) for n in range(2))
    found = Replayed(9, 1200, 2, failed)
    assert not found.without(frozenset({"account/bank/A0"})).passed
    assert found.without(frozenset({"account/bank/A0", "account/bank/A1"})).passed


def test_what_is_no_change_of_commands_is_told_apart() -> None:
    failed = (Failed("account/bank/A1", "r", KIND, "RuntimeError", False),)
    assert "workflow.patched" not in replayed(Replayed(1, 10, 1, failed))[-1]


def test_stuck_accounts_are_told_with_the_way_out() -> None:
    said = stuck_accounts(Stuck("new", ("breath",), 3, True))
    assert said.startswith("3 accounts of new have taken a patch (breath)")
    assert "--pin" in said
