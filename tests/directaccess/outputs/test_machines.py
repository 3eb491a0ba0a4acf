from __future__ import annotations

from tests.support import windows
from wireproof.directaccess.outputs.machines import LONGEST_FILE, find_adapters, is_server, read_machines


def names(outputs: dict[str, str]) -> list[str]:
    return [machine.name for machine in read_machines(outputs)]


def test_files_of_one_machine_are_put_together_by_name_and_by_host_name() -> None:
    assert names(windows.OUTPUTS) == ["EDGE1", "JUMP1"]
    assert names({"da1-ipconfig.txt": windows.IPCONFIG_SERVER, "da1-routes.txt": windows.ROUTE_PRINT}) == ["EDGE1"]
    assert names({"da1 route print -6.txt": windows.ROUTE_PRINT, "out/da1_Get-DAServer.log": windows.DA_SERVER}) == [
        "da1"
    ]
    assert names({"ipconfig.txt": windows.IPCONFIG_RUSSIAN}) == ["machine"]


def test_servers_are_told_by_their_settings_or_their_end_of_ip_https() -> None:
    assert [is_server(machine) for machine in read_machines(windows.OUTPUTS)] == [True, False]
    assert is_server(read_machines({"x": windows.HTTPSTUNNEL})[0])
    assert not is_server(read_machines({"x": windows.HTTPSTUNNEL.replace("server", "client")})[0])


def test_the_settings_name_the_adapters() -> None:
    internal, external = find_adapters(read_machines(windows.OUTPUTS)[0])
    assert internal is not None
    assert external is not None
    assert (internal.name, external.name) == ("Corpnet", "Internet")


def test_without_settings_the_public_address_faces_the_internet() -> None:
    internal, external = find_adapters(read_machines({"x": windows.IPCONFIG_SERVER})[0])
    assert internal is not None
    assert external is not None
    assert (internal.name, external.name) == ("Corpnet", "Internet")


def test_behind_nat_the_default_gateway_faces_the_internet() -> None:
    text = windows.IPCONFIG_SERVER.replace("131.107.0.", "192.168.1.")
    internal, external = find_adapters(read_machines({"x": text})[0])
    assert internal is not None
    assert external is not None
    assert (internal.name, external.name) == ("Corpnet", "Internet")


def test_one_adapter_for_both_sides_is_a_single_adapter() -> None:
    text = windows.DA_SERVER.replace(": Internet", ": Corpnet")
    internal, external = find_adapters(read_machines({"x": windows.IPCONFIG_SERVER, "x-all": text})[0])
    assert internal is not None
    assert external is None


def test_what_is_no_output_and_what_is_too_long_leave_a_note() -> None:
    assert "nothing in it looks like" in read_machines({"x": "lorem ipsum"})[0].notes[0]
    assert "only the first" in read_machines({"x": "a\n" * LONGEST_FILE})[0].notes[0]
