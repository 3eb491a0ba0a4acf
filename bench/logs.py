"""Times what logs and outputs of commands cost per megabyte of text, as a whole and reader by reader.

Makes texts of the kinds that tickets bring, and plain text that no reader takes; calls `read_logs` and each reader in a fresh interpreter,
and gives two Markdown tables: processor seconds per MB of text, by text and by reader.
"""

from __future__ import annotations

import argparse
import itertools
import json
import random
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from statistics import median

from harness import RESULTS, BenchError, describe_machine, render_table, spread, write_section

Line = Callable[[random.Random, int], str]
"""Writes the lines of one moment, by chance and a running number."""


def clock(turn: int) -> str:
    """A time of day."""
    return f"{turn // 3600 % 24:02}:{turn // 60 % 60:02}:{turn % 60:02}"


def address(chance: random.Random) -> str:
    """An address of a site."""
    return f"10.{chance.randrange(256)}.{chance.randrange(256)}.{chance.randrange(1, 255)}"


def plain(chance: random.Random, turn: int) -> str:
    """An application's own log, as a web server and its services write it."""
    took = chance.randrange(9000)
    return (
        f"2013-01-08 {clock(turn)},{took % 1000:03} INFO [worker-{turn % 32}] com.contoso.orders.Queue - order {turn} of {address(chance)} took {took} ms\n"
        f'{address(chance)} - - [08/Jan/2013:{clock(turn)} +0100] "GET /orders/{turn}?page={took % 9} HTTP/1.1" 200 {took} "-" "Mozilla/5.0 (Windows NT 6.1)"\n'
        f'{{"time": "2013-01-08T{clock(turn)}Z", "level": "warn", "path": "/api/v1/items/{took}", "ms": {took / 7:.3f}, "ok": true}}\n'
        "    at com.contoso.orders.Queue.take(Queue.java:118) ~[orders-1.4.2.jar:1.4.2]\n"
    )


def netstat(chance: random.Random, turn: int) -> str:
    """Rows of `netstat -ano`."""
    state = ("ESTABLISHED", "TIME_WAIT", "CLOSE_WAIT", "SYN_SENT")[turn % 4]
    own, peer = f"{address(chance)}:{chance.randrange(49152, 65536)}", f"{address(chance)}:443"
    return f"  TCP    {own:<22} {peer:<22} {state:<15} {chance.randrange(4, 9999)}\n"


def sip(chance: random.Random, turn: int) -> str:
    """A record of SIPStack."""
    call = f"{chance.getrandbits(128):032x}"
    return (
        f"TL_INFO(TF_PROTOCOL) [0]05E0.0AAC::01/08/2013-{clock(turn)}.{turn % 1000:03}.{turn:08x} (SIPStack,SIPAdminLog::TraceProtocolRecord:"
        "SIPAdminLog.cpp(125))$$begin_record\nTrace-Correlation-Id: 3490147474\nInstance-Id: 000AE0DB\n"
        'Direction: incoming;source="external edge";destination="internal edge"\n'
        f"Peer: {address(chance)}:62973\nMessage-Type: request\nStart-Line: REGISTER sip:contoso.com SIP/2.0\n"
        f"From: <sip:user{turn}@contoso.com>;tag=eee093290f;epid=927c603558\nTo: <sip:user{turn}@contoso.com>\nCSeq: 1 REGISTER\nCall-ID: {call}\n"
        f"Via: SIP/2.0/TLS {address(chance)}:62973\nMax-Forwards: 70\nUser-Agent: UCCAPI/4.0.7577.4356 OC/4.0.7577.4356 (Microsoft Lync 2010)\n"
        "Supported: gruu-10, adhoclist, msrtc-event-categories\nms-keep-alive: UAC;hop-hop=yes\nEvent: registration\nContent-Length: 0\n"
        "Message-Body: -\n$$end_record\n\n"
    )


def trace(chance: random.Random, turn: int) -> str:
    """Lines of the stack as `netsh trace convert` prints them."""
    tcb, head = (
        chance.getrandbits(48),
        f"[0]05E0.0AAC::2013/01/08-{clock(turn)}.{turn % 10**6:06}000 [Microsoft-Windows-TCPIP]",
    )
    ends = f"local={address(chance)}:{chance.randrange(49152, 65536)} remote={address(chance)}:445"
    return (
        f"{head}TCP: Tcb 0xFFFF{tcb:012X} is going to output SYN with ISN = {turn}, RcvWnd = 8192, RcvWndScale = 8 ({ends}).\n"
        f"{head}TCP: connection 0xFFFF{tcb:012X} ({ends}): TCP send event, SeqNo = {turn}, BytesSent = 1460, CWnd = 18538, SndWnd = 197632.\n"
        f"{head}TCP: connection 0xFFFF{tcb:012X}: connection terminated: received RST ({ends}).\n"
    )


