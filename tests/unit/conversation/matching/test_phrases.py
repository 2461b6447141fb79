"""Phrases are found as if each were tried at each word, and words sound as the rules say."""

import re

from hypothesis import given, settings
from hypothesis import strategies as st

from domain.conversation.matching.phrases import Library, Phrasebook
from domain.conversation.matching.plain import Replaced, by_ear

WORDS = st.sampled_from(["a", "b", "9", "9am"])
CHOICE = st.lists(st.sampled_from(["a", "b", "#"]), min_size=1, max_size=2).map("|".join)
TOKEN = st.one_of(CHOICE, CHOICE.map(lambda each: f"{each}?"), st.sampled_from(["*", "@"]))
BESIDE = st.lists(TOKEN, max_size=2).map(" ".join)
PHRASE = st.tuples(BESIDE, CHOICE, BESIDE).map(lambda tokens: " ".join(tokens).strip())
CLAUSE = st.lists(WORDS, min_size=1, max_size=6).map(" ".join)

SPELT = st.sampled_from(
    [
        *"aeioqucshlzv9 |",
        "que",
        "qui",
        "ce",
        "ci",
        "ch",
        "cch",
        "lll",
        "enter",
        "entero",
        "enterada",
    ]
)
SOUNDS = (
    (r"\benter(?=(?:ad)?[oa]s?\b)", "integr"),
    ("qu(?=[ei])", "k"),
    ("c(?=[ei])", "s"),
    ("c(?!h)", "k"),
    ("z", "s"),
    ("v", "b"),
    ("ll+", "y"),
    (r"([a-z])\1+", r"\1"),
)


def _anywhere(phrase: str, clause: str) -> set[int]:
    """Where a phrase stands, tried at each word."""
    [(_, one)] = Phrasebook([phrase]).phrases
    line = f"{clause} "
    starts = [at for at in range(len(clause)) if at == 0 or clause[at - 1] == " "]
    return {at for at in starts if one.pattern.match(line, at)}


@settings(max_examples=500)
@given(st.lists(PHRASE, min_size=1, max_size=3), CLAUSE)
def test_of_no_phrase_a_place_is_missed(phrases: list[str], clause: str) -> None:
    books = [Phrasebook([phrase]) for phrase in phrases]
    places = Library(books).places([clause])
    for phrase, book in zip(phrases, books, strict=True):
        there = _anywhere(phrase, clause)
        begun = {at for at, _ in places.get(book, {}).get(0, ())}
        assert there <= begun
        assert bool(there) == any(book.matches(clause))
        assert (0 in there) == book.begins(clause)
        [(_, one)] = book.phrases
        is_all = one.pattern.fullmatch(f"{clause} ") is not None
        assert is_all == book.is_all_of(clause) == (book in Library([book]).having_all_of(clause))


@given(st.lists(SPELT, max_size=6).map("".join))
def test_words_sound_as_the_rules_say_one_after_the_other(plain: str) -> None:
    heard = plain
    for spelt, sound in SOUNDS:
        heard = re.sub(spelt, sound, heard)
    assert by_ear(plain) == heard


@given(st.dictionaries(CLAUSE, st.sampled_from(["", "x", "x y"])), CLAUSE)
def test_of_what_is_replaced_the_longest_counts(known: dict[str, str], clause: str) -> None:
    expected = clause
    if known:
        longest = "|".join(map(re.escape, sorted(known, key=len, reverse=True)))
        expected = re.sub(rf"\b(?:{longest})\b", lambda typed: known[typed[0]], clause)
    assert Replaced(known).within(clause.split()) == expected.split()
