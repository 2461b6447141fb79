"""What can be wrong with a configuration although every part of it can be read."""

import difflib
import re
from collections.abc import Iterable, Iterator, Mapping
from itertools import combinations, product
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

from pydantic import AliasChoices

from config.rule_packs import load_packs
from config.secrets.variables import file_names
from config.settings import PREFIX, REFERENCE, Settings
from config.strategy_files import fault_in, file_of
from config.transport import ALLOW, is_here
from config.wording.catalogue import LOCALES, Wording
from domain.documents.document import fault_of_place
from domain.failures import Fault, Misconfigured
from domain.learning.asking import TONED
from domain.message_content import fault_of_address
from domain.planning.limits.covered import covers_all
from domain.planning.limits.hours import holidays_of
from domain.strategy import Strategy
from domain.strategy.limits import OWN

_SHORTEST_KEY: Final = 16
_OTHERS: Final = frozenset({f"{PREFIX}TRACEBACK"})
"""Variables of ours that are no settings."""

_OTHER_SCHEME: Final = re.compile(r"(?i)(tel|sms):|[a-z][a-z0-9+-]*:(?!\d{1,5}(?![^/?#]))")
"""What an address begins with that is no http(s) one: ``javascript:``, ``mailto:``. A host with its
port (``pay:8080``) begins so, too."""


def notes(settings: Settings, environ: Mapping[str, str]) -> Iterator[Fault]:
    """What is hardly meant so, and stops nothing: told at start-up and by ``config check``."""
    yield from misspelt(environ)
    yield from unread_languages(settings.templates)


def misspelt(environ: Mapping[str, str]) -> Iterator[Fault]:
    """Variables that look like settings and are none, with the name that may be meant."""
    known = {f"{PREFIX}{name.upper()}" for name in Settings.model_fields} | _OTHERS
    known |= {name for name in file_names(PREFIX, Settings) if name.startswith(PREFIX)}
    for name in sorted(environ):
        if name.upper().startswith(PREFIX) and name.upper() not in known:
            near = difflib.get_close_matches(_own(name), sorted(map(_own, known)), n=1, cutoff=0.7)
            todo = f"is {PREFIX}{near[0]} meant?" if near else "take it away"
            yield Fault(name, "", "is no setting and does nothing", todo)
    yield from _nearly_of_a_provider(environ)


def _nearly_of_a_provider(environ: Mapping[str, str]) -> Iterator[Fault]:
    """A provider's own variable, by a letter or two: others of that provider may be anybody's."""
    fields = Settings.model_fields.values()
    aliases = (one.validation_alias for one in fields)
    ours = {str(name) for one in aliases if isinstance(one, AliasChoices) for name in one.choices}
    ours = {name for name in ours if not name.startswith(PREFIX)}
    given = {name.upper() for name in environ}
    for name in sorted(environ):
        near = difflib.get_close_matches(name.upper(), sorted(ours - given), n=1, cutoff=0.9)
        if near and name.upper() not in ours:
            yield Fault(name, "", "is no setting and does nothing", f"is {near[0]} meant?")


def _own(name: str) -> str:
    """A variable's name without what all have in common."""
    return name.upper().removeprefix(PREFIX)


def unread_languages(templates: Path) -> Iterator[Fault]:
    """Folders beside the languages that no message will ever come from."""
    there = sorted(folder.name for folder in templates.glob("*/"))
    for name in there:
        if name in LOCALES or name.startswith((".", "_")):
            continue
        language = name.replace("_", "-").split("-")[0].lower()
        todo = f"move what is in it to {language}/" if language in LOCALES else "take it away"
        rule = f"is never read: the languages are {', '.join(LOCALES)}, without regions"
        yield Fault(f"{templates.name}/{name}/", "", rule, todo)


def _without_scheme(variable: str, url: str) -> Fault:
    """Of an address without ``://``: what may be put before it, unless it has another scheme."""
    if _OTHER_SCHEME.match(url.strip()):
        return Fault(variable, "", "must begin with https:// or http://")
    return Fault(variable, "", "has no scheme", f"write https://{url.lstrip('/')}")


def public_address(settings: Settings) -> Iterator[Fault]:
    """The address that providers are told to call, and against which signatures are checked."""
    url, variable = settings.public_url, f"{PREFIX}PUBLIC_URL"
    try:
        parts = urlsplit(url)
        usable = bool(parts.hostname) and not parts.query and not parts.fragment
        usable = usable and url.isprintable() and " " not in url
    except ValueError:
        yield Fault(variable, "", "cannot be read", "write it as https://collections.example.com")
        return
    if "://" not in url:
        yield _without_scheme(variable, url)
    elif parts.scheme not in ("http", "https") or not usable:
        yield Fault(variable, "", "must be an http(s) address without a query")
    elif (
        parts.scheme == "http"
        and not is_here(parts.hostname)
        and "public" not in settings.allow_plaintext
    ):
        rule = "must be https: links of customers, and what providers sign, would go in clear"
        yield Fault(variable, "", rule, f"put TLS before the gateway, or set {ALLOW}=public")


