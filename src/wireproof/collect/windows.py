"""The steps on a Windows machine, in the order in which they work: captures start first and stop last.

Takes a request; gives phases. Commands run at an elevated prompt as they stand there; `%FOLDER%` and `%GATEWAY%` are set by the first
ones. Every name from the user was checked by `names`.
"""

from __future__ import annotations

from wireproof.collect.model import Phase, Request, Role, Scenario, Step
from wireproof.collect.scenarios import TRIES, providers, windows_outputs
from wireproof.collect.windows_logs import put_back_logs, save_logs, turn_on_logs

NMCAP_FOLDER = r"%ProgramFiles%\Microsoft Network Monitor 3"
IKEEXT = r"HKLM\SYSTEM\CurrentControlSet\Services\IKEEXT"
TRACE_MB, CHAIN_MB = 500, 200


def windows_phases(request: Request) -> tuple[Phase, ...]:
    """All phases of a plan."""
    phases = [
        Phase("Prepare", _prepare(request)),
        Phase("Start recording", _start(request)),
        Phase("Mark the beginning", _begin(request)),
        Phase("Reproduce", _reproduce(request)),
        Phase(
            "Mark the end", (Step("Marks the end of the reproduction in every capture.", (marker(55, "%GATEWAY%"),)),)
        ),
        Phase("Save what the machine says of itself", _save(request)),
        Phase("Stop recording, last started first", _stop(request)),
        Phase("Put back what was changed", _restore(request)),
    ]
    return tuple(phase for phase in phases if phase.steps)


def marker(size: int, target: str) -> str:
    """Two pings with so many bytes of data."""
    return f"ping -n 2 -l {size} {target}"


# --- before ------------------------------------------------------------------------------------------------------------


def _look_around(request: Request) -> tuple[Step, ...]:
    """A folder, an address for the markers, the clock, and what the firewall says of pings."""
    return (
        Step(
            "Lets what is written to files from this prompt be UTF-8, whatever the language of Windows.",
            ("chcp 65001 > nul",),
        ),
        Step(
            "Makes a folder for everything that is collected.",
            (
                (
                    "for /f %%t in ('powershell -NoProfile -Command \"Get-Date -Format yyyyMMdd-HHmmss\"') do "
                    f'set "FOLDER=%SystemDrive%\\wireproof-{request.name}-%%t"'
                ),
                'mkdir "%FOLDER%"',
                'cd /d "%FOLDER%"',
            ),
        ),
        Step(
            "Finds the default gateway, to which the marker pings go: the first next hop that is an address. Where none is printed, "
            "as on PPP and some VPNs (On-link), type set GATEWAY= and an address that is reached through the captured interface, such "
            "as the server's.",
            (
                (
                    'for /f "tokens=3" %%g in (\'route print -4 0.0.0.0 ^| '
                    'findstr /r /c:"^ *0\\.0\\.0\\.0  *0\\.0\\.0\\.0  *[0-9][0-9]*\\.[0-9]"\') do '
                    'if not defined GATEWAY set "GATEWAY=%%g"'
                ),
                "set GATEWAY",
            ),
            only_script=(
                'if not defined GATEWAY set /p "GATEWAY=No default gateway found. Address for the marker pings: "',
            ),
        ),
        Step(
            "Notes clock, time zone and their source: times of logs can only be set beside captures when these are known.",
            ('(echo %DATE% %TIME%& w32tm /tz& w32tm /query /status) > "%FOLDER%\\clock.txt" 2>&1',),
        ),
        Step(
            "Tells whether a rule of the firewall speaks of ICMP. A ping without answer is a marker too, as long as it "
            "leaves the machine: where even that is forbidden, note the times instead.",
            ('netsh advfirewall firewall show rule name=all dir=out | findstr /i icmp > "%FOLDER%\\icmp-rules.txt"',),
        ),
    )


