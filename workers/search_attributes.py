"""The search attributes of an account's workflow, and a namespace that knows them."""

from typing import Final

from temporalio.api.enums.v1 import IndexedValueType
from temporalio.api.operatorservice.v1 import (
    AddSearchAttributesRequest,
    ListSearchAttributesRequest,
)
from temporalio.client import Client
from temporalio.service import RPCError, RPCStatusCode

from domain.failures import Misconfigured

ATTRIBUTES: Final = {
    "Phase": "Keyword",
    "Standing": "Keyword",
    "Jurisdiction": "Keyword",
    "Creditor": "Keyword",
    "DaysPastDue": "Keyword",
    "NextContactAt": "Datetime",
    "Segment": "Keyword",
}
"""Name and type of each, as `temporal operator search-attribute create` takes them."""

_NOT_FOR_US: Final = (RPCStatusCode.UNIMPLEMENTED, RPCStatusCode.PERMISSION_DENIED)


async def check_attributes(client: Client) -> None:
    """Raises Misconfigured when the namespace lacks our search attributes.

    A workflow that sets an unknown one would be stuck; better not to start.
    """
    missing = await _missing_attributes(client)
    if missing:
        raise Misconfigured(
            f"Temporal's namespace {client.namespace!r} lacks the search attributes "
            f"{', '.join(sorted(missing))}: run `contrapunto migrate`"
        )


async def register_attributes(client: Client) -> int:
    """Add the search attributes that the namespace lacks; the number added."""
    missing = await _missing_attributes(client)
    if missing:
        await client.operator_service.add_search_attributes(
            AddSearchAttributesRequest(namespace=client.namespace, search_attributes=missing)
        )
    return len(missing)


async def _missing_attributes(client: Client) -> dict[str, IndexedValueType.ValueType]:
    try:
        known = await client.operator_service.list_search_attributes(
            ListSearchAttributesRequest(namespace=client.namespace)
        )
    except RPCError as error:
        if error.status in _NOT_FOR_US:
            return {}  # Temporal Cloud: attributes are made in its console, and not listed here
        raise
    types = {
        "Keyword": IndexedValueType.INDEXED_VALUE_TYPE_KEYWORD,
        "Datetime": IndexedValueType.INDEXED_VALUE_TYPE_DATETIME,
    }
    return {
        name: types[kind]
        for name, kind in ATTRIBUTES.items()
        if name not in known.custom_attributes
    }
