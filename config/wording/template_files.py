"""The files of the wording: found, compiled in jinja2's sandbox, and blamed by name when wrong."""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Annotated, Any, Final

import yaml
from jinja2 import (
    BaseLoader,
    FileSystemLoader,
    StrictUndefined,
    Template,
    TemplateError,
    TemplateRuntimeError,
    TemplateSyntaxError,
    meta,
)
from jinja2.sandbox import ImmutableSandboxedEnvironment
from markupsafe import Markup, escape
from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError

from config.yaml_files import read_yaml
from domain.channels import Channel, Purpose
from domain.failures import Misconfigured
from domain.ledger.call_outcome import Scene

VOCABULARY: Final = frozenset(
    {
        "name",
        "creditor",
        "agency",
        "tone",
        "channel",
        "debts",
        "total",
        "open_balance",
        "days_past_due",
        "promised_amount",
        "promised_date",
        "promised_parts",
        "instalment",
        "instalments",
        "wished_channel",
        "wished_hours",
        "settlement_amount",
        "settlement_until",
        "settlement_days",
        "paid_amount",
        "pay_url",
        "payment_url",
        "payment_until",
        "pix_code",
        "opt_out_url",
        "preferences_url",
        "phone",
        "helpline",
        "pay_site",
        "caller",
        "person",
        "voice",
    }
)
"""Every name a template may use; ``voice`` holds the macros of the language's ``_voice.j2``."""

_SAME_WORDS: Final = {Channel.WHATSAPP: Channel.SMS}
"""A channel that says what another says where it has no file of its own."""

_BLOCKS: Final = ("subject", "text", "html")
_LAYOUT: Final = "_email.html.j2"
_DUTIES: Final = "_duties.yaml"
_VOICE: Final = "_voice.j2"
_CALL: Final = "_call.yaml"
_VARIANT_NAME: Final = re.compile(r"(?P<purpose>[a-z_]+)\.(?P<channel>[a-z]+)\.j2")
_ANY_CHANNEL: Final = "any"

Words = Mapping[str, object]


class WordingError(Misconfigured):
    """The words cannot be used; ``problems`` has one line for each thing to mend."""

    def __init__(self, directory: Path | None, problems: Sequence[str]) -> None:
        self.problems = tuple(problems)
        where = f" in {directory}" if directory else ""
        lines = "".join(f"\n  - {problem}" for problem in self.problems)
        super().__init__(f"{len(self.problems)} problem(s) with the templates{where}:{lines}")

    @classmethod
    def single(cls, problem: str) -> "WordingError":
        """An error of one problem, found while rendering."""
        return cls(None, (problem,))


class Problems(list[str]):
    """Everything found wrong so far."""

    @contextmanager
    def of(self, file: str, what: str = "") -> Iterator[None]:
        """Note what goes wrong inside as a problem of ``file``."""
        try:
            yield
        except TemplateSyntaxError as error:
            place = error.filename and Path(error.filename).name
            line = f"{file}, line {error.lineno}"
            elsewhere = f" (in {place})" if place and place != Path(file).name else ""
            self._note(line + elsewhere, what, f"{error.message}; correct the template")
        except (TemplateError, TypeError, ValueError, ArithmeticError) as error:
            line = _line_of(error.__traceback__)
            self._note(file + line, what, f"{error}; correct the template")

    def _note(self, where: str, what: str, problem: str) -> None:
        line = ": ".join(part for part in (where, what, problem) if part)
        if line not in self:
            self.append(line)

    def compare_duties(self, languages: Mapping[str, "LanguageFiles"]) -> None:
        """Every language must have words for the same duties."""
        every = {code for language in languages.values() for code in language.duties}
        for key, language in languages.items():
            # Without a readable file its absence is the problem, not each duty.
            missing = sorted(every - language.duties.keys()) if language.duties else ()
            for code in missing:
                self.append(f"{key}/{_DUTIES}: duty {code} is missing; another language has it")


