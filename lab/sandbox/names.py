"""The names that stand on the wire: what a sender puts into its requests so that it comes back.

Written down a second time, so that the sandbox imports nothing of what it plays against; that both
sides say the same is tested.
"""

import base64
from typing import Final

ATTEMPT_PARAM: Final = "attempt"
ACCOUNT_PARAM: Final = "account"
"""Query parameters of callback URLs; the account is ``<creditor>/<account_id>``."""

CUSTOM_ARG_ATTEMPT: Final = "contrapunto_attempt"
CUSTOM_ARG_ACCOUNT: Final = "contrapunto_account"
"""Custom arguments of SendGrid, tags of Resend."""


def from_tag(tag: str) -> str:
    """The text of a tag of Resend's (base64 for URLs, unpadded); empty if it is none."""
    try:
        return base64.urlsafe_b64decode(tag + "=" * (-len(tag) % 4)).decode()
    except ValueError:
        return ""


def workflow_id(creditor: str, account_id: str) -> str:
    """The workflow of an account, whose clock is the account's."""
    return f"account/{creditor}/{account_id}"
