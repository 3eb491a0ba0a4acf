"""case.toml: what is accepted, and what the errors name."""

from __future__ import annotations

from ipaddress import ip_address, ip_network
from pathlib import Path

import pytest

from wireproof.align.translation import Nat
from wireproof.analyse.case_file import CaseFile, NamedPoint, read_case_file
from wireproof.errors import CaseError


def read(folder: Path, text: str) -> CaseFile:
    path = folder / "case.toml"
    path.write_text(text, encoding="utf-8")
    return read_case_file(path)


def test_title_and_points_are_read(tmp_path: Path) -> None:
    text = 'title = "x"\n[[point]]\nname = "client"\nfile = "a/b.pcap"\n'
    assert read(tmp_path, text) == CaseFile("x", (NamedPoint("client", "a/b.pcap"),))


def test_everything_may_be_left_out_even_behind_a_byte_order_mark(tmp_path: Path) -> None:
    assert read(tmp_path, "\ufeff") == CaseFile()


GOOD_NAT = '[[nat]]\ninside = "10.1.1.0/24"\noutside = "198.51.100.9"\n'


def test_known_translation_is_read(tmp_path: Path) -> None:
    text = f'{GOOD_NAT}inside_ports = 9000\noutside_ports = "40000 - 49999"\n{GOOD_NAT}'
    inside, outside = ip_network("10.1.1.0/24"), ip_address("198.51.100.9")
    assert read(tmp_path, text).nat == (
        Nat(inside, outside, (9000, 9000), (40000, 49999)),
        Nat(inside, outside, (0, 65535), (0, 65535)),
    )
    v6 = '[[nat]]\ninside = "fd00::/64"\noutside = "2001:db8::9"'
    assert read(tmp_path, v6).nat == (Nat(ip_network("fd00::/64"), ip_address("2001:db8::9")),)


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("title = ", "can't be read as TOML"),
        ("titel = 'x'", "key 'titel' is not known; accepted are title, keys, point, nat and log"),
        ("title = 3", "title is 3; accepted is a text"),
        ("keys = 'a.pfx'", "case.toml, line 1: keys is 'a.pfx'; accepted is a list of files, such as"),
        ("title = 't'\nkeys = ['a.pfx', 3]", "case.toml, line 2: keys is ['a.pfx', 3]; accepted is a list of files"),
        ("keys = ['']", "accepted is a list of files"),
        ("keys = ['../a.pfx']", "accepted is a list of paths within the folder"),
        ("point = 'x'", "point is 'x'; accepted is tables that each start with"),
        ("point = ['x']", "point 1 is 'x'; accepted is a table with name and file"),
        ("[[point]]\nname = 'c'", "point 1: file is missing; accepted is a text that is not empty"),
        ("[[point]]\nname = ''\nfile = 'a'", "point 1: name is ''"),
        ("[[point]]\nname = 'c'\nfile = 'a'\nport = 1", "point 1: key 'port' is not known; accepted are name and file"),
        ("[[point]]\nname = 'c'\nfile = '../a'", "accepted is a path within the folder"),
        ("[[point]]\nname='c'\nfile='a'\n[[point]]\nname='c'\nfile='b'", "point name 'c' is given twice"),
        ("[[point]]\nname = 'c'\nfile = 'a'\nport = 1", "case.toml, line 4: point 1: key 'port' is not known"),
        ("nat = 'x'", "case.toml, line 1: nat is 'x'; accepted is tables that each start with [[nat]]"),
        ("nat = ['x']", "nat 1 is 'x'; accepted is a table with inside and outside"),
        ("[[nat]]\noutside = '1.2.3.4'", "case.toml, line 1: nat 1: inside is missing; accepted is a text"),
        (
            "\n[[nat]]\ninside = '10.1.1.9/24'",
            "case.toml, line 3: nat 1: inside is '10.1.1.9/24'; accepted is an address or a",
        ),
        (
            "[[nat]]\ninside = '10.1.1.9'\noutside = '1.2.3.0/24'",
            "line 3: nat 1: outside is '1.2.3.0/24'; accepted is one address",
        ),
        (
            "[[nat]]\ninside = '10.0.0.0/8'\noutside = '10.1.1.1'",
            "outside is '10.1.1.1'; accepted is an address that is not one of 10.0",
        ),
        (
            f"{GOOD_NAT}\n{GOOD_NAT}inside_ports = 0",
            "case.toml, line 8: nat 2: inside_ports is 0; accepted is a port from 1 to",
        ),
        (
            f"{GOOD_NAT}outside_ports = '9-8'",
            "nat 1: outside_ports is '9-8'; accepted is a port from 1 to 65535, or a text",
        ),
        (f"{GOOD_NAT}outside_ports = '1-65536'", "nat 1: outside_ports is '1-65536'"),
        (f"{GOOD_NAT}outside_ports = true", "nat 1: outside_ports is True"),
        (
            f"{GOOD_NAT}ports = 1",
            "line 4: nat 1: key 'ports' is not known; accepted are inside, outside, inside_ports and outside_ports",
        ),
    ],
)
def test_errors_name_file_key_and_what_is_accepted(tmp_path: Path, text: str, complaint: str) -> None:
    with pytest.raises(CaseError) as error:
        read(tmp_path, text)
    assert str(error.value).startswith(str(tmp_path / "case.toml"))
    assert complaint in str(error.value)


def test_bytes_that_are_no_text_are_refused(tmp_path: Path) -> None:
    (tmp_path / "case.toml").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(CaseError, match="can't be read as TOML"):
        read_case_file(tmp_path / "case.toml")


def test_keys_are_files_of_the_folder(tmp_path: Path) -> None:
    assert read(tmp_path, 'keys = ["server.pfx", "logs/a.log"]').keys == ("server.pfx", "logs/a.log")
    assert read(tmp_path, "keys = []").keys == ()
    assert read(tmp_path, "").keys is None
