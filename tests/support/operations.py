"""Operations of every kind for property tests, names that try to become commands included."""

from __future__ import annotations

import ipaddress

from hypothesis import strategies as st

from wireproof.directaccess.plan import model
from wireproof.directaccess.site.model import BalancerKind

NASTY = (
    "a b",
    "it's",
    "‘curly’",
    '"',
    "$(calc)",
    "`n",
    "100%",
    "%PATH%",
    "a;b",
    "a|b",
    "a&b",
    "}{",
    "[x]",
    "<x>",
    "6",
    "--",
    "#",
    "\\",
)

addresses6 = st.integers(0, 2**128 - 1).map(ipaddress.IPv6Address)
addresses4 = st.integers(0, 2**32 - 1).map(ipaddress.IPv4Address)
prefixes6 = st.builds(
    lambda address, length: ipaddress.IPv6Network((int(address), length), strict=False), addresses6, st.integers(0, 128)
)
plain = st.text(
    st.characters(
        min_codepoint=32, max_codepoint=0x2100, exclude_categories=("Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp")
    ),
    min_size=1,
    max_size=12,
)
names = (plain | st.lists(st.sampled_from(NASTY), min_size=1, max_size=3).map("".join)).map(str.strip).filter(bool)
hostile = names | st.text(min_size=1, max_size=12)


def adapters(texts: st.SearchStrategy[str]) -> st.SearchStrategy[model.AdapterName]:
    """An adapter by alias, by index or to be asked for."""
    return (
        st.builds(model.AdapterName, alias=texts)
        | st.builds(model.AdapterName, index=st.integers(1, 65535))
        | st.builds(model.AdapterName, ask=texts)
    )


def readable(texts: st.SearchStrategy[str]) -> st.SearchStrategy[model.Operation]:
    """Operations that lines can be read back to."""
    adapter = adapters(texts)
    hop = st.none() | addresses6.filter(lambda address: not address.is_unspecified)
    length = st.integers(0, 128)
    interface = st.builds(lambda address, bits: ipaddress.IPv6Interface((int(address), bits)), addresses6, length)
    metric = st.none() | st.integers(0, 65535)
    switch = st.none() | st.booleans()
    forwarding = st.builds(model.SetForwarding, adapter, switch, switch)
    return (
        st.builds(model.AddAddress, adapter, interface)
        | st.builds(model.AddRoute, adapter, prefixes6, hop, metric, st.booleans())
        | forwarding.filter(lambda it: it.forwarding is not None or it.advertising is not None)
        | st.builds(model.SetIsatapRouter, texts, st.sampled_from(["enabled", "disabled", "default"]))
        | st.builds(model.AddDnsRecord, texts, texts, addresses4 | addresses6)
    )


def every(texts: st.SearchStrategy[str]) -> st.SearchStrategy[model.Operation]:
    """Operations of every kind that is worded."""
    port = st.just("icmp") | st.builds("{}/{}".format, st.sampled_from(["tcp", "udp"]), st.integers(0, 65535))
    ports = st.lists(port, max_size=3, unique=True).map(tuple)
    scope = st.lists(prefixes6, max_size=2).map(tuple)
    return (
        readable(texts)
        | st.builds(model.AddManagementServer, texts)
        | st.builds(model.AddFirewallRule, texts, ports, scope, st.booleans(), policy=texts, domain=texts | st.just(""))
        | st.builds(
            model.SetGroupPolicy,
            texts,
            texts,
            texts | st.just("1"),
            texts.map("HKLM\\SOFTWARE\\Policies\\{}".format) | st.just(""),
            texts,
        )
        | st.builds(model.AddForwardingServer, st.sampled_from(BalancerKind), texts, prefixes6, addresses6, texts)
        | st.builds(model.DoByHand, texts)
    )
