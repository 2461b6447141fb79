"""A file becomes rows in PostgreSQL and workflows; nothing is lost or done twice."""

import asyncio
import time
from datetime import UTC, datetime, timedelta
from typing import Final

import pytest

from domain.failures import Unavailable
from domain.planning.step import StepKind
from lab.builders.intake_files import AS_OF, FakeStarter, row, rows, write_csv
from lab.builders.parts import dependencies_for, settings_for
from store.intake.merging import Merge, Merged
from store.situations import read_situation
from tests.integration.intake.desk import DAY, Desk


async def test_a_new_account_is_stored_and_started(desk: Desk) -> None:
    report = await desk.take([row(timezone="America/Lima;America/Bogota")])
    assert (report.read, report.added, report.started, report.exit_code) == (1, 1, 1, 0)
    account = await desk.account()
    assert str(account["balance"]) == "1250000.50"
    assert (account["status"], account["since"], account["balance_as_of"]) == ("open", AS_OF, AS_OF)
    customer = await desk.pool.fetchrow("SELECT * FROM customers")
    assert customer is not None
    assert customer["zones"] == customer["zones_stated"] == ["America/Bogota", "America/Lima"]
    assert customer["preferred_channel"] == "email"
    assert await desk.points() == {
        ("sms", "+573990000001"): (True, True),
        ("voice", "+573990000001"): (True, False),
        ("email", "ana@example.com"): (True, True),
    }
    opted_in = await desk.pool.fetch("SELECT channel, at, detail FROM law_events ORDER BY channel")
    assert [(e["channel"], e["at"]) for e in opted_in] == [("email", AS_OF), ("sms", AS_OF)]
    assert set(opted_in[0]["detail"]) == {"contact_point_id"}
    assert await desk.count("intake_pending") == 0


async def test_the_same_file_again_does_nothing(desk: Desk) -> None:
    content = [*rows(1500), row(account_id="B1", customer_id="C7", email="other@example.com")]
    await desk.take(content)
    before = await desk.pool.fetch("SELECT xmin::text FROM accounts ORDER BY account_id")
    again = await desk.take(content, as_of=AS_OF + timedelta(hours=8))
    assert (again.added, again.updated, again.started, again.signalled) == (0, 0, 0, 0)
    assert before == await desk.pool.fetch("SELECT xmin::text FROM accounts ORDER BY account_id")
    assert len(desk.starter.calls) == 1501
    tomorrow = await desk.take(content, as_of=AS_OF + DAY)
    assert (tomorrow.added, tomorrow.updated, tomorrow.started, tomorrow.signalled) == (0, 0, 0, 0)


async def test_changed_facts_are_told_once(desk: Desk) -> None:
    await desk.take(rows(3))
    changed = rows(3)
    changed[1]["balance"] = "7.00"
    report = await desk.take(changed, as_of=AS_OF + DAY)
    assert (report.updated, report.signalled) == (1, 1)
    assert desk.starter.said("update") == ["A1"]
    assert (await desk.account("A1"))["balance_as_of"] == AS_OF + DAY
    assert (await desk.account("A0"))["balance_as_of"] == AS_OF + DAY


async def test_new_facts_of_a_customer_are_told_to_all_accounts(desk: Desk) -> None:
    await desk.take([row(), row(account_id="A2", creditor="tarjeta-azul")])
    await desk.take([row(email="new@example.com")], as_of=AS_OF + DAY)
    assert sorted(desk.starter.said("update")) == ["A1", "A2"]


async def test_an_older_file_changes_nothing(desk: Desk) -> None:
    await desk.take([row(balance="5", email="new@example.com")], as_of=AS_OF + DAY)
    await desk.take([row(balance="9", email="old@example.com")], as_of=AS_OF)
    assert str((await desk.account())["balance"]) == "5.00"
    assert ("email", "old@example.com") not in await desk.points()
    assert desk.starter.said("update") == []


async def test_payments_after_the_file_are_subtracted(desk: Desk) -> None:
    await desk.take([row(balance="100")])
    for number, at in enumerate((AS_OF - DAY, AS_OF + DAY, AS_OF + 3 * DAY)):
        await desk.pool.execute(
            "INSERT INTO payments VALUES ('banco-andino', 'A1', $1, 10, $2)", f"p{number}", at
        )
    await desk.take([row(balance="90")], as_of=AS_OF + 2 * DAY)
    assert str((await desk.account())["balance"]) == "80.00"