def pay_address(settings: Settings) -> Iterator[Fault]:
    """The address that customers are told to pay at: every message would fail with a wrong one."""
    url, variable = settings.pay_url, f"{PREFIX}PAY_URL"
    if not url:
        return
    filled = url.replace(REFERENCE, "reference")
    try:
        parts = urlsplit(filled)
    except ValueError:
        yield Fault(variable, "", "cannot be read", "write it as https://pay.example.com")
        return
    if "{" in filled or "}" in filled:
        yield Fault(variable, "", f"must have no braces but {REFERENCE}")
    elif "://" not in url:
        yield _without_scheme(variable, url)
    elif not parts.hostname or "{" in urlsplit(url).netloc:
        yield Fault(variable, "", "has no host")
    elif (rule := fault_of_address(filled)) is not None:
        yield Fault(variable, "", rule)


def payment_links(settings: Settings) -> Iterator[Fault]:
    """Signed addresses need a key that nobody guesses: without one there would be none."""
    key, variable = settings.payment_link_key, f"{PREFIX}PAYMENT_LINK_KEY"
    if settings.payment_links and (key is None or len(key.get_secret_value()) < _SHORTEST_KEY):
        rule = f"must be a random text of at least {_SHORTEST_KEY} characters"
        yield Fault(variable, "", f"{rule}: it signs {PREFIX}PAYMENT_LINKS")


def documents_address(settings: Settings) -> Iterator[Fault]:
    """Where the operator's files lie."""
    url, variable = settings.documents_url, f"{PREFIX}DOCUMENTS_URL"
    if url and fault_of_place(f"{url.rstrip('/')}/file") is not None:
        yield Fault(variable, "", "must be one https address, without user, query or quotes")
    folder = settings.documents_folder
    if folder is not None and not folder.is_dir():
        yield Fault(f"{PREFIX}DOCUMENTS_FOLDER", "", "is no folder that can be read here")


def quiet_times_of(settings: Settings, strategies: Mapping[str, Strategy]) -> Iterator[Fault]:
    """Quiet times that leave none of a country's lawful hours: nobody there would be contacted."""
    named = [one for one in strategies.values() if one.quiet is not None]
    if not named:
        return
    try:
        packs = load_packs(settings.law, settings.readings)
    except Misconfigured:
        return  # told by itself
    for strategy in named:
        quiet, file = strategy.quiet, file_of(settings.strategies, strategy)
        assert quiet is not None  # noqa: S101 - named
        unknown = [one for one in quiet.holidays if one != OWN and holidays_of(one) is None]
        for code in unknown:
            rule = f"{code}: no holidays are known of this country"
            yield fault_in(file, ("quiet", "holidays"), rule, "name its days under `dates`")
        channels = {channel for phase in strategy.phases for channel in phase.channels}
        covered = [
            code
            for code, pack in packs.packs.items()
            if len(code) == 2 and covers_all(quiet, pack, channels, settings.actor)
        ]
        if covered:
            rule = f"leaves none of the hours that the law of {', '.join(covered)} leaves"
            yield fault_in(file, ("quiet",), rule, "let some hour of the week be open there")


def fallback_words(settings: Settings, wording: Wording) -> Iterator[Fault]:
    """The language of those for whom there is no other: without words in it nothing is written."""
    if not wording.supports(settings.fallback_locale):
        rule = f"must be a language that there are words in: {', '.join(LOCALES)}"
        yield Fault(f"{PREFIX}FALLBACK_LOCALE", "", rule)


def words_of_tones(
    settings: Settings, strategies: Mapping[str, Strategy], wording: Wording
) -> Iterator[Fault]:
    """Tones that a phase leaves open and that would say the same: a choice among them teaches
    nothing."""
    for strategy in strategies.values():
        file = file_of(settings.strategies, strategy)
        for number, phase in enumerate(strategy.phases):
            for channel, purpose, locale in product(
                sorted(TONED & set(phase.channels)), phase.purposes, LOCALES
            ):
                for one, other in combinations(phase.tones, 2):
                    if not wording.tells_apart(one, other, locale, purpose, channel):
                        rule = (
                            f"{one} and {other} say the same in {locale}: {purpose} by {channel} "
                            "has no words of its own for each"
                        )
                        todo = f"let {locale}/{purpose}.{channel}.j2 ask for `tone`, or drop one"
                        yield fault_in(file, ("phases", number, "tones"), rule, todo)


def unnamed(settings: Settings, creditors: Iterable[str]) -> Iterator[Fault]:
    """Creditors that customers would be told of by their code."""
    for creditor in sorted(creditors):
        if not settings.creditor_names.get(creditor, "").strip():
            rule = "has no name: customers read the code"
            todo = f'add {{"{creditor}": "..."}}'
            yield Fault(f"{PREFIX}CREDITOR_NAMES", creditor, rule, todo)
