"""Messages as nobody should send them: the ends of the calendar, what JSON or PostgreSQL cannot
hold, and anything at all in any place."""

import json
from typing import Any, Final

from hypothesis import strategies as st
from temporalio.api.common.v1 import Payload
from temporalio.common import RawValue

from tests.support.life import days_ago

AT: Final = "2026-01-05T10:00:00-05:00"
LONG: Final = "x" * 5_000

EDGES: Final[tuple[Any, ...]] = (
    None,
    True,
    0,
    -1,
    float("nan"),
    float("inf"),
    10**30,
    "NaN",
    "-0.01",
    "1e400",
    "1E+15",
    "9999999999999999.99",
    "",
    " ",
    "\0",
    "a\0b",
    "\ud800",
    "\u202eabc",
    LONG,
    "0001-01-01",
    "9999-12-31",
    "0001-01-01T00:00:00+14:00",
    "9999-12-31T23:59:59.999999+00:00",
    "9999-12-31T23:59:59-12:00",
    "2030-01-01T00:00:00Z",
    "2026-02-30",
    [],
    {},
    [[[["deep"]]]],
)
"""Values that systems do write, and some that only a fault writes."""

SIGNALS: Final[dict[str, dict[str, Any]]] = {
    "payment_received": {"id": "m", "amount": "1.00", "currency": "COP", "paid_at": AT},
    "account_updated": {
        "id": "m",
        "balance": "150000.00",
        "oldest_due_date": str(days_ago(10)),  # an older one may rightly end the account
        "as_of": AT,
    },
    "delivery_failed": {"id": "m", "attempt_id": "0123456789abcdef01234567"},
    "message_received": {"id": "m", "channel": "sms", "intent": "other"},
    "law_event": {"id": "m", "event": {"kind": "dispute", "at": AT}},
}
UPDATES: Final[dict[str, dict[str, Any]]] = {
    "hold": {"id": "m", "until": "2027-01-01T00:00:00Z", "reason": "x"},
    "resume": {"id": "m"},
    "agree_plan": {
        "id": "m",
        "instalments": [
            {"date": "2026-02-01", "amount": "1.00"},
            {"date": "2026-03-01", "amount": "1.00"},
        ],
    },
    "cancel_plan": {"id": "m", "plan": "m0", "reason": "x"},
    "record_promise": {"id": "m", "amount": "1.00", "date": "2026-02-01"},
    "open_dispute": {
        "id": "m",
        "reason": "amount",
        "documents": ["x"],
        "note": "x",
        "answer_due": "2026-02-01",
        "in_writing": True,
    },
    "resolve_dispute": {"id": "m", "outcome": "against", "dispute": "m0", "reason": "x"},
    "begin_hardship": {"id": "m", "reason": "other", "review_date": "2026-02-01"},
    "extend_hardship": {"id": "m", "review_date": "2026-02-01", "hardship": "m0"},
    "end_hardship": {"id": "m", "hardship": "m0", "reason": "x"},
}
EVENT: Final[dict[str, Any]] = {
    "id": "m",
    "customer_id": "C1",
    "kind": "dispute",
    "at": AT,
    "channel": "sms",
    "account_id": "bank/A1",
    "text": "no",
    "address": "+573001234567",
}

ANYTHING: Final = st.recursive(
    st.sampled_from(EDGES) | st.text(max_size=20) | st.integers() | st.floats(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner),
    max_leaves=6,
)


def as_json(value: Any) -> bytes:
    """JSON as careless systems write it: NaN, Infinity and half surrogates included."""
    return json.dumps(value).encode()


def sent(data: bytes, encoding: bytes = b"json/plain") -> RawValue:
    """A payload to the letter."""
    return RawValue(Payload(metadata={"encoding": encoding}, data=data))


@st.composite
def spoilt(draw: st.DrawFn, good: dict[str, Any]) -> Any:
    """A good message with one to three of its places taken by something else."""
    made = json.loads(json.dumps(good))
    for _ in range(draw(st.integers(1, 3))):
        inner = made.get("event")
        where = inner if isinstance(inner, dict) and draw(st.booleans()) else made
        where[draw(st.sampled_from(sorted(where)) | st.text(max_size=8))] = draw(
            st.sampled_from(EDGES) | ANYTHING
        )
    return made


def payloads(good: dict[str, Any]) -> st.SearchStrategy[list[RawValue]]:
    """Arguments of a signal or an update: one spoilt, anything, none, two, no JSON, no encoding."""
    one = (spoilt(good) | ANYTHING).map(lambda value: sent(as_json(value)))
    broken = st.binary(max_size=20).map(sent)
    strange = st.sampled_from((b"binary/plain", b"binary/null", b"json/protobuf", b"x/y")).map(
        lambda encoding: sent(b"\xff{", encoding)
    )
    return st.lists(one, min_size=1, max_size=1) | st.lists(one | broken | strange, max_size=2)
