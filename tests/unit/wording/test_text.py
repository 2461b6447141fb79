"""Names made harmless, and SMS segments counted."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.conversation.text import Alphabet, folded_to_gsm7, inert_name, one_line, segments


@pytest.mark.parametrize(
    ("written", "shown"),
    [
        ("Ana María Rojas", "Ana María Rojas"),
        ("  Ana \t María ", "Ana María"),
        ("D’Angelo O'Neil-Souza", "D’Angelo O'Neil-Souza"),
        ("J. P. Núñez (hija)", "J. P. Núñez (hija)"),
        (unicodedata.normalize("NFD", "María"), "María"),
        ("Ольга 李娜", "Ольга 李娜"),
        ("{{ 7 * 7 }}", "7 7"),
        ("{% raw %}", "raw"),
        ("<b>Ana</b>", "b Ana / b"),
        ("Ana\r\nSubject: hi", "Ana Subject hi"),
        ("Ana\u202eanA\u200b", "Ana anA"),
        ("visit http://evil.com/x", "visit http // evil. com/ x"),
        ("", ""),
        ("😀", ""),
        ("x" * 100, "x" * 60),
        ("Ana " * 30, ("Ana " * 15).strip()),
    ],
)
def test_names(written: str, shown: str) -> None:
    assert inert_name(written) == shown


@given(st.text())
def test_a_name_is_always_one_harmless_line(name: str) -> None:
    shown = inert_name(name)
    assert len(shown) <= 60
    assert not set(shown) & set('{}<>%"\r\n\t:@#$\\;=')
    assert shown == one_line(shown)
    assert inert_name(shown) == shown


@pytest.mark.parametrize(
    ("text", "alphabet", "units", "count"),
    [
        ("", Alphabet.GSM_7, 0, 0),
        ("a" * 160, Alphabet.GSM_7, 160, 1),
        ("a" * 161, Alphabet.GSM_7, 161, 2),
        ("a" * 306, Alphabet.GSM_7, 306, 2),
        ("a" * 307, Alphabet.GSM_7, 307, 3),
        ("¿Año, niñez, café?", Alphabet.GSM_7, 18, 1),
        ("€" * 80, Alphabet.GSM_7, 160, 1),
        ("a" * 152 + "€" + "a" * 152, Alphabet.GSM_7, 306, 3),
        ("á", Alphabet.UCS_2, 1, 1),
        ("á" * 70, Alphabet.UCS_2, 70, 1),
        ("á" * 71, Alphabet.UCS_2, 71, 2),
        ("ã" * 135, Alphabet.UCS_2, 135, 3),
        ("😀" * 35, Alphabet.UCS_2, 70, 1),
        ("😀" * 67, Alphabet.UCS_2, 134, 3),
    ],
)
def test_segments(text: str, alphabet: Alphabet, units: int, count: int) -> None:
    cut = segments(text)
    assert (cut.alphabet, cut.units, cut.count) == (alphabet, units, count)


@pytest.mark.parametrize(
    ("text", "folded"),
    [
        ("Así está, niño", "Asi esta, niño"),
        ("atenção às opções", "atencao às opcoes"),
        ("“sí” – no…", '"si" - no...'),
        ("Ольга está", "Ольга está"),
    ],
)
def test_folding_keeps_what_seven_bits_can_carry(text: str, folded: str) -> None:
    assert folded_to_gsm7(text) == folded
