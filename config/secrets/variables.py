"""The environment, in which a secret may stand in a file: ``NAME_FILE`` in the place of ``NAME``.

So secrets are mounted by orchestrators, systemd (``LoadCredential``) and agents of vaults. A file
is read when a process starts; who replaces one starts the processes anew, one after the other.
"""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final, get_args

from pydantic import AliasChoices, SecretStr
from pydantic.fields import FieldInfo
from pydantic_settings import BaseSettings, EnvSettingsSource

from domain.entry.bounds import each_key_once
from domain.failures import Fault, Misconfigured

FILE: Final = "_FILE"
LONGEST: Final = 65_536
"""Octets of a file: more is another file than was meant."""


def is_secret(field: FieldInfo) -> bool:
    """Whether a setting holds a secret, or several."""
    return _mentions(field.annotation)


def _mentions(kind: Any) -> bool:
    return kind is SecretStr or any(map(_mentions, get_args(kind)))


def names_of(prefix: str, name: str, field: FieldInfo) -> list[str]:
    """The variables of a setting, ours first."""
    alias = field.validation_alias
    if isinstance(alias, AliasChoices):
        return [str(one) for one in alias.choices]
    return [f"{prefix}{name.upper()}"]


def file_names(prefix: str, settings: type[BaseSettings]) -> Iterator[str]:
    """The variables that name a file with a secret."""
    for name, field in settings.model_fields.items():
        if is_secret(field):
            yield from (f"{one}{FILE}" for one in names_of(prefix, name, field))


class Variables(EnvSettingsSource):
    """The environment. Of a key that JSON gives twice nobody knows which is meant."""

    def decode_complex_value(self, field_name: str, field: FieldInfo, value: Any) -> Any:
        """As JSON, each key once."""
        decoded = super().decode_complex_value(field_name, field, value)
        if decoded is not value:
            json.loads(value, object_pairs_hook=each_key_once)
        return decoded

    def get_field_value(self, field: FieldInfo, field_name: str) -> tuple[Any, str, bool]:
        """From the variable, or from the file that another names. Raises Misconfigured."""
        given = super().get_field_value(field, field_name)
        if not is_secret(field):
            return given
        for name in names_of(self.env_prefix, field_name, field):
            where = self.env_vars.get(f"{name}{FILE}".lower())
            if not where:
                continue
            if given[0] is not None:
                rule = f"stands beside {name}: one of them, or nobody knows which is meant"
                raise Misconfigured.of([Fault(f"{name}{FILE}", "", rule)], "settings are wrong:")
            return _content(f"{name}{FILE}", Path(where)), given[1], given[2]
        return given


def _content(variable: str, path: Path) -> str:
    """What a file holds, without the line end that editors leave."""
    try:
        with path.open("rb") as file:
            raw = file.read(LONGEST + 1)
        text = raw.decode("utf-8")
    except OSError as error:
        fault = Fault(variable, "", f"names a file that cannot be read ({error.strerror})")
    except UnicodeDecodeError:
        fault = Fault(variable, "", "names a file that is no text in UTF-8")
    else:
        if len(raw) <= LONGEST and text.strip():
            return text.rstrip("\r\n")
        fault = Fault(variable, "", "names a file that is empty, or too long for a secret")
    raise Misconfigured.of([fault], "settings are wrong:")
