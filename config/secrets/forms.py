"""What a secret of ours must look like."""

import re

from pydantic import SecretStr


def in_address(secret: SecretStr) -> SecretStr:
    """One that stands in an address as it is."""
    if not re.fullmatch(r"[A-Za-z0-9_-]{16,200}", secret.get_secret_value()):
        raise ValueError("must be 16 to 200 letters, digits, - and _")
    return secret
