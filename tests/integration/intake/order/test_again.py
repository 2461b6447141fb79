"""The same file once more: right after itself it is a repeat, after another one it is news."""

from datetime import timedelta
from decimal import Decimal

import pytest

from domain.failures import Unavailable
from lab.builders.intake_files import AS_OF, FakeStarter, row
from tests.integration.intake.desk import Desk
from workers.intake import work as stages

HOUR = timedelta(hours=1)
ONE = [row(balance="100.00", email="one@example.com")]
OTHER = [row(balance="80.00", email="other@example.com")]
ELSEWHERE = [row(account_id="B1", customer_id="C2", creditor="tarjeta-azul", email="")]
ELSEWHERE[0] |= {"mobile": "+573990000002", "consents": "sms"}


async def pay(desk: Desk, amount: int, hours: float) -> None:
    """A payment that arrives so long after the first file's moment."""
    at = AS_OF + hours * HOUR
    inserted = "INSERT INTO payments VALUES ('banco-andino', 'A1', $1, $2, $3)"
    await desk.pool.execute(inserted, f"p{hours}", amount, at)
    await desk.pool.execute("UPDATE accounts SET balance = balance - $1", amount)


async def balance(desk: Desk) -> Decimal:
    found: Decimal = (await desk.account())["balance"]
    return found


@pytest.mark.parametrize("hours", [0, 2])
async def test_after_another_file_of_its_creditor_the_same_file_counts_anew(
    desk: Desk, hours: int
) -> None:
    """Also on the same day, and at the same moment."""
    first = await desk.take(ONE)
    await desk.take(OTHER, as_of=AS_OF + hours * HOUR / 2)
    report = await desk.take(ONE, as_of=AS_OF + hours * HOUR)
    assert (report.updated, report.signalled, report.older, report.kept) == (1, 1, 0, 0)
    assert report.run_id != first.run_id
    assert await balance(desk) == 100
    assert (await desk.points())["email", "one@example.com"] == (True, True)
    assert not (await desk.points())["email", "other@example.com"][0]
    told = [message for action, *_, message in desk.starter.calls if action == "update"]
    assert len(set(told)) == 2
    back = await desk.take(OTHER, as_of=AS_OF + hours * HOUR)
    assert (back.updated, await balance(desk)) == (1, Decimal(80))


async def test_right_after_itself_it_is_a_repeat_and_forgets_no_payment(desk: Desk) -> None:
    await desk.take(ONE)
    await desk.take(OTHER, as_of=AS_OF + HOUR)
    anew = await desk.take(ONE, as_of=AS_OF + 2 * HOUR)
    await pay(desk, 30, 2.5)
    told = len(desk.starter.calls)
    for hours in (3, 4):
        again = await desk.take(ONE, as_of=AS_OF + hours * HOUR)
        assert (again.run_id, again.updated, again.older) == (anew.run_id, 0, 0)
    assert await balance(desk) == 70
    assert len(desk.starter.calls) == told


async def test_another_creditors_file_between_makes_it_no_other(desk: Desk) -> None:
    first = await desk.take(ONE)
    await pay(desk, 30, 0.5)
    await desk.take(ELSEWHERE, as_of=AS_OF + HOUR)
    again = await desk.take(ONE, as_of=AS_OF + 2 * HOUR)
    assert (again.run_id, again.updated) == (first.run_id, 0)
    assert await balance(desk) == 70


async def test_a_file_that_could_not_be_taken_came_not_between(desk: Desk) -> None:
    await desk.take(ONE)
    broken = desk.folder / "broken.csv"
    broken.write_text("account_id,acount_id\n", encoding="utf-8")
    status, _ = await desk.command(broken)
    assert status == 2
    again = await desk.take(ONE, as_of=AS_OF + 2 * HOUR)
    assert (again.updated, (await desk.account())["balance_as_of"]) == (0, AS_OF)


async def test_a_run_that_was_cut_before_it_had_done_anything_begins_anew(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def crash(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(stages, "read", crash)
        with pytest.raises(KeyboardInterrupt):
            await desk.take(ONE)
    await desk.take(OTHER, as_of=AS_OF + HOUR)
    report = await desk.take(ONE, as_of=AS_OF + 2 * HOUR)
    assert (report.updated, report.older, await balance(desk)) == (1, 0, Decimal(100))


async def test_an_older_copy_of_the_first_file_says_nothing_new(desk: Desk) -> None:
    """Its own time is what it was: after the other file it is out of date."""
    await desk.take(ONE)
    await desk.take(OTHER, as_of=AS_OF + HOUR)
    report = await desk.take(ONE)
    assert (report.older, report.kept, report.exit_code) == (1, 1, 3)
    assert await balance(desk) == 80


async def test_a_run_that_was_cut_goes_on_also_where_it_is_not_the_first(desk: Desk) -> None:
    await desk.take(ONE)
    await desk.take(OTHER, as_of=AS_OF + HOUR)
    with pytest.raises(Unavailable):
        await desk.take(ONE, as_of=AS_OF + 2 * HOUR, starter=FakeStarter(fail_after=0))
    report = await desk.take(ONE, as_of=AS_OF + 3 * HOUR)
    assert (report.updated, report.signalled) == (0, 1)
    assert (await desk.account())["balance_as_of"] == AS_OF + 2 * HOUR
