"""Logs of Windows that are turned on for a recording, saved after it, and put back as they were.

Takes a request; gives steps. Runs nothing.
"""

from __future__ import annotations

from wireproof.collect.model import Request, Scenario, Step

EVENT_LOGGING = r"HKLM\SYSTEM\CurrentControlSet\Control\SecurityProviders\SCHANNEL"
CAPI2 = "Microsoft-Windows-CAPI2/Operational"
FIREWALL = r"HKLM\SYSTEM\CurrentControlSet\Services\SharedAccess\Parameters\FirewallPolicy"
FIREWALL_LOG = r"%SystemRoot%\System32\LogFiles\Firewall\pfirewall.log"
PROFILES = {"DomainProfile": "domainprofile", "StandardProfile": "privateprofile", "PublicProfile": "publicprofile"}
"""What the registry calls a profile of the firewall, and what netsh does."""
SERVICES = "*[System[Provider[@Name='Service Control Manager'] and TimeCreated[timediff(@SystemTime) <= 86400000]]]"
"""Events of a day, in milliseconds. Between quotes cmd takes `<` as it stands."""


def turn_on_logs(request: Request) -> tuple[Step, ...]:
    """The firewall's log of drops, and for TLS those of Schannel and certificate checks; how they were is noted first."""
    firewall = Step(
        "Lets the firewall log what it drops, and notes which profiles did so already; a group policy may keep it from that.",
        (
            (
                f'for %%p in ({" ".join(PROFILES)}) do for /f "tokens=3" %%s in (\'reg query {FIREWALL}\\%%p\\Logging '
                '/v LogDroppedPackets 2^> nul ^| findstr REG_DWORD\') do set "LOGS_%%p=%%s"'
            ),
            "netsh advfirewall set allprofiles logging droppedconnections enable",
        ),
    )
    if not _logs_tls(request):
        return (firewall,)
    return (
        firewall,
        Step(
            "Lets Schannel log every handshake and not only errors; some versions of Windows want a restart before they do.",
            (
                f'for /f "tokens=3" %%s in (\'reg query {EVENT_LOGGING} /v EventLogging ^| findstr REG_DWORD\') do set "SCHANNEL_WAS=%%s"',
                'if not defined SCHANNEL_WAS set "SCHANNEL_WAS=1"',
                f"reg add {EVENT_LOGGING} /v EventLogging /t REG_DWORD /d 7 /f",
            ),
        ),
        Step(
            "Turns on the log of certificate checks: chains, names, and revocation lists that can't be fetched.",
            (
                f'wevtutil gl {CAPI2} | find "enabled: true" > nul && set "CAPI2_WAS=on"',
                f"wevtutil sl {CAPI2} /e:true",
            ),
        ),
    )


def save_logs(request: Request) -> tuple[Step, ...]:
    """Copies of the logs, taken before they are put back."""
    steps = (
        Step(
            "Saves the last day's events on services that started, stopped or failed, and what the firewall logged; the output of netsh "
            "advfirewall names the log's file where it is another one.",
            (
                f'wevtutil epl System "%FOLDER%\\services.evtx" "/q:{SERVICES}"',
                f'copy /y "{FIREWALL_LOG}*" "%FOLDER%"',
            ),
        ),
    )
    if not _logs_tls(request):
        return steps
    return (
        *steps,
        Step(
            "Saves the events of Schannel and of certificate checks.",
            (
                'wevtutil epl System "%FOLDER%\\schannel.evtx" "/q:*[System[Provider[@Name=\'Schannel\']]]"',
                f'wevtutil epl {CAPI2} "%FOLDER%\\capi2.evtx"',
            ),
        ),
    )


def put_back_logs(request: Request) -> tuple[Step, ...]:
    """The settings that were noted."""
    firewall = Step(
        "Ends the firewall's log of drops in each profile that kept none before.",
        tuple(
            f'if not "%LOGS_{own}%"=="0x1" netsh advfirewall set {netsh} logging droppedconnections disable'
            for own, netsh in PROFILES.items()
        ),
    )
    if not _logs_tls(request):
        return (firewall,)
    return (
        firewall,
        Step(
            "Gives both logs the settings back that they had.",
            (
                f"reg add {EVENT_LOGGING} /v EventLogging /t REG_DWORD /d %SCHANNEL_WAS% /f",
                f'if not "%CAPI2_WAS%"=="on" wevtutil sl {CAPI2} /e:false',
            ),
        ),
    )


def _logs_tls(request: Request) -> bool:
    return request.scenario in (Scenario.TLS, Scenario.DIRECTACCESS, Scenario.LYNC)
