"""One call that was accepted and is not answered yet."""

import pytest

from tests.integration.gateway.calls.held import Call, a_call
from tests.integration.gateway.conftest import Edge


@pytest.fixture
async def call(edge: Edge) -> Call:
    return await a_call(edge)
