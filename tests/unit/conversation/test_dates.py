"""Every way in which people name days is read as the day they mean, or asked about."""

import time
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.conversation.dates import Named, dates_in
from domain.conversation.grammar.roles import word_set
from tests.unit.conversation.tables import lines, row

SATURDAY = date(2026, 11, 28)
LOCALES = {"es": "es-CO", "pt": "pt-BR", "en": "en-US"}
ROWS = [(code, *row(line)) for code in LOCALES for line in lines(f"dates_{code}.txt")]


def shown(found: list[Named]) -> str:
    """What was found, as the tables write it."""
    joints = {Named.Kind.SERIES: " and ", Named.Kind.EITHER: " or "}
    said = (joints.get(named.kind, " ").join(map(_day, named.days)) for named in found)
    return ", ".join(days or "vague" for days in said)


def _day(day: date) -> str:
    coming = date(2026, 11, 1) <= day < date(2027, 11, 1)
    return f"{day:%m-%d}" if coming else day.isoformat()


@pytest.mark.parametrize(("code", "phrase", "expected"), ROWS)
def test_a_phrase_names_the_days_that_people_mean(code: str, phrase: str, expected: str) -> None:
    assert shown(dates_in(phrase, LOCALES[code], SATURDAY)) == expected


def test_the_tables_are_large_enough_to_mean_something() -> None:
    assert len(ROWS) > 600


FRIDAY = date(2026, 12, 4)
MONDAY = date(2026, 11, 30)
FIFTEENTH = date(2026, 12, 15)
"""A Tuesday."""


@pytest.mark.parametrize(
    ("phrase", "locale", "today", "expected"),
    [
        # On the weekday itself.
        ("el viernes", "es-CO", FRIDAY, "2026-12-04 or 2026-12-11"),
        ("este viernes", "es-CO", FRIDAY, "2026-12-04"),
        ("hoy viernes", "es-CO", FRIDAY, "2026-12-04"),
        ("el próximo viernes", "es-CO", FRIDAY, "2026-12-11"),
        ("el viernes que viene", "es-CO", FRIDAY, "2026-12-11"),
        ("na sexta", "pt-BR", FRIDAY, "2026-12-04 or 2026-12-11"),
        ("sexta que vem", "pt-BR", FRIDAY, "2026-12-11"),
        ("essa sexta", "pt-BR", FRIDAY, "2026-12-04"),
        ("Friday", "en-US", FRIDAY, "2026-12-04 or 2026-12-11"),
        ("this Friday", "en-US", FRIDAY, "2026-12-04"),
        ("next Friday", "en-US", FRIDAY, "2026-12-11"),
        ("viernes 4", "es-CO", FRIDAY, "2026-12-04"),
        ("viernes 11", "es-CO", FRIDAY, "2026-12-11"),
        # Earlier in the week.
        ("next Friday", "en-US", MONDAY, "2026-12-04 or 2026-12-11"),
        ("next Tuesday", "en-US", MONDAY, "2026-12-01 or 2026-12-08"),
        ("this Friday", "en-US", MONDAY, "2026-12-04"),
        ("Friday", "en-US", MONDAY, "2026-12-04"),
        ("el próximo viernes", "es-CO", MONDAY, "2026-12-04"),
        ("el viernes de la próxima semana", "es-CO", MONDAY, "2026-12-11"),
        ("el viernes de esta semana", "es-CO", MONDAY, "2026-12-04"),
        ("sexta da semana que vem", "pt-BR", MONDAY, "2026-12-11"),
        ("Friday next week", "en-US", MONDAY, "2026-12-11"),
        ("el viernes de la semana que viene", "es-CO", MONDAY, "2026-12-11"),
        # On the number itself.
        ("el 15", "es-CO", FIFTEENTH, "2026-12-15 or 2027-01-15"),
        ("hoy 15", "es-CO", FIFTEENTH, "2026-12-15"),
        ("martes 15", "es-CO", FIFTEENTH, "2026-12-15"),
        ("el 15 de diciembre", "es-CO", FIFTEENTH, "2026-12-15"),
        ("dia 15", "pt-BR", FIFTEENTH, "2026-12-15 or 2027-01-15"),
        ("on the 15th", "en-US", FIFTEENTH, "2026-12-15 or 2027-01-15"),
        ("el 15 y el 30", "es-CO", FIFTEENTH, "2026-12-15 or 2027-01-15, 2026-12-30"),
        ("la quincena", "es-CO", FIFTEENTH, "2026-12-31"),
        ("la otra quincena", "es-CO", FIFTEENTH, "2026-12-31 or 2027-01-15"),
        # Ends of months and years.
        ("fin de mes", "es-CO", MONDAY, "2026-11-30 or 2026-12-31"),
        ("end of the month", "en-US", MONDAY, "2026-11-30 or 2026-12-31"),
        ("fin de mes que viene", "es-CO", MONDAY, "2026-12-31"),
        ("fim do mês", "pt-BR", date(2027, 2, 3), "2027-02-28"),
        ("el 31", "es-CO", date(2027, 1, 31), "2027-01-31 or 2027-03-31"),
        ("el 30", "es-CO", date(2027, 1, 31), "2027-03-30"),
        ("en un mes", "es-CO", date(2027, 1, 31), "2027-02-28"),
        ("el 5 de enero", "es-CO", FIFTEENTH, "2027-01-05"),
        ("navidad", "es-CO", date(2026, 12, 26), "2027-12-25"),
        ("29 de febrero", "es-CO", date(2028, 1, 5), "2028-02-29"),
        ("black friday", "en-US", date(2026, 11, 2), "2026-11-27"),
        # Weekends.
        ("el fin de semana", "es-CO", FRIDAY, "2026-12-05 or 2026-12-06"),
        ("el fin de semana", "es-CO", date(2026, 12, 6), "2026-12-06 or 2026-12-12 or 2026-12-13"),
        ("este fin de semana", "es-CO", date(2026, 12, 6), "2026-12-06"),
        ("next weekend", "en-US", FRIDAY, "2026-12-05 or 2026-12-06 or 2026-12-12 or 2026-12-13"),
        ("end of the week", "en-US", MONDAY, "2026-12-04 or 2026-12-05 or 2026-12-06"),
        # Working days.
        ("quinto día hábil", "es-CO", date(2026, 12, 7), "2026-12-07"),
        ("quinto día hábil", "es-CO", date(2026, 12, 8), "2027-01-07"),
        ("próximo dia útil", "pt-BR", FRIDAY, "2026-12-07"),
        ("del 5 al 10", "es-CO", date(2026, 12, 7), "2027-01-05 or 2027-01-10"),
        # Only in the United States the month is first.
        ("4/5", "en-US", SATURDAY, "2027-04-05"),
        ("4/5", "en-GB", SATURDAY, "2027-05-04"),
        ("4/5", "es-US", SATURDAY, "2027-05-04"),
        ("12/13", "en-GB", SATURDAY, "2026-12-13"),
    ],
)
def test_what_a_phrase_means_depends_on_the_day_and_the_place(
    phrase: str, locale: str, today: date, expected: str
) -> None:
    found = dates_in(phrase, locale, today)
    days = ", ".join(" or ".join(map(str, named.days)) for named in found)
    assert days == expected


