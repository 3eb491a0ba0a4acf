"""Reading a site file: what stands where, and errors that name line, key and accepted values."""

from __future__ import annotations

from ipaddress import IPv6Network
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.support.site_text import change
from wireproof.directaccess.site import read
from wireproof.directaccess.site.model import Intranet, Item
from wireproof.directaccess.site.read import read_site, read_site_bytes
from wireproof.directaccess.stated import Place, Stated
from wireproof.errors import SiteError

EXAMPLES = sorted((Path(__file__).resolve().parents[3] / "examples" / "plan").glob("*.yaml"))
SMALL = """\
intranet: ipv4-only
entry-points:
  - name: Head office
    servers:
      - name: DA1
        internal: {ipv4: [10.0.0.1]}
        teredo-prefix: 2001:0:836b:2::/64
        routes:
          - prefix: 2131:0:0:1001::/59
            interface: 12
            metric: 10
            publish: yes
stations:
  - name: S1
    adapter:
      ipv6:
        - 2002:836b:2:3333::10
expect:
  - from: S1
    port: tcp/3389
"""


def problems(text: str) -> list[str]:
    with pytest.raises(SiteError) as caught:
        read_site(text, "site.yaml")
    return caught.value.problems


def told_of(text: str) -> list[str]:
    """The problems of a text; none where it is a site."""
    try:
        read_site(text, "site.yaml")
    except SiteError as error:
        return error.problems or [""]
    return []


def walk(value: object) -> list[tuple[Place, str]]:
    """Place and text of every Stated below a value, found without help of the reader."""
    if isinstance(value, Stated):
        return [(value.place, value.text)]
    if isinstance(value, Item):
        return [found for name in type(value).model_fields for found in walk(getattr(value, name))]
    return [found for element in value for found in walk(element)] if isinstance(value, list) else []


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.stem)
def test_every_example_is_read_and_each_address_stands_on_its_line(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    site = read_site(text, path.name)
    assert site.file == path.name
    lines = text.splitlines()
    found = walk(site)
    assert found
    assert [words for place, words in found if words not in lines[site.line(place) - 1]] == []


def test_values_are_read_by_their_kind() -> None:
    site = read_site(SMALL, "site.yaml")
    server = site.entry_points[0].servers[0]
    route = server.routes[0]
    assert site.intranet is Intranet.IPV4_ONLY
    assert server.teredo_prefix is not None
    assert server.teredo_prefix.value == IPv6Network("2001:0:836b:2::/64")
    assert (route.interface, route.metric, route.publish) == (12, 10, True)
    assert "host bits" in route.prefix.problem


def test_everything_knows_its_place_and_line() -> None:
    site = read_site(SMALL, "site.yaml")
    server = site.entry_points[0].servers[0]
    assert server.place == ("entry-points", 0, "servers", 0)
    assert site.line(server.place) == 5
    assert server.routes[0].prefix.place == ("entry-points", 0, "servers", 0, "routes", 0, "prefix")
    assert site.line(server.routes[0].prefix.place) == 9
    assert site.line(site.stations[0].adapter.ipv6[0].place) == 17
    assert site.line((*server.place, "dns64")) == 5, "a key that is left out stands where its mapping does"
    assert site.expect[0].to.place == ("expect", 0, "to")


def test_a_key_without_a_value_counts_as_left_out() -> None:
    site = read_site(change(SMALL, "intranet: ipv4-only", "domain:\nclient-firewall:\nteredo:"), "site.yaml")
    assert (site.domain, site.client_firewall, site.teredo) == ("", None, False)


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        (
            "intranet: ipv4-only",
            "intranet: ipv4",
            [
                "site.yaml:1: intranet: 'ipv4' is not accepted; accepted: ipv4-only, isatap, native-ipv6; did you mean ipv4-only?"
            ],
        ),
        (
            "metric: 10",
            "metric: ten",
            ["site.yaml:11: entry-points[0].servers[0].routes[0].metric: 'ten' is not a whole number"],
        ),
        (
            "publish: yes",
            "publish: maybe",
            [
                "site.yaml:12: entry-points[0].servers[0].routes[0].publish: 'maybe' is not accepted; accepted: true, false"
            ],
        ),
        (
            "internal: {ipv4: [10.0.0.1]}",
            "internal: {ipv4: 10.0.0.1}",
            [
                "site.yaml:6: entry-points[0].servers[0].internal.ipv4: '10.0.0.1' is not a list; write each item on its own line after a dash"
            ],
        ),
        (
            "internal: {ipv4: [10.0.0.1]}",
            "internal: Ethernet",
            ["site.yaml:6: entry-points[0].servers[0].internal: 'Ethernet' is not a mapping with keys"],
        ),
        (
            "internal: {ipv4: [10.0.0.1]}",
            "external: {ipv4: [10.0.0.1]}",
            ["site.yaml:5: entry-points[0].servers[0].internal: is missing"],
        ),
        (
            "tcp/3389",
            "tcp/99999",
            [
                "site.yaml:20: expect[0].port: 'tcp/99999' is no port; accepted: icmp, tcp/1 to tcp/65535, udp/1 to udp/65535"
            ],
        ),
        (
            "- from: S1",
            "- from: S2",
            ["site.yaml:19: expect[0].from: 'S2' is the name of nothing here; there are: stations, S1"],
        ),
        (
            "entry-points:",
            "entry_points:",
            ["site.yaml:2: entry_points: unknown key; keys are written with dashes: entry-points"],
        ),
    ],
)
def test_an_error_names_line_key_and_what_is_accepted(old: str, new: str, expected: list[str]) -> None:
    assert problems(change(SMALL, old, new)) == expected


