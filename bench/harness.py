"""Runs whole processes in turns and makes Markdown of what they cost; shared by the benchmark scripts.

Takes commands, gives wall time, processor time and peak memory per run, and tables of medians. Needs GNU time. Knows
no capture, no rule and nothing of wireproof but where its command is.
"""

from __future__ import annotations

import os
import platform
import re
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median

HERE = Path(__file__).resolve().parent
DATA = HERE / "data"
RESULTS = HERE / "RESULTS.md"
GNU_TIME = "/usr/bin/time"
PASSABLE = (0, 1)
"""Exit codes of a run that counts, unless it left a traceback: a checker that found something may say 1."""


class BenchError(Exception):
    """A benchmark can't be run; the text is one line for the user."""


@dataclass(frozen=True, slots=True)
class Cost:
    """What one run took: seconds on the clock, seconds of processor (user + system, with children), peak MiB."""

    wall: float
    cpu: float
    peak: float


def run_once(command: Sequence[str]) -> Cost:
    """Run a command with its output thrown away. Raises BenchError when it fails.

    GNU time stands between, because a process that Python forks itself is charged with Python's own peak memory. Python programs may keep what
    they compile, as installed ones have it.
    """
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    with tempfile.NamedTemporaryFile("r") as report, tempfile.TemporaryFile("w+") as errors:
        started = time.perf_counter()
        process = subprocess.Popen(
            (GNU_TIME, "-q", "-f", "%M", "-o", report.name, *command),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=errors,
            env=environment,
        )
        _, status, usage = os.wait4(process.pid, 0)
        wall = time.perf_counter() - started
        process.returncode = os.waitstatus_to_exitcode(status)
        peak = report.read().split()
        errors.seek(0)
        said = errors.read().strip()
    if process.returncode not in PASSABLE or "Traceback (most recent call last)" in said:
        last = said.splitlines()[-1] if said else "no message"
        raise BenchError(f"exit code {process.returncode}, {last!r} from: {' '.join(command)}")
    return Cost(wall, usage.ru_utime + usage.ru_stime, int(peak[-1]) / 1024)


def take_turns(commands: Mapping[str, Sequence[str]], rounds: int, slow: float = 30.0) -> dict[str, list[Cost]]:
    """Run every command once unmeasured, then all in turn `rounds` times: A B C, A B C, ...

    A command whose first run took more than `slow` seconds is measured in the first round only, one that failed in
    none; both are said on stderr. Round i of every command is entry i of its list.
    """
    costs: dict[str, list[Cost]] = {}
    turns: dict[str, int] = {}
    for name, command in commands.items():
        try:
            first = run_once(command)
        except BenchError as error:
            say(f"{name}: skipped, {error}")
            continue
        costs[name] = []
        turns[name] = rounds if first.wall <= slow else 1
        if turns[name] < rounds:
            say(f"{name}: {first.wall:.0f} s a run, so one round only")
    for i in range(rounds):
        for name, measured in costs.items():
            if i < turns[name]:
                measured.append(run_once(commands[name]))
    return costs


def say(line: str) -> None:
    """Tell the user something that does not belong in the results."""
    print(line, file=sys.stderr, flush=True)


def find_wireproof(given: str | None) -> list[str]:
    """The words that start wireproof: as given, beside this interpreter, on the path, or as a module; else none."""
    if given:
        return given.split()
    beside = Path(sys.executable).with_name("wireproof")
    if beside.exists():
        return [str(beside)]
    if on_path := shutil.which("wireproof"):
        return [on_path]
    tried = subprocess.run((sys.executable, "-m", "wireproof", "--help"), capture_output=True, check=False)
    return [sys.executable, "-m", "wireproof"] if tried.returncode == 0 else []


def spread(values: Sequence[float], digits: int) -> str:
    """Median with its range: `0.131 (0.128-0.140)`; one value stands alone."""
    middle = f"{median(values):.{digits}f}"
    return middle if len(values) == 1 else f"{middle} ({min(values):.{digits}f}–{max(values):.{digits}f})"


def ratios(costs: Mapping[str, list[Cost]], name: str, base: str, of: Callable[[Cost], float]) -> str:
    """How many times as much as `base`, round by round: noise that lasts longer than a round cancels out."""
    if not costs.get(base):
        return "–"
    return spread([of(mine) / of(theirs) for mine, theirs in zip(costs[name], costs[base], strict=False)], 2)


def render_table(heads: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """A Markdown table; every column but the first is aligned right."""
    rule = ["---", *("---:" for _ in heads[1:])]
    return "\n".join("| " + " | ".join(row) + " |" for row in (heads, rule, *rows))


def render_costs(costs: Mapping[str, list[Cost]], base: str) -> str:
    """One row a command: wall, processor, peak memory, and both times as a multiple of `base`'s."""
    heads = ("command", "rounds", "wall s", "user + sys s", "peak MiB", f"wall ÷ {base}", "user + sys ÷ the same")
    rows = [
        (
            name,
            str(len(runs)),
            spread([run.wall for run in runs], 3),
            spread([run.cpu for run in runs], 3),
            f"{median(run.peak for run in runs):.0f}",
            ratios(costs, name, base, lambda cost: cost.wall),
            ratios(costs, name, base, lambda cost: cost.cpu),
        )
        for name, runs in costs.items()
    ]
    return render_table(heads, rows)


def describe_machine() -> str:
    """One line on the machine and interpreter that the figures come from."""
    cpuinfo = Path("/proc/cpuinfo")
    model = re.search(r"model name\s*:\s*(.+)", cpuinfo.read_text()) if cpuinfo.exists() else None
    processor = model[1] if model else platform.machine()
    when = time.strftime("%Y-%m-%d", time.gmtime())
    system = f"{platform.system()} {platform.release()}"
    return f"{when}, {processor}, {os.cpu_count()} cores, {system}, Python {platform.python_version()}"


def count_packets(path: Path) -> int:
    """Packets in a capture, by capinfos."""
    said = subprocess.run(("capinfos", "-c", "-M", "-T", "-r", str(path)), capture_output=True, text=True, check=True)
    return int(said.stdout.split("\t")[1])


def count_connections(path: Path) -> int:
    """Packets with SYN and no ACK in a capture, by tcpdump: TCP connections, plus SYNs that were sent again."""
    wanted = ("tcpdump", "-r", str(path), "--count", "tcp[tcpflags] & (tcp-syn|tcp-ack) == tcp-syn")
    said = subprocess.run(wanted, capture_output=True, text=True, check=True)
    return int(said.stdout.split()[0])


def write_section(path: Path, name: str, text: str) -> None:
    """Print a section and put it between its markers in a Markdown file; a new section goes at the end."""
    print(f"{text}\n", flush=True)
    start, end = f"<!-- begin {name} -->", f"<!-- end {name} -->"
    before = path.read_text() if path.exists() else "# Benchmark results\n"
    section = f"{start}\n{text}\n{end}"
    head, found, rest = before.partition(start)
    after = head + section + rest.partition(end)[2] if found else f"{before.rstrip()}\n\n{section}\n"
    path.write_text(after)
