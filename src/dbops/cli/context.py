"""What the root's options mean to every command."""

from __future__ import annotations

import os
import sys
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from dbops import config, log
from dbops.errors import ConfigError

if TYPE_CHECKING:
    from dbops.output.style import Style


@dataclass
class Common:
    """The root's options, the settings they lead to, and what follows for logs and colour."""

    env_name: str | None = None
    config_file: Path | None = None
    log_level: str | None = None
    log_format: str | None = None
    color: str | None = None
    debug: bool = False

    @cached_property
    def settings(self) -> config.Settings:
        """Return the settings that hold in the working directory."""
        return config.load(Path(), env_name=self.env_name, file=self.config_file)

    def style(self, *, error: bool = False) -> Style:
        """Return how to paint on stdout, or on stderr."""
        from dbops.output.style import Style, wants_colour

        stream = sys.stderr if error else sys.stdout
        try:
            setting = self.settings.value("color", self.color)
        except ConfigError:
            if not error:
                raise
            setting = self.color or "auto"  # it is this error that is about to be shown
        return Style(colour=wants_colour(setting, os.environ, terminal=stream.isatty()))

    def configure_log(self, run_id: str) -> None:
        """Set the logs up for this run."""
        form = self.settings.value("log_format", self.log_format)
        log.configure(
            self.settings.value("log_level", self.log_level),
            json=form == "json" or (form == "auto" and not sys.stderr.isatty()),
            colour=self.style(error=True).colour,
            run_id=run_id,
        )
