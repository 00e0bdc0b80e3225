"""Debian's Chromium, driven through the DevTools protocol over a pipe: no port, no driver, no library."""

from __future__ import annotations

import json
import os
import select
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, BinaryIO

NAMES = ("chromium", "chromium-browser", "google-chrome", "chrome")
_ARGUMENTS = (
    "--headless", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync", "--disable-extensions", "--hide-scrollbars",
    "--host-resolver-rules=MAP * ~NOTFOUND", "--remote-debugging-pipe",
)  # fmt: skip
_BOUND_S = 30.0
# Chromium reads commands from descriptor 3 and answers on 4. Those of the pipes may be the same two.
_PLUMBING = """
import fcntl, os, sys
commands, answers = (fcntl.fcntl(int(each), fcntl.F_DUPFD, 10) for each in sys.argv[1:3])
os.dup2(commands, 3), os.dup2(answers, 4)
os.execv(sys.argv[3], sys.argv[3:])
"""


class BrowserError(RuntimeError):
    """The browser is not there, or does not do what it was told."""


def executable() -> str:
    """Return the browser's path. Raises BrowserError where none is installed."""
    for name in NAMES:
        path = shutil.which(name)
        if path:
            return path
    raise BrowserError(f"no browser is on PATH ({', '.join(NAMES)}): apt-get install chromium")


@contextmanager
def chromium(folder: Path) -> Iterator[Tab]:
    """Run a browser with its profile in ``folder``, and give a tab of it."""
    ours_in, theirs_out = os.pipe()
    theirs_in, ours_out = os.pipe()
    arguments = [executable(), *_ARGUMENTS, *(["--no-sandbox"] if os.geteuid() == 0 else [])]
    with (folder / "stderr").open("wb") as stderr:
        process = subprocess.Popen(
            [sys.executable, "-c", _PLUMBING, str(theirs_in), str(theirs_out), *arguments, f"--user-data-dir={folder}"],
            pass_fds=(theirs_in, theirs_out),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=stderr,
        )
    os.close(theirs_in)
    os.close(theirs_out)
    try:
        with os.fdopen(ours_in, "rb", buffering=0) as answers, os.fdopen(ours_out, "wb", buffering=0) as commands:
            tab = Tab(answers, commands)
            yield tab
            tab.close()
    except BrowserError as error:
        error.add_note((folder / "stderr").read_text(errors="replace")[-2000:])
        raise
    finally:
        try:
            process.wait(10)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


class Tab:
    """A tab; ``events`` are what it told since the page was opened, as (method, parameters)."""

    def __init__(self, answers: BinaryIO, commands: BinaryIO) -> None:
        self._answers = answers
        self._commands = commands
        self._buffer = b""
        self._number = 0
        self._session: str | None = None
        self.events: list[tuple[str, dict[str, Any]]] = []
        target = self.call("Target.createTarget", url="about:blank")["targetId"]
        self._session = self.call("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
        for domain in ("Page", "Runtime", "Network", "Log"):
            self.call(f"{domain}.enable")
        self.call("Page.setLifecycleEventsEnabled", enabled=True)

    def call(self, method: str, **parameters: Any) -> dict[str, Any]:
        """Run a command and return what it gives. Raises BrowserError where it fails or takes over 30 s."""
        self._number += 1
        message: dict[str, Any] = {"id": self._number, "method": method, "params": parameters}
        if self._session is not None:
            message["sessionId"] = self._session
        self._commands.write(json.dumps(message).encode() + b"\0")
        for answer in self._messages():
            if answer.get("id") == self._number:
                if "error" in answer:
                    raise BrowserError(f"{method}: {answer['error']['message']}")
                return dict(answer["result"])
        raise BrowserError(f"{method}: no answer in {_BOUND_S:g} s")

    def open(self, file: Path) -> None:
        """Open a file and wait until it is loaded."""
        self._navigate("about:blank")
        self.events.clear()
        self._navigate(file.as_uri())

    def evaluate(self, expression: str) -> Any:
        """Return the value of a JavaScript expression, awaited where it is a promise."""
        given = self.call("Runtime.evaluate", expression=expression, awaitPromise=True, returnByValue=True)
        if "exceptionDetails" in given:
            raise BrowserError(str(given["exceptionDetails"]))
        return given["result"].get("value")

    def resize(self, width: int, height: int = 900) -> None:
        """Make the viewport so large, in CSS pixels."""
        size = {"width": width, "height": height, "deviceScaleFactor": 1, "mobile": False}
        self.call("Emulation.setDeviceMetricsOverride", **size)

    def prefer(self, scheme: str) -> None:
        """Let the user prefer ``light`` or ``dark``."""
        self.call("Emulation.setEmulatedMedia", features=[{"name": "prefers-color-scheme", "value": scheme}])

    def press(self, key: str, code: int, text: str = "") -> None:
        """Press a key."""
        parameters = {"key": key, "code": key, "windowsVirtualKeyCode": code}
        self.call("Input.dispatchKeyEvent", type="keyDown", text=text, **parameters)
        self.call("Input.dispatchKeyEvent", type="keyUp", **parameters)

    def screenshot(self) -> str:
        """Return the picture as a PNG in base64."""
        return str(self.call("Page.captureScreenshot")["data"])

    def close(self) -> None:
        """Tell the browser to end."""
        self._session = None
        self._commands.write(json.dumps({"id": 0, "method": "Browser.close"}).encode() + b"\0")

    def _navigate(self, url: str) -> None:
        loader = self.call("Page.navigate", url=url)["loaderId"]
        messages = self._messages()
        while not any(
            method == "Page.lifecycleEvent" and each["name"] == "load" and each["loaderId"] == loader
            for method, each in self.events
        ):
            if next(messages, None) is None:
                raise BrowserError(f"{url} is not loaded in {_BOUND_S:g} s")

    def _messages(self) -> Iterator[dict[str, Any]]:
        """Yield what the browser says for at most 30 s; events are kept."""
        end = time.monotonic() + _BOUND_S
        while time.monotonic() < end:
            while b"\0" in self._buffer:
                said, _, self._buffer = self._buffer.partition(b"\0")
                message = json.loads(said)
                if "method" in message:
                    self.events.append((message["method"], message.get("params", {})))
                yield message
            if not select.select([self._answers], [], [], max(end - time.monotonic(), 0))[0]:
                return
            chunk = self._answers.read(1 << 20)
            if not chunk:
                raise BrowserError("the browser ended")
            self._buffer += chunk