def firewall(chance: random.Random, turn: int) -> str:
    """Lines of pfirewall.log."""
    port = chance.randrange(49152, 65536)
    return f"2013-01-08 {clock(turn)} DROP TCP {address(chance)} 10.2.2.2 {port} 445 52 S {turn} 0 8192 - - - RECEIVE\n"


def events(chance: random.Random, turn: int) -> str:
    """Rows of Event Viewer with what each says."""
    return (
        f"Error\t1/8/2013 {turn % 12 + 1}:{turn // 60 % 60:02}:{turn % 60:02} AM\tService Control Manager\t7031\tNone\n"
        f"The Service{chance.randrange(99)} service terminated unexpectedly. It has done this {turn} time(s).\n"
    )


TEXTS: dict[str, Line] = {
    "plain text, no log": plain,
    "netstat -ano": netstat,
    "SIPStack log": sip,
    "TCP/IP trace": trace,
    "pfirewall.log": firewall,
    "event log lines": events,
}


def make_text(name: str, size: int) -> str:
    """A text of so many bytes of one kind, or of all kinds one after the other (`mix`)."""
    if name == "mix":
        return "".join(make_text(one, size // len(TEXTS)) for one in TEXTS)
    return "".join(_until(size, TEXTS[name]))


def _until(size: int, write: Line) -> Iterator[str]:
    chance, done = random.Random(7), 0
    for turn in itertools.count():
        if done >= size:
            return
        lines = write(chance, turn)
        done += len(lines)
        yield lines


def time_text(name: str, size: int) -> None:
    """Print, as JSON, the processor seconds of `read_logs` and of each reader's sign and finding; this is what the fresh interpreter does."""
    import importlib

    from wireproof.logs import reading
    from wireproof.logs.text import LogText, read_text

    data = make_text(name, size).encode()
    times: dict[str, float] = {}

    def timed(label: str, call: Callable[[], object]) -> object:
        started = time.process_time()
        result = call()
        times[label] = time.process_time() - started
        return result

    timed("whole", lambda: reading.read_logs(data, "log.txt"))
    text = timed("text", lambda: read_text(data, "log.txt"))
    if not isinstance(text, LogText):
        raise BenchError(f"{name} is no text")
    timed("joined", lambda: (text.whole, text.line_at(0)))
    wanted = timed("signs", lambda: {reader.module for reader in reading.readers_for(text)})
    for reader in reading.READERS:
        module = importlib.import_module(f"wireproof.logs.{reader.module}")
        if reader.module in wanted:
            timed(reader.module, lambda find=module.find: find(text))
    print(json.dumps(times))


def run_fresh(name: str, size: int) -> dict[str, float]:
    """The times of one text in a fresh interpreter."""
    command = (sys.executable, __file__, "--one", name, "--megabytes", str(size / 1e6))
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        raise BenchError(f"{name} failed: {done.stderr.strip().splitlines()[-1]}")
    return {key: float(value) for key, value in json.loads(done.stdout).items()}


def tables(size: int, rounds: int) -> str:
    """Both tables: every text, and what each reader takes of those that it looks through."""
    names = [*TEXTS, "mix"]
    found: dict[str, list[dict[str, float]]] = {name: [] for name in names}
    for _ in range(rounds):
        for name in names:
            found[name].append(run_fresh(name, size))
    per = size / 1e6
    rows = [(name, spread([one["whole"] / per for one in found[name]], 3)) for name in names]
    parts = sorted({part for many in found.values() for part in many[0]} - {"whole"})
    cells = [
        (
            part,
            *(
                f"{median(one[part] for one in found[name]) / per:.3f}" if part in found[name][0] else ""
                for name in names
            ),
        )
        for part in parts
    ]
    return f"{render_table(('text', 'processor s per MB'), rows)}\n\n{render_table(('s per MB', *names), cells)}"


def main() -> None:
    """Parse the command line and measure."""
    parser = argparse.ArgumentParser(description="What logs cost per megabyte.")
    parser.add_argument("--megabytes", type=float, default=20.0, help="size of each text")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--results", type=Path, default=RESULTS, help="Markdown file whose section is replaced")
    parser.add_argument("--one", metavar="TEXT", help=argparse.SUPPRESS)
    given = parser.parse_args()
    size = int(given.megabytes * 1e6)
    if given.one:
        time_text(given.one, size)
        return
    text = f"## Logs, {given.megabytes:.0f} MB each\n\n{describe_machine()}.\n\n{tables(size, given.rounds)}"
    write_section(given.results, "logs", text)


if __name__ == "__main__":
    try:
        main()
    except BenchError as error:
        sys.exit(f"logs.py: {error}")
