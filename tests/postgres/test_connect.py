"""What a connection asks libpq for. No server needed."""

import pytest

from dbops.postgres.connect import parameters_of
from dbops.postgres.dsn import Dsn


@pytest.fixture(autouse=True)
def quiet(monkeypatch):
    for name in ("PGHOST", "PGHOSTADDR", "PGSERVICE", "PGSERVICEFILE"):
        monkeypatch.delenv(name, raising=False)


def _asks_for_the_primary(text):
    return parameters_of(Dsn(text, "a test"), "test", writable=True).get("target_session_attrs") == "read-write"


@pytest.mark.parametrize(
    ("text", "several"),
    [
        ("host=a,b", True),
        ("hostaddr=192.0.2.1,192.0.2.2", True),
        ("postgresql://a,b/d", True),
        ("host=a", False),
        ("host=a dbname=b,c", False),
        ("host=a,b target_session_attrs=any", False),
    ],
)
def test_of_several_hosts_the_one_that_takes_writes_is_asked_for(text, several):
    assert _asks_for_the_primary(text) is several


@pytest.mark.parametrize(("name", "value"), [("PGHOST", "a,b"), ("PGHOSTADDR", "192.0.2.1,192.0.2.2")])
def test_hosts_of_the_environment_count(name, value, monkeypatch):
    monkeypatch.setenv(name, value)
    assert _asks_for_the_primary("")
    assert not _asks_for_the_primary("host=a hostaddr=192.0.2.1")


def test_hosts_of_a_service_file_count(tmp_path, monkeypatch):
    (tmp_path / "services").write_text("[two]\nhost=a,b\n[one]\nhost=a\n")
    monkeypatch.setenv("PGSERVICEFILE", str(tmp_path / "services"))
    assert _asks_for_the_primary("service=two")
    assert not _asks_for_the_primary("service=one")
    monkeypatch.setenv("PGSERVICE", "two")
    assert _asks_for_the_primary("")


def test_who_only_looks_takes_any_host():
    assert "target_session_attrs" not in parameters_of(Dsn("host=a,b", "a test"), "test", writable=False)
