"""Timing tools side by side: each round runs every one of them, so that a machine that gets slower does so for all."""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass

from tabulate import tabulate


@dataclass(frozen=True, slots=True)
class Tool:
    """Something to time: ``prepare`` makes a round's environment and isn't timed."""

    name: str
    command: list[str]
    prepare: Callable[[str], dict[str, str]]


def report(rounds: int, title: str, tools: list[Tool], goals: dict[str, float]) -> None:
    """Time the tools round by round, the first round apart, and print each beside the first."""
    times: dict[str, list[float]] = {tool.name: [] for tool in tools}
    for number in range(rounds + 1):
        for tool in tools:
            seconds = timed(tool, f"{tool.name}{number}")
            if number:  # the first round only warms up
                times[tool.name].append(seconds)
    own = times[tools[0].name]
    rows = []
    for tool in tools:
        theirs = times[tool.name]
        ratio = statistics.median(a / b for a, b in zip(own, theirs, strict=True))
        goal = goals.get(tool.name)
        median, least, most = statistics.median(theirs), min(theirs), max(theirs)
        rows.append(
            (tool.name, f"{median:.3f}", f"{least:.3f} … {most:.3f}", f"{ratio:.2f}", f"≤ {goal}" if goal else "")
        )
    print(f"\n{title}  ({rounds} rounds, seconds of the whole process)")
    print(tabulate(rows, headers=["", "median", "min … max", f"{tools[0].name} ÷ it", "goal"], disable_numparse=True))


def nothing(_name: str) -> dict[str, str]:
    return dict(os.environ)


def timed(tool: Tool, name: str) -> float:
    environment = tool.prepare(name)
    started = time.perf_counter()
    done = subprocess.run(tool.command, env=environment, capture_output=True, text=True, check=False)
    seconds = time.perf_counter() - started
    if done.returncode:
        sys.exit(f"{tool.name} failed:\n{done.stdout}{done.stderr}")
    return seconds
