"""The preference page: how a customer wants to be reached, on a telephone and without a script.

Its link stands in an e-mail, signed by us, and holds for some weeks. Whoever has the link may use
it, also who was sent it by mistake: so the page shows nobody's name, debt or address. Looking
changes nothing, since scanners follow every link; only its own buttons do. A token never stands in
a log.
"""

import hashlib
import json
import logging
from collections.abc import Mapping
from typing import Any, Final

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from activities.channels.preference_link import PATH, link_of
from activities.channels.unsubscribe import first_of
from config.secrets.rotation import both
from config.settings import Settings
from domain.channels import Channel
from domain.conversation.keywords import Keywords
from domain.conversation.languages import languages_of
from domain.conversation.wishes.preference import (
    DAY_PARTS,
    STATED_CHANNELS,
    Preference,
    every_day,
    in_force,
)
from domain.failures import BadInput, NotFound, Unavailable
from domain.law.terms import WEEKDAYS, Window, week_of
from store.conversation.page import Asked, PreferencePages
from workers.clock import Clock
from workers.gateway.facts import (
    PAGE,
    Choice,
    CustomerMessage,
    NotTheCustomer,
    customer_message,
)
from workers.gateway.flow import Flow
from workers.gateway.links.page_html import listed, notice, page
from workers.gateway.links.page_words import (
    LANGUAGES,
    MOST_WORDS,
    NOT_NOW,
    NOT_VALID,
    WORDS,
    PageWords,
)
from workers.gateway.requests import small_form

ANY: Final = "any"
"""No channel before the others, and no hours but the law's."""
ALL: Final = "all"
"""Every medium that we have."""
_KEEP: Final = "keep"
_STRETCHES: Final = {
    ANY: ("00:00", "24:00"),
    **DAY_PARTS,
}
_DAYS: Final = {"every": WEEKDAYS, "weekdays": WEEKDAYS[:5]}
_OTHERWISE: Final = "en"

log = logging.getLogger(__name__)


