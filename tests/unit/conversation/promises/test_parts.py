"""Promises of several dates, as people write them: two sums and two days, or a person looks."""

from datetime import date, datetime
from decimal import Decimal
from typing import Final

import pytest
from hypothesis import given
from hypothesis import strategies as st

from config.reader import load_reader
from domain.conversation.reader import CERTAIN, Heard, Reading

READER: Final = load_reader()
NOW: Final = datetime.fromisoformat("2026-11-24T10:00:00-05:00")
"""A Tuesday. Friday is the 27th."""
OWED: Final = {"es-CO": ("COP", "850000"), "es-MX": ("MXN", "5000"), "es-AR": ("ARS", "900000")} | {
    "pt-BR": ("BRL", "850"),
    "en-US": ("USD", "850"),
}


def read(text: str, locale: str = "es-CO") -> Reading:
    currency, balance = OWED[locale]
    return READER.read(Heard(text, locale, NOW, currency, Decimal(balance)))


def found(reading: Reading) -> str:
    """Days of November and December, and sums: `27=100000 30=200000`."""
    return " ".join(f"{one.day:%d}={one.amount:f}" for one in reading.parts)


CERTAINLY: Final = [
    # Colombia
    ("pago 100 mil el viernes y 200 mil el 30", "es-CO", "27=100000 30=200000"),
    ("El viernes 100 mil y el 30 200 mil", "es-CO", "27=100000 30=200000"),
    ("le doy 100.000 mañana y 150.000 el 15 de diciembre", "es-CO", "25=100000 15=150000"),
    ("Puedo pagar $100.000 el viernes y $200.000 el 30 de nov", "es-CO", "27=100000 30=200000"),
    (
        "hola buenas, el viernes le abono 100 mil y el 15 los otros 200 mil",
        "es-CO",
        "27=100000 15=200000",
    ),
    ("abono 100mil hoy y los otros 300mil el 15", "es-CO", "24=100000 15=300000"),
    ("la mitad el viernes y la otra mitad en la quincena", "es-CO", "27=425000 30=425000"),
    (
        "50 mil el viernes, 50 mil el 4 y 50 mil el 11 de diciembre",
        "es-CO",
        "27=50000 04=50000 11=50000",
    ),
    ("consigno 100k el viernes y 200k el lunes", "es-CO", "27=100000 30=200000"),
    ("mañana 50 lucas y el lunes 80 lucas", "es-CO", "25=50000 30=80000"),
    ("mañana transfiero 100 mil pesos y pasado mañana 50 mil pesos", "es-CO", "25=100000 26=50000"),
    ("el viernes 27 pago cien mil y el lunes 30 doscientos mil", "es-CO", "27=100000 30=200000"),
    ("Sí, pago 100 mil el viernes y 200 mil el 30", "es-CO", "27=100000 30=200000"),
    (
        "buenas tardes, el viernes le consigno 100 mil pesos y el 15 de diciembre le consigno los "
        "otros 200 mil, gracias",
        "es-CO",
        "27=100000 15=200000",
    ),
    ("200 mil el 30 y 100 mil el viernes", "es-CO", "27=100000 30=200000"),
    ("ok, listo: 150 mil mañana y 150 mil el lunes", "es-CO", "25=150000 30=150000"),
    # Mexico
    ("le pago 500 pesos el viernes y 700 pesos el 15", "es-MX", "27=500 15=700"),
    ("El 27 de noviembre 500 y el 4 de diciembre 700", "es-MX", "27=500 04=700"),
    ("te deposito 500 el viernes y 500 el lunes", "es-MX", "27=500 30=500"),
    ("$1,500 el viernes y $2,000 el 15 de diciembre", "es-MX", "27=1500 15=2000"),
    # Brazil
    ("Pago R$ 200 na sexta e R$ 300 no dia 30", "pt-BR", "27=200 30=300"),
    ("na sexta eu pago 200 reais e dia 30 mais 300 reais", "pt-BR", "27=200 30=300"),
    ("vou pagar 200 reais amanhã e 150 dia 5", "pt-BR", "25=200 05=150"),
    ("consigo 200 sexta e 300 no dia 10", "pt-BR", "27=200 10=300"),
    ("deposito 200,00 amanhã e 300,00 na segunda-feira", "pt-BR", "25=200 30=300"),
    ("metade amanhã e metade dia 10", "pt-BR", "25=425 10=425"),
    ("dia 5 pago 300 reais e dia 20 mais 200", "pt-BR", "05=300 20=200"),
    ("no dia 30 pago 300 reais e no dia 5 200 reais", "pt-BR", "30=300 05=200"),
    # The United States
    ("I'll pay $100 on Friday and $200 on the 30th", "en-US", "27=100 30=200"),
    ("I can do 100 dollars Friday and 200 dollars on December 15", "en-US", "27=100 15=200"),
    ("can pay 100 friday and 200 on the 30th", "en-US", "27=100 30=200"),
    ("half on Friday and half on the 30th", "en-US", "27=425 30=425"),
    ("I will pay $100 by Friday and the remaining $200 by the 15th", "en-US", "27=100 15=200"),
    ("100 on 12/4 and 200 on 12/18", "en-US", "04=100 18=200"),
    ("Tomorrow $50, then $75 on 12/18", "en-US", None),
]
"""What is promised, and no doubt about it; None: a person's, sure as it may sound."""


@pytest.mark.parametrize(("text", "locale", "parts"), CERTAINLY)
def test_each_sum_has_its_day(text: str, locale: str, parts: str | None) -> None:
    reading = read(text, locale)
    assert found(reading) == (parts or "")
    if parts is not None:
        assert [one.value for one in reading.intents] == ["promise"]
        assert (reading.confidence, reading.to_person) == (CERTAIN, False)
        assert (reading.amount, reading.day) == (None, None), "no one sum, and no one day"
        assert {one.day for one in reading.parts} == set(reading.days)