async def test_contact_points_that_are_gone_are_kept_but_not_current(desk: Desk) -> None:
    await desk.take([row()])
    await desk.pool.execute(
        "UPDATE contact_points SET suppressed = 'bounced' WHERE channel = 'email'"
    )
    await desk.take([row(email="", consents="sms")], as_of=AS_OF + DAY)
    assert (await desk.points())["email", "ana@example.com"] == (False, True)
    await desk.take([row()], as_of=AS_OF + 2 * DAY)
    assert (await desk.points())["email", "ana@example.com"] == (True, True)
    suppressed = "SELECT suppressed FROM contact_points WHERE channel = 'email'"
    assert await desk.pool.fetchval(suppressed) == "bounced"


async def test_rows_of_one_customer_are_taken_together(desk: Desk) -> None:
    content = [
        row(),
        *rows(1200),
        row(account_id="X2", mobile="+12125550142", email="two@example.com", consents="sms"),
    ]
    content = [r for r in content if r["account_id"] != "A1" or r is content[0]]
    await desk.take(content)
    points = await desk.points()
    assert points["sms", "+12125550142"] == (True, True)
    assert points["email", "two@example.com"] == (True, False)
    assert points["email", "ana@example.com"] == (True, True)
    zones = await desk.pool.fetchval("SELECT zones FROM customers WHERE customer_id = 'C1'")
    assert zones == ["America/Bogota", "America/New_York"]


ZONES: Final = {
    "the address alone": ([""], ["America/New_York", "America/Chicago"], []),
    "stated": (["America/Chicago"], ["America/Chicago"], ["America/Chicago"]),
    "stated in one of two rows": (["", "US/Central"], ["America/Chicago"], ["America/Chicago"]),
    "stated of another country": (
        ["Asia/Tokyo"],
        ["Asia/Tokyo", "America/New_York", "America/Chicago"],
        ["Asia/Tokyo"],
    ),
    "stated twice, once of another country": (
        ["Asia/Tokyo", "America/Chicago"],
        ["America/Chicago"],
        ["America/Chicago", "Asia/Tokyo"],
    ),
}


@pytest.mark.parametrize("case", ZONES)
async def test_zones_are_stored_the_best_known_first(desk: Desk, case: str) -> None:
    """Florida, which has two; the zones of a row that states only its country's stand alone."""
    written, zones, stated = ZONES[case]
    florida = {"country": "US", "currency": "USD", "region": "US-FL", "postal_code": ""}
    florida |= {"mobile": "+13055550142"}
    await desk.take(
        [row(**florida, account_id=f"A{n}", timezone=zone) for n, zone in enumerate(written)]
    )
    customer = await desk.pool.fetchrow("SELECT zones, zones_stated FROM customers")
    assert customer is not None
    assert (customer["zones"], customer["zones_stated"]) == (zones, stated)


async def test_regions_are_those_of_every_address_and_phone(desk: Desk) -> None:
    usa = {"country": "US", "currency": "USD", "locale": "en-US", "whatsapp": ""}
    boston = usa | {"region": "US-MA", "postal_code": "02139", "mobile": "+16175550142"}
    queens = usa | {"region": "", "postal_code": "11354", "mobile": "+13055550142"}
    await desk.take([row(**boston), row(account_id="A2", **queens)])
    customer = await desk.pool.fetchrow("SELECT * FROM customers")
    assert customer is not None
    assert customer["region"] == "US-MA"
    assert customer["regions_of_address"] == ["US-MA", "US-NY", "US-NY-NYC"]
    assert customer["regions_of_phones"] == ["US-FL", "US-MA"]
    await desk.take([row(**boston)])
    moved = await desk.pool.fetchrow("SELECT * FROM customers")
    assert moved is not None
    assert (moved["regions_of_address"], moved["regions_of_phones"]) == (["US-MA"], ["US-MA"])


async def test_a_customer_in_massachusetts_is_under_its_law_too(desk: Desk) -> None:
    usa = {"country": "US", "currency": "USD", "locale": "en-US", "whatsapp": ""}
    boston = usa | {"region": "US-MA", "postal_code": "02139", "mobile": "+16175550142"}
    await desk.take([row(**boston)])
    with dependencies_for(desk.pool, settings_for("http://127.0.0.1:9")) as dependencies:
        async with desk.pool.acquire() as connection:
            account = ("banco-andino", "A1", datetime.now(UTC))
            found = await read_situation(connection, *account, dependencies.served)
        assert found is not None
        rules = dependencies.rules(found[0].customer, "default", found[0].account.creditor)
    assert rules.jurisdictions == ("US", "US-MA")
    assert [pack.jurisdiction for pack in rules.packs] == ["US", "US-MA"]


