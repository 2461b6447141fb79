"""PostgreSQL's key of an address and the spellings that the gateway understands agree."""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from domain.channels import Channel
from domain.entry.addresses import variants
from store.database import Pool

NUMBERS = st.one_of(
    st.from_regex(r"\+52(1)?[1-9][0-9]{9}", fullmatch=True),
    st.from_regex(r"\+54(9)?11[2-9][0-9]{7}", fullmatch=True),
    st.from_regex(r"\+55[1-9][1-9]9?[6-9][0-9]{7}", fullmatch=True),
    st.from_regex(r"\+573[0-9]{9}", fullmatch=True),
    st.from_regex(r"\+1[2-9][0-9]{2}[2-9][0-9]{6}", fullmatch=True),
)


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(NUMBERS, min_size=20, max_size=20))
async def test_every_spelling_of_one_subscriber_has_one_key(pool: Pool, numbers: list[str]) -> None:
    for number in numbers:
        spelt = sorted({number, *variants(Channel.WHATSAPP, number)})
        keys = await pool.fetch(
            "SELECT DISTINCT address_key('whatsapp', one) AS key FROM unnest($1::text[]) AS one",
            spelt,
        )
        assert len(keys) == 1, (spelt, keys)


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("ana@example.com", "berta@example.com"),
        ("+573001234567", "+573001234568"),
        ("+525512345678", "+525512345679"),
    ],
)
async def test_two_subscribers_have_two(pool: Pool, first: str, second: str) -> None:
    channel = "email" if "@" in first else "sms"
    said = await pool.fetchval(
        "SELECT address_key($1, $2) = address_key($1, $3)", channel, first, second
    )
    assert said is False