def _line_of(traceback: TracebackType | None) -> str:
    """Where in a template an error arose, as jinja2's own tracebacks would say."""
    place = ""
    while traceback is not None:
        frame = traceback.tb_frame
        template = frame.f_globals.get("__jinja_template__")
        if isinstance(template, Template):
            number = template.get_corresponding_lineno(traceback.tb_lineno)
            place = f", line {number} of {Path(template.name or '?').name}"
        elif frame.f_code.co_filename.endswith(".j2"):  # jinja2 has put its own line there
            place = f", line {traceback.tb_lineno} of {Path(frame.f_code.co_filename).name}"
        traceback = traceback.tb_next
    return place


@dataclass(frozen=True)
class Variant:
    """One purpose on one channel in one language; ``escaping`` is the same file for html."""

    file: str
    plain: Template
    escaping: Template
    is_email: bool

    def text(self, words: Words) -> str:
        """The whole body (every channel but e-mail)."""
        return self.plain.render(words)

    def block(self, name: str, words: Words) -> str:
        """One block of an e-mail as plain text."""
        return _block(self.plain, name, words)

    def html(self, words: Words) -> str:
        """The html block, all values escaped."""
        return _block(self.escaping, "html", words)


def _block(template: Template, name: str, words: Words) -> str:
    return "".join(template.blocks[name](template.new_context(dict(words))))


@dataclass(frozen=True)
class Duty:
    """The words of one duty on one channel; ``opens`` puts them before the body."""

    file: str
    plain: Template
    escaping: Template
    opens: bool

    def text(self, words: Words) -> str:
        """The duty as plain text."""
        return self.plain.render(words)

    def html(self, words: Words) -> Markup:
        """The duty as html, all values escaped."""
        return Markup(self.escaping.render(words))  # noqa: S704 - the escaping environment


class DutyEntry(BaseModel):
    """One duty in ``_duties.yaml``: words by channel, ``any`` for the channels not named."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    cite: str = ""
    opens: tuple[Channel, ...] = ()
    words: dict[Channel | str, str]

    def on(self, channel: Channel) -> str | None:
        """The words on ``channel``."""
        return self.words.get(channel, self.words.get(_ANY_CHANNEL))


_ENTRIES: Final = TypeAdapter(dict[str, DutyEntry])


class Speech(BaseModel):
    """How Twilio reads a language aloud: ``language`` and ``voice`` of its <Say>."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    language: Annotated[str, Field(pattern=r"^[a-z]{2,3}-[A-Z]{2}$")]
    voice: Annotated[str, Field(pattern=r"^(man|woman|(Polly|Google)\.[\w-]+)$")]