FOR_A_PERSON: Final = [
    ("pago 100 mil el viernes o 200 mil el 30", "es-CO"),  # either
    ("100 mil este viernes, 200 mil el otro viernes", "es-CO"),  # which Friday
    ("pago 100 el viernes y 200 el 30", "es-CO"),  # thousands, or not
    ("si me pagan le paso 100 mil el viernes y 200 mil el 30", "es-CO"),
    ("si pago 100 mil el viernes y 200 mil el 30", "es-CO"),  # "yes", or "if"
    ("100 mil el viernes y 200 mil el 30, si me pagan", "es-CO"),
    ("100 mil el viernes y si puedo 200 mil el 30", "es-CO"),
    ("¿puedo pagar 100 mil el viernes y 200 mil el 30?", "es-CO"),
    ("creo que puedo pagar 100 mil el viernes y 200 mil el 30", "es-CO"),
    ("tal vez 100 mil el viernes y 200 mil el 30", "es-CO"),
    ("como 100 mil el viernes y unos 200 mil el 30", "es-CO"),
    ("no puedo pagar 100 mil el viernes ni 200 mil el 30", "es-CO"),
    ("100 mil el viernes y 200 mil el 30 no puedo", "es-CO"),
    ("me pagan 100 mil el viernes y 200 mil el 30", "es-CO"),  # what they receive
    ("ya pagué 100 mil el viernes y pago 200 mil el 30", "es-CO"),
    ("ayer 100 mil y el viernes 200 mil", "es-CO"),
    ("100 mil el viernes y el resto el 30", "es-CO"),  # how much is the rest
    ("100 mil y el viernes 200 mil el 30", "es-CO"),
    ("pago 100 mil el 15 y el 30", "es-CO"),  # each time, or in all
    ("100 mil el viernes y 200 mil el viernes", "es-CO"),
    ("cada viernes 50 mil y el 30 100 mil", "es-CO"),
    ("100 mil cada quincena, el viernes y el 15", "es-CO"),
    ("100 mil el viernes y 200 mil cuando me paguen, el 30", "es-CO"),
    ("me cobraron 100 mil el viernes y 200 mil el 30", "es-CO"),
    ("el lunes pago 300 mil y 50 mil el martes", "es-CO"),  # Tuesday is today
    ("quiero un plan de 2 cuotas, 100 mil el viernes y 200 mil el 30", "es-CO"),
    ("de los 300 mil pago 100 mil el viernes y 200 mil el 30", "es-CO"),
    ("se eu receber pago 200 reais na sexta e 300 reais dia 30", "pt-BR"),
    ("não consigo pagar 200 na sexta e 300 no dia 30", "pt-BR"),
    ("pago 200 reais na sexta ou 300 reais no dia 30", "pt-BR"),
    ("acho que pago 200 na sexta e 300 no dia 30", "pt-BR"),
    ("posso pagar 200 na sexta e 300 no dia 30?", "pt-BR"),
    ("recebo 200 na sexta e 300 no dia 30", "pt-BR"),
    ("maybe $100 Friday and $200 on the 15th", "en-US"),
    ("$100 on Friday or $200 on the 30th", "en-US"),
    ("$50 tomorrow, $75 next Wednesday", "en-US"),  # which Wednesday
    ("I already paid $100 on Monday and will pay $200 on Friday", "en-US"),
    ("My boss pays me $100 on Friday and $200 on the 30th", "en-US"),
    ("I can't pay $100 on Friday and $200 on the 30th", "en-US"),
    ("Will you take $100 on Friday and $200 on the 30th?", "en-US"),
    ("I'll try to send $100 on Friday and $200 on the 30th", "en-US"),
    ("at least $100 on Friday and about $200 on the 30th", "en-US"),
]


@pytest.mark.parametrize(("text", "locale"), FOR_A_PERSON)
def test_what_leaves_room_is_a_persons(text: str, locale: str) -> None:
    reading = read(text, locale)
    assert found(reading) == ""
    certain = reading.amount is not None and reading.day is not None
    assert not (certain and reading.confidence >= CERTAIN), "nor is it a promise of one date"


def test_what_is_told_outside_has_its_shape_and_the_parts_beside_it() -> None:
    told = read("pago 100 mil el viernes y 200 mil el 30").told()
    assert told["parts"] == [
        {"amount": "100000", "date": "2026-11-27"},
        {"amount": "200000", "date": "2026-11-30"},
    ]
    assert (told["amount"], told["date"]) == (None, None)
    assert told["dates"] == ["2026-11-27", "2026-11-30"]
    assert "parts" not in read("pago 100 mil el viernes").told()


@given(
    st.lists(
        st.tuples(st.integers(1, 80), st.integers(1, 28)),
        min_size=2,
        max_size=5,
        unique_by=lambda one: one[1],
    ),
    st.booleans(),
)
def test_however_many_there_are_each_keeps_its_own_day(
    told: list[tuple[int, int]], day_first: bool
) -> None:
    parts = [
        f"el {day} de diciembre {sum_} mil" if day_first else f"{sum_} mil el {day} de diciembre"
        for sum_, day in told
    ]
    reading = read(f"pago {', '.join(parts[:-1])} y {parts[-1]}")
    wanted = sorted((date(2026, 12, day), Decimal(sum_ * 1000)) for sum_, day in told)
    assert [(one.day, one.amount) for one in reading.parts] == wanted
