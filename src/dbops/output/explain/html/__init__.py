"""The page of a query: one file that needs no network, no server and no JavaScript."""

from __future__ import annotations

import base64
import hashlib
from functools import cache

from jinja2 import Environment, PackageLoader, StrictUndefined, select_autoescape
from markupsafe import Markup

from dbops.output.cells import printable
from dbops.output.explain.html.view import view
from dbops.results.explain import ExplainResult


def page(result: ExplainResult, *, version: str) -> str:
    """Return the whole page; ``version`` is that of the dbops that makes it.

    Its only style sheet and its only script are named by their digests in its Content-Security-Policy: nothing that
    stands in a query or a plan can load, run or send anything, even if it were taken for markup.
    """
    templates = _templates()
    shown = view(result)
    style, script = (_digest(templates.get_template(name).render(view=shown)) for name in ("page.css.j2", "page.js.j2"))
    policy = f"default-src 'none'; style-src '{style}'; script-src '{script}'; base-uri 'none'; form-action 'none'"
    return templates.get_template("page.html.j2").render(view=shown, version=version, policy=policy)


@cache
def _templates() -> Environment:
    return Environment(
        loader=PackageLoader(__name__),
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
