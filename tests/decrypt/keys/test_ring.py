"""The ring of keys: what fits is found, the first of two counts, uses are counted, and nothing is shown."""

from __future__ import annotations

import pytest

from tests.support.keys import MASTER, RANDOM, modulus, rsa_key
from wireproof.decrypt.keys.ring import KeyKind, KeyRing, KeySource, Secret

SERVER = (b"\0" * 10 + b"\xff\xff\x0a\x00\x00\x01", 443)


def logged(name: str = "sslkeys.log", value: bytes = MASTER, ring: KeyRing | None = None) -> KeyRing:
    ring = KeyRing() if ring is None else ring
    ring.add_logged(KeySource(name, KeyKind.KEY_LOG, 1), {("CLIENT_RANDOM", RANDOM): value})
    return ring


def test_a_secret_is_found_by_its_label_and_random() -> None:
    found = logged().logged("CLIENT_RANDOM", RANDOM)
    assert found == Secret(MASTER, "sslkeys.log")
    assert logged().logged("CLIENT_TRAFFIC_SECRET_0", RANDOM) is None
    assert logged().logged("CLIENT_RANDOM", b"x" * 32) is None


def test_of_two_logs_with_one_session_the_first_counts() -> None:
    found = logged("second.log", b"y" * 48, logged()).logged("CLIENT_RANDOM", RANDOM)
    assert found is not None
    assert (found.value, found.source) == (MASTER, "sslkeys.log")


def test_a_private_key_is_found_by_the_modulus_of_a_certificate() -> None:
    ring = KeyRing()
    ring.add_private_keys(KeySource("a.pfx", KeyKind.PRIVATE_KEY), [rsa_key(), rsa_key(1)])
    found = ring.private_key(modulus(rsa_key(1)))
    assert found is not None
    assert (found.key, found.source) == (rsa_key(1), "a.pfx")
    assert ring.private_key(15) is None


def test_a_ring_without_keys_is_false_even_with_sources() -> None:
    ring = KeyRing()
    assert not ring
    ring.add_logged(KeySource("empty.log", KeyKind.KEY_LOG), {})
    ring.add_private_keys(KeySource("ec.pem", KeyKind.PRIVATE_KEY), [])
    assert not ring
    assert [source.name for source in ring.sources] == ["empty.log", "ec.pem"]
    assert logged()


@pytest.mark.parametrize(("servers", "serves"), [(frozenset(), True), ({SERVER}, True), ({(SERVER[0], 8443)}, False)])
def test_servers_limit_private_keys(servers: frozenset[tuple[bytes, int]], serves: bool) -> None:
    assert KeyRing(servers=frozenset(servers)).serves(*SERVER) is serves


def test_master_secrets_are_remembered_by_id_and_ticket_but_not_by_nothing() -> None:
    ring = KeyRing()
    ring.remember(Secret(MASTER, "a.pfx"), b"id", b"", b"ticket")
    assert ring.remembered(b"id") == ring.remembered(b"ticket") == Secret(MASTER, "a.pfx")
    assert ring.remembered(b"") is None


def test_uses_are_counted_for_their_source() -> None:
    ring = logged("second.log", ring=logged())
    ring.count_use("second.log")
    ring.count_use("gone.log")
    assert [(source.name, source.used) for source in ring.sources] == [("sslkeys.log", 0), ("second.log", 1)]


def test_what_is_printed_of_a_ring_shows_no_secret() -> None:
    ring = logged()
    ring.add_private_keys(KeySource("a.pfx", KeyKind.PRIVATE_KEY), [rsa_key()])
    ring.remember(Secret(MASTER, "a.pfx"), b"id")
    shown = repr(ring) + repr(ring.logged("CLIENT_RANDOM", RANDOM)) + repr(ring.private_keys)
    assert not [part for part in (repr(MASTER)[2:-1], MASTER.hex(), str(modulus(rsa_key()))) if part in shown]