@pytest.mark.parametrize(
    ("phrase", "locale", "expected"),
    [
        ("pagué el lunes", "es-CO", date(2026, 11, 23)),
        ("pagué el sábado", "es-CO", date(2026, 11, 21)),
        ("pagué el 15", "es-CO", date(2026, 11, 15)),
        ("pagué el 28", "es-CO", date(2026, 10, 28)),
        ("pagué el 31", "es-CO", date(2026, 10, 31)),
        ("lo hice el 3 de diciembre", "es-CO", date(2025, 12, 3)),
        ("ayer pagué", "es-CO", date(2026, 11, 27)),
        ("pagué antier", "es-CO", date(2026, 11, 26)),
        ("pagué hace una semana", "es-CO", date(2026, 11, 21)),
        ("pagué a fin de mes", "es-CO", date(2026, 10, 31)),
        ("pagué en la quincena", "es-CO", date(2026, 11, 15)),
        ("pagué el 10/11/2026", "es-CO", date(2026, 11, 10)),
        ("paguei na sexta", "pt-BR", date(2026, 11, 27)),
        ("paguei dia 20", "pt-BR", date(2026, 11, 20)),
        ("paguei ontem", "pt-BR", date(2026, 11, 27)),
        ("paguei anteontem", "pt-BR", date(2026, 11, 26)),
        ("paguei hoje", "pt-BR", SATURDAY),
        ("I paid last Friday", "en-US", date(2026, 11, 27)),
        ("I paid on the 20th", "en-US", date(2026, 11, 20)),
        ("I paid yesterday", "en-US", date(2026, 11, 27)),
        ("I paid on Oct 3", "en-US", date(2026, 10, 3)),
        ("I paid 3 days ago", "en-US", date(2026, 11, 25)),
    ],
)
def test_what_has_happened_was_on_the_last_such_day(
    phrase: str, locale: str, expected: date
) -> None:
    found = dates_in(phrase, locale, SATURDAY, past=True)
    assert [(n.days, n.kind) for n in found] == [((expected,), Named.Kind.ONE)]


@pytest.mark.parametrize(("phrase", "ago"), [("ayer", 1), ("ontem", 1), ("yesterday", 1)])
def test_yesterday_is_past_in_any_sentence(phrase: str, ago: int) -> None:
    assert [n.days for n in dates_in(phrase, "es-CO", SATURDAY)] == [
        (SATURDAY - timedelta(days=ago),)
    ]


