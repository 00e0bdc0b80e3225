"""``python -m dbops``."""

from dbops.cli.main import run

run()
