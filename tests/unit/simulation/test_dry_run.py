"""A dry run: the same law, the same answer, and no difference where there is none."""

from collections import Counter
from decimal import Decimal
from pathlib import Path

import pytest

from config.prices.catalogue import load_prices
from config.settings import Settings
from domain.failures import BadInput
from lab.builders.intake_files import rows, write_csv
from lab.dry_run.judged import contacts, judged
from people.acts import Became
from people.worlds import WORLDS
from tests.integration.store.reports.ledger import PRICES as BY_HAND
from tests.unit.simulation.support import BEGAN, default, lives, portfolio, run, with_phases
from workers.simulation.book.file import read_file
from workers.simulation.book.packed import Packed
from workers.simulation.figures import cost, figures
from workers.simulation.page.page import page
from workers.simulation.portfolio import Somebody
from workers.simulation.record import Record, Sums
from workers.simulation.result import MEASURES, result

PRICES = load_prices(Settings().prices)


def test_the_proof_of_real_runs_finds_nothing_unlawful_and_nothing_twice(tmp_path: Path) -> None:
    people = portfolio(tmp_path, 60)
    [record] = lives(people, run(default()))
    proof = judged(record, people, default())
    assert len(record.attempts) > 100
    assert proof.violations == ()
    examined = {check.code: check.examined for check in proof.checks}
    assert examined["hours"] == examined["order"] == len(record.attempts)
    assert examined["too_close"] > 0 and examined["once"] > 0


def test_the_proof_sees_a_contact_at_night(tmp_path: Path) -> None:
    people = portfolio(tmp_path, 10)
    [record] = lives(people, run(default()))
    first = record.attempts[0]["attempt_id"]
    for row in (*record.attempts, *record.received):
        if first in (row.get("attempt_id"), row.get("attempt")):
            row |= {name: "2026-12-01T08:00:00+00:00" for name in row if name.endswith("at")}
    assert judged(record, people, default()).unlawful


def test_a_strategy_against_itself_differs_by_nothing(tmp_path: Path) -> None:
    people = portfolio(tmp_path)
    runs = [run(default(), seed=seed) for _ in range(2) for seed in (1, 2)]
    found = result(runs, iter(lives(people, *runs)), PRICES, [("a", "1"), ("b", "2")])
    assert set(found["difference"]) == set(MEASURES)
    for name, gap in found["difference"].items():
        assert gap == {"mean": 0, "low": 0, "high": 0, "least": 0, "most": 0}, name
    assert found["touched_differently"]["accounts"] == 0
    first, second = (one["figures"] for one in found["strategies"])
    assert first == second


def test_where_contacts_do_nothing_strategies_cure_the_same(tmp_path: Path) -> None:
    people = portfolio(tmp_path, 60)
    sparing = with_phases(default(), "sparing", max_touches=1)
    told = lives(people, *(run(one, WORLDS["nothing"]) for one in (default(), sparing)))
    ended = [[(a.key, a.cured_on, a.paid) for a in record.accounts] for record in told]
    assert ended[0] == ended[1]
    assert any(cured >= 0 for _, cured, _ in ended[0])
    made = [sum(a.contacts for a in record.accounts) for record in told]
    assert made[1] < made[0] / 2


def test_the_same_seed_lives_the_same_and_another_does_not(tmp_path: Path) -> None:
    people = portfolio(tmp_path)
    runs = (run(default()), run(default()), run(default(), seed=2))
    first, again, other = (contacts(record) for record in lives(people, *runs))
    assert first == again != other


def test_a_group_lives_the_same_whoever_else_is_in_the_portfolio(tmp_path: Path) -> None:
    people = portfolio(tmp_path)
    alone = people._replace(groups=Packed([*people.groups][3:5]))
    [all_of_them], [two] = lives(people, run(default())), lives(alone, run(default()))
    mine = {a.key: a for a in all_of_them.accounts}
    assert all(mine[a.key] == a for a in two.accounts)


def test_nobody_is_contacted_after_their_stop(tmp_path: Path) -> None:
    people = portfolio(tmp_path, 40)
    world = WORLDS["published"].but("annoyed", opt_out=0.2, irritation=2.0)
    [record] = lives(people, run(default(), world))
    assert sum(a.stops for a in record.accounts) > 5
    assert judged(record, people, default()).violations == ()


def test_everything_that_is_told_adds_up(tmp_path: Path) -> None:
    people = portfolio(tmp_path)
    [record] = lives(people, run(default()))
    told = figures(record, PRICES)
    assert told["accounts"] == people.accounts == 40
    for name in ("channel", "phase", "day", "hour", "weekday", "purpose"):
        assert sum(told["contacts_by"][name].values()) == told["contacts"] == len(record.attempts)
    assert sum(told["cured_by_day"].values()) == told["cured"] == told["ended"]["cured"]
    assert sum(told["ended"].values()) == 40
    assert sum(one["contacts"] for one in told["segments"].values()) == told["contacts"]
    moved = told["roll_rates"]
    assert sum(number for after in moved.values() for number in after.values()) == 40


