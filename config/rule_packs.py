"""The rule packs an operator edits, read and checked at start-up: ``config/law/<code>.yaml``."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any, Final

import yaml
from pydantic import ValidationError

from config.geo.timezone_data import refuse_old_holidays
from config.yaml_files import read_yaml
from domain.deciders import Decider, DeciderKind
from domain.entry.broken_rule import broken_rule
from domain.failures import Fault, Misconfigured
from domain.law.model import RulePack
from domain.law.plan import UnknownJurisdictionError
from domain.law.readings import checked

LAW_DIRECTORY: Final = Path(__file__).parent / "law"
READ: Final = date(2026, 11, 21)
"""When the sources of the packs that come along were last looked through."""


class RulePackError(Misconfigured):
    """A rule pack that cannot be used; the message names file, rule and field."""


@dataclass(frozen=True, slots=True)
class RulePacks:
    """Every loaded rule pack, by jurisdiction code (ISO 3166-1, 3166-2, and US-NY-NYC)."""

    packs: Mapping[str, RulePack]
    deciders: Mapping[str, Decider] = field(default_factory=dict)
    """What each says, as its file has it, comments left out."""

    def packs_for(self, jurisdictions: Sequence[str]) -> tuple[RulePack, ...]:
        """Return the packs in the order asked; UnknownJurisdictionError names a missing one."""
        for code in jurisdictions:
            if code not in self.packs:
                raise UnknownJurisdictionError(code, sorted(self.packs))
        return tuple(self.packs[code] for code in jurisdictions)

    def binding(self, wanted: Sequence[str]) -> tuple[str, ...]:
        """Those of a customer's jurisdictions with a pack; none where the country has none."""
        found = tuple(code for code in wanted if code in self.packs)
        return found if wanted[0] in found else ()


def load_packs(
    directory: Path = LAW_DIRECTORY, readings: Mapping[str, str] | None = None
) -> RulePacks:
    """Read every ``*.yaml`` of a directory. ``readings`` are the operator's, over the packs' own.

    Raise RulePackError, naming file, rule and field of everything that does not validate, and
    Misconfigured where the holidays are too old to judge by.
    """
    refuse_old_holidays()
    faults: list[Fault] = []
    chosen: dict[str, str] = {}
    try:
        chosen = checked(readings or {})
    except ValueError as error:
        faults.append(Fault("CONTRAPUNTO_READINGS", "readings", str(error)))
    packs: dict[str, RulePack] = {}
    deciders: dict[str, Decider] = {}
    for path in sorted(directory.glob("*.yaml")):
        try:
            pack, content = _load(path)
        except RulePackError as error:
            faults += error.faults
            continue
        if pack.jurisdiction in packs:
            faults.append(Fault(path.name, "jurisdiction", f"{pack.jurisdiction} has two packs"))
        deciders[pack.jurisdiction] = Decider.of(DeciderKind.LAW, pack.jurisdiction, content)
        packs[pack.jurisdiction] = pack.model_copy(update={"readings": pack.readings | chosen})
    if not packs and not faults:
        faults.append(Fault(str(directory), "", "no rule packs (*.yaml) here"))
    if faults:
        raise RulePackError.of(faults)
    return RulePacks(packs, deciders)


def _load(path: Path) -> tuple[RulePack, Any]:
    content: Any = None
    try:
        content = read_yaml(path)
        return RulePack.model_validate(content), content
    except ValidationError as error:
        raise RulePackError.of(_explained(path.name, content, error)) from error
    except yaml.YAMLError as error:
        raise RulePackError.of([Fault(path.name, "", f"not YAML: {error}")]) from error
    except (OSError, UnicodeDecodeError) as error:
        raise RulePackError.of([Fault(path.name, "", f"cannot be read: {error}")]) from error


def _explained(name: str, content: Any, error: ValidationError) -> Iterator[Fault]:
    for fault in error.errors(include_url=False):
        where = list(fault["loc"])
        words = []
        if len(where) >= 2 and where[0] == "rules" and isinstance(where[1], int):
            words.append(f"rule {_rule_id(content, where[1])}")
            # After the position pydantic names the kind, which says nothing new.
            where = where[3:]
        if where:
            words.append(".".join(map(str, where)))
        yield Fault(name, ": ".join(words), broken_rule(fault))


def _rule_id(content: Any, position: int) -> str:
    rule = content["rules"][position]
    return str(rule.get("id", f"number {position + 1}")) if isinstance(rule, dict) else "?"
