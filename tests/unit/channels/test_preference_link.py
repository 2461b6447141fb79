"""The token in the address of the preference page."""

from datetime import UTC, datetime, timedelta

import pytest
from pydantic import SecretStr

from activities.channels import unsubscribe
from activities.channels.preference_link import VALID, Link, link_of, preferences_url, token
from config.settings import Settings

KEY = "a long random text"
NOW = datetime(2026, 11, 23, 15, tzinfo=UTC)
ATTEMPT = "0a1b2c3d4e5f0a1b2c3d4e5f"
LINK = Link(ATTEMPT, NOW + VALID)


def test_a_token_says_what_it_was_made_of() -> None:
    assert link_of(KEY, token(KEY, LINK)) == LINK
    assert NOW + timedelta(days=30) == LINK.expires


def test_the_address_holds_nothing_but_the_token() -> None:
    settings = Settings(public_url="https://a.test/edge/", unsubscribe_key=SecretStr(KEY))
    assert preferences_url(settings, ATTEMPT, NOW) == f"https://a.test/edge/p/{token(KEY, LINK)}"


@pytest.mark.parametrize("key", [None, ""])
def test_without_a_key_there_is_no_address(key: str | None) -> None:
    secret = None if key is None else SecretStr(key)
    assert preferences_url(Settings(unsubscribe_key=secret), ATTEMPT, NOW) is None


def test_no_character_of_a_token_can_be_changed() -> None:
    made = token(KEY, LINK)
    # Of the last one two bits are filling, which the comparison of the whole text holds fast.
    for place, char in enumerate(made):
        for other in "0aA.-":
            if other != char:
                assert link_of(KEY, made[:place] + other + made[place + 1 :]) is None


def test_nobody_lengthens_a_link() -> None:
    attempt, expires, signature = token(KEY, LINK).split(".")
    assert link_of(KEY, f"{attempt}.{int(expires) + 1}.{signature}") is None
    assert link_of(KEY, f"{attempt}.0{expires}.{signature}") is None


def test_a_link_to_unsubscribe_opens_no_page_and_the_other_way_round() -> None:
    assert link_of(KEY, unsubscribe.token(KEY, ATTEMPT)) is None
    assert unsubscribe.attempt_of(KEY, token(KEY, LINK)) is None
    # Nor one made for what would be signed alike without the prefix.
    until = int(LINK.expires.timestamp())
    signature = unsubscribe.token(KEY, f"{ATTEMPT}.{until}").rpartition(".")[2]
    assert link_of(KEY, f"{ATTEMPT}.{until}.{signature}") is None


@pytest.mark.parametrize(
    "given",
    [
        *("", ".", "..", "é", "\ud800", "x" * 9999, f"{ATTEMPT}.1", f"{ATTEMPT}..{'a' * 22}"),
        *(f"{ATTEMPT}.٣.{'a' * 22}", f"{ATTEMPT}.-1.{'a' * 22}", f"{ATTEMPT}.1.{'é' * 22}"),
        *(f"{ATTEMPT}.1." + "\ud83d" * 22, f"{ATTEMPT}.{'9' * 400}.{'a' * 22}"),
        f"\n{token(KEY, LINK)}",
        f"{token(KEY, LINK)}\n",
        f"{token(KEY, LINK)}\x00",
    ],
)
def test_what_is_no_token_of_ours_is_none(given: str) -> None:
    assert link_of(KEY, given) is None


def test_another_key_signs_for_nobody_here() -> None:
    assert link_of("another", token(KEY, LINK)) is None
