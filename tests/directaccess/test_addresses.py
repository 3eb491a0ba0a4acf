"""Prefixes that DirectAccess derives: values of published configurations, and None wherever nobody can tell."""

from __future__ import annotations

from ipaddress import IPv4Address, IPv6Address, IPv6Network
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wireproof.directaccess import embed
from wireproof.directaccess.addresses import EntryPrefixes, Prefix, derive_prefixes
from wireproof.directaccess.site.model import Site
from wireproof.directaccess.site.read import read_site

EXAMPLES = Path(__file__).resolve().parents[2] / "examples" / "plan"


def server(
    name: str = "DA1", external: list[str] | None = None, ipv6: list[str] | None = None, **keys: Any
) -> dict[str, Any]:
    made: dict[str, Any] = {"name": name, "internal": {"ipv6": ipv6 or []}}
    if external is not None:
        made["external"] = {"ipv4": external}
    return {**made, **{key.replace("_", "-"): value for key, value in keys.items()}}


def derive(servers: list[dict[str, Any]], entry: dict[str, Any] | None = None, **site: Any) -> EntryPrefixes:
    keys = {"6to4" if key == "six_to_four" else key.replace("_", "-"): value for key, value in site.items()}
    made = Site.model_validate({"entry-points": [{"name": "A", "servers": servers, **(entry or {})}], **keys})
    return derive_prefixes(made, made.entry_points[0])


def shown(prefix: Prefix | None) -> str:
    return str(prefix.network) if prefix else ""


def example(name: str) -> EntryPrefixes:
    site = read_site((EXAMPLES / f"{name}.yaml").read_text(encoding="utf-8"), name)
    return derive_prefixes(site, site.entry_points[0])


def test_one_public_server_on_an_ipv4_intranet_has_the_published_prefixes() -> None:
    found = example("native-ipv6")
    assert shown(found.organisation) == "2002:836b:2::/48"
    assert shown(found.intranet) == "2002:836b:2:3333::/64"
    assert shown(found.ip_https) == "2002:836b:2:1000::/64"
    assert shown(found.servers[0].ip_https) == "2002:836b:2:1000::/64"
    assert shown(found.servers[0].teredo) == str(IPv6Network("2001:0:836b:2::/64"))
    assert shown(found.servers[0].isatap) == "2002:836b:2:1::/64"
    assert found.dns64 == found.next_hop == found.servers[0].internal == IPv6Address("2002:836b:2:3333::1")
    assert found.nat64 is None, "the random part of its unique local prefix can't be derived"
    assert (found.behind_nat, found.single_adapter) == (False, False)


def test_behind_nat_everything_is_in_the_unique_local_48_that_the_site_states() -> None:
    found = derive([server(external=["192.168.1.5"], ip_https_prefix="fd78:9f7e:c716:1000::/64")])
    assert found.behind_nat
    assert shown(found.organisation) == "fd78:9f7e:c716::/48"
    assert shown(found.intranet) == "fd78:9f7e:c716:3333::/64"
    assert shown(found.nat64) == "fd78:9f7e:c716:7777::/96"
    assert shown(found.servers[0].isatap) == "fd78:9f7e:c716:1::/64"
    assert found.next_hop == IPv6Address("fd78:9f7e:c716:3333::1")


@pytest.mark.parametrize(
    "told",
    [
        {"dns64": "fd78:9f7e:c716:3333::1"},
        {"nat64_prefix": "fd78:9f7e:c716:7777::/96"},
        {"internal_prefix": "fd78:9f7e:c716:1::/64"},
        {"ipv6": ["fd78:9f7e:c716:3333::1/64"]},
        {"isatap": {"address": "fd78:9f7e:c716:1:0:5efe:10.0.0.1"}},
        {"isatap": {"prefix": "fd78:9f7e:c716:1::/64"}},
    ],
)
def test_any_stated_unique_local_address_tells_the_48_behind_nat(told: dict[str, Any]) -> None:
    assert shown(derive([server(external=["10.1.1.5"], **told)]).organisation) == "fd78:9f7e:c716::/48"


def test_a_network_stated_as_the_organisation_stands_for_its_48() -> None:
    found = derive([server(external=["192.168.1.4"])], {"organisation-prefix": "fd7f:f787:2112:1::/64"})
    assert found.organisation is not None
    assert str(found.organisation.network) == "fd7f:f787:2112::/48"


