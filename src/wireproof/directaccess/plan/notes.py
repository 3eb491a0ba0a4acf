"""Notes beside a plan: what no step can say.

Takes the work; gives sentences with their sources.
"""

from __future__ import annotations

from collections.abc import Iterator

from wireproof.directaccess.method import sources
from wireproof.directaccess.plan.work import Work
from wireproof.directaccess.site.model import Generation, Method

MIGRATION = (
    "DirectAccess gets no new features; Microsoft recommends Always On VPN instead, and Entra Private Access is the other way on. There stations "
    f"reach clients by plain routes to the VPN's address pools ({sources.ALWAYS_ON})."
)
PING = (
    "Ping proves little: ICMP is exempt from the IPsec tunnels, so an answer shows routes and addresses only. Test with the port that you need, such "
    f"as `Test-NetConnection <client> -Port 3389` ({sources.JONES})."
)
READ_PREFIXES = (
    "Before you run anything, compare the prefixes here with `(Get-RemoteAccess).ClientIPv6Prefix` on every server: which member of a cluster has "
    f"which /64 is read there, not guessed ({sources.F5})."
)


def find_notes(work: Work) -> Iterator[str]:
    """Sentences for this plan."""
    yield READ_PREFIXES
    yield PING
    if work.by_isatap:
        yield f"{sources.CONTRADICTION} Sources: {sources.PLANNING}; {sources.UNSUPPORTED}."
        if any(station.generation is Generation.WINDOWS_10 for station in work.site.stations):
            yield (
                "Stations with Windows 10 before 1703 fail with ISATAP: DNS answers are taken in the wrong order. Bring them up to date, or set "
                r"HKLM\System\CurrentControlSet\Services\Dnscache\Parameters\DisableParallelAandAAAA to 1 "
                f"({sources.HICKS_WINDOWS_10})."
            )
        yield f"Settings of ISATAP interfaces may be lost with a restart: check after every one, or run the script at start ({sources.HICKS_ISATAP_ROUTER})."
    if work.method is Method.FORWARDING and work.site.teredo:
        yield f"Turn Teredo off on servers and clients: behind a hardware balancer its clients can't be reached ({sources.F5})."
    if work.site.six_to_four:
        yield f"Turn 6to4 off on clients: it needs a public IPv4 address and a relay that is often out of reach ({sources.JONES})."
    yield MIGRATION
