"""What the pages share: one file each that needs no network, no server and no JavaScript."""

from __future__ import annotations

import base64
import hashlib
from functools import cache
from typing import Any

from jinja2 import ChoiceLoader, Environment, PackageLoader, StrictUndefined, select_autoescape
from markupsafe import Markup

from dbops.output.cells import printable


def page(package: str, **shown: Any) -> str:
    """Return the page that a package's ``page.html.j2`` makes of what is ``shown``, with its ``page.css.j2``.

    Its only style sheet and, where there is a ``page.js.j2``, its only script are named by their digests in its
    Content-Security-Policy: nothing that stands in what is shown can load, run or send anything, even if it were taken
    for markup.
    """
    templates = _templates(package)
    policy = ["default-src 'none'", f"style-src '{_digest(templates.get_template('page.css.j2').render(shown))}'"]
    if "page.js.j2" in templates.list_templates():
        policy.append(f"script-src '{_digest(templates.get_template('page.js.j2').render(shown))}'")
    policy += ["base-uri 'none'", "form-action 'none'"]
    return templates.get_template("page.html.j2").render(shown, policy="; ".join(policy))


@cache
def _templates(package: str) -> Environment:
    return Environment(
        loader=ChoiceLoader([PackageLoader(package), PackageLoader(__name__)]),
        autoescape=select_autoescape(["html.j2"]),
        trim_blocks=True,
        lstrip_blocks=True,
        undefined=StrictUndefined,
        finalize=_shown,
    )


def _digest(text: str) -> str:
    return "sha256-" + base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()


def _shown(value: object) -> object:
    """Return a text with a sign for each character that is not seen: what turns the direction, what is no character."""
    if not isinstance(value, str) or value.isprintable() or isinstance(value, Markup):
        return value
    return "\n".join("\t".join(map(printable, line.split("\t"))) for line in value.split("\n"))