def test_behind_nat_nothing_is_guessed_when_no_unique_local_address_is_stated() -> None:
    found = derive([server(external=["192.168.1.5"])], teredo=True, six_to_four=True)
    assert {found.organisation, found.intranet, found.ip_https, found.nat64, found.dns64, found.next_hop} == {None}
    own = found.servers[0]
    assert {own.ip_https, own.teredo, own.six_to_four, own.isatap, own.internal} == {None}


def test_a_single_adapter_is_behind_nat_unless_the_site_says_otherwise() -> None:
    assert derive([server()]).behind_nat
    assert derive([server()]).single_adapter
    assert not derive([server()], {"behind-nat": False}).behind_nat


def test_an_unknown_external_address_derives_nothing() -> None:
    assert derive([server(external=[])]).organisation is None
    assert derive([server(external=["131.107.0"])]).organisation is None


def test_a_stated_nat64_prefix_is_taken_also_with_public_addresses() -> None:
    found = derive([server(external=["131.107.0.2"], nat64_prefix="fdc9:9f4e:eb1b:7777::/96")])
    assert shown(found.nat64) == "fdc9:9f4e:eb1b:7777::/96"
    assert found.nat64
    assert (found.nat64.stated, found.nat64.differs) == (True, None)


def test_stated_prefixes_win_and_keep_the_derived_one_where_they_differ() -> None:
    found = derive([server(external=["131.107.0.2"], ip_https_prefix="2002:836b:3:1000::/64")])
    assert found.ip_https
    assert (shown(found.ip_https), found.ip_https.stated) == ("2002:836b:3:1000::/64", True)
    assert found.ip_https.differs == IPv6Network("2002:836b:2:1000::/64")


def test_stated_prefixes_that_agree_differ_from_nothing() -> None:
    told = server(
        external=["131.107.0.2", "131.107.0.3"], ip_https_prefix="2002:836b:2:1000::/64", ipv6=["2002:836b:2:3333::1"]
    )
    found = derive([{**told, "teredo-prefix": "2001:0:836b:2::/64"}], teredo=True)
    prefixes = [found.organisation, found.intranet, found.ip_https, found.servers[0].teredo, found.servers[0].isatap]
    assert [prefix.differs for prefix in prefixes if prefix] == [None] * 5


def test_an_internal_address_beside_the_automatic_prefix_differs() -> None:
    found = derive([server(external=["131.107.0.2"], ipv6=["2002:836b:2:3334::1/64"])])
    assert found.intranet
    assert found.intranet.differs == IPv6Network("2002:836b:2:3333::/64")


def test_native_ipv6_derives_nothing_and_takes_the_servers_own_address() -> None:
    found = derive([server(external=["131.107.0.2"], ipv6=["2001:db8:1::2/64"])], intranet="native-ipv6")
    assert {found.organisation, found.ip_https, found.servers[0].isatap} == {None}
    assert shown(found.intranet) == "2001:db8:1::/64"
    assert found.dns64 == found.next_hop == IPv6Address("2001:db8:1::2")


@pytest.mark.parametrize("addresses", [["131.107.0.2"], ["131.107.0.2", "131.107.0.4"], ["10.0.0.2", "10.0.0.3"]])
def test_teredo_needs_two_consecutive_public_addresses(addresses: list[str]) -> None:
    assert derive([server(external=addresses)], teredo=True).servers[0].teredo is None


def test_teredo_stays_off_unless_the_site_turns_it_on() -> None:
    assert derive([server(external=["131.107.0.2", "131.107.0.3"])]).servers[0].teredo is None


def test_a_balanced_cluster_takes_teredo_and_6to4_from_its_public_virtual_addresses() -> None:
    members = [server(f"DA{n}", external=[f"203.0.113.{n}"]) for n in (1, 2)]
    entry = {"balancing": "nlb", "external-vip": ["131.107.0.2", "131.107.0.3"]}
    found = derive(members, entry, teredo=True, six_to_four=True)
    assert shown(found.organisation) == "2002:836b:2::/48"
    assert {shown(member.teredo) for member in found.servers} == {str(IPv6Network("2001:0:836b:2::/64"))}
    assert {shown(member.six_to_four) for member in found.servers} == {"2002::/16"}
    assert found.next_hop == IPv6Address("2002:836b:2:3333::1"), "the virtual address takes over the automatic one"
    assert {member.internal for member in found.servers} == {None}


