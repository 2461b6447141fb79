"""Reading and writing the policies that strategies name: JSON, signed, one file each."""

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final

from pydantic import SecretStr, ValidationError

from config.learning.signing import Signature, fault_of, fault_of_keys, sign
from config.settings import Settings
from config.yaml_files import line_of
from domain.entry.broken_rule import broken_rule
from domain.entry.json_text import read_json
from domain.failures import Fault, Misconfigured
from domain.learning.policy import Policy, Ranking
from domain.model import Strict
from domain.strategy import Strategy

_ANEW: Final = (
    "put back the file as it was signed, or have `contrapunto learn fit` make it anew with this "
    "version of contrapunto"
)
_OF_ANOTHER: Final = (
    "the file is of another version of contrapunto: have `contrapunto learn fit` of this one make "
    "it anew, or take it out of the folder until all workers have that other version"
)


class _File(Strict):
    policy: dict[str, Any]
    signature: Signature


def load_policies(settings: Settings) -> Mapping[str, Ranking]:
    """Every ``*.json`` of the folder by its id; none where there is no such folder.

    Raises Misconfigured, which names file and field of everything that is wrong: what is not
    signed by a trusted key is refused.
    """
    found: dict[str, Ranking] = {}
    faults = [fault] if (fault := fault_of_keys(settings.policy_keys)) else []
    for file in sorted(settings.policies.glob("*.json")):
        try:
            policy = load_policy(file, settings.policy_keys)
        except Misconfigured as error:
            faults += error.faults
            continue
        if policy.id in found:
            rule = f"{policy.id!r} is used by another file"
            faults.append(Fault(f"policy {file}", "id", rule, "give each an id of its own"))
        found[policy.id] = Ranking.of(policy)
    if faults:
        raise Misconfigured.of(faults)
    return found


def load_policy(file: Path, trusted: tuple[str, ...] | None) -> Policy:
    """One policy. ``trusted``: the public keys by one of which it has to be signed; None: whoever
    signed it, for looking at it only. Raises Misconfigured."""
    where = f"policy {file}"
    try:
        read = read_json(file.read_bytes(), parse_constant=_no_number, object_pairs_hook=_each_once)
    except (OSError, ValueError) as error:
        todo = "put back the file as it was signed"
        raise Misconfigured.of([Fault(where, "", f"cannot be read: {error}", todo)]) from None
    if not isinstance(read, dict) or "signature" not in read:
        todo = "have `contrapunto learn fit` make it, or sign it: `contrapunto learn sign FILE`"
        raise Misconfigured.of([Fault(where, "", "is not signed", todo)])
    try:
        told = _File.model_validate(read)
    except ValidationError as error:
        raise Misconfigured.of(_told(file, (), error)) from None
    wrong = None if trusted is None else fault_of(told.policy, told.signature, trusted)
    if wrong is not None:
        raise Misconfigured.of([Fault(where, "", *wrong)])
    try:
        return Policy.model_validate(told.policy)
    except ValidationError as error:
        raise Misconfigured.of(_told(file, ("policy",), error)) from None


def unknown_policies(
    settings: Settings, strategies: Mapping[str, Strategy], policies: Mapping[str, Ranking]
) -> Iterator[Fault]:
    """Policies that a strategy names and that are not there."""
    for name, strategy in sorted(strategies.items()):
        if strategy.policy is not None and strategy.policy not in policies:
            there = ", ".join(sorted(policies)) or "there is none"
            rule = f"names {strategy.policy!r}, which is no policy of {settings.policies}: {there}"
            todo = "put its file there, or take the field away"
            yield Fault(f"strategy {name}", "policy", rule, todo)


def policies_for(settings: Settings, strategies: Mapping[str, Strategy]) -> Mapping[str, Ranking]:
    """All policies, for commands that explain. Raises Misconfigured as a worker's start does."""
    policies = load_policies(settings)
    if faults := list(unknown_policies(settings, strategies, policies)):
        raise Misconfigured.of(faults)
    return policies


def signed(policy: Policy, key: SecretStr | None) -> str:
    """The text of its file. Raises Misconfigured where there is no key to sign with."""
    content = policy.content
    told = {"policy": content, "signature": sign(content, key).model_dump()}
    return json.dumps(told, indent=1, ensure_ascii=False, allow_nan=False) + "\n"


def _told(file: Path, within: tuple[str, ...], error: ValidationError) -> Iterator[Fault]:
    for problem in error.errors(include_input=False, include_url=False):
        place = problem["loc"]
        line, field = line_of(file, (*within, *place)), ".".join(map(str, place))
        where = f"policy {file}" if line is None else f"policy {file}, line {line}"
        todo = _OF_ANOTHER if place == ("format",) else _ANEW
        yield Fault(where, field, broken_rule(problem), todo)


def _no_number(text: str) -> Any:
    raise ValueError(f"{text} is no number")


def _each_once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    told = dict(pairs)
    if len(told) != len(pairs):
        raise ValueError("a key stands twice")
    return told