class Preferences:
    """The page and its four buttons."""

    def __init__(
        self,
        settings: Settings,
        keywords: Keywords,
        pages: PreferencePages,
        flow: Flow,
        clock: Clock,
    ) -> None:
        self._keys = both(settings.unsubscribe_key, settings.unsubscribe_previous_key)
        self._keywords = keywords
        self._pages, self._flow, self._clock = pages, flow, clock

    def routes(self) -> list[Route]:
        """All addresses."""
        return [
            Route(f"{PATH}{{token}}", self.preference_page, methods=["GET"]),
            Route(f"{PATH}{{token}}", self.preference_buttons, methods=["POST"]),
        ]

    async def preference_page(self, request: Request) -> Response:
        """The page behind the link: it shows what is in force, and changes nothing."""
        try:
            asked = await self._asked(request)
            return notice(NOT_VALID, 404) if asked is None else await self._shown(asked)
        except Unavailable as error:
            return _not_now(error)

    async def preference_buttons(self, request: Request) -> Response:
        """What a button of the page posts. A second press of the same says nothing new."""
        try:
            asked = await self._asked(request)
            if asked is None:
                return notice(NOT_VALID, 404)
            try:
                fields = await small_form(request)
            except BadInput:
                return await self._shown(asked, wrong="form")
            if fields.get("confirm") != "yes":
                return await self._shown(asked, wrong="confirm")
            match fields.get("action"):
                case "save":
                    return await self._save(asked, fields)
                case "stop":
                    return await self._stop(asked, fields.get("medium", ""))
                case "write":
                    return await self._write(asked, fields.get("words", ""))
                case "not_me":
                    return await self._not_me(asked)
                case _:
                    return await self._shown(asked, wrong="form")
        except Unavailable as error:
            return _not_now(error)

    async def _asked(self, request: Request) -> Asked | None:
        """Whom the link was sent to; None: it is not ours, or holds no more."""
        token = request.path_params["token"]
        link = first_of(self._keys, lambda key: link_of(key, token))
        if link is None:
            return None
        asked = await self._pages.asked(link.attempt_id)
        if asked is None:
            log.warning("refused a link of attempt %s, which is not on record", link.attempt_id)
            if request.method == "POST" and await self._clock.now(None) < link.expires:
                # Signed by us: the database was restored, and has forgotten the message.
                why = NotFound("said on the preference page, by a message that is not on record")
                name = f"{PAGE}:{link.attempt_id}"
                await self._flow.keep_for_person(PAGE, name, link.attempt_id, why)
            return None
        # Where time is skipped, the message was composed by the account's own clock.
        return asked if await self._clock.now(asked.workflow) < link.expires else None

    async def _shown(self, asked: Asked, *, wrong: str = "") -> Response:
        """The page as things stand now; ``wrong``: the field for which nothing was done."""
        if wrong:
            log.warning("400 at the preference page of attempt %s: %s", asked.attempt_id, wrong)
        lang = _language_of(asked, await self._wished(asked))
        told = {"wrong": WORDS[lang].problems[wrong] if wrong else "", "done": ""}
        return await self._page(asked, told, 400 if wrong else 200)

    async def _done(self, asked: Asked, words: str, *, about: str = "") -> Response:
        """The page once something was done: read anew, since that has changed it."""
        now = await self._pages.asked(asked.attempt_id) or asked
        lang = _language_of(now, await self._wished(now))
        said: str = getattr(WORDS[lang], words)
        done = f"{said} {_media(WORDS[lang], about)}" if about else said
        return await self._page(now, {"wrong": "", "done": done}, 200)

    async def _page(self, asked: Asked, told: Mapping[str, str], status: int) -> Response:
        wished = await self._wished(asked)
        lang = _language_of(asked, wished)
        words = WORDS[lang]
        if asked.is_anothers:
            # They have said that they are not the customer: nothing of the customer is theirs.
            said = told["wrong"] or told["done"] or words.is_not_me
            return page(lang, words, {"wrong": "", "done": said, "channels": None}, status)
        hour, day = _offered(wished)
        hours = list(words.ranges.items())
        if hour == _KEEP:
            stretches = dict.fromkeys(f"{one.opens}–{one.closes}" for one in wished.windows)
            hours.append((_KEEP, f"{words.keep} {listed(stretches)}"))
        reachable = _reachable(asked)
        names = [(one.value, words.channels[one]) for one in reachable]
        return page(
            lang,
            words,
            {
                **told,
                "channels": [(ANY, words.any_channel), *names],
                "channel": wished.channel if wished.channel in reachable else ANY,
                "hours": hours,
                "hour": hour,
                "day": day,
                "media": [*names, (ALL, words.stop_all)],
                "stopped": listed(words.channels[one] for one in asked.stopped),
                "mask": _mask(asked),
                "most": MOST_WORDS,
            },
            status,
        )

    async def _save(self, asked: Asked, fields: Mapping[str, str]) -> Response:
        """State what differs from what is in force; nothing differs where the button is pressed
        twice."""
        if asked.is_anothers:
            return await self._shown(asked, wrong="confirm")
        wished = await self._wished(asked)
        chosen = _chosen(asked, wished, fields)
        if isinstance(chosen, str):
            return await self._shown(asked, wrong=chosen)
        if chosen:
            stated = Preference.model_validate(chosen)
            wish = stated.model_dump(mode="json", by_alias=True, exclude_unset=True)
            # Of two presses at the same time both have found the same last word.
            last = asked.preferences[-1].preference_id if asked.preferences else ""
            said = json.dumps([wish, last], sort_keys=True)
            name = f"{asked.attempt_id}:{hashlib.sha256(said.encode()).hexdigest()[:12]}"
            await self._accept(asked, Choice(by=PAGE, event=name, page=asked.attempt_id, wish=wish))
        return await self._done(asked, "saved")

    async def _stop(self, asked: Asked, medium: str) -> Response:
        """End the use of a medium at once, also of one on which there is no address any more: a
        stop is never refused for that."""
        stops = STATED_CHANNELS if medium == ALL else _channels(medium)
        if not stops:
            return await self._shown(asked, wrong="medium")
        # A second press says nothing new, unless the person has consented since the first.
        name = f"{asked.attempt_id}:stop-{medium}@{asked.opt_ins}"
        await self._accept(asked, Choice(by=PAGE, event=name, page=asked.attempt_id, stops=stops))
        return await self._done(asked, "has_stopped", about=medium)

    async def _not_me(self, asked: Asked) -> Response:
        """The contact point that the link was sent to is used no more, on any channel."""
        name = f"{asked.attempt_id}:not-me@{asked.opt_ins}"
        await self._accept(asked, NotTheCustomer(by=PAGE, event=name, attempt=asked.attempt_id))
        return await self._done(asked, "is_not_me")

    async def _write(self, asked: Asked, words: str) -> Response:
        """What they write is a message like any other, from the address that the link was sent to.

        The same words by the same link and on the same day are one message: a button is pressed
        twice, and nobody says the same to us again.
        """
        if asked.is_anothers:
            return await self._shown(asked, wrong="confirm")
        if not 0 < len(words) <= MOST_WORDS:
            return await self._shown(asked, wrong="words")
        day = (await self._clock.now(asked.workflow)).date()
        said = hashlib.sha256(f"{day} {words}".encode()).hexdigest()[:12]
        where = (f"{asked.attempt_id}:wrote-{said}", asked.channel, asked.address)
        await self._accept(asked, customer_message(PAGE, *where, [words], self._keywords))
        return await self._done(asked, "has_written")

    async def _accept(self, asked: Asked, fact: Choice | CustomerMessage | NotTheCustomer) -> None:
        await self._flow.accept(fact, await self._clock.now(asked.workflow))

    async def _wished(self, asked: Asked) -> Preference:
        return in_force(asked.preferences, await self._clock.now(asked.workflow))


