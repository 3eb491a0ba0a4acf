"""Events of services, packed as the manifests lay them out: filters and IPsec, TLS, names, connectivity, tunnels."""

from __future__ import annotations

import struct

import pytest

from tests.support.etl_fields import layouts_named, pack_data, pack_event_data
from wireproof.logs.etl_events import decode_event
from wireproof.logs.etl_layouts_services import DNS_CLIENT, IPHLPSVC, NCSI, SCHANNEL, SERVICE_NAMES, SERVICES, WFP

USER = bytes.fromhex("0105000000000005150000001122330044556600778899000a040000")


def test_a_published_drop_of_a_filter_is_read() -> None:
    # A rule for python.exe on port 9999, as a trace of Windows 10 20H2 printed it; user and path are made up.
    text = "\\device\\harddiskvolume3\\python.exe".encode("utf-16-le") + b"\0\0"
    data = bytes(8) + struct.pack("<I", 16) + bytes.fromhex("0200270FAC1500010000000000000000")
    data += struct.pack("<I", 16) + bytes.fromhex("020087EEAC1509320000000000000000") + bytes(4) + text + USER
    data += struct.pack("<5IQH", 0, 1, 1, 14593, 0, 867_414, 44)
    data += "NULL".encode("utf-16-le") + bytes(2) + bytes(8) + bytes(2) + bytes(8) + bytes(2)
    fact = decode_event(WFP, 1001, data, version=2)
    assert fact is not None
    assert fact.name == "WfpPacketDropped"
    assert (fact.endpoint("local"), fact.endpoint("remote")) == (("172.21.0.1", 9999), ("172.21.9.50", 34798))
    assert (fact.fields["filter"], fact.fields["layer"], fact.fields["direction"]) == (867_414, 44, 0x3901)
    assert fact.fields["user"] == "S-1-5-21-3351057-6706500-10061943-1034"
    assert decode_event(WFP, 1001, data, version=3) is None


@pytest.mark.parametrize("layout", [one for one in layouts_named(WFP, 1005) if one.last == 0], ids=["seven", "ten"])
@pytest.mark.parametrize("groups", [(), ("S-1-1-0",), ("S-1-1-0", "S-1-5-11")], ids=len)
def test_main_mode_failures_of_windows_7_and_10_are_told_apart(layout: object, groups: tuple[str, ...]) -> None:
    values = {
        "local": ("2001:db8::1", 500),
        "remote": ("2001:db8::2", 500),
        "local_groups": groups,
        "local_sids": len(groups),
        "status": 13806,
        "hash": 0,
    }
    fact = decode_event(WFP, 1005, pack_data(layout, values))  # type: ignore[arg-type]
    assert fact is not None
    assert (fact.fields["status"], fact.endpoint("remote")) == (13806, ("2001:db8::2", 500))
    assert fact.fields["local_groups"] == ", ".join(groups)


def test_alerts_of_every_windows_are_read_alike() -> None:
    seven = pack_event_data(SCHANNEL, 36888, alert=48, state=1203)
    ten = pack_event_data(SCHANNEL, 36888, alert=48, state=1203, name="a.example.com")
    eleven = pack_event_data(SCHANNEL, 36888, pid=4172, process="C:\\a.exe", alert=48, state=1203, name="a.example.com")
    facts = [decode_event(SCHANNEL, 36888, data) for data in (seven, ten, eleven)]
    assert [fact and (fact.fields["alert"], fact.fields["state"], fact.pid) for fact in facts] == [
        (48, 1203, 0),
        (48, 1203, 0),
        (48, 1203, 4172),
    ]
    assert [fact and fact.fields.get("name") for fact in facts] == [None, "a.example.com", "a.example.com"]


def test_what_is_no_alert_is_none() -> None:
    assert decode_event(SCHANNEL, 36887, struct.pack("<I", 256)) is None
    assert decode_event(SCHANNEL, 36887, struct.pack("<II", 40, 0)) is None


def test_newer_lookups_name_the_process_that_asks() -> None:
    old = decode_event(DNS_CLIENT, 3011, pack_event_data(DNS_CLIENT, 3011, name="a.example.com", status=9003))
    new = decode_event(
        DNS_CLIENT, 3011, pack_event_data(DNS_CLIENT, 3011, 2, name="a.example.com", pid=77) + bytes(16), version=2
    )
    assert old is not None
    assert new is not None
    assert (old.pid, old.fields["status"], new.pid) == (0, 9003, 77)


def test_a_change_of_capability_as_an_event_log_shows_it() -> None:
    data = pack_event_data(NCSI, 4042, luid=1_689_399_649_632_256, capability=2, reason=4)
    fact = decode_event(NCSI, 4042, data)
    assert fact is not None
    assert (fact.fields["family"], fact.fields["capability"], fact.fields["previous"]) == (0, 2, 0)


def test_an_ip_https_server_that_does_not_start_has_its_code() -> None:
    fact = decode_event(IPHLPSVC, 4302, pack_event_data(IPHLPSVC, 4302, error=0x274C, reason=2))
    assert fact is not None
    assert fact.fields == {"error": 0x274C, "reason": 2}


def test_every_provider_has_a_name() -> None:
    assert SERVICES.keys() == SERVICE_NAMES.keys()
