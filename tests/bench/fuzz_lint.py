"""Lint arbitrary and mutated SQL and Python for some minutes: nothing may crash, and every place must exist.

    make fuzz                 five minutes
    python tests/bench/fuzz_lint.py --minutes 30 --seed 1

The texts are made by hypothesis, most of them from SQL that is cut up and put together again: the rules' own examples
and the worked example. On a failure it prints the smallest text that fails, and exits with status 1.
"""

from __future__ import annotations

import argparse
import time
from pathlib import Path

from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st

from dbops.lint import example
from dbops.lint.fixes import apply
from dbops.lint.judge import judge_file
from dbops.lint.options import Options
from dbops.lint.report import FileReport
from dbops.lint.rules import every
from dbops.lint.text import SourceText
from dbops.output.lint import github, junit, sarif, text
from dbops.output.style import Style
from dbops.results.lint import LintResult, RulesResult
from dbops.schema.fold import fold
from dbops.schema.model import EMPTY
from dbops.sql.lexer import tokens
from dbops.sql.recover import statements

ROOT = Path(__file__).parents[2]
EVERYTHING = Options(select=("all",))
EXAMPLES = [example.read(each) for rule in every() for each in (*rule.bad, *rule.good)]
CORPUS = [each.sql for each in EXAMPLES] + [path.read_text() for path in sorted((ROOT / "sql").rglob("*.sql"))]
PIECES = sorted({sql[token.start : token.end] for sql in CORPUS for token in tokens(sql)})
STRANGE = (
    "\x00",
    "é",
    "\U0001d4b3",
    "\\",
    "'",
    '"',
    "$$",
    "$1",
    "%s",
    ":x",
    "?",
    "/*",
    "--",
    ";",
    "(" * 50,
    ")",
    "\r\n",
)


def schema() -> object:
    known = EMPTY
    for each in EXAMPLES:
        for statement in each.schema:
            for parsed in statements(statement).statements:
                known = fold(known, parsed.node)
    return known


SCHEMAS = (EMPTY, schema())


ANY = st.text(st.characters(codec="utf-8"), max_size=200)


@st.composite
def mutated(draw: st.DrawFn) -> str:
    """Draw SQL of the corpus in which tokens are swapped, lost, doubled and replaced."""
    chosen = " ; ".join(draw(st.lists(st.sampled_from(CORPUS), min_size=1, max_size=3)))
    words = [chosen[token.start : token.end] for token in tokens(chosen)]
    for _ in range(draw(st.integers(0, 6))):
        if not words:
            break
        at = draw(st.integers(0, len(words) - 1))
        match draw(st.integers(0, 4)):
            case 0:
                del words[at]
            case 1:
                words.insert(at, draw(st.sampled_from(PIECES)))
            case 2:
                words[at] = draw(st.sampled_from(STRANGE) | ANY)
            case 3:
                other = draw(st.integers(0, len(words) - 1))
                words[at], words[other] = words[other], words[at]
            case 4:
                words[at:at] = words[at : at + draw(st.integers(1, 8))]
    return "".join(words)


@st.composite
def program(draw: st.DrawFn) -> str:
    """Draw Python that passes SQL to a function."""
    sql = draw(mutated())
    prefix = draw(st.sampled_from(("", "f", "r", "rf")))
    quote = draw(st.sampled_from(('"""', "'''")))
    call = draw(st.sampled_from(("execute", "fetch", "text")))
    return f"def f(c, x):\n    c.{call}({prefix}{quote}{sql}{quote}, (x,))\n"


MIGRATIONS = mutated().map("-- migrate:up\n{}\n-- migrate:down\n".format)
TEXTS = st.one_of(
    st.tuples(st.just("fuzz.sql"), mutated() | ANY | MIGRATIONS),
    st.tuples(st.just("fuzz.py"), program() | ANY),
)


def check(name: str, content: str, known: int) -> None:
    """Judge a text and print what is found in every format."""
    report = judge_file(SourceText(name, content), SCHEMAS[known], EVERYTHING)  # type: ignore[arg-type]
    lines = content.split("\n")
    for finding in report.findings:
        assert "defect" not in finding.message, finding
        assert 1 <= finding.line <= finding.end_line <= len(lines), finding
        assert 1 <= finding.column <= len(lines[finding.line - 1]) + 1, finding
        assert 1 <= finding.end_column <= len(lines[finding.end_line - 1]) + 1, finding
    assert FileReport.from_json(report.to_json()) == report
    apply(content, [fix for fix in report.fixes if fix])
    result = LintResult(report.findings, 1, report.statements, report.not_analysed)
    text.render(result, {name: content}, Style(colour=True), 80)
    github.render(result)
    junit.render(result)
    sarif.render(result, RulesResult(()), "0")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--minutes", type=float, default=5)
    parser.add_argument("--seed", type=int, default=int(time.time()))
    chosen = parser.parse_args()
    ends = time.monotonic() + 60 * chosen.minutes
    rounds, number = 0, chosen.seed

    @settings(
        max_examples=200, deadline=None, database=None, suppress_health_check=list(HealthCheck),
        phases=(Phase.generate, Phase.shrink), print_blob=False,
    )  # fmt: skip
    @given(TEXTS, st.integers(0, len(SCHEMAS) - 1))
    def lint(drawn: tuple[str, str], known: int) -> None:
        check(*drawn, known)

    while time.monotonic() < ends:
        seed(number)(lint)()
        rounds, number = rounds + 1, number + 1
    print(f"{200 * rounds} texts linted in {chosen.minutes:g} minutes, from seed {chosen.seed} on: no crash")


if __name__ == "__main__":
    main()
