"""The steps on a Linux machine: a capture in a ring of files, the same markers, outputs.

Takes a request; gives phases. Commands run in any POSIX shell as root. Every name from the user was checked by `names`.
"""

from __future__ import annotations

import shlex

from wireproof.collect.model import Phase, Request, Role, Scenario, Step
from wireproof.collect.scenarios import LINUX_OUTPUTS, TRIES
from wireproof.collect.windows import file_name

RING_MB, RING_FILES = 200, 20


def linux_phases(request: Request) -> tuple[Phase, ...]:
    """All phases of a plan."""
    return (
        Phase("Prepare", _prepare(request)),
        Phase("Start recording", _start(request)),
        Phase("Mark the beginning", (Step("Marks the beginning in every capture.", (marker(22, '"$GATEWAY"'),)),)),
        Phase("Reproduce", _reproduce(request)),
        Phase(
            "Mark the end", (Step("Marks the end of the reproduction in every capture.", (marker(55, '"$GATEWAY"'),)),)
        ),
        Phase("Save what the machine says of itself", _save(request)),
        Phase("Stop recording", _stop()),
    )


def marker(size: int, target: str) -> str:
    """Two pings with so many bytes of data."""
    return f"ping -c 2 -W 2 -s {size} {target}"


def _prepare(request: Request) -> tuple[Step, ...]:
    steps = [
        Step(
            "Makes a folder for everything that is collected; nobody else may read it.",
            (f'FOLDER="${{TMPDIR:-/tmp}}/wireproof-{request.name}-$(date +%Y%m%d-%H%M%S)"', 'mkdir -m 700 "$FOLDER"'),
        ),
        Step(
            "Finds the default gateway, to which the marker pings go; set GATEWAY to another address if there is none.",
            (
                "GATEWAY=${GATEWAY:-$(ip -4 route show default | sed -n 's/.* via \\([^ ]*\\).*/\\1/p' | head -n 1)}",
                "GATEWAY=${GATEWAY:-127.0.0.1}",
            ),
        ),
        Step(
            "Notes clock, time zone and their source: times of logs can only be set beside captures when these are known.",
            ('{ date --iso-8601=ns; timedatectl; chronyc tracking; } > "$FOLDER/clock.txt" 2>&1',),
        ),
    ]
    if request.scenario is Scenario.TLS and request.role is Role.CLIENT:
        steps.append(
            Step(
                "Lets browsers and curl that are started from this shell write the secrets of their TLS sessions.",
                ('export SSLKEYLOGFILE="$FOLDER/sslkeys.log"',),
            )
        )
    return tuple(steps)


def _start(request: Request) -> tuple[Step, ...]:
    interface, file = shlex.quote(request.interface or "any"), request.role.value
    dumpcap = f'dumpcap -q -i {interface} -b filesize:{RING_MB * 1000} -b files:{RING_FILES} -w "$FOLDER/{file}.pcapng"'
    tcpdump = f'tcpdump -i {interface} -s 0 -U -Z root -C {RING_MB} -W {RING_FILES} -w "$FOLDER/{file}.pcap"'
    return (
        Step(
            f"Captures whole packets in a ring of {RING_FILES} files of {RING_MB} MB: the oldest is written over when the last is full.",
            (f"if command -v dumpcap > /dev/null; then {dumpcap} & else {tcpdump} & fi", "CAPTURE=$!"),
        ),
        Step(
            "Waits until the capture runs.",
            ("sleep 3", 'kill -0 "$CAPTURE" && echo "The capture runs."'),
            only_script=('kill -0 "$CAPTURE" || { echo "The capture did not start." >&2; exit 1; }',),
        ),
    )


def _reproduce(request: Request) -> tuple[Step, ...]:
    if request.role is not Role.CLIENT:
        return (
            Step(
                "Let the failure be reproduced at the client now; its pings of 33 and 44 bytes mark the tries here too where they pass.",
                waits=True,
            ),
        )
    first = shlex.quote(request.peers[0]) if request.peers else '"$GATEWAY"'
    second = shlex.quote(request.peers[1]) if len(request.peers) > 1 else first
    return (
        Step("Marks the first try, and shows whether the other end answers at all.", (marker(33, first),)),
        Step(f"{TRIES[request.scenario]} Note the time with seconds and the exact error.", waits=True),
        Step("Marks the second try" + (", at another server." if second != first else "."), (marker(44, second),)),
        Step(
            "Try it once more, or another way: one difference between two tries tells more than many of one kind.",
            waits=True,
        ),
    )


def _save(request: Request) -> tuple[Step, ...]:
    saved = [f'{command} > "$FOLDER/{file_name(command)}.txt" 2>&1' for command in LINUX_OUTPUTS]
    if request.interface and request.interface != "any":
        saved.append(f'ethtool -k {shlex.quote(request.interface)} > "$FOLDER/ethtool-k.txt" 2>&1')
    if request.scenario is Scenario.TLS and request.role is Role.CLIENT and request.peers:
        host = request.peers[0]
        where = shlex.quote(f"[{host}]:443" if ":" in host else f"{host}:443")
        saved.append(f'openssl s_client -connect {where} -showcerts < /dev/null > "$FOLDER/certificates.txt" 2>&1')
    return (
        Step(
            "Saves addresses, routes, sockets and rules while they still are as they were when it failed; what is not installed is left out.",
            tuple(saved),
        ),
    )


def _stop() -> tuple[Step, ...]:
    return (
        Step(
            "Ends the capture and lets it write out what it holds.",
            ('kill -TERM "$CAPTURE"', 'wait "$CAPTURE"'),
            only_script=("CAPTURE=",),
        ),
    )