class CallFile(BaseModel):
    """``_call.yaml``: who reads, by locale, and the words of each scene of a call."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    voices: dict[str, Speech]
    scenes: dict[Scene, str]


@dataclass
class LanguageFiles:
    """All variants and duties of one language."""

    key: str
    has_voice: bool = False
    variants: dict[tuple[Purpose, Channel], Variant] = field(default_factory=dict)
    duties: dict[str, dict[Channel, Duty]] = field(default_factory=dict)
    voices: dict[str, Speech] = field(default_factory=dict)
    scenes: dict[Scene, Template] = field(default_factory=dict)
    compiled: Callable[[str, frozenset[str]], Template] = lambda words, _: Template(words)
    """Compiles words that stand in another file, once, with further names that they may use.

    Raises TemplateError.
    """

    def variant(self, purpose: Purpose, channel: Channel) -> Variant:
        """The template of a purpose on a channel."""
        found = self.variants.get((purpose, channel))
        if found is None:
            name = f"{self.key}/{purpose}.{channel}.j2"
            raise WordingError.single(f"{name} was not there at start-up: write it and restart")
        return found

    def duty(self, code: str, channel: Channel) -> Duty:
        """The words of a duty on a channel."""
        by_channel = self.duties.get(code)
        if by_channel is None:
            known = ", ".join(sorted(self.duties))
            raise WordingError.single(
                f"unknown duty {code!r}: known are {known}; add it to every {_DUTIES}"
            )
        if channel not in by_channel:
            raise WordingError.single(
                f"{self.key}/{_DUTIES}: duty {code} has no words on {channel}"
            )
        return by_channel[channel]


def read_layout(directory: Path, problems: Problems) -> Template | None:
    """The frame of every html e-mail, shared by all languages."""
    file = directory / _LAYOUT
    if not file.is_file():
        problems.append(f"{_LAYOUT} is missing: it is the frame of every html e-mail")
        return None
    with problems.of(_LAYOUT):
        return environment(FileSystemLoader(directory), html=True).get_template(_LAYOUT)
    return None


def read_language(
    directory: Path,
    locale: str,
    required: Mapping[Channel, Sequence[Purpose]],
    problems: Problems,
) -> LanguageFiles:
    """Compile the templates of one language; what is wrong goes to ``problems``.

    A regional folder (``es-MX``) needs only the files that differ from its language (``es``).
    """
    return _LanguageReader(directory, locale, problems).read(required)


class _LanguageReader:
    def __init__(self, directory: Path, locale: str, problems: Problems) -> None:
        tag = locale.replace("_", "-")
        self._locale = tag
        self._folders = [directory / name for name in dict.fromkeys((tag, tag.split("-")[0]))]
        loader = FileSystemLoader(self._folders)
        self._plain = environment(loader, html=False)
        self._html = environment(loader, html=True)
        self._problems = problems
        self._known: dict[str, Template] = {}
        self._files = LanguageFiles(locale.replace("-", "_"), compiled=self._compiled)

    def read(self, required: Mapping[Channel, Sequence[Purpose]]) -> LanguageFiles:
        present = self._names()
        self._read_voice(present)
        wanted = {(purpose, channel) for channel in required for purpose in required[channel]}
        self._read_variants(present, wanted)
        channels = {channel for _, channel in self._files.variants} | required.keys()
        self._read_duties(present, sorted(channels))
        if Channel.VOICE in channels:
            self._read_call(present)
        return self._files

    def _compiled(self, words: str, also: frozenset[str] = frozenset()) -> Template:
        if words not in self._known:
            _refuse_unknown_names(self._plain, words, VOCABULARY | also)
            self._known[words] = self._plain.from_string(words)
        return self._known[words]

    def _names(self) -> set[str]:
        return {
            file.name for folder in self._folders if folder.is_dir() for file in folder.iterdir()
        }

    def _read_voice(self, present: set[str]) -> None:
        if _VOICE not in present:
            self._problems.append(f"{self._locale}/{_VOICE} is missing: it holds the macros")
            return
        with self._problems.of(f"{self._locale}/{_VOICE}"):
            for one in (self._plain, self._html):
                one.globals["voice"] = one.get_template(_VOICE).module
            self._files.has_voice = True

    def _read_variants(self, present: set[str], required: set[tuple[Purpose, Channel]]) -> None:
        wanted = set(required)
        for name in sorted(present):
            if name.startswith("_") or not name.endswith(".j2"):
                continue
            if pair := self._parse_name(name):
                wanted.discard(pair)
                self._read_variant(name, *pair)
        for purpose, channel in sorted(wanted):
            same = (purpose, _SAME_WORDS.get(channel, channel))
            if same in self._files.variants:
                self._files.variants[purpose, channel] = self._files.variants[same]
            if same in self._files.variants or (same in required and same[1] is not channel):
                continue  # what is wrong with the other channel's file has been told
            self._problems.append(
                f"{self._locale}/{purpose}.{channel}.j2 is missing:"
                f" write it, or take {purpose} off the purposes of {channel}"
            )

    def _parse_name(self, name: str) -> tuple[Purpose, Channel] | None:
        match = _VARIANT_NAME.fullmatch(name)
        try:
            if match:
                return Purpose(match["purpose"]), Channel(match["channel"])
        except ValueError as error:
            reason = str(error)
        else:
            reason = "not of the form <purpose>.<channel>.j2"
        self._problems.append(f"{self._locale}/{name}: {reason}; rename or remove the file")
        return None

    def _read_variant(self, name: str, purpose: Purpose, channel: Channel) -> None:
        file = f"{self._locale}/{name}"
        is_email = channel is Channel.EMAIL
        with self._problems.of(file):
            variant = Variant(
                file=file,
                plain=self._plain.get_template(name),
                escaping=(self._html if is_email else self._plain).get_template(name),
                is_email=is_email,
            )
            loader = self._plain.loader
            source = loader.get_source(self._plain, name)[0] if loader else ""
            _refuse_unknown_names(self._plain, source)
            _refuse_wrong_blocks(variant)
            self._files.variants[purpose, channel] = variant

    def _read_duties(self, present: set[str], channels: Sequence[Channel]) -> None:
        file = f"{self._locale}/{_DUTIES}"
        if _DUTIES not in present:
            self._problems.append(
                f"{file} is missing: the law's duties need words in each language"
            )
            return
        try:
            entries = self._duty_entries()
        except (yaml.YAMLError, ValidationError) as error:
            self._problems.append(f"{file}: {error}")
            return
        for code, entry in entries.items():
            self._files.duties[code] = {}
            for channel in channels:
                self._read_duty(file, code, entry, channel)

    def _read_call(self, present: set[str]) -> None:
        file = f"{self._locale}/{_CALL}"
        if _CALL not in present:
            self._problems.append(f"{file} is missing: calls need words in each language")
            return
        try:
            call = CallFile.model_validate(self._merged_call())
        except (yaml.YAMLError, ValidationError) as error:
            self._problems.append(f"{file}: {error}")
            return
        self._files.voices = call.voices
        if self._locale.split("-")[0] not in call.voices:
            self._problems.append(f"{file}: voices has none for {self._locale.split('-')[0]}")
        for scene in Scene:
            if scene not in call.scenes:
                self._problems.append(f"{file}: scene {scene} is missing: write its words")
                continue
            with self._problems.of(file, f"scene {scene}"):
                self._files.scenes[scene] = self._compiled(call.scenes[scene])

    def _merged_call(self) -> dict[str, Any]:
        """The region's scenes and voices over those of its language."""
        merged: dict[str, Any] = {}
        for folder in reversed(self._folders):
            if (file := folder / _CALL).is_file():
                for part, values in (read_yaml(file) or {}).items():
                    merged[part] = {**merged.get(part, {}), **values}
        return merged

    def _duty_entries(self) -> dict[str, DutyEntry]:
        """The region's duties over those of its language."""
        merged: dict[str, DutyEntry] = {}
        for folder in reversed(self._folders):
            if (file := folder / _DUTIES).is_file():
                merged |= _ENTRIES.validate_python(read_yaml(file))
        return merged

    def _read_duty(self, file: str, code: str, entry: DutyEntry, channel: Channel) -> None:
        words = entry.on(channel)
        if words is None:
            self._problems.append(
                f"{file}: duty {code} has no words on {channel}; add {channel} or any"
            )
            return
        with self._problems.of(file, f"duty {code} on {channel}"):
            _refuse_unknown_names(self._plain, words)
            self._files.duties[code][channel] = Duty(
                file=file,
                plain=self._plain.from_string(words),
                escaping=self._html.from_string(words),
                opens=channel in entry.opens,
            )


