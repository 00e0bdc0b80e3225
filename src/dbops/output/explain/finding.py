"""What a finding means, for people."""

from __future__ import annotations

from textwrap import indent

from dbops.output.lint.rules import WIDEST
from dbops.output.prose import paragraphs, styled
from dbops.output.severity import PAINT
from dbops.output.style import Style
from dbops.results.explain import FindingInfo


def explanation(info: FindingInfo, style: Style, width: int) -> str:
    """Return the finding's text in lines of the width, and a query in whose plan it is found."""
    parts = [f"{style(info.finding, 'bold')}  {style(info.severity.value, *PAINT[info.severity])}"]
    parts += [styled(paragraph, style, min(width, WIDEST)) for paragraph in paragraphs(info.text)]
    parts.append(f"{style('Found in the plan of:', 'bold')}\n\n{indent(info.bad[0].strip(), '    ')}")
    return "\n\n".join(parts)
