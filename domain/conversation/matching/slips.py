"""Whether a word was typed with a slip of the finger."""

from typing import Final

_SHORT, _MIDDLING, _LONG = 4, 6, 10
SLIPS_OF_LONG: Final = 2
"""In a word of ten letters or more."""


def is_slip_of(typed: str, word: str) -> bool:
    """Whether ``typed`` was meant as ``word``, be its spaces where they may.

    With two letters swapped or one missing; in longer words with one wrong or too many; in very
    long ones with two slips. Short words have neighbours that mean something else (stop and shop,
    baja and caja, alto and "a lo"), and so have words that begin otherwise (stop and top).
    """
    in_one, several = word.replace(" ", ""), " " in typed and " " not in word
    typed = typed.replace(" ", "")
    if len(in_one) < _SHORT or abs(len(typed) - len(in_one)) > SLIPS_OF_LONG:
        return False
    if typed == in_one:
        return True
    if len(in_one) < _MIDDLING and several:
        return False
    if _swapped(typed, in_one) or _misses_one(typed, in_one):
        return True
    slips = SLIPS_OF_LONG if len(in_one) >= _LONG else 1
    return (
        len(in_one) >= _MIDDLING
        and typed[:1] == in_one[:1]
        and abs(len(typed) - len(in_one)) <= slips
        and _edits(typed, in_one) <= slips
    )


def _swapped(typed: str, word: str) -> bool:
    """Whether two letters that stand side by side changed places."""
    return len(typed) == len(word) and sorted(typed) == sorted(word) and _edits(typed, word) == 1


def _misses_one(typed: str, word: str) -> bool:
    """Whether one letter is missing; of the shortest words not the first (stop and top)."""
    if len(typed) != len(word) - 1 or (len(word) == _SHORT and typed[0] != word[0]):
        return False
    return any(typed == word[:at] + word[at + 1 :] for at in range(len(word)))


def _edits(typed: str, word: str) -> int:
    """How many letters to add, drop, replace or swap with the next (optimal string alignment)."""
    older: list[int] = []
    old = list(range(len(word) + 1))
    for i, a in enumerate(typed, 1):
        new = [i]
        for j, b in enumerate(word, 1):
            cost = min(old[j] + 1, new[j - 1] + 1, old[j - 1] + (a != b))
            if i > 1 and j > 1 and a == word[j - 2] and typed[i - 2] == b:
                cost = min(cost, older[j - 2] + 1)
            new.append(cost)
        older, old = old, new
    return old[-1]
