"""What a spreadsheet, a reader or an eye makes of an id is no id, at any door."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.entry.ids import fault, one_person
from domain.facts import MESSAGE
from domain.ledger.admission import refusal
from domain.strategy import PromisePolicy
from lab.builders.intake_files import row
from tests.unit.intake.test_row import check

GOOD = ["A-1 b", "7000000000000001", "0012", "12E45", "B_5.x", "Ñandú-3", "São-1", "1.2", "x" * 64]
GOOD += ["MAR-A", "2026-11-10", "NAN-1", "NULLA", "12.345.678-9", "A#1", "E+11", "e-7", "1e5", "Å1"]
GOOD += ["1.2E", "1.2E1B", "(1)", "A?", "BLANK-1", "N_1", "X", "0.E1", "12.34-E5", "err-502"]
BAD = [
    ("1.02345E+11", "shortened"),
    ("7E+15", "shortened"),
    ("7,00000E+15", "shortened"),
    ("1.5e-05", "shortened"),
    ("1.02345E11", "shortened"),
    ("1.02E15", "shortened"),
    ("1,02345e15", "shortened"),
    ("102.345E+9", "shortened"),
    ("7.0E15", "shortened"),
    ("N.A.", "word for nothing"),
    ("N/D", "word for nothing"),
    ("NaT", "word for nothing"),
    ("<NA>", "word for nothing"),
    ("(blank)", "word for nothing"),
    ("(En Blanco)", "word for nothing"),
    ("(em branco)", "word for nothing"),
    ("(vazio)", "word for nothing"),
    ("(vacío)", "word for nothing"),
    ("VACIO", "word for nothing"),
    ("( blank )", "word for nothing"),
    ("[null]", "word for nothing"),
    ("{}", "word for nothing"),
    ("[object Object]", "word for nothing"),
    ("NÃO INFORMADO", "word for nothing"),
    ("Sin información", "word for nothing"),
    ("no aplicable", "word for nothing"),
    ("Nulo", "word for nothing"),
    ("???", "word for nothing"),
    ("....", "word for nothing"),
    ("__", "word for nothing"),
    ("Err:502", "error of a spreadsheet"),
    ("null", "word for nothing"),
    ("NaN", "word for nothing"),
    ("None", "word for nothing"),
    ("-", "word for nothing"),
    ("TRUE", "word for nothing"),
    ("Sin datos", "word for nothing"),
    ("#N/A", "begins with '#'"),
    ("#¿NOMBRE?", "begins with '#'"),
    ("#N/D", "begins with '#'"),
    ("#¡VALOR!", "begins with '#'"),
    ("#VALOR!", "begins with '#'"),
    ("#REF!", "begins with '#'"),
    ("#####", "begins with '#'"),
    ("'B-5", "begins with a mark"),
    ("’B-5", "begins with a mark"),
    ('="7000000000000010"', "begins with a mark"),
    ("=1+1", "begins with a mark"),
    ("@x", "begins with a mark"),
    ("-5", "begins with a mark"),
    ("12345.0", "ends in .0"),
    ("12345,00", "ends in .0"),
    ("1,234,567", "separators between thousands"),
    ("4-Mar", "a date"),
    ("mar-04", "a date"),
    ("01-abr-2026", "a date"),
    ("2026-03-04 00:00:00", "a date"),
    ("000", "nothing but zeros"),
    ("A\u00a01", "NO-BREAK SPACE (U+00A0)"),
    ("A\u200b1", "ZERO WIDTH SPACE (U+200B)"),
    ("A\u00ad1", "SOFT HYPHEN (U+00AD)"),
    ("\u0410-1", "CYRILLIC CAPITAL LETTER A (U+0410)"),
    ("\uff21-1", "FULLWIDTH LATIN CAPITAL LETTER A"),
    ("A–1", "EN DASH"),
    ("A\u0661", "ARABIC-INDIC DIGIT ONE"),
    ("e\u0301-1", "COMBINING ACUTE ACCENT"),
    ("A²", "SUPERSCRIPT TWO"),
    ("A\n1", "a control character (U+000A)"),
    ("A\ufffd", "REPLACEMENT CHARACTER"),
    ("A/1", "without '/'"),
    (" A", "without blanks"),
    ("A  1", "two in a row"),
    ("x" * 65, "at most 64 characters"),
]


@pytest.mark.parametrize("value", GOOD)
def test_what_nobody_has_made_is_an_id(value: str) -> None:
    assert fault(value) is None


@pytest.mark.parametrize(("value", "rule"), BAD)
@pytest.mark.parametrize("field", ["account_id", "customer_id", "creditor"])
def test_a_file_refuses_what_is_none(field: str, value: str, rule: str) -> None:
    found = check(**row(**{field: value}))
    assert isinstance(found, list)
    assert [name for name, _ in found] == [field]
    assert rule in found[0][1]


@pytest.mark.parametrize(("value", "rule"), BAD)
@pytest.mark.parametrize("field", ["account_id", "customer_id", "creditor"])
def test_a_start_refuses_it_in_the_same_words(field: str, value: str, rule: str) -> None:
    facts = {"creditor": "b", "account_id": "A", "customer_id": "C", "currency": "COP"}
    facts |= {"balance": "10", "oldest_due_date": "2026-11-10", field: value}
    try:
        opened = MESSAGE.validate_python({"id": "s", "kind": "account_opened", "facts": facts})
    except ValueError:
        return  # the types refuse it before
    now = datetime(2026, 11, 21, tzinfo=UTC)
    refused = refusal(opened, None, now, PromisePolicy(), ("UTC",))
    assert refused is not None
    assert refused.startswith(f"{field}: ")
    assert rule in refused


@given(st.text(alphabet="ABCDEFGHJKLPQRSTXYZ", min_size=4, max_size=8), st.integers(1, 10**12))
def test_letters_and_a_number_are_an_id_however_they_are_joined(name: str, number: int) -> None:
    for joint in "-_. :":
        value = f"{name}{joint}{number}"
        assert fault(value) is None or name.casefold() in {"sept", "true", "null", "none"}


@given(st.integers(10**10, 10**20))
def test_a_number_is_an_id_and_what_a_spreadsheet_makes_of_it_is_not(number: int) -> None:
    assert fault(str(number)) is None
    assert fault(f"{number:.5E}") is not None
    assert fault(f"{number:,}") is not None
    assert fault(f"{number}.0") is not None
    assert fault(f"'{number}") is not None


@pytest.mark.parametrize(
    ("names", "one"),
    [
        ({"Ana Pérez"}, True),
        ({"Ana Pérez", "ANA PEREZ", "Pérez, Ana"}, True),
        ({"Ana Pérez", "Ana María Pérez Gómez"}, True),
        ({"Ana M. Pérez", "Ana María Pérez"}, True),
        ({"Ma. José López", "María José López"}, True),
        ({"Ana Teste", "Luis Exemplo"}, False),
        ({"Ana Pérez", "Ana Gómez"}, False),
        ({"Ana Pérez", "Ana Pérez Gómez", "Ana Pérez Ruiz"}, False),
    ],
)
def test_when_two_names_can_be_one_persons(names: set[str], one: bool) -> None:
    assert one_person(names) is one
