"""Mails that Resend took in: its webhook tells only that there is one.

https://resend.com/docs/api-reference/emails/retrieve-received-email; the key needs full access.
"""

import re
from collections.abc import Mapping
from typing import Any, Final

from pydantic import SecretStr

from activities.channels.base import checked_url
from activities.channels.codes import resend as codes
from activities.channels.http import Http

MOST: Final = 4 * 1024 * 1024
"""Octets of an answer that are read. Attachments are not in it, nor, as we ask, pictures."""
_ID: Final = re.compile(r"[\w-]{1,64}", re.ASCII)


class ResendInbox:
    """What came in for one Resend account; safe to share between threads."""

    def __init__(
        self, api_key: SecretStr, *, base_url: str | None = None, timeout: float = 10
    ) -> None:
        base = checked_url("RESEND_BASE_URL", base_url) if base_url else "https://api.resend.com"
        headers = {
            "Authorization": f"Bearer {api_key.get_secret_value()}",
            "User-Agent": "contrapunto",  # requests without one are refused
        }
        self._http = Http("resend", base, codes.error, headers, timeout, 4)

    def fetch(self, email_id: str) -> Mapping[str, Any]:
        """One mail with its words; empty where Resend says that it is not ours to read, or there
        is none, and where it is longer than ``MOST``. Raises NotAskedError if it does not tell now.
        """
        if not _ID.fullmatch(email_id):
            return {}
        # By default every picture stands in the HTML in base64.
        return self._http.get(f"/emails/receiving/{email_id}", {"html_format": "cid"}, most=MOST)