async def test_consent_needs_every_row_that_lists_the_address(desk: Desk) -> None:
    await desk.take([row(), row(account_id="A2", creditor="tarjeta-azul", consents="email")])
    points = await desk.points()
    assert points["sms", "+573990000001"] == (True, False)
    assert points["email", "ana@example.com"] == (True, True)


async def test_consent_withdrawn_and_given_again(desk: Desk) -> None:
    sms = ("sms", "+573990000001")
    await desk.take([row()])
    await desk.take([row(consents="email")], as_of=AS_OF + DAY)
    assert (await desk.points())[sms] == (True, False)
    await desk.take([row()], as_of=AS_OF + 2 * DAY)
    assert (await desk.points())[sms] == (True, True)
    found = await desk.pool.fetch("SELECT at FROM law_events WHERE channel = 'sms' ORDER BY at")
    assert [event["at"] for event in found] == [AS_OF, AS_OF + 2 * DAY]
    assert desk.starter.said("update") == ["A1", "A1"]


@pytest.mark.parametrize("channel", ["sms", None])
async def test_no_file_outweighs_an_opt_out(desk: Desk, channel: str | None) -> None:
    """Whatever it lists, day after day and for another number, until the person says otherwise."""
    only = {"email": "", "consents": "sms"}
    await desk.take([row(**only)])
    assert (await desk.plan(AS_OF)).kind is StepKind.CONTACT
    await desk.event("opt_out", AS_OF + timedelta(hours=1), channel)
    for day, cells in enumerate([{"consents": ""}, {}, {}, {"mobile": "+573990000002"}], start=1):
        await desk.take([row(**(only | cells))], as_of=AS_OF + day * DAY)
        assert (await desk.plan(AS_OF + day * DAY)).kind is StepKind.WAIT
    await desk.event("opt_in", AS_OF + 5 * DAY, "sms")
    await desk.take([row(**only)], as_of=AS_OF + 6 * DAY)
    assert (await desk.plan(AS_OF + 6 * DAY)).kind is StepKind.CONTACT


async def test_consent_given_by_another_door_is_kept(desk: Desk) -> None:
    await desk.take([row(consents="email")])
    await desk.event("opt_in", AS_OF + timedelta(hours=1))
    await desk.pool.execute("UPDATE contact_points SET consented = true WHERE channel = 'sms'")
    await desk.take([row(consents="email")], as_of=AS_OF + DAY)
    assert (await desk.points())["sms", "+573990000001"] == (True, True)


@pytest.mark.parametrize(
    ("reason", "due", "balance", "reopened"),
    [
        ("cured", "2025-11-20", "10", True),
        ("cured", "2025-11-01", "10", True),
        ("cured", "2025-11-01", "0", False),
        ("recalled", "2025-11-01", "10", True),
        ("closed", "2025-11-01", "10", False),
        ("handed_off", "2025-11-01", "10", False),
        ("handed_off", "2025-11-20", "10", True),
    ],
)
async def test_when_a_closed_account_is_opened_again(
    desk: Desk, reason: str, due: str, balance: str, reopened: bool
) -> None:
    await desk.take([row()])
    await desk.pool.execute(
        "UPDATE accounts SET status = 'closed', close_reason = $1, closed_at = $2",
        reason,
        AS_OF + timedelta(hours=3),
    )
    report = await desk.take([row(oldest_due_date=due, balance=balance)], as_of=AS_OF + DAY)
    account = await desk.account()
    assert report.reopened == int(reopened)
    assert account["status"] == ("open" if reopened else "closed")
    assert account["since"] == (AS_OF + DAY if due > "2025-11-01" else AS_OF)
    assert account["close_reason"] == (None if reopened else reason)
    assert desk.starter.said("update") == (["A1"] if reopened else [])


async def test_an_account_that_owes_nothing_is_not_started(desk: Desk) -> None:
    report = await desk.take([row(balance="0")])
    assert (report.added, report.started) == (1, 0)
    assert (await desk.account())["close_reason"] == "cured"


async def test_temporal_goes_away_in_the_middle(desk: Desk) -> None:
    failing = FakeStarter(fail_after=700)
    with pytest.raises(Unavailable):
        await desk.take(rows(1200), starter=failing)
    assert await desk.count("accounts") == 1200
    assert await desk.count("intake_pending") == 500
    report = await desk.take(rows(1200))
    assert report.started == 500
    both = failing.said("start") + desk.starter.said("start")
    assert sorted(both) == sorted(r["account_id"] for r in rows(1200))


async def test_an_outbox_left_behind_is_emptied_by_any_later_run(desk: Desk) -> None:
    with pytest.raises(Unavailable):
        await desk.take(rows(5), starter=FakeStarter(fail_after=0))
    await desk.take([row(account_id="other", customer_id="other")], as_of=AS_OF + DAY)
    assert sorted(desk.starter.said("start")) == ["A0", "A1", "A2", "A3", "A4", "other"]


