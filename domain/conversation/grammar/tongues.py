"""Which of the three languages a message is in."""

from collections.abc import Mapping, Sequence
from functools import cache
from typing import Final

from domain.conversation.grammar.amount_words import numerals
from domain.conversation.grammar.date_words import own_words
from domain.conversation.grammar.roles import word_set

_COMMON: Final[Mapping[str, frozenset[str]]] = {
    "es": word_set(
        "el la los las del en que por para con mi yo lo le les un una es y al pago puedo pagar"
        " hoy manana quiero tengo no hasta entre cuando se si ya voy le hago este esta de su"
        " viernes lunes martes miercoles jueves sabado semana mes quincena mil pesos millon"
        " millones dia dias abono fin proximo siguiente pague hice ayer"
    ),
    "pt": word_set(
        "o os do da dos das no na nos nas em que por pra para com meu minha eu um uma e ao"
        " pago posso pagar hoje amanha quero tenho nao ate entre quando se ja vou este esta de"
        " sexta segunda terca quarta quinta sabado semana mes feira reais mil dia dias depois"
        " fim final proxima paguei fiz ontem voce consigo daqui"
    ),
    "en": word_set(
        "the on in of to i i'll ill will can by my it is and or at for with pay paid you we"
        " today tomorrow want have not until between when if this next week month day days"
        " monday tuesday wednesday thursday friday saturday sunday dollars bucks end from"
        " yesterday"
    ),
}


@cache
def _vocabulary(language: str) -> frozenset[str]:
    return _COMMON[language] | own_words(language) | numerals(language).keys()


_CLEARLY: Final = 2
"""So many words more than of the locale's own language make a text another's."""


def language_of(words: Sequence[str], locale: str) -> str:
    """``es``, ``pt`` or ``en``: that of the locale, unless the words speak clearly for another.

    A text without a single word of the locale's language is in the one it has most words of. A
    locale of any other language counts as English.
    """
    own = locale[:2].lower()
    if own not in _COMMON:
        own = "en"
    told = frozenset(words)
    known = {language: len(told & _vocabulary(language)) for language in _COMMON}
    best = max(known, key=lambda language: (known[language], language == own))
    lead = known[best] - known[own]
    return best if lead >= _CLEARLY or not known[own] else own