def test_each_of_32_members_has_its_own_64_of_the_59_marked_as_assumed() -> None:
    members = [server(f"DA{n}", external=[f"203.0.113.{n}"]) for n in range(1, 34)]
    found = derive(members, {"balancing": "external", "external-vip": ["131.107.0.2"]})
    assert shown(found.ip_https) == "2002:836b:2:1000::/59"
    own = [member.ip_https for member in found.servers]
    assert [shown(prefix) for prefix in own[:32]] == [f"2002:836b:2:{0x1000 + n:x}::/64" for n in range(32)]
    assert all(prefix.assumed for prefix in own[:32] if prefix)
    assert own[32] is None, "a cluster has at most 32 members"


def test_members_that_state_their_64_keep_it_and_others_get_a_free_one() -> None:
    members = [
        server("DA1", external=[]),
        server("DA2", external=[], ip_https_prefix="2001:db8:1:1000::/64"),
        server("DA3", external=[]),
    ]
    found = derive(
        members, {"balancing": "external", "ip-https-prefix": "2001:db8:1:1000::/59"}, intranet="native-ipv6"
    )
    assert [shown(member.ip_https) for member in found.servers] == [f"2001:db8:1:100{n}::/64" for n in (1, 0, 2)]
    assert [member.ip_https.assumed for member in found.servers if member.ip_https] == [True, False, True]


def test_a_member_outside_its_cluster_differs() -> None:
    members = [server("DA1", external=[], ip_https_prefix="2001:db8:2:1000::/64"), server("DA2", external=[])]
    found = derive(members, {"ip-https-prefix": "2001:db8:1:1000::/59"}, intranet="native-ipv6")
    assert found.servers[0].ip_https
    assert found.servers[0].ip_https.differs == IPv6Network("2001:db8:1:1000::/59")


def test_a_cluster_with_one_64_has_no_second_member() -> None:
    members = [server("DA1", external=[]), server("DA2", external=[])]
    found = derive(members, {"ip-https-prefix": "2001:db8:1:1000::/64"}, intranet="native-ipv6")
    assert [shown(member.ip_https) for member in found.servers] == ["2001:db8:1:1000::/64", ""]


def test_a_member_with_an_unreadable_prefix_gets_none_made_up() -> None:
    members = [server("DA1", external=[], ip_https_prefix="2001:db8:1:1000:/64"), server("DA2", external=[])]
    found = derive(members, {"ip-https-prefix": "2001:db8:1:1000::/59"}, intranet="native-ipv6")
    assert [shown(member.ip_https) for member in found.servers] == ["", "2001:db8:1:1000::/64"]


def test_the_articles_overlapping_59s_are_the_same_network() -> None:
    found = example("balancer")
    assert [shown(member.ip_https) for member in found.servers] == ["2131:0:0:1000::/59"] * 2
    assert [member.internal for member in found.servers] == [IPv6Address("2131::101"), IPv6Address("2131::201")]


def test_the_isatap_article_has_its_isatap_prefix_derived_although_the_address_is_broken() -> None:
    found = example("isatap-router")
    assert [shown(member.isatap) for member in found.servers] == ["fd9c:30c:2da4:1::/64"] * 2
    assert [shown(member.ip_https) for member in found.servers] == [
        "fd9c:30c:2da4:1000::/64",
        "fd9c:30c:2da4:1001::/64",
    ]


def test_uag_lays_out_its_49() -> None:
    found = example("uag")
    assert shown(found.organisation) == "2002:cb00:7102:8000::/49"
    assert shown(found.servers[0].isatap) == "2002:cb00:7102:8000::/64"
    assert shown(found.nat64) == "2002:cb00:7102:8001::/96"
    assert shown(found.ip_https) == "2002:cb00:7102:8100::/56"
    assert found.intranet is None


def test_uag_behind_nat_is_not_known() -> None:
    assert derive([server(external=["10.0.0.5"], dns64="fd00::1")], {"layout": "uag-2010"}).organisation is None


def test_6to4_clients_exist_only_where_the_site_allows_them() -> None:
    assert derive([server(external=["131.107.0.2"])]).servers[0].six_to_four is None
    assert shown(derive([server(external=["131.107.0.2"])], six_to_four=True).servers[0].six_to_four) == "2002::/16"


@given(st.integers(1, 0xFFFFFFFE).map(IPv4Address).filter(embed.is_public))
def test_every_derived_prefix_lies_in_the_6to4_48_of_any_public_address(address: IPv4Address) -> None:
    found = derive([server(external=[str(address)])])
    assert found.organisation
    home = found.organisation.network
    assert home.network_address.sixtofour == address
    inside = [found.intranet, found.ip_https, found.servers[0].isatap]
    assert all(prefix and prefix.network.subnet_of(home) for prefix in inside)
    assert len({prefix.network for prefix in inside if prefix}) == 3
