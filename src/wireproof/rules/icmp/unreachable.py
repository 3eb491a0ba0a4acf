"""A router or host reports by ICMP that packets can't be delivered.

## What is seen
Destination unreachable (network, host, protocol, port, administratively prohibited), fragmentation needed or packet too big, time
exceeded: each with the packet that it quotes, and what became of that packet's conversation.

## Why it matters
The error says in plain words what failed and who found out; the application often only shows a timeout. "Administratively
prohibited" is a firewall that says so. "Fragmentation needed" that its sender does not heed is a connection that hangs as soon as
it sends large segments.

## Fix
By what is reported: open the firewall that reports, mend the route of the router that reports, start the service, or let the ICMP
message through to the sender.

## Looks alike but is not
A traceroute (packets with a TTL set low on purpose), an answer that comes after its asker has closed the socket, services that are
tried on chance (NetBIOS, SNMP) and peers that are gone are told as information only, and only beside an error or a warning on the same
capture, or when only the family `icmp` is asked for. Path MTU discovery that works is told as information. A pair of ICE candidates
beside one that works stays silent.

## References
RFC 792; RFC 1122 section 3.2.2.1; RFC 1812 section 5.2.7; RFC 4443; RFC 1191 and RFC 8201 (path MTU discovery); RFC 2923.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

from wireproof.finding import Confidence, Evidence, Finding, Severity, Undecided
from wireproof.finding import Talk as TalkLabel
from wireproof.limits import limit
from wireproof.messages.icmp import address_text
from wireproof.rules.evidence import count, display_filter, frame, joined, label
from wireproof.rules.icmp._complaints import Complaint, find_complaints
from wireproof.rules.icmp._weight import Weight, weigh
from wireproof.rules.sightings import at_each_point
from wireproof.rules.spares import spares_at

if TYPE_CHECKING:
    from wireproof.case import Case, Point

RULE = "icmp-unreachable"
SEVERITY = Severity.ERROR
MANY = limit(
    "icmp-unreachable.destinations", 5, "who reports the same about more destinations has one reason for all of them"
)
SHOWN = 12

Weighed = tuple[Complaint, Weight]


def judge(case: Case) -> Iterator[Finding | Undecided]:
    """One finding for each sender of errors, kind of error and destination."""
    yield from at_each_point(case, lambda point: judge_point(point, case))


def judge_point(point: Point, case: Case) -> Iterator[Finding]:
    """Errors of one point: about each destination, or about many at once."""
    buckets: dict[tuple[str, ...], list[Weighed]] = {}
    complaints = list(find_complaints(point))
    spares = set(spares_at(case, point).tolist()) if complaints else set()
    for complaint in complaints:
        weight = weigh(complaint)
        if weight.kind == "other" or complaint.conversation in spares:
            continue
        # To a client, each answer has a port of its own: what matters is whose answers come too late.
        about = complaint.source if weight.kind in {"late", "trace"} else complaint.destination
        about = address_only(complaint) if weight.kind in {"trace", "loop", "lost_way"} else about
        key = (complaint.report.reporter, complaint.error.name, weight.kind, weight.severity, about)
        buckets.setdefault(key, []).append((complaint, weight))
    for bucket in merge_many(buckets):
        yield finding(bucket)


def address_only(complaint: Complaint) -> str:
    """Address that the quoted packet was for."""
    return address_text(complaint.quoted.destination) if complaint.quoted else ""


def merge_many(buckets: dict[tuple[str, ...], list[Weighed]]) -> list[list[Weighed]]:
    """One bucket for a sender that reports the same about many destinations, and for remarks alike at one host."""
    families: dict[tuple[str, ...], list[list[Weighed]]] = {}
    for key, bucket in buckets.items():
        families.setdefault(key[:4], []).append(bucket)
    merged = []
    for members in families.values():
        merged += [joint(members)] if len(members) > MANY.value else members
    return merge_remarks(merge_remarks(merged, host_told), host_reporting)


def merge_remarks(buckets: list[list[Weighed]], host: Callable[[Weighed], str]) -> list[list[Weighed]]:
    """One bucket for all remarks of severity info that say the same of one host: no destination matters by itself."""
    groups: dict[tuple[str, ...], list[list[Weighed]]] = {}
    for place, bucket in enumerate(buckets):
        first, weight = bucket[0]
        said = (first.error.name, weight.kind, weight.effect if weight.kind != "trace" else "", host(bucket[0]))
        groups.setdefault(said if weight.severity is Severity.INFO else (str(place),), []).append(bucket)
    return [joint(members) for members in groups.values()]


def host_told(weighed: Weighed) -> str:
    """The host that was told, as it sent the quoted packet."""
    return weighed[0].report.receiver


def host_reporting(weighed: Weighed) -> str:
    """The host that reports; every hop of a traceroute does, and together they are one thing."""
    return host_told(weighed) if weighed[1].kind == "trace" else weighed[0].report.reporter


def joint(buckets: list[list[Weighed]]) -> list[Weighed]:
    """Several buckets as one."""
    return [weighed for bucket in buckets for weighed in bucket]


def finding(bucket: list[Weighed]) -> Finding:
    """The finding on complaints of one kind."""
    (first, weight), total = bucket[0], sum(complaint.count for complaint, _ in bucket)
    reporters = list(dict.fromkeys(complaint.report.reporter for complaint, _ in bucket))
    places = list(dict.fromkeys(complaint.destination for complaint, _ in bucket))
    about = places[0] if len(places) == 1 else count(len(places), "destination")
    name = first.error.name + (f" (next hop MTU {first.error.mtu})" if first.error.mtu else "")
    return Finding(
        RULE,
        weight.severity,
        Confidence.HIGH if first.is_original_here else Confidence.MEDIUM,
        title(bucket, reporters, name, about),
        summary(bucket, reporters, name, places, total),
        evidence(bucket),
        where=where(bucket, reporters),
        toward=toward(first),
        talk=talk_label(first),
        facts={
            "count": total,
            "reporters": reporters[:20],
            "error": first.error.name,
            "type": first.error.kind,
            "code": first.error.code,
            "kind": weight.kind,
            "destinations": places[:20],
            **({"mtu_bytes": first.error.mtu} if first.error.mtu else {}),
        },
        fix=fixes(first, weight, reporters[0]),
        references=["RFC 4443"] if first.error.version == 6 else ["RFC 792", "RFC 1812 5.2.7"],
        filters={first.point.name: wireshark_filter(first)},
        cause=(
            weight.kind,
            first.error.name,
            *(("trace", address_only(first)) if weight.kind == "trace" else (reporters[0], about)),
        ),
        conversations=[
            (first.point.name, complaint.conversation) for complaint, _ in bucket if complaint.conversation >= 0
        ],
        aside=all(each.everyday for _, each in bucket),
    )


def title(bucket: list[Weighed], reporters: list[str], name: str, about: str) -> str:
    """Who reports what, or who traces a route."""
    (first, weight), total = bucket[0], sum(complaint.count for complaint, _ in bucket)
    if weight.kind == "trace":
        targets = list(dict.fromkeys(address_only(complaint) for complaint, _ in bucket))
        told = targets[0] if len(targets) == 1 else count(len(targets), "destination")
        return f"{first.report.receiver} traces the route to {told} ({count(total, 'answer')})"
    times = f", {count(total, 'time')}" if total > 1 else ""
    return f"{joined(reporters, 3)} {'reports' if len(reporters) == 1 else 'report'} {name} for {about}{times}"


def tells_of_itself(complaint: Complaint) -> bool:
    """Whether the host that the quoted packet was for reports it, and no router on the way."""
    return complaint.report.reporter == address_only(complaint)


def summary(bucket: list[Weighed], reporters: list[str], name: str, places: list[str], total: int) -> str:
    """Who reports what about which packets, and what came of it."""
    first, weight = bucket[0]
    names = joined(reporters, 4)
    if not all(tells_of_itself(complaint) for complaint, _ in bucket):
        who = f"{names}, on the way," if len(reporters) == 1 else names
    else:
        who = f"The host {names} itself" if len(reporters) == 1 else f"The hosts {names} themselves"
    told = list(dict.fromkeys(complaint.report.receiver for complaint, _ in bucket))
    text = f"{who} sent {count(total, 'ICMP message')} to {joined(told, 3)}: {name}. "
    if first.quoted is None:
        return text + "The quoted packet is cut off."
    sources = list(dict.fromkeys(complaint.source for complaint, _ in bucket))
    packets = "is a {} packet" if total == 1 else "are {} packets"
    text += f"Quoted {packets.format(first.protocol.upper())} from {joined(sources, 3)} to {joined(places, 4)}"
    text += f" of {first.quoted.length} bytes. " if weight.kind == "too_big" else ". "
    return text + weight.effect


def evidence(bucket: list[Weighed]) -> list[Evidence]:
    """Each quoted packet and the errors about it, of the first complaints."""
    rows: list[Evidence] = []
    each = 4 if len(bucket) > 1 else SHOWN - 1
    for complaint, _ in bucket[: SHOWN // 2]:
        original = complaint.original_row()
        if original >= 0:
            rows.append(frame(complaint.point, original, f"the quoted packet, to {complaint.destination}"))
        rows += [
            frame(complaint.point, row, f"{complaint.error.name}, from {complaint.report.reporter}")
            for row in complaint.rows[:each]
        ]
    return rows[:SHOWN]


def where(bucket: list[Weighed], reporters: list[str]) -> str:
    """The place that the error speaks of."""
    if all(tells_of_itself(complaint) for complaint, _ in bucket):
        return f"at {joined(reporters, 3)}"
    return f"at {joined(reporters, 3)}, on the way to {bucket[0][0].destination}"


def toward(complaint: Complaint) -> str:
    """Where the quoted packet was going."""
    if complaint.talk is None:
        return "server"
    return "client" if complaint.is_to_client else "server"


def talk_label(complaint: Complaint) -> TalkLabel:
    """The quoted conversation's label."""
    if complaint.talk is not None:
        return label(complaint.talk)
    return TalkLabel(complaint.protocol or "icmp", complaint.source, complaint.destination)