def _chosen(asked: Asked, wished: Preference, fields: Mapping[str, str]) -> dict[str, Any] | str:
    """What is stated anew, by field; or the name of the field that says what was not offered."""
    channel, hours = fields.get("channel", ""), fields.get("hours", "")
    days, language = fields.get("days", ""), fields.get("language", "")
    if channel != ANY and channel not in _reachable(asked):
        return "channel"
    keeps = hours == _KEEP and _offered(wished)[0] == _KEEP
    if hours not in _STRETCHES and not keeps:
        return "hours"
    if days not in _DAYS:
        return "days"
    if language not in LANGUAGES:
        return "language"
    stated: dict[str, Any] = {}
    first = None if channel == ANY else Channel(channel)
    if first is not wished.channel:
        stated["channel"] = first
    windows = wished.windows if keeps else _windows(hours, days)
    if week_of(windows) != week_of(wished.windows):
        stated["windows"] = windows
    if language != _language_of(asked, wished):
        stated["locale"] = language
    return stated


def _windows(hours: str, days: str) -> tuple[Window, ...]:
    """The hours of the week that were chosen; none: any."""
    if hours == ANY and days == "every":
        return ()
    return tuple(every_day([_STRETCHES[hours]], _DAYS[days]))


def _offered(wished: Preference) -> tuple[str, str]:
    """Which of the choices the hours in force are; ``keep`` where they were stated otherwise."""
    for hours in _STRETCHES:
        for days in _DAYS:
            if week_of(_windows(hours, days)) == week_of(wished.windows):
                return hours, days
    return _KEEP, "every"


def _reachable(asked: Asked) -> list[Channel]:
    return [one for one in STATED_CHANNELS if one in asked.reachable]


def _channels(medium: str) -> tuple[Channel, ...]:
    return tuple(one for one in STATED_CHANNELS if one.value == medium)


def _media(words: PageWords, medium: str) -> str:
    return listed(words.channels[one] for one in _channels(medium) or STATED_CHANNELS)


def _language_of(asked: Asked, wished: Preference) -> str:
    """The language that they asked for, or else theirs, or their country's."""
    own = [wished.locale or "", asked.locale, *languages_of(asked.country)]
    found = (one.replace("_", "-").split("-")[0].lower() for one in own)
    return next((one for one in found if one in WORDS), _OTHERWISE)


def _mask(asked: Asked) -> str:
    """Enough of an address for whoever has it, and nothing for anybody else."""
    if asked.channel is Channel.EMAIL:
        return f"{asked.address[:1]}…@…"
    return f"… {asked.address[-2:]}"


def _not_now(error: Unavailable) -> Response:
    log.warning("503 at the preference page: %s", error)
    return notice(NOT_NOW, 503, {"Retry-After": "60"})
