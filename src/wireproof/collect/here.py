"""A capture on this machine, now: started, marked, stopped on Ctrl-C or in time, and left as a case folder.

Takes a request; gives the folder that `wireproof check` reads. Runs dumpcap or tcpdump, and ping for the markers.
"""

from __future__ import annotations

import contextlib
import json
import re
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from wireproof.collect.echo import send_echo
from wireproof.collect.model import Request
from wireproof.collect.names import CollectError
from wireproof.collect.scenarios import TITLES
from wireproof.limits import limit

MOST_BYTES = limit(
    "collect.most_bytes",
    2_000_000_000,
    "minutes of a busy gigabit link; beyond it a capture fills disks and nobody reproduces for so long",
)
START_S = limit("collect.start_s", 10.0, "capture tools open their file within a second even on a loaded machine")
ROUTES = Path("/proc/net/route")
POLL_S = 0.2
SETTLE_S = 0.6
"""Kernel and tools hand packets on in batches, some tenths of a second late: what came last would be lost."""
PING_S = 5.0
"""Longest wait for a marker's pings: they need no answer to be seen."""


@dataclass(frozen=True, slots=True)
class Recording:
    """A finished capture: the case folder, the file in it, how it ended, and remarks on what did not go well."""

    folder: Path
    file: str
    ended: str
    remarks: tuple[str, ...] = ()


def record(request: Request, folder: Path, seconds: float | None, tell: Callable[[str], None]) -> Recording:
    """Capture until Ctrl-C, `seconds` or the size limit; `tell` gets lines for the person who waits. Raises CollectError."""
    tool = find_tool()
    _make_folder(folder)
    file = folder / f"{request.role.value}.{'pcapng' if tool.endswith('dumpcap') else 'pcap'}"
    command = capture_command(tool, request.interface or "any", file)
    marks = Marks(read_gateway())
    # A session of its own: Ctrl-C is for wireproof, which sends the last marker before it ends the capture.
    with (
        interruptible(),
        subprocess.Popen(  # noqa: S603 - a list of words, each checked: no shell reads them
            command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, start_new_session=True
        ) as process,
    ):
        try:
            _await_start(process, file, command)
            tell(
                f"Recording {request.interface or 'all interfaces'} into {file}. Reproduce the failure now; Ctrl-C ends the recording."
            )
            ended = _wait(process, request, marks, file, seconds)
        finally:
            _stop(process)
        said = process.stderr.read().decode(errors="replace") if process.stderr else ""
    if process.returncode not in (0, -signal.SIGINT, -signal.SIGTERM):
        raise CollectError(f"{Path(tool).name} failed: {_reason(said)}")
    (folder / "case.toml").write_text(case_text(request, file.name), encoding="utf-8", newline="\n")
    return Recording(folder, file.name, ended, tuple(marks.remarks))


@contextlib.contextmanager
def interruptible() -> Iterator[None]:
    """Within it, Ctrl-C and a polite kill raise KeyboardInterrupt, even where a shell had them ignored."""
    signals = (signal.SIGINT, signal.SIGTERM)
    before = [signal.signal(number, signal.default_int_handler) for number in signals]
    try:
        yield
    finally:
        for number, handler in zip(signals, before, strict=True):
            signal.signal(number, handler)


# --- markers -------------------------------------------------------------------------------------------------------------


class Marks:
    """Sends marker pings, and remembers what did not go well."""

    def __init__(self, gateway: str) -> None:
        self._gateway = gateway
        self._ping = shutil.which("ping")
        self.remarks: list[str] = []

    @property
    def has_gateway(self) -> bool:
        """Whether markers of the whole recording have an address to go to."""
        return bool(self._gateway)

    def send(self, size: int, target: str = "") -> None:
        """Two pings with so many bytes of data to the target, by default the gateway. They need no answer."""
        target = target or self._gateway
        if not target:
            self.remarks.append(f"there is no default gateway to send the marker of {size} bytes to; name a peer")
            return
        try:
            self._send(size, target)
        except (OSError, subprocess.TimeoutExpired) as error:
            reason = getattr(error, "strerror", None) or "ping does not end"
            self.remarks.append(f"the marker of {size} bytes to {target} could not be sent: {reason}")

    def _send(self, size: int, target: str) -> None:
        if self._ping is None:
            send_echo(target, size)
            return
        command = [self._ping, "-c", "2", "-i", "0.2", "-W", "1", "-s", str(size), "--", target]
        # Its exit code tells whether somebody answered, which a marker does not need.
        subprocess.run(  # noqa: S603 - a list of words, each checked: no shell reads them
            command,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            timeout=PING_S,
            check=False,
        )


