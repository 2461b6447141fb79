"""``contrapunto law check``: one JSON request a line in, one JSON verdict a line out, in order."""

import re
from collections.abc import Iterable
from typing import Any, Final, TextIO

from config.geo.zones import canonical
from config.rule_packs import RulePacks
from domain.entry.bounds import each_key_once
from domain.entry.broken_rule import RefusedLineError
from domain.entry.json_text import read_json
from domain.law.engine import verdict
from domain.law.plan import UnknownJurisdictionError
from domain.law.request import LawRequest, Verdict
from workers.cli.standard_streams import answer_lines

_BEFORE_COLON: Final = re.compile(r'"\s+:')


def check(lines: Iterable[str | bytes], out: TextIO, book: RulePacks) -> int:
    """Judge each line, as ``answer_lines`` does."""
    return answer_lines(lines, out, lambda line: _judge(line, book))


def request_schema() -> dict[str, Any]:
    """Return the JSON Schema of a request line, as published in docs."""
    return _published(LawRequest.model_json_schema(mode="validation"), "law-request")


def verdict_schema() -> dict[str, Any]:
    """Return the JSON Schema of a verdict line, as published in docs."""
    return _published(Verdict.model_json_schema(mode="serialization"), "law-verdict")


def _published(schema: dict[str, Any], name: str) -> dict[str, Any]:
    dialect = "https://json-schema.org/draft/2020-12/schema"
    return {"$schema": dialect, "$id": f"{name}.schema.json", **schema}


def _judge(line: str | bytes, book: RulePacks) -> str:
    # Strict: a number is no instant and a string no truth value; JSON strings still become enums.
    request = LawRequest.model_validate_json(line, strict=True)
    if not _as_many_keys(line if isinstance(line, str) else line.decode(), request):
        try:
            read_json(line, object_pairs_hook=each_key_once)
        except ValueError as error:
            raise RefusedLineError(str(error), None) from None
    for place, zone in enumerate(request.zones):
        try:
            canonical(zone)
        except ValueError as error:
            raise RefusedLineError(str(error), f"zones.{place}") from None
    try:
        packs = book.packs_for(request.jurisdictions)
    except UnknownJurisdictionError as error:
        raise RefusedLineError(str(error), "jurisdictions") from None
    return verdict(packs, request, request.at).model_dump_json()


def _as_many_keys(line: str, request: LawRequest) -> bool:
    """Whether a line has no more keys than its request, so that none is given twice.

    Reading it a second time would cost half as much as the first. Each key ends in `":`, where no
    blank comes between; so may a text, and then the line is read after all, as it is where the
    request has keys beside those that are counted here.
    """
    given = len(request.model_fields_set)
    given += sum(len(entry.model_fields_set) for entry in (*request.history, *request.events))
    if request.contact_point is not None:
        given += len(request.contact_point.model_fields_set)
    if line.count('":') != given:
        return False
    blank = any(one in line.rstrip() for one in " \t\r\n")  # not one, as machines write it
    return not (blank and _BEFORE_COLON.search(line))