def _prepare(request: Request) -> tuple[Step, ...]:
    steps = [*_look_around(request), *turn_on_logs(request)]
    if request.scenario is Scenario.TLS and request.role is Role.CLIENT:
        steps.append(
            Step(
                "Lets browsers that are started from this prompt write the secrets of their TLS sessions; programs that use Schannel write none.",
                ('set "SSLKEYLOGFILE=%FOLDER%\\sslkeys.log"',),
            )
        )
    if _restarts(request):
        steps.append(
            Step(
                "Disables and stops the service that negotiates IPsec, so that the tunnels are built anew while everything "
                "records (sc wants the space after start=).",
                (
                    f'for /f "tokens=3" %%s in (\'reg query {IKEEXT} /v Start ^| findstr REG_DWORD\') do set "IKEEXT_START=%%s"',
                    "sc config ikeext start= disabled",
                    "net stop ikeext /y",
                ),
            )
        )
    if request.scenario is Scenario.LYNC:
        steps.append(Step(_lync_logging(request.role), waits=True))
    return tuple(steps)


def _lync_logging(role: Role) -> str:
    if role is Role.CLIENT:
        return (
            "In Lync: Options, General, turn on logging (Full), also to the Windows event log; sign out and close Lync."
        )
    return (
        "Start the logging tool (OCSLogger.exe) with SIPStack and S4, all levels and all flags; from Lync 2013 on "
        "Start-CsClsLogging -Scenario AlwaysOn does it for the pool."
    )


# --- recording ---------------------------------------------------------------------------------------------------------


def _start(request: Request) -> tuple[Step, ...]:
    steps = [
        Step(
            f"Captures packets in a chain of files of {CHAIN_MB} MB, where Network Monitor 3.4 is installed; it runs in a "
            "window of its own, and needs room on the drive.",
            (
                f'set "PATH=%PATH%;{NMCAP_FOLDER}"',
                f'where /q nmcap && start "nmcap: Ctrl+C stops it" nmcap /network * /capture /file "%FOLDER%\\{request.role.value}.chn:{CHAIN_MB}M"',
            ),
        ),
        Step(
            f"Records packets and what the system's own components say of them, {TRACE_MB} MB at most. Much is written: "
            "reproduce soon. Packets alone are recorded where this Windows lacks one of the components.",
            (f"{_trace(request)} || {_trace(request, bare=True)}",),
        ),
    ]
    if request.scenario is not Scenario.DIRECTACCESS:
        steps.append(
            Step(
                "Records packets at every layer, and which component dropped one for which reason (Windows 10 2004, Server 2022 and later).",
                (
                    f'where /q pktmon && pktmon start --capture --pkt-size 0 --file-name "%FOLDER%\\{request.role.value}-pktmon.etl" --file-size {TRACE_MB}',
                ),
            )
        )
    if _filters(request):
        steps.append(
            Step(
                "Records the filtering platform: what the firewall dropped, and IPsec's negotiation (wfpdiag.cab in the current folder).",
                ("netsh wfp capture start",),
            )
        )
    return tuple(steps)


def _trace(request: Request, *, bare: bool = False) -> str:
    words = ["netsh trace start"]
    if request.scenario is Scenario.DIRECTACCESS and request.role is Role.CLIENT:
        words.append("scenario=directaccess")
    if not bare:
        words += [
            f'provider="{name}" level=5' if " " in name else f"provider={name} level=5"
            for name in providers(request.scenario, request.role)
        ]
    words.append("capture=yes")
    if request.interface:
        words.append(f'CaptureInterface="{request.interface}"')
    file = f'tracefile="%FOLDER%\\{request.role.value}.etl"'
    return " ".join([*words, file, f"maxsize={TRACE_MB}", "overwrite=yes"])


def _stop(request: Request) -> tuple[Step, ...]:
    steps = []
    if _filters(request):
        steps.append(
            Step(
                "Ends the record of the filtering platform, and unpacks it: the archive itself is not read.",
                ("netsh wfp capture stop", "expand wfpdiag.cab -F:* . && del wfpdiag.cab"),
            )
        )
    if request.scenario is not Scenario.DIRECTACCESS:
        steps.append(Step("Ends the record of all layers.", ("where /q pktmon && pktmon stop",)))
    steps += [
        Step("Ends the trace; it takes a minute or more to write its file: wait for it.", ("netsh trace stop",)),
        Step("Press Ctrl+C in the window of nmcap, if it runs.", waits=True),
    ]
    if request.scenario is Scenario.LYNC:
        steps.append(Step("Stop Lync's logging and save the logs as text into the folder.", waits=True))
    return tuple(steps)


