"""Which rule a value from outside breaks, in words: the same at every door."""

import re
from typing import Any, Final

from pydantic import ValidationError
from pydantic_core import ErrorDetails

_BY_TYPE: Final = {
    "missing": "is missing",
    "extra_forbidden": "is not known here",
    "string_type": "must be text",
    "model_type": "must be an object with fields",
    "model_attributes_type": "must be an object with fields",
    "dict_type": "must be an object with fields",
    "tuple_type": "must be a list",
    "list_type": "must be a list",
    "decimal_type": "must be a number",
    "decimal_parsing": "must be a number, with a point before its decimals",
    "int_parsing": "must be a whole number",
    "bool_parsing": "must be true or false",
    "invalid_key": "must be text as a key: put it in quotes",
    "date_from_datetime_inexact": "must be a day such as 2026-12-01, without a time",
    "date_from_datetime_parsing": "must be a day that there is, such as 2026-12-01",
    "timezone_aware": "must say its offset from UTC: Z, or such as -05:00",
}
_BY_PATTERN: Final = {
    r"^\S+$": "must have no blanks",
    r"^[a-z][a-z0-9-]{0,39}$": "must be a letter from a to z, then letters, digits and dashes, at "
    "most 40 in all, none of them a capital",
    r"^[a-z0-9][a-z0-9_.-]{0,63}$": "must be letters from a to z, digits, '_', '.' and '-', at "
    "most 64, none of them a capital",
    r"^[\w .:-]+$": "must be a few plain words: letters, digits, blanks, '.', ':', '-'",
    r"^[A-Z]{3}$": "must be three capital letters (ISO 4217), such as COP",
    r"^[A-Z]{2}$": "must be two capital letters (ISO 3166), such as CO",
}


def broken_rule(detail: ErrorDetails) -> str:
    """The rule behind one error of pydantic's, to stand after the field; never the value."""
    kind, said = detail["type"], detail["msg"]
    if kind in _BY_TYPE:
        return _BY_TYPE[kind]
    pattern = detail.get("ctx", {}).get("pattern")
    if kind == "string_pattern_mismatch" and pattern in _BY_PATTERN:
        return _BY_PATTERN[pattern]
    said = re.sub(" after validation, not \\d+$", "", said)
    said = said.removeprefix("Value error, ")
    return re.sub("^(Input|String|Value|List|Tuple|Dictionary|Decimal) should ", "must ", said)


class RefusedLineError(ValueError):
    """What no line should say, though it has the form of one."""

    def __init__(self, rule: str, field: str | None) -> None:
        super().__init__(rule)
        self.field = field


def fault_of_line(error: ValidationError | RefusedLineError, number: int) -> dict[str, Any]:
    """What stands in place of an answer to a line: ``{"error": what, "line": from 1, "field": where
    or null}``."""
    if isinstance(error, RefusedLineError):
        return {"error": str(error), "line": number, "field": error.field}
    first = error.errors(include_url=False, include_context=False, include_input=False)[0]
    field = ".".join(map(str, first["loc"])) or None
    return {"error": broken_rule(first), "line": number, "field": field}
