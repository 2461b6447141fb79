"""The drawn week: true to the clock, also where it changes."""

from datetime import date, timedelta
from xml.etree import ElementTree

import pytest
from rich.console import Console

from domain.law.terms import Actor, Medium
from tests.unit.law.support import BOGOTA, BOOK, HOME, NEW_YORK
from workers.cli.law.week import Week, drawn, remarks, week_of
from workers.cli.law.week_svg import svg


def week(
    first: str, *jurisdictions: str, zones: tuple[str, ...] = (), channel: Medium = Medium.VOICE
) -> Week:
    packs = BOOK.packs_for(jurisdictions)
    where = zones or (HOME[jurisdictions[0]],)
    return week_of(
        packs, jurisdictions, where, date.fromisoformat(first), channel, Actor.THIRD_PARTY
    )


def words(shown: Week) -> list[str]:
    return [shown.spelt(day) for day in shown.days]


def printed(shown: Week) -> str:
    console = Console(width=120, record=True, file=None)
    with console.capture() as caught:
        console.print(drawn(shown))
    return caught.get()


def test_a_week_in_colombia_with_its_holiday() -> None:
    shown = week("2026-11-16", "CO")
    weekday = "07:00-19:00"
    assert words(shown) == ["", weekday, weekday, weekday, weekday, "08:00-15:00", ""]
    assert shown.days[0].holiday == "Independence of Cartagena (observed)"
    assert [day.holiday for day in shown.days[1:]] == [None] * 6
    assert [rule.partition(" ")[0] for rule in shown.rules] == [
        "co.ley2300.closed_days",
        "co.ley2300.hours",
    ]
    assert "Mon 16 Nov: holiday, Independence of Cartagena (observed)" in printed(shown)


@pytest.mark.parametrize(
    ("first", "zone", "place", "hours", "row"),
    [
        ("2026-10-28", NEW_YORK, 4, 25, (1, 1)),
        ("2026-03-02", NEW_YORK, 6, 23, None),
        ("2026-04-01", "Australia/Lord_Howe", 4, 24.5, (1, 1)),
        ("2026-09-01", "America/Santiago", 5, 23, None),
    ],
)
def test_a_day_is_as_long_as_it_is(
    first: str, zone: str, place: int, hours: float, row: tuple[int, int] | None
) -> None:
    shown = week(first, "US", zones=(zone,))
    lengths = [day.length / timedelta(hours=1) for day in shown.days]
    assert lengths == [*[24] * place, hours, *[24] * (6 - place)]
    assert (row in shown.rows) is (row is not None)
    assert [len(remarks(day)) for day in shown.days] == [
        int(day is shown.days[place]) for day in shown.days
    ]
    assert len({hour.row[0] for hour in shown.days[place].hours}) == min(24, -int(-hours // 1))
    for day in shown.days:
        assert day.hours[0].start == day.stretches[0].start
        assert day.hours[-1].end == day.stretches[-1].end
    assert all(shown.spelt(day) == "08:00-21:00" for day in shown.days)


def test_open_is_what_is_open_in_all_zones_by_the_first_ones_clock() -> None:
    shown = week("2026-11-16", "US", zones=(NEW_YORK, "America/Los_Angeles"))
    assert words(shown) == ["11:00-21:00"] * 7
    assert "open in all of America/New_York, America/Los_Angeles" in printed(shown)


def test_packs_combine() -> None:
    assert words(week("2026-11-16", "US", "CO", zones=(BOGOTA,))) == [
        "",
        *["08:00-19:00"] * 4,
        "08:00-15:00",
        "",
    ]


def test_the_picture_shows_what_is_open_to_the_pixel() -> None:
    shown = week("2026-10-28", "US")
    picture = ElementTree.fromstring(svg(shown))  # noqa: S314 - our own
    space = "{http://www.w3.org/2000/svg}"
    green = [r for r in picture.iter(f"{space}rect") if r.get("fill") == "#2f9e6e"]
    # One for the legend, and thirteen open hours a day.
    assert len(green) == 1 + 7 * 13
    texts = [text.text for text in picture.iter(f"{space}text")]
    assert texts.count("08:00-21:00") == 7
    assert "25 hours" in texts
    assert "01:00 again" in texts
    tops = sorted({float(r.get("y", 0)) for r in green[:-1]})
    assert tops[0] == 112 + 9 * 22  # eight hours of the night, and the one that comes twice
    assert tops[-1] == tops[0] + 12 * 22


def test_names_are_escaped() -> None:
    pack = BOOK.packs["CO"].model_copy(update={"name": "<b>&</b>"})
    shown = week_of([pack], ["CO"], [BOGOTA], date(2026, 11, 16), Medium.VOICE, Actor.THIRD_PARTY)
    assert "&lt;b&gt;&amp;" in svg(shown)
    ElementTree.fromstring(svg(shown))  # noqa: S314 - our own
