"""The sandbox's names are its own, and the product's."""

import pytest

from domain import names as product
from lab.sandbox import names as sandbox


@pytest.mark.parametrize(
    "name", ["ATTEMPT_PARAM", "ACCOUNT_PARAM", "CUSTOM_ARG_ATTEMPT", "CUSTOM_ARG_ACCOUNT"]
)
def test_both_sides_write_the_same_name(name: str) -> None:
    assert getattr(sandbox, name) == getattr(product, name)


@pytest.mark.parametrize("account", ["acme/7", "banco-andino/BA 00/ñ", ""])
def test_both_sides_read_the_same_tag_and_mean_the_same_workflow(account: str) -> None:
    assert sandbox.from_tag(product.as_tag(account)) == account
    creditor, _, account_id = account.partition("/")
    told = sandbox.workflow_id(creditor, account_id), product.workflow_id(creditor, account_id)
    assert told[0] == told[1]


def test_what_is_no_tag_says_nothing() -> None:
    assert sandbox.from_tag("ÿ") == product.from_tag("ÿ") == ""