def _wait(process: subprocess.Popen[bytes], request: Request, marks: Marks, file: Path, seconds: float | None) -> str:
    """Markers before, waiting, the marker after; how it ended, in words. Ctrl-C ends the wait, not the program."""
    stand_in = "" if marks.has_gateway else (request.peers or ("",))[0]
    deadline = time.monotonic() + seconds if seconds is not None else None
    ended = "the capture tool ended by itself"
    try:
        marks.send(22, stand_in)
        for size, peer in zip((33, 44), request.peers, strict=False):
            marks.send(size, peer)
        while process.poll() is None:
            if deadline is not None and time.monotonic() >= deadline:
                ended = f"after {seconds:g} s"
                break
            if file.stat().st_size >= MOST_BYTES.value:
                ended = f"at {MOST_BYTES.value / 1e9:g} GB"
                break
            time.sleep(POLL_S)
    except KeyboardInterrupt:
        ended = "on Ctrl-C"
    marks.send(55, stand_in)
    time.sleep(SETTLE_S)
    return ended


def read_gateway(routes: Path = ROUTES) -> str:
    """The IPv4 default gateway of this machine from the kernel's table; "" for none."""
    try:
        lines = routes.read_text(encoding="ascii").splitlines()[1:]
    except (OSError, UnicodeDecodeError):
        return ""
    for line in lines:
        fields = line.split()
        if (
            len(fields) > 7
            and fields[1] == fields[7] == "00000000"
            and re.fullmatch("(?!0{8})[0-9A-Fa-f]{8}", fields[2])
        ):
            # The kernel writes an address as a number in the machine's own byte order.
            return socket.inet_ntoa(int(fields[2], 16).to_bytes(4, sys.byteorder))
    return ""


# --- the tool ------------------------------------------------------------------------------------------------------------


def find_tool() -> str:
    """The path of dumpcap or tcpdump. Raises CollectError where neither is installed."""
    for name in ("dumpcap", "tcpdump"):
        path = shutil.which(name) or shutil.which(name, path="/usr/sbin:/sbin:/usr/local/sbin")
        if path:
            return path
    raise CollectError("neither dumpcap nor tcpdump is installed; the package wireshark-common or tcpdump brings one")


def capture_command(tool: str, interface: str, file: Path) -> list[str]:
    """The command that captures whole packets into one file."""
    if tool.endswith("dumpcap"):
        return [tool, "-q", "-i", interface, "-s", "0", "-w", str(file)]
    return [tool, "-i", interface, "-s", "0", "-U", "-Z", "root", "-w", str(file)]


def _make_folder(folder: Path) -> None:
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        if any(folder.iterdir()):
            raise CollectError(f"{folder} is not empty; name another folder with --output")
    except OSError as error:
        raise CollectError(f"{folder} can't be used as a folder: {error.strerror or error}") from None


def _await_start(process: subprocess.Popen[bytes], file: Path, command: Sequence[str]) -> None:
    """Wait until the capture file is there and has its header. Raises CollectError where the tool gives up."""
    deadline = time.monotonic() + START_S.value
    while not (file.exists() and file.stat().st_size):
        if process.poll() is not None:
            said = process.stderr.read().decode(errors="replace") if process.stderr else ""
            raise CollectError(f"{Path(command[0]).name} can't capture: {_reason(said)}")
        if time.monotonic() >= deadline:
            return
        time.sleep(POLL_S / 4)


def _stop(process: subprocess.Popen[bytes]) -> None:
    """Let the tool write out what it holds and end."""
    if process.poll() is None:
        process.terminate()
        try:
            process.wait(timeout=10)
        except subprocess.TimeoutExpired:
            process.kill()


def _reason(said: str) -> str:
    """What a tool said, as one sentence, with what helps against the usual one."""
    lines = [line.strip() for line in said.splitlines()]
    told = [line for line in lines if line and not line.startswith(("Capturing on", "File:", "tcpdump: listening"))]
    words = " ".join(told)[:300] or "it said nothing"
    if "permission" in said.lower() or "not permitted" in said.lower():
        words += "; run it as root, or allow dumpcap with: dpkg-reconfigure wireshark-common, or setcap cap_net_raw,cap_net_admin+eip on it"
    return words


def case_text(request: Request, file: str) -> str:
    """`case.toml` of the folder. JSON's quoting of these plain texts is TOML's too."""
    title = f"{TITLES[request.scenario]}, recorded at the {request.role.value}"
    point = f"[[point]]\nname = {json.dumps(request.role.value)}\nfile = {json.dumps(file)}\n"
    return f"title = {json.dumps(title)}\n\n{point}"
