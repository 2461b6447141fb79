"""What is in deploy/, read: files, the containers in them, the names that are ours."""

import shutil
import subprocess
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

import yaml
from pydantic import AliasChoices, SecretStr

from config.settings import PREFIX, ROOT, Settings

DEPLOY = ROOT / "deploy"
KUBERNETES = DEPLOY / "kubernetes"
OVERLAYS = sorted(path.name for path in (KUBERNETES / "overlays").iterdir())
OTHERS = {"keda.sh/v1alpha1", "temporal.io/v1alpha1"}
"""Kinds that Kubernetes itself has no schema of."""
OF_TEMPORAL = frozenset(
    {"TEMPORAL_ADDRESS", "TEMPORAL_NAMESPACE", "TEMPORAL_API_KEY", "TEMPORAL_TLS"}
    | {"TEMPORAL_TLS_SERVER_CA_CERT_PATH", "TEMPORAL_TLS_CLIENT_CERT_PATH"}
    | {"TEMPORAL_TLS_CLIENT_KEY_PATH", "TEMPORAL_TLS_SERVER_NAME"}
)
OF_PYTHON = frozenset({"PYTHONDONTWRITEBYTECODE", "PYTHONUNBUFFERED"})

Document = dict[str, Any]


class Ran(NamedTuple):
    """One container, and where it stands."""

    where: str
    pod: Document
    container: Document


@cache
def documents() -> tuple[tuple[str, Document], ...]:
    """Every manifest as it is written, by file."""
    found = []
    for path in sorted(KUBERNETES.rglob("*.yaml")):
        if path.name not in ("kustomization.yaml", "names.yaml"):
            texts = yaml.safe_load_all(path.read_text("utf-8"))
            found += [(str(path.relative_to(KUBERNETES)), one) for one in texts]
    return tuple(found)


@cache
def rendered(overlay: str) -> tuple[Document, ...] | None:
    """An overlay as kubectl makes it; None where there is no kubectl or kustomize."""
    folder = str(KUBERNETES / "overlays" / overlay)
    for words in (["kubectl", "kustomize", folder], ["kustomize", "build", folder]):
        if shutil.which(words[0]) is not None:
            done = subprocess.run(words, capture_output=True, text=True, check=True)
            return tuple(yaml.safe_load_all(done.stdout))
    return None


def ran(where: str, document: Document) -> Iterator[Ran]:
    """The containers of a manifest."""
    spec = document.get("spec", {})
    pod = spec.get("jobTemplate", {}).get("spec", spec).get("template", {}).get("spec", {})
    for container in pod.get("containers", []):
        yield Ran(f"{where}: {document['metadata']['name']}", pod, container)


def settings_env() -> dict[str, str]:
    """The values that all containers share."""
    lines = (KUBERNETES / "base" / "settings.env").read_text("utf-8").splitlines()
    return dict(line.split("=", 1) for line in lines if line and not line.startswith("#"))


def variables() -> dict[str, str]:
    """Every variable that is a setting, with its field."""
    found = {}
    for name, field in Settings.model_fields.items():
        found[f"{PREFIX}{name.upper()}"] = name
        if isinstance(field.validation_alias, AliasChoices):
            found |= {str(one): name for one in field.validation_alias.choices}
    return found


def is_secret(variable: str) -> bool:
    """Whether a variable's value must never be read in a manifest."""
    name = variables().get(variable)
    if name is None:
        return variable == "TEMPORAL_API_KEY"
    field = str(Settings.model_fields[name].annotation)
    return SecretStr.__name__ in field


def env_file(path: Path) -> dict[str, str]:
    """The variables of a file for `env_file` or `EnvironmentFile`."""
    lines = path.read_text("utf-8").splitlines()
    return dict(line.split("=", 1) for line in lines if "=" in line and not line.startswith("#"))