@pytest.mark.parametrize("phrase", ["quinto día hábil", "5º dia útil", "fifth business day"])
def test_nobody_works_on_a_holiday(phrase: str) -> None:
    feast = date(2026, 12, 7)
    found = dates_in(phrase, "es-CO", SATURDAY, lambda day: day == feast)
    assert [n.days for n in found] == [(date(2026, 12, 8),)]


def test_a_calendar_on_which_nobody_works_names_no_working_day() -> None:
    found = dates_in("quinto día hábil; en 3 días hábiles", "es-CO", SATURDAY, lambda day: True)
    assert shown(found) == "vague, vague"


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("Le pago el viernes.", "el viernes"),
        ("Ma\u0301s tarde no; man\u0303ana si\u0301", "man\u0303ana"),
        ("🙏🙏 mañana 🙏", "mañana"),
        ("e\u200bl 15", "e\u200bl 15"),
        ("hoy\u200b no", "hoy"),
        ("½ el 15", "el 15"),
    ],
)
def test_a_day_is_found_where_it_stands_in_the_text_as_given(text: str, place: str) -> None:
    places = [text[n.start : n.end] for n in dates_in(text, "es-CO", SATURDAY)]
    assert place in places


WORDS = sorted(
    word_set(
        "el la los de del en a y o para pago hoy mañana pasado viernes sábado lunes 1 5 15 28 "
        "30 31 45 2026 2027 15/12 31/11 12-13 2026-02-30 diciembre noviembre febrero mes "
        "semana quincena fin próximo que viene este otro día días hábil quinto primer segunda "
        ", . - / % $ mil cuotas entre antes después desde hasta cada todos cuando me paguen "
        "pronto dia fim do da na sexta ou amanhã the on next this by friday 15th first of "
        "month and or between in two weeks tomorrow"
    )
)
SENTENCES = st.lists(st.sampled_from(WORDS), max_size=14).map(" ".join)
DAYS = st.dates(date(2000, 1, 1), date(2090, 12, 31))


@given(st.one_of(st.text(max_size=60), SENTENCES), st.sampled_from(list(LOCALES.values())), DAYS)
def test_places_lie_in_the_text_one_behind_the_other(text: str, locale: str, today: date) -> None:
    at = 0
    for named in dates_in(text, locale, today):
        assert at <= named.start < named.end <= len(text)
        at = named.end


@pytest.mark.parametrize(
    "text",
    [
        "fin febrero 2026",
        "el último día de febrero de 2026",
        "fim de fevereiro de 2026",
        "quinto día hábil de febrero de 2026",
        "first monday of february 2026",
        "primera quincena de febrero 2026",
        "28 de febrero de 2026",
    ],
)
def test_a_day_of_a_year_that_is_over_is_not_known(text: str) -> None:
    assert [one.days for one in dates_in(text, "es-CO", date(2027, 1, 1))] == [()]
    assert [len(one.days) for one in dates_in(text, "es-CO", date(2026, 2, 1))] == [1]


@given(SENTENCES, st.sampled_from(list(LOCALES.values())), DAYS)
def test_a_kind_says_how_many_days_there_are_and_none_is_past(
    text: str, locale: str, today: date
) -> None:
    for named in dates_in(text, locale, today):
        assert list(named.days) == sorted(set(named.days))
        match named.kind:
            case Named.Kind.ONE:
                assert len(named.days) == 1
            case Named.Kind.VAGUE:
                assert named.days == ()
            case Named.Kind.EITHER | Named.Kind.SERIES:
                assert len(named.days) > 1
        if "pasado" not in text:  # "el viernes pasado"
            assert all(day >= today for day in named.days)


@given(st.text(), st.text(max_size=6), st.booleans())
def test_no_text_is_too_strange(text: str, locale: str, past: bool) -> None:
    dates_in(text, locale, SATURDAY, past=past)


HOSTILE = (
    "el 15 ", "15, ", "1/", "1-", "12/12/", "el 5 y ", "treinta y ", "de ", "el viernes ",
    "viernes, ", "o ", "next ", "in the ", "quincena ", "fin de ", "cuando me ", "15 de ", "dic 5 ",
    "dias 5, ", " ", "\n", "ñ", "n\u0303", "9", "hoy ", "entre el 5 y ", "a", "1.",
)  # fmt: skip


@pytest.mark.parametrize("locale", LOCALES.values())
@pytest.mark.parametrize("bit", HOSTILE)
def test_a_hostile_text_costs_no_more_than_its_length(bit: str, locale: str) -> None:
    text = (bit * 4096)[:4096]
    began = time.perf_counter()
    dates_in(text, locale, SATURDAY)
    # Some 20 ms; what goes back and forth over such a text takes seconds.
    assert time.perf_counter() - began < 1