async def test_a_crash_between_two_batches_loses_nothing(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    merge = Merge.batch

    async def crash(run: Merge, batch: int) -> Merged:
        if batch == 1:
            raise KeyboardInterrupt
        return await merge(run, batch)

    monkeypatch.setattr(Merge, "batch", crash)
    with pytest.raises(KeyboardInterrupt):
        await desk.take(rows(1200))
    assert await desk.count("accounts") == await desk.count("intake_pending") == 500
    monkeypatch.undo()
    report = await desk.take(rows(1200))
    assert (report.added, report.started) == (700, 1200)
    assert len(set(desk.starter.said("start"))) == 1200


async def test_postgres_goes_away_in_the_middle(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    merge = Merge.batch

    async def cut_off(run: Merge, batch: int) -> Merged:
        if batch == 1:
            await run.connection.execute("SELECT pg_terminate_backend(pg_backend_pid())")
        return await merge(run, batch)

    monkeypatch.setattr(Merge, "batch", cut_off)
    with pytest.raises(Unavailable, match="run it again"):
        await desk.take(rows(1200))
    monkeypatch.undo()
    report = await desk.take(rows(1200))
    assert (report.added, report.started) == (700, 1200)


async def test_a_resumed_run_keeps_the_moment_of_its_figures(desk: Desk) -> None:
    await desk.take([row(balance="100")])
    await desk.pool.execute(
        "INSERT INTO payments VALUES ('banco-andino', 'A1', 'p', 30, $1)",
        AS_OF + timedelta(hours=1),
    )
    await desk.pool.execute("UPDATE accounts SET balance = 70")
    await desk.take([row(balance="100")], as_of=AS_OF + timedelta(hours=9))
    assert str((await desk.account())["balance"]) == "70.00"


async def test_two_intakes_at_once_take_turns(desk: Desk) -> None:
    one = write_csv(desk.folder / "one.csv", rows(600))
    two = write_csv(desk.folder / "two.csv", rows(900))
    reports = await asyncio.gather(desk.take(one), desk.take(one), desk.take(two))
    assert sum(report.added for report in reports) == 900
    assert sorted(desk.starter.said("start")) == sorted(r["account_id"] for r in rows(900))


async def test_ten_thousand_rows(desk: Desk) -> None:
    path = write_csv(desk.folder / "many.csv", rows(10_000))
    begin = time.monotonic()
    report = await desk.take(path)
    print(f"{10_000 / (time.monotonic() - begin):.0f} rows/s")
    assert (report.read, report.added, report.started) == (10_000, 10_000, 10_000)


@pytest.mark.parametrize(
    ("cells", "codes", "locale"),
    [
        ({"country": "BR", "mobile": "+5511961234567"}, ("BR", "BR-SP"), "pt-BR"),
        (
            {"country": "BR", "region": "BR-RJ", "mobile": "+5527999123456"},
            ("BR", "BR-ES", "BR-RJ"),
            "pt-BR",
        ),
        ({"country": "AR", "mobile": "+5491143211234"}, ("AR", "AR-C"), "es-AR"),
        ({"country": "AR", "region": "AR-X", "mobile": "+5493514123456"}, ("AR",), "es-AR"),
        ({"country": "CL", "region": "CL-AP", "mobile": "+56961234567"}, ("CL", "CL-AP"), "es-CL"),
        ({"country": "ES", "region": "ES-MD", "mobile": "+34612345678"}, ("ES",), "es-ES"),
        ({"country": "GB", "region": "GB-SCT", "mobile": "+447400123456"}, ("GB",), "en-GB"),
    ],
)
async def test_country_and_area_code_choose_law_and_language(
    desk: Desk, cells: dict[str, str], codes: tuple[str, ...], locale: str
) -> None:
    currency = {"BR": "BRL", "AR": "ARS", "CL": "CLP", "ES": "EUR", "GB": "GBP"}[cells["country"]]
    bare = {"region": "", "postal_code": "", "locale": "", "currency": currency, "balance": "900"}
    await desk.take([row(**(bare | cells))])
    with dependencies_for(desk.pool, settings_for("http://127.0.0.1:9")) as dependencies:
        async with desk.pool.acquire() as connection:
            account = ("banco-andino", "A1", datetime.now(UTC))
            found = await read_situation(connection, *account, dependencies.served)
        assert found is not None
        customer = found[0].customer
        assert dependencies.rules(customer, "default", "bank").jurisdictions == codes
        assert dependencies.wording.supports(customer.locale)
    assert customer.locale == locale
