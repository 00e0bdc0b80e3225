"""Settings and their precedence, without the command line."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dbops.config import KEYS, load, variables
from dbops.errors import ConfigError
from dbops.values import parse_duration


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("500ms", 0.5), ("2s", 2), ("2", 2), (2, 2), (0.5, 0.5), ("1.5min", 90), ("5m", 300), ("1h", 3600),
        ("1d", 86400), (" 2 S ", 2), ("0", 0), ("24d", 24 * 86400),
    ],
)  # fmt: skip
def test_a_duration(text: str | float, seconds: float) -> None:
    assert parse_duration(text) == seconds


@pytest.mark.parametrize("text", ["", "soon", "-1s", "1mo", "1 2", "s", "1e3", True, "nan", "inf", "25d", "9" * 30])
def test_what_is_no_duration(text: str | bool) -> None:
    with pytest.raises(ValueError, match=r"duration|longer"):
        parse_duration(text)


@given(st.text())
def test_any_text_is_a_duration_or_refused(text: str) -> None:
    try:
        seconds = parse_duration(text)
    except ValueError:
        return
    assert 0 <= seconds <= 24 * 86400


LAYERS = ["flag", "variable", "dbops.toml [env.x]", "dbops.toml", "pyproject [env.x]", "pyproject", "default"]


@given(st.sets(st.sampled_from(LAYERS[:-1])))
def test_the_strongest_layer_wins(given_layers: set[str]) -> None:
    import tempfile

    values = {layer: f"dir-{number}" for number, layer in enumerate(LAYERS)}
    values["default"] = KEYS["migrate.dir"].default

    def table(layer: str, header: str) -> str:
        return f'[{header}]\ndir = "{values[layer]}"\n' if layer in given_layers else ""

    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        own = table("dbops.toml", "migrate") + "[env.x]\n" + table("dbops.toml [env.x]", "env.x.migrate")
        (folder / "dbops.toml").write_text(own)
        (folder / "pyproject.toml").write_text(
            table("pyproject", "tool.dbops.migrate") + table("pyproject [env.x]", "tool.dbops.env.x.migrate")
        )
        environ = {"DBOPS_MIGRATE_DIR": values["variable"]} if "variable" in given_layers else {}
        settings = load(folder, environ, env_name="x")
    strongest = next(layer for layer in LAYERS if layer in given_layers or layer == "default")
    found = settings.get("migrate.dir", values["flag"] if "flag" in given_layers else None)
    assert found.value == values[strongest]
    origin = {
        "variable": "environment DBOPS_MIGRATE_DIR",
        "pyproject": "pyproject.toml [tool.dbops]",
        "pyproject [env.x]": "pyproject.toml [tool.dbops] [env.x]",
    }
    assert found.origin == origin.get(strongest, strongest)


def test_an_environments_name_is_what_it_is_called_unless_it_says_otherwise(tmp_path: Path) -> None:
    (tmp_path / "dbops.toml").write_text('environment = "local"\n[env.a]\n[env.b]\nenvironment = "production"\n')
    assert load(tmp_path, {}).value("environment") == "local"
    assert load(tmp_path, {}, env_name="a").value("environment") == "a"
    assert load(tmp_path, {}, env_name="b").value("environment") == "production"
    assert load(tmp_path, {"DBOPS_ENV": "a"}).value("environment") == "a"
    assert load(tmp_path, {"DBOPS_ENV": "a"}, env_name="b").value("environment") == "production"


def test_the_environment_of_another_name_says_nothing(tmp_path: Path) -> None:
    (tmp_path / "dbops.toml").write_text('[env.a]\nlog_level = "debug"\n[env.b]\n')
    assert load(tmp_path, {}, env_name="b").value("log_level") == "info"
    assert load(tmp_path, {}, env_name="b").of_environment("log_level") is None


def test_an_empty_variable_is_none(tmp_path: Path) -> None:
    assert load(tmp_path, {"DBOPS_MIGRATE_DIR": ""}).get("migrate.dir").origin == "default"


def test_a_table_is_checked_also_when_it_is_not_chosen(tmp_path: Path) -> None:
    (tmp_path / "dbops.toml").write_text("[env.a]\nnonsense = 1\n")
    with pytest.raises(ConfigError, match=r"\[env.a\]: there is no setting 'nonsense'"):
        load(tmp_path, {})


def test_every_setting_explains_itself_and_has_a_variable() -> None:
    names = [name for key in KEYS for name in variables(key)]
    assert len(names) == len(set(names))
    for key, spec in KEYS.items():
        assert spec.help
        assert spec.default is None or spec.parse(spec.default) == spec.default, key
