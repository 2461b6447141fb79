"""The preference page as HTML: for a telephone, without a script, all of it in one file."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

from jinja2 import Environment, StrictUndefined
from starlette.responses import HTMLResponse, Response

from workers.gateway.links.page_words import LANGUAGES, PageWords

HEADERS: Final = {
    "Cache-Control": "no-store",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Robots-Tag": "noindex",
    # Whoever frames the page could have its buttons pressed unseen.
    "Content-Security-Policy": (
        "default-src 'none'; style-src 'unsafe-inline'; form-action 'self'; base-uri 'none'; "
        "frame-ancestors 'none'"
    ),
}

_FRAME: Final = """<!doctype html>
<html lang="{{ lang }}"><head><meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="robots" content="noindex"><meta name="referrer" content="no-referrer">
<title>{{ title }}</title>
<style>
:root { color-scheme: light; }
body { margin: 0; padding: 1rem; background: #f4f4f1; color: #222;
  font: 1.0625rem/1.5 system-ui, Helvetica, Arial, sans-serif; }
main { max-width: 34rem; margin: 0 auto; }
h1 { font-size: 1.5rem; line-height: 1.25; margin: .5rem 0; }
h2 { font-size: 1.125rem; margin: 0 0 .5rem; }
form, .said { background: #fff; border-radius: .5rem; padding: 1rem; margin: 1rem 0; }
fieldset { border: 0; padding: 0; margin: 0 0 1rem; }
legend { font-weight: 600; padding: 0; margin-bottom: .25rem; }
label { display: flex; align-items: center; gap: .75rem; min-height: 2.75rem; }
input { flex: none; width: 1.375rem; height: 1.375rem; margin: 0; accent-color: #1d5c8a; }
label.above { display: block; min-height: 0; }
textarea { box-sizing: border-box; width: 100%; padding: .5rem; margin: .25rem 0 .75rem;
  border: 1px solid #767676; border-radius: .5rem; font: inherit; }
button { width: 100%; min-height: 3rem; padding: .5rem 1rem; border: 1px solid #1d5c8a;
  border-radius: .5rem; background: #fff; color: #1d5c8a; font: inherit; font-weight: 600; }
button.first { background: #1d5c8a; color: #fff; }
button:focus-visible, input:focus-visible, textarea:focus-visible { outline: 3px solid #f0a202;
  outline-offset: 2px; }
.said { border-left: .375rem solid #2b7a3d; } .wrong { border-color: #b3261e; }
.note { color: #555; font-size: .9375rem; margin: .25rem 0; }
</style></head><body><main>
"""
_END: Final = "</main></body></html>\n"

_PAGE: Final = f"""{_FRAME}<h1>{{{{ w.title }}}}</h1>
{{% if wrong %}}<p class="said wrong" role="alert">{{{{ wrong }}}}</p>{{% endif %}}
{{% if done %}}<p class="said" role="status">{{{{ done }}}}</p>{{% endif %}}
{{% macro choice(name, value, words, chosen) -%}}
<label><input type="radio" name="{{{{ name }}}}" value="{{{{ value }}}}" required
{{%- if chosen %}} checked{{% endif %}}>
<span>{{{{ words }}}}</span></label>
{{%- endmacro %}}
{{% if channels is not none %}}
<p>{{{{ w.intro }}}}</p>
<form method="post"><input type="hidden" name="action" value="save">
{{% for name, legend, note, options, now in (
    ("channel", w.first, "", channels, channel),
    ("hours", w.hours, w.hours_note, hours, hour),
    ("days", w.days, "", w.every.items(), day),
    ("language", w.language, "", languages, lang)) %}}
<fieldset><legend>{{{{ legend }}}}</legend>
{{% if note %}}<p class="note">{{{{ note }}}}</p>{{% endif %}}
{{% for value, words in options %}}{{{{ choice(name, value, words, value == now) }}}}
{{% endfor %}}</fieldset>
{{% endfor %}}
<button class="first" name="confirm" value="yes">{{{{ w.save }}}}</button></form>
<form method="post"><input type="hidden" name="action" value="stop">
<h2>{{{{ w.stop }}}}</h2><p class="note">{{{{ w.stop_note }}}}</p>
{{% if stopped %}}<p>{{{{ w.stopped }}}} {{{{ stopped }}}}</p>{{% endif %}}
{{% for value, words in media %}}{{{{ choice("medium", value, words, false) }}}}
{{% endfor %}}
<button name="confirm" value="yes">{{{{ w.stop_button }}}}</button></form>
<form method="post"><input type="hidden" name="action" value="write">
<h2><label class="above" for="words">{{{{ w.write }}}}</label></h2>
<p class="note">{{{{ w.write_note }}}}</p>
<textarea id="words" name="words" rows="4" maxlength="{{{{ most }}}}" required></textarea>
<button name="confirm" value="yes">{{{{ w.write_button }}}}</button></form>
<form method="post"><input type="hidden" name="action" value="not_me">
<h2>{{{{ w.not_me }}}}</h2><p class="note">{{{{ w.not_me_note }}}} {{{{ mask }}}}</p>
<button name="confirm" value="yes">{{{{ w.not_me_button }}}}</button></form>
{{% endif %}}
{_END}"""

_NOTICE: Final = f"{_FRAME}{{% for line in lines %}}<p>{{{{ line }}}}</p>{{% endfor %}}\n{_END}"

# Whatever is put in is escaped, so that nothing that anybody sent can become a tag.
_ENVIRONMENT: Final = Environment(
    autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
)
_COMPILED_PAGE: Final = _ENVIRONMENT.from_string(_PAGE)
_COMPILED_NOTICE: Final = _ENVIRONMENT.from_string(_NOTICE)


def page(lang: str, words: PageWords, fields: Mapping[str, Any], status: int = 200) -> Response:
    """The page in one language; ``fields``: what can be chosen, what is in force, what was done."""
    filled = _COMPILED_PAGE.render(
        lang=lang, title=words.title, w=words, languages=LANGUAGES.items(), **fields
    )
    return HTMLResponse(filled, status, HEADERS)


def notice(lines: Sequence[str], status: int, more: Mapping[str, str] | None = None) -> Response:
    """A page that says one thing, in as many languages as there are lines."""
    filled = _COMPILED_NOTICE.render(lang="en", title=lines[0], lines=lines)
    return HTMLResponse(filled, status, {**HEADERS, **(more or {})})


def listed(words: Iterable[str]) -> str:
    """Several things in one line."""
    return ", ".join(words)
