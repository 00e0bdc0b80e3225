"""Alembic projects for the tests, and Alembic itself to ask."""

from __future__ import annotations

import io
from pathlib import Path

from alembic import command
from alembic.config import Config
from psycopg.conninfo import conninfo_to_dict
from sqlalchemy import URL

WRONG_URL = "postgresql+psycopg://nobody@127.0.0.1:1/nowhere"


class AlembicProject:
    """A project made by ``alembic init``; its own URL leads nowhere."""

    def __init__(self, root: Path, template: str = "generic") -> None:
        self.root = root
        self.template = template
        root.mkdir()
        with io.StringIO() as quiet:
            command.init(self._config(stdout=quiet), str(root / "scripts"), template=template)
        self.scripts = root / "scripts"
        ini = root / "alembic.ini"
        ini.write_text(ini.read_text().replace("driver://user:pass@localhost/dbname", WRONG_URL))

    def _config(self, **options: object) -> Config:
        toml = self.root / "pyproject.toml" if self.template == "pyproject" else None
        return Config(self.root / "alembic.ini", toml_file=toml, **options)

    def revision(
        self, revision: str, up: str = "pass", down: str = "pass", *, after: object = None, depends: object = None
    ) -> Path:
        """Write a revision; the first line of ``up`` is line 9. What is not Python is given as ``op.execute``."""
        path = self.scripts / "versions" / f"{revision}_x.py"
        path.write_text(
            f'"""Make {revision}"""\nimport sqlalchemy as sa\nfrom alembic import op\n'
            f"revision = {revision!r}\ndown_revision = {after!r}\nbranch_labels = None\ndepends_on = {depends!r}\n"
            f"def upgrade():\n    {_indented(up)}\ndef downgrade():\n    {_indented(down)}\n"
        )
        return path

    def table(self, revision: str, *, after: object = None, depends: object = None) -> Path:
        """Write a revision that makes a table of its name."""
        up, down = f'op.create_table("t_{revision}", sa.Column("a", sa.Integer))', f'op.drop_table("t_{revision}")'
        return self.revision(revision, up, down, after=after, depends=depends)

    def env(self, old: str, new: str) -> None:
        """Change env.py."""
        path = self.scripts / "env.py"
        text = path.read_text()
        assert old in text
        path.write_text(text.replace(old, new))

    def current(self, database: str) -> set[str]:
        """Return what ``alembic current`` says of a database."""
        told = io.StringIO()
        config = self._config(stdout=told)
        config.set_main_option("sqlalchemy.url", url(database).replace("%", "%%"))
        command.current(config)
        return {line.split()[0] for line in told.getvalue().splitlines() if line.strip()}

    def upgrade(self, database: str, revision: str = "heads") -> None:
        """Run ``alembic upgrade``."""
        config = self._config(stdout=io.StringIO())
        config.set_main_option("sqlalchemy.url", url(database).replace("%", "%%"))
        command.upgrade(config, revision)


def url(database: str) -> str:
    """Return a DSN as SQLAlchemy spells it."""
    query = {name: str(value) for name, value in conninfo_to_dict(database).items()}
    return URL.create("postgresql+psycopg", query=query).render_as_string(hide_password=False)


def _indented(code: str) -> str:
    return "\n    ".join(code.splitlines())