def _refuse_unknown_names(
    compiles: ImmutableSandboxedEnvironment, source: str, known: frozenset[str] = VOCABULARY
) -> None:
    """Catch a misspelt name even in a branch that no sample enters."""
    unknown = sorted(meta.find_undeclared_variables(compiles.parse(source)) - known)
    if unknown:
        raise TemplateError(
            f"unknown name {', '.join(unknown)}; there are {', '.join(sorted(known))}"
        )


def _refuse_wrong_blocks(variant: Variant) -> None:
    expected = set(_BLOCKS) if variant.is_email else set()
    found = set(variant.plain.blocks)
    if found != expected:
        needed = f"the blocks {', '.join(_BLOCKS)}" if expected else "no blocks, only a body"
        has = ", ".join(sorted(found)) or "none"
        raise TemplateError(f"needs {needed}; it has {has}")


def environment(loader: BaseLoader, *, html: bool) -> ImmutableSandboxedEnvironment:
    """Where templates are compiled; ``html``: all values are escaped."""
    made = ImmutableSandboxedEnvironment(
        loader=loader,
        autoescape=html,
        undefined=StrictUndefined,
        finalize=_refuse_none,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
        cache_size=-1,
    )
    made.filters["link"] = _html_link if html else _plain_link
    return made


def _refuse_none(value: object) -> object:
    if value is None:
        raise TemplateRuntimeError(
            "an absent fact would be printed as None; guard it with {% if %}"
        )
    return value


def _plain_link(url: str, label: str = "") -> str:
    return f"{label}: {url}" if label else url


def _html_link(url: str, label: str = "") -> Markup:
    return Markup('<a href="{}">{}</a>').format(url, escape(label or url))
