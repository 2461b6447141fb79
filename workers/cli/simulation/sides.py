"""What a side of a dry run is: one strategy for all, or what a configuration chooses for each."""

from pathlib import Path
from typing import Final

from config.settings import Settings
from domain.failures import BadInput
from workers.cli.strategy.commands import strategy_named
from workers.simulation.command import Side

_PARTS: Final = {
    "strategies": "strategies",
    "segments": "segments.yaml",
    "attributes": "attributes.yaml",
    "experiments": "experiments",
    "policies": "policies",
}
"""Of a configuration, by setting, where each part stands in its folder."""


def side(settings: Settings, named: str | None, segments: Path | None, option: str) -> Side:
    """What is named: a strategy, the folder of a configuration, or what is configured; with other
    segments, where ``option`` names a file. Raises BadInput."""
    if named is not None and Path(named).is_dir():
        settings, name = _of_folder(settings, Path(named)), Path(named).name
    elif named is not None:
        if segments is not None:
            raise BadInput(f"{option}: a strategy that all go by leaves segments nothing to choose")
        made = strategy_named(named, settings.strategies)
        return Side(made.id, settings, made)
    else:
        name = "configured"
    if segments is not None:
        settings, name = settings.model_copy(update={"segments": segments}), segments.name
    return Side(name, settings)


def _of_folder(settings: Settings, folder: Path) -> Settings:
    there = {name: folder / part for name, part in _PARTS.items() if (folder / part).exists()}
    if not there:
        raise BadInput(f"{folder}: has none of {', '.join(_PARTS.values())}")
    return settings.model_copy(update=there)
