"""Which language a customer reads where nobody has said: that of their country, after CLDR."""

from functools import cache

from babel.languages import get_official_languages


@cache
def languages_of(country: str) -> tuple[str, ...]:
    """Official languages of an ISO 3166-1 country, the most spoken first; () where none is known.

    By law or in fact: the United States has none by law.
    """
    return tuple(get_official_languages(country, de_facto=True))


@cache
def locale_of(country: str) -> str | None:
    """The locale of a country's first language, such as ``pt-BR``; None where none is known."""
    languages = languages_of(country)
    return f"{languages[0]}-{country}" if languages else None