def test_a_person_is_called_within_the_law_where_the_strategy_asks_for_one(tmp_path: Path) -> None:
    people = portfolio(tmp_path, 60)
    terms = {"after": 0, "within_days": 3}
    phases = [phase.model_dump() | {"person": terms} for phase in default().phases]
    asking = type(default()).model_validate(default().model_dump() | {"phases": phases})
    [record] = lives(people, run(asking))
    told = figures(record, PRICES)
    assert told["work_items"]["person_first"] > 10
    assert told["calls_by_person"]["conversation"] > 0
    assert judged(record, people, asking).violations == ()


@pytest.mark.parametrize("number", [1, 2])
def test_the_page_shows_one_strategy_or_two_and_needs_nothing_else(
    tmp_path: Path, number: int
) -> None:
    people = portfolio(tmp_path, 15)
    names = ["one", "<b>two</b>"][:number]
    runs = [run(default(), seed=seed) for _ in names for seed in (1, 2)]
    found = result(runs, iter(lives(people, *runs)), PRICES, [(name, "0") for name in names])
    html = page(found)
    assert html.count("<svg") >= 5
    for loads in ("<script", "<link", "src=", "http"):
        assert loads not in html
    assert "<b>two</b>" not in html
    assert ("&lt;b&gt;two" in html) is (number == 2)
    assert "nothing of real debtors" in html


def test_accounts_of_one_person_and_people_of_one_address_are_lived_together(
    tmp_path: Path,
) -> None:
    file = tmp_path / "accounts.csv"
    made = rows(4)
    made[1]["customer_id"] = made[0]["customer_id"]
    for field in ("mobile", "email", "whatsapp", "landline"):
        made[2][field] = made[0][field]
        made[1][field] = made[0][field]
    write_csv(file, made)
    people = read_file(file, BEGAN.date())
    assert sorted(len(group) for group in people.groups) == [1, 2]
    everybody = [one for group in people.groups for one in group]
    assert sorted(len(one.accounts) for one in everybody if isinstance(one, Somebody)) == [1, 1, 2]


def test_a_refused_row_is_counted_and_a_file_of_none_but_them_is_an_error(tmp_path: Path) -> None:
    file = tmp_path / "accounts.csv"
    made = rows(2)
    made[1]["currency"] = "XXX"
    write_csv(file, made)
    assert (read_file(file, BEGAN.date()).refused, read_file(file, BEGAN.date()).accounts) == (1, 1)
    write_csv(file, made[1:])
    with pytest.raises(BadInput, match="has no row that can be used, 1 were refused"):
        read_file(file, BEGAN.date())


def test_the_shipped_prices_know_every_channel_and_every_call_of_a_dry_run() -> None:
    for country in ("CO", "US", "FR"):
        for channel in ("sms", "email", "whatsapp"):
            assert (PRICES.of(channel, country, None) or 0) > 0
        assert (PRICES.of("voice", country, "conversation") or 0) > 0
    for became in Became:
        minutes, worth = PRICES.of_call_by_person(became, "CO")
        assert (minutes > 0) is (worth > 0)
    assert PRICES.of_call_by_person("conversation", "CO") == (6, Decimal("1.20"))


def test_a_run_costs_what_the_table_of_the_report_says() -> None:
    """By hand, at the prices of the report's own test: SMS 0.05 in CO and 0.10 in MX, sent or lost;
    WhatsApp 0.01 only where it arrived; a call of two minutes at 0.06; people at 0.20 a minute."""
    calls = {"person_call_minutes": {"conversation": 5, "busy": 1}}
    prices = BY_HAND.model_copy(update=calls)
    sums: Sums = Counter(
        {
            ("sent", "CO", "sms", None, True): 10,
            ("sent", "MX", "sms", None, False): 3,
            ("sent", "PE", "sms", None, True): 7,
            ("sent", "CO", "whatsapp", None, True): 5,
            ("sent", "CO", "whatsapp", None, False): 5,
            ("sent", "CO", "voice", "conversation", True): 1,
            ("sent", "CO", "voice", "no_answer", True): 4,
            ("work", "dispute", "CO"): 2,
            ("call by person", "conversation", "CO"): 1,
            ("call by person", "busy", "CO"): 2,
            ("call by person", "no_answer", "CO"): 9,
        }
    )
    assert cost(Record(sums=sums), prices) == {
        "currency": "USD",
        "contacts": "0.97",  # 0.50 + 0.30 + 0.05 + 0.12
        "minutes": "19",  # 2 items of 6, and 5 + 2
        "people": "3.80",
        "total": "4.77",
        "for_each_cure": "none was cured",
        "without_price": 7,
    }
