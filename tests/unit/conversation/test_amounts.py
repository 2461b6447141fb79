"""Every way in which people name money is read as the sum they mean, or asked about."""

import time
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.conversation.amounts import LEFT_AWAY, MOST, amounts_in
from domain.conversation.dates import dates_in
from domain.conversation.grammar.roles import word_set
from tests.unit.conversation.tables import lines, row
from tests.unit.conversation.test_dates import LOCALES, SATURDAY

Account = tuple[str, str, Decimal]
COLOMBIAN: Account = ("es-CO", "COP", Decimal(850000))


def _rows() -> list[tuple[Account, str, str]]:
    rows, account = [], COLOMBIAN
    for line in lines("amounts.txt"):
        if line.startswith(">"):
            locale, currency, balance = line.removeprefix(">").split()
            account = (locale, currency, Decimal(balance))
        else:
            rows.append((account, *row(line)))
    return rows


ROWS = _rows()


def read(text: str, account: Account = COLOMBIAN) -> str:
    """The sums in ``text``, as the table writes them."""
    found = amounts_in(text, *account)
    return ", ".join(" or ".join(map(str, s.values)) or "none" for s in found)


@pytest.mark.parametrize(("account", "phrase", "expected"), ROWS)
def test_a_phrase_names_the_sum_that_people_mean(
    account: Account, phrase: str, expected: str
) -> None:
    assert read(phrase, account) == expected


def test_the_table_is_large_enough_to_mean_something() -> None:
    assert len(ROWS) > 300


@pytest.mark.parametrize(
    ("phrase", "sums"),
    [
        ("pago 200 mil el 15", "200000"),
        ("el 15 le pago 50 y el 30 otros 50", "50 or 50000, 50 or 50000"),
        ("5, 12 y 19", ""),
        ("dias 5, 12 y 19 pago 100 mil", "100000"),
        ("entre el 5 y el 10 pago la mitad", "425000"),
        ("en 2 o 3 días, 80 mil", "80000"),
        ("pago 50% el 15 y 50% el 30", "425000, 425000"),
        ("2026-12-15: 100.000", "100000"),
    ],
)
def test_what_is_taken_for_a_day_is_no_sum(phrase: str, sums: str) -> None:
    taken = [(n.start, n.end) for n in dates_in(phrase, "es-CO", SATURDAY)]
    found = amounts_in(phrase, *COLOMBIAN, taken)
    assert ", ".join(" or ".join(map(str, s.values)) or "none" for s in found) == sums


@pytest.mark.parametrize(
    ("phrase", "account", "expected"),
    [
        ("50", ("es-CL", "CLP", Decimal(850000)), "50 or 50000"),
        ("50", ("es-AR", "ARS", Decimal(850000)), "50 or 50000"),
        ("50", ("es-MX", "MXN", Decimal(850000)), "50"),
        ("50", ("es-CO", "COP", Decimal(40000)), "50"),
        ("50", ("es-CO", "COP", Decimal(48000)), "50 or 50000"),
        ("50", ("es-CO", "COP", Decimal(0)), "none"),
        ("todo", ("es-CO", "COP", Decimal(0)), "none"),
        ("la mitad", ("es-CL", "CLP", Decimal(1001)), "501"),
        ("50,5", ("es-CL", "CLP", Decimal(1001)), "none"),
        ("un tercio", ("es-CL", "CLP", Decimal(1000)), "333"),
        ("50 soles", ("es-PE", "PEN", Decimal(900)), "50"),
        ("S/ 50", ("es-PE", "PEN", Decimal(900)), "50"),
        ("50 quetzales", ("es-GT", "GTQ", Decimal(900)), "50"),
        ("50 pesos", ("es-PE", "PEN", Decimal(900)), "none"),
        ("50 dólares", ("es-PR", "USD", Decimal(900)), "50"),
        ("US$ 50", ("es-PR", "USD", Decimal(900)), "50"),
        ("R$ 50", ("en-US", "USD", Decimal(900)), "none"),
        ("50 dollars", ("en-CA", "CAD", Decimal(900)), "50"),
        ("cinquenta reais", ("es-CO", "BRL", Decimal(900)), "50"),
        ("pago doscientos", ("en-US", "USD", Decimal(900)), "200"),
        ("two hundred dollars", ("es-US", "USD", Decimal(900)), "200"),
    ],
)
def test_what_a_phrase_means_depends_on_the_account(
    phrase: str, account: Account, expected: str
) -> None:
    assert read(phrase, account) == expected


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("Le doy 200 mil hoy", "200 mil"),
        ("pago R$ 1.234,56 já", "R$ 1.234,56"),
        ("man\u0303ana 50.000 pesos", "50.000 pesos"),
        ("🙏 50% 🙏", "50%"),
        ("pago todo el saldo mañana", "todo el saldo"),
    ],
)
def test_a_sum_is_found_where_it_stands_in_the_text_as_given(text: str, place: str) -> None:
    assert place in [text[s.start : s.end] for s in amounts_in(text, *COLOMBIAN)]