def test_an_unknown_key_is_told_with_the_nearest_known_one() -> None:
    (told,) = problems(change(SMALL, "teredo-prefix:", "teredoprefix:"))
    assert told.startswith(
        "site.yaml:7: entry-points[0].servers[0].teredoprefix: unknown key; accepted: name, routes, "
    )
    assert told.endswith("; did you mean teredo-prefix?")


def test_an_unknown_key_deep_inside_is_told_with_the_keys_of_its_own_mapping() -> None:
    (told,) = problems(change(SMALL, "metric: 10", "metrik: 10"))
    assert "accepted: prefix, next-hop, interface, metric, publish; did you mean metric?" in told


def test_all_problems_are_told_at_once_in_the_order_of_the_file() -> None:
    text = change(change(SMALL, "metric: 10", "metric: ten"), "intranet: ipv4-only", "intranet: none")
    assert [told.split(": ")[0] for told in problems(text)] == ["site.yaml:1", "site.yaml:11"]


def test_thousands_of_problems_are_counted() -> None:
    told = problems(SMALL + "".join(f"key{number}: 1\n" for number in range(2_000)))
    assert len(told) == read.MOST_PROBLEMS + 1
    assert told[-1] == "site.yaml: and 1,960 problems more"
    assert max(map(len, told)) < 600


@pytest.mark.parametrize("text", ["", "just words", "- a\n- b\n", "12", "~", "{}"])
def test_what_is_no_mapping_is_no_site_file(text: str) -> None:
    assert problems(text)[0].startswith("site.yaml:1: ")


@pytest.mark.parametrize("value", ["[[[1]]]", "{a: {b: c}}", "9" * 5000, "x" * 100_000, "[~]", '""'])
@pytest.mark.parametrize("key", ["name", "metric", "publish", "prefix", "interface", "next-hop"])
def test_a_wrong_kind_of_value_is_a_short_error_or_a_slip(key: str, value: str) -> None:
    route = {"name": "x", "prefix": "::/0"} if key == "name" else {"prefix": '"::/0"'}
    route[key] = value
    text = change(SMALL, "- prefix: 2131:0:0:1001::/59", f"- {{{', '.join(f'{k}: {v}' for k, v in route.items())}}}")
    text = text.replace("            interface: 12\n            metric: 10\n            publish: yes\n", "")
    assert max(map(len, told_of(text)), default=0) < 400


def test_bytes_are_utf8_with_or_without_mark() -> None:
    assert read_site_bytes(b"\xef\xbb\xbf" + SMALL.encode(), "site.yaml").entry_points[0].name == "Head office"


def test_bytes_that_are_no_utf8_are_told_with_their_line() -> None:
    with pytest.raises(SiteError, match=r"^site\.yaml:2: byte 14 is no UTF-8; save the file as UTF-8$"):
        read_site_bytes(b"site: x\ndomai\xff: y\n"[:20].replace(b"domai\xff", b"domain\xff"), "site.yaml")


def test_utf16_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(SiteError, match="no UTF-8"):
        read_site_bytes(SMALL.encode("utf-16"), "site.yaml")
    monkeypatch.setattr(read, "LONGEST_SITE", 10)
    with pytest.raises(SiteError, match="longer than 10 bytes"):
        read_site_bytes(SMALL.encode(), "site.yaml")


SHARDS = [line + "\n" for line in SMALL.splitlines()]
EDIT = st.tuples(
    st.integers(0, len(SMALL)),
    st.integers(0, 30),
    st.text(alphabet=st.sampled_from([*"ab1:-[]{}&*!|>'\"#%@,? \n\t~\0é."])),
)


@given(st.lists(EDIT, max_size=4), st.permutations(SHARDS), st.booleans())
def test_any_text_is_a_site_or_problems_with_lines(
    edits: list[tuple[int, int, str]], lines: list[str], shuffle: bool
) -> None:
    text = "".join(lines) if shuffle else SMALL
    for start, length, words in edits:
        text = text[:start] + words + text[start + length :]
    told = told_of(text)
    assert [words for words in told if not words.startswith("site.yaml:") or "\n" in words] == []
    if not told:
        site = read_site(text, "site.yaml")
        assert all(site.line(place) for place, _ in walk(site))
