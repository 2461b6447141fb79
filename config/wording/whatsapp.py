"""The WhatsApp templates an operator had approved, checked at start-up and filled in."""

import re
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Annotated, Final, Self

import yaml
from jinja2 import TemplateError
from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError

from config.wording.catalogue import LOCALES, Wording, WordingError
from config.wording.samples import samples
from config.yaml_files import read_yaml
from domain.channels import ANSWERS, Channel, Purpose
from domain.message_content import ApprovedTemplate, MessageContext, RenderedMessage

LONGEST: Final = 1024
"""Characters that Meta allows in the body of a template."""

_PLACE: Final = re.compile(r"\{\{(\d+)\}\}")
_AT_AN_END: Final = re.compile(r"^\s*\{\{\d+\}\}|\{\{\d+\}\}\s*$")
_INVENTED: Final = "HX" + "0" * 24
"""How the content_sids of the shipped file begin: no real one does."""


class Approved(BaseModel):
    """One approved template: ``variables`` fill the places ``{{1}}`` ... of ``body``."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    content_sid: Annotated[str, Field(pattern=r"^HX[0-9a-fA-F]{32}$")]
    body: Annotated[str, Field(min_length=1, max_length=LONGEST)]
    variables: dict[str, str]

    def filled(self, variables: Mapping[str, str]) -> str:
        """The words as the customer reads them."""
        return _PLACE.sub(lambda place: variables[place[1]], self.body)

    def problems(self) -> Iterable[str]:
        """What Meta, or the law, would not take."""
        places = _PLACE.findall(self.body)
        if set(places) != self.variables.keys():
            yield "variables must fill exactly the places of body"
        if _AT_AN_END.search(self.body):
            yield "body must neither begin nor end with a place: Meta refuses it"
        said = " ".join(self.variables.values())
        missing = [name for name in ("opening", "closing") if not re.search(rf"\b{name}\b", said)]
        if missing:
            yield f"variables must use {' and '.join(missing)}: the law's duties"


_FILE: Final = TypeAdapter(dict[str, dict[Purpose, Approved]])


class WhatsAppTemplates:
    """All approved templates, by language or region and purpose."""

    def __init__(self, found: Mapping[str, Mapping[Purpose, Approved]], wording: Wording) -> None:
        self._found, self._wording = found, wording

    @classmethod
    def load(
        cls, file: Path, wording: Wording, *, sandbox: bool, locales: Iterable[str] = LOCALES
    ) -> Self:
        """Read and try every template with sample data.

        ``sandbox`` also takes the invented content_sids of the shipped file. Raises WordingError,
        which names every problem found.
        """
        found = _read(file)
        made = cls(found, wording)
        problems = [
            f"{locale}: {purpose} has no template" if locale in found else f"{locale} is missing"
            for locale in locales
            for purpose in Purpose
            # Answers, and a person's own words, go out within the window alone.
            if purpose not in ANSWERS and purpose is not Purpose.PERSON
            if purpose not in found.get(locale, {})
        ]
        for locale, by_purpose in found.items():
            for purpose, approved in by_purpose.items():
                wrong = [*approved.problems()] or [*made._trial(locale, purpose)]
                if not sandbox and approved.content_sid.startswith(_INVENTED):
                    wrong.append("content_sid is the example's: have the body approved first")
                problems += [f"{locale}: {purpose}: {problem}" for problem in wrong]
        if problems:
            raise WordingError(None, [f"{file.name}: {one}" for one in dict.fromkeys(problems)])
        return made

    def fill(self, context: MessageContext, duties: Sequence[str]) -> RenderedMessage:
        """The template of a message; its text is what the customer reads.

        Raises WordingError where there is no template.
        """
        approved = self._of(context.locale, context.purpose)
        variables = self._wording.fill(context, duties, approved.variables)
        return RenderedMessage(
            text=approved.filled(variables),
            template=ApprovedTemplate(content_sid=approved.content_sid, variables=variables),
        )

    def _of(self, locale: str, purpose: Purpose) -> Approved:
        tag = locale.replace("_", "-")
        for key in (tag, tag.split("-")[0]):
            if found := self._found.get(key, {}).get(purpose):
                return found
        raise WordingError.single(f"no WhatsApp template for {purpose} in {locale}")

    def _trial(self, locale: str, purpose: Purpose) -> Iterable[str]:
        try:
            for context in samples(locale, purpose, Channel.WHATSAPP):
                filled = self.fill(context, ["opt_out_line"]).template
                assert filled is not None  # noqa: S101 - fill has just made it
                empty = [name for name, value in filled.variables.items() if not value]
                if empty:
                    yield f"variable {', '.join(empty)} can come out empty: Twilio refuses that"
                    return
        except (TemplateError, WordingError) as error:
            yield str(error)


def approved_bodies(file: Path) -> dict[str, str]:
    """Content_sid -> body of a file, for a stand-in of Twilio; empty where there is no file.

    Raises WordingError where it cannot be read.
    """
    if not file.exists():
        return {}
    found = _read(file)
    return {one.content_sid: one.body for some in found.values() for one in some.values()}


def _read(file: Path) -> dict[str, dict[Purpose, Approved]]:
    try:
        return _FILE.validate_python(read_yaml(file))
    except OSError as error:
        raise WordingError(
            None, [f"{file}: cannot be read ({error.strerror}): CONTRAPUNTO_WHATSAPP_TEMPLATES"]
        ) from error
    except (yaml.YAMLError, ValidationError) as error:
        raise WordingError(None, [f"{file}: {error}"]) from error
