"""A person's own words as a template of ours: in every language the same, so no file has it.

What the person wrote is a value of it, and is never compiled.
"""

from functools import cache
from typing import Final

from jinja2 import DictLoader

from config.wording.template_files import Variant, environment

_LINES: Final = "{{ own_words }}"
_MAIL: Final = """\
{% block subject %}{{ own_subject }}{% endblock %}
{% block text %}{{ own_words }}{% endblock %}
{% block html %}{% for line in own_words.splitlines() if line.strip() %}
<p>{{ line }}</p>
{% endfor %}{% endblock %}
"""


@cache
def own_words(*, is_email: bool) -> Variant:
    """What stands in the place of the operator's template."""
    name = "a person's own words"
    loader = DictLoader({name: _MAIL if is_email else _LINES})
    plain, escaping = (environment(loader, html=html) for html in (False, is_email))
    return Variant(
        file=name,
        plain=plain.get_template(name),
        escaping=escaping.get_template(name),
        is_email=is_email,
    )
