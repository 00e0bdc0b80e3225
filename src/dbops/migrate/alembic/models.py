"""Finding an application's models by name."""

from __future__ import annotations

import importlib
import sys
from contextlib import redirect_stdout
from functools import reduce
from pathlib import Path
from typing import TYPE_CHECKING, Any

from dbops.errors import UsageError
from dbops.migrate.alembic.failures import said

if TYPE_CHECKING:
    from sqlalchemy import MetaData


def metadata(named: str) -> MetaData:
    """Return the MetaData that ``package.module:name`` means; ``name`` may be a declarative base, or dotted.

    The working directory is looked in, too. Raises UsageError.
    """
    from sqlalchemy import MetaData

    module, colon, name = named.partition(":")
    if not (module.strip() and colon and name.strip()):
        raise _wrong(named, "PACKAGE.MODULE:NAME is expected", "such as app.models:metadata or app.models:Base")
    here = str(Path.cwd())
    if here not in sys.path:
        sys.path.insert(0, here)
    try:
        with redirect_stdout(sys.stderr):  # stdout is for results
            found: Any = reduce(getattr, name.split("."), importlib.import_module(module))
    except ModuleNotFoundError as error:
        hint = "run it in the application's folder and its environment, where `python -c 'import …'` finds the module"
        raise _wrong(named, said(error), hint) from None
    except Exception as error:  # an application may do anything when it is imported
        raise _wrong(named, said(error), f"`python -c 'import {module}'` shows where") from error
    found = found if isinstance(found, MetaData) else getattr(found, "metadata", None)
    if not isinstance(found, MetaData):
        raise _wrong(named, "it is no MetaData, and has none", "name a sqlalchemy.MetaData or a declarative base")
    if not found.tables:
        hint = "have the modules with the models been imported by the one that is named?"
        raise _wrong(named, "it has no tables", hint)
    return found


def _wrong(named: str, why: str, hint: str) -> UsageError:
    return UsageError(f"--from-models {named}: {why}", hint=hint, details=[{"field": "from_models", "error": why}])