WORDS = sorted(
    word_set(
        "pago 50 200 1.234,56 50.000 $ R$ US$ mil millón millones k lucas y e and medio media "
        "dos cien doscientos cincuenta hundred two a half todo el saldo la mitad del total un "
        "tercio % por ciento cuotas días pesos dólares reais de a las 5 - / . , : 300 555 1234 "
        "3005551234 cédula 0 1/2 15/12"
    )
)
SENTENCES = st.lists(st.sampled_from(WORDS), max_size=14).map(" ".join)
BALANCES = st.decimals(0, 10**12, places=2)
CURRENCIES = st.sampled_from(["COP", "CLP", "BRL", "USD", "MXN", "XXX"])


@given(
    st.one_of(st.text(max_size=60), SENTENCES),
    st.sampled_from(list(LOCALES.values())),
    CURRENCIES,
    BALANCES,
)
def test_sums_lie_in_the_text_and_can_be_paid(
    text: str, locale: str, currency: str, balance: Decimal
) -> None:
    at = 0
    for found in amounts_in(text, locale, currency, balance):
        assert at <= found.start < found.end <= len(text)
        at = found.end
        assert list(found.values) == sorted(set(found.values))
        assert all(0 < value <= balance * MOST for value in found.values)
        assert len(found.values) < 2 or currency in LEFT_AWAY


@given(SENTENCES, st.lists(st.tuples(st.integers(0, 60), st.integers(0, 60)), max_size=3))
def test_what_is_taken_is_left_alone(text: str, spans: list[tuple[int, int]]) -> None:
    taken = [(min(span), max(span)) for span in spans if span[0] != span[1]]
    for found in amounts_in(text, *COLOMBIAN, taken):
        inside = [s for s in taken if s[0] <= found.start and found.end <= s[1]]
        assert not inside


@given(st.text(), st.text(max_size=6), st.text(max_size=3), BALANCES)
def test_no_text_is_too_strange(text: str, locale: str, currency: str, balance: Decimal) -> None:
    amounts_in(text, locale, currency, balance)


HOSTILE = (
    "9", "9.", "1,", "1 234 ", "234 ", "15, ", "mil ", "un millon ", "dos ", "treinta y ", "y ",
    "hundred ", "a hundred and ", "todo el ", "todo ", "$", "50% ", "5 y ", "5 o ", "300-", "1/",
    "medio ", "mitad ", "de ", "del total ", "cédula ", "1'000", "\n", "n\u0303", "millones y ",
)  # fmt: skip


@pytest.mark.parametrize("locale", LOCALES.values())
@pytest.mark.parametrize("bit", HOSTILE)
def test_a_hostile_text_costs_no_more_than_its_length(bit: str, locale: str) -> None:
    text = (bit * 4096)[:4096]
    began = time.process_time()
    amounts_in(text, locale, "COP", Decimal(850000))
    assert time.process_time() - began < 1