# --- reproducing -------------------------------------------------------------------------------------------------------


def _begin(request: Request) -> tuple[Step, ...]:
    ping = Step("Marks the beginning in every capture.", (marker(22, "%GATEWAY%"),))
    if not _restarts(request):
        return (ping,)
    return (
        Step("Stops the service of the IPv6 transition technologies, IP-HTTPS among them.", ("net stop iphlpsvc /y",)),
        ping,
        Step(
            "Starts both services again, transition first and IPsec second: every stage of the connection is now built from nothing.",
            ("net start iphlpsvc", "sc config ikeext start= auto", "net start ikeext"),
        ),
        Step("Gives the tunnels half a minute to come up, or to fail.", ("timeout /t 30 /nobreak",)),
    )


def _reproduce(request: Request) -> tuple[Step, ...]:
    if request.role is not Role.CLIENT:
        return (
            Step(
                "Let the failure be reproduced at the client now; its pings of 33 and 44 bytes mark the tries here too where they pass.",
                waits=True,
            ),
        )
    first = request.peers[0] if request.peers else "%GATEWAY%"
    second = request.peers[1] if len(request.peers) > 1 else first
    return (
        Step(
            "Marks the first try, and shows whether the other end answers at all.",
            (marker(33, first), *_views(request, 0)),
        ),
        Step(f"{TRIES[request.scenario]} Note the time with seconds and the exact error.", waits=True),
        Step(
            "Marks the second try" + (", at another server." if second != first else "."),
            (marker(44, second), *_views(request, 1)),
        ),
        Step(
            "Try it once more, or another way: one difference between two tries tells more than many of one kind.",
            waits=True,
        ),
    )


def _views(request: Request, place: int) -> tuple[str, ...]:
    if request.scenario not in (Scenario.DIRECTACCESS, Scenario.SMB) or place >= len(request.peers):
        return ()
    peer = request.peers[place]
    # Windows has a name of its own for IPv6 addresses in paths: colons can't stand there.
    host = f"{peer.replace(':', '-')}.ipv6-literal.net" if ":" in peer else peer
    return (f"net view \\\\{host}",)


# --- after ---------------------------------------------------------------------------------------------------------------


def _save(request: Request) -> tuple[Step, ...]:
    saved = tuple(
        f'{command} > "%FOLDER%\\{file_name(command)}.txt" 2>&1'
        for command in windows_outputs(request.scenario, request.role)
    )
    steps = [
        Step(
            "Saves addresses, routes, processes, sockets and settings while they still are as they were when it failed.",
            saved,
        )
    ]
    return (*steps, *save_logs(request))


def file_name(command: str) -> str:
    """A name for a command's output: its words, without what no file name may hold."""
    words = "".join(letter if letter.isalnum() else " " for letter in command).split()
    return "-".join(words)


def _restore(request: Request) -> tuple[Step, ...]:
    steps = []
    if _restarts(request):
        steps.append(
            Step(
                "Gives the IPsec service the start type back that it had.",
                (
                    'if "%IKEEXT_START%"=="0x3" sc config ikeext start= demand',
                    'if "%IKEEXT_START%"=="0x4" sc config ikeext start= disabled',
                ),
            )
        )
    steps += put_back_logs(request)
    if request.scenario is Scenario.TLS and request.role is Role.CLIENT:
        steps.append(
            Step("Ends the key log; close the browsers that were started from here.", ('set "SSLKEYLOGFILE="',))
        )
    return tuple(steps)


def _restarts(request: Request) -> bool:
    """Whether services are stopped and started again: only at a DirectAccess client, where nobody else loses a connection by it."""
    return request.scenario is Scenario.DIRECTACCESS and request.role is Role.CLIENT


def _filters(request: Request) -> bool:
    """Whether the filtering platform may have a part in it."""
    return request.scenario in (Scenario.DIRECTACCESS, Scenario.TCP, Scenario.RPC, Scenario.SMB)
