"""The running API holds to its own document, whatever it is asked (schemathesis)."""

from collections.abc import Iterator
from typing import Any

import httpx
import hypothesis
import pytest
import schemathesis
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from lab.local.postgres import LocalPostgres
from tests.integration.api.conftest import token
from tests.integration.api.upstream.conftest import row
from tests.integration.api.upstream.served import Served
from workers.api.openapi import described

CHECKS: Any = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_schema_conformance,
    response_headers_conformance,
]
SCHEMA = schemathesis.openapi.from_dict(described())
SHORT = 4
"""Requests of a route: a bounded form; CONTRACT_EXAMPLES asks for more."""


@pytest.fixture(scope="module")
def address(postgres: LocalPostgres, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with Served(tmp_path_factory.mktemp("api"), postgres.url).running() as made:
        headers = {"Authorization": f"Bearer {token('all')}"}
        answer = httpx.put(f"{made}/v1/accounts/bank/A-1", json=row(), headers=headers)
        assert answer.status_code in (200, 201), answer.text
        yield made


@pytest.mark.parametrize(
    "named",
    sorted(
        f"{method.upper()} {path}" for path, one in described()["paths"].items() for method in one
    ),
)
def test_a_route_answers_as_its_document_says(address: str, named: str) -> None:
    method, path = named.split(" ")
    operation = SCHEMA[path][method]
    headers = {"Authorization": f"Bearer {token('all')}"}

    @hypothesis.settings(
        max_examples=SHORT,
        deadline=None,
        database=None,
        derandomize=True,
        suppress_health_check=list(hypothesis.HealthCheck),
    )
    @hypothesis.given(case=operation.as_strategy())
    def asked(case: Any) -> None:
        given = {**(case.headers or {}), **headers}
        case.call_and_validate(base_url=address, headers=given, checks=CHECKS)

    asked()