def wireshark_filter(complaint: Complaint) -> str:
    """The errors together with the conversation they quote."""
    if complaint.talk is not None and complaint.is_original_here:
        return f"({display_filter(complaint.talk)})"
    icmp, ip = ("icmp", "ip") if complaint.error.version == 4 else ("icmpv6", "ipv6")
    error = f"{icmp}.type=={complaint.error.kind} && {icmp}.code=={complaint.error.code}"
    return f"{error} && {ip}.src=={complaint.report.reporter}"


def fixes(complaint: Complaint, weight: Weight, reporter: str) -> list[str]:
    """What to do, by kind."""
    port = complaint.quoted.destination_port if complaint.quoted else 0
    if weight.kind == "blocked":
        return [
            (
                f"{reporter} is, or stands beside, a filter that rejects this traffic: allow "
                f"{complaint.protocol.upper()} port {port} to {complaint.destination} there."
            )
        ]
    if weight.kind == "closed":
        return [
            (
                f"Start the service on {reporter}, or correct the client's setting. On Windows `netstat -ano -p udp | findstr :{port}`, on Linux "
                f"`ss -ulnp sport = :{port}` shows whether anything listens."
            )
        ]
    if weight.kind == "lost_way":
        return [
            (
                f"On {reporter}, look up the way to {complaint.destination} (`route print`, `ip route get`, `show ip route`); for host unreachable also its "
                "ARP entry there, which stays incomplete when the host is off or in another VLAN."
            )
        ]
    if weight.kind == "loop":
        return [
            f"Run `tracert`/`traceroute` to {complaint.destination} and look at the routes of the two routers that take turns."
        ]
    if weight.kind == "fragments":
        return ["Find what drops fragments on the way (firewalls often do), or keep packets below the path MTU."]
    if weight.kind == "too_big" and weight.severity != Severity.INFO:
        return [
            (
                "Let ICMP type 3 code 4 (IPv6: packet too big) through to the sender, also on its own firewall; on Windows check "
                "`EnablePMTUDiscovery`, on Linux `net.ipv4.ip_no_pmtu_disc` and `net.ipv4.tcp_mtu_probing=1`."
            ),
            "Or clamp the MSS on the router before the narrow link, for example `ip tcp adjust-mss 1360` on Cisco.",
        ]
    return ["Nothing has to be done about this alone."]
