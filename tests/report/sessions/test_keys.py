"""What keys were good for: sessions that they opened, certificates that they belong to."""

from __future__ import annotations

from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import pkcs12

from tests.support.sessions import EXAMPLE
from wireproof.case import Case
from wireproof.decrypt.keys.ring import KeyKind, KeySource
from wireproof.decrypt.outcome import Reason
from wireproof.report.sessions.keys import sum_keys
from wireproof.report.sessions.outline import find_sessions


def example_key() -> rsa.RSAPrivateKey:
    password = (EXAMPLE / "throwaway-key.password").read_bytes().strip()
    key, _, _ = pkcs12.load_key_and_certificates((EXAMPLE / "throwaway-key.pfx").read_bytes(), password)
    assert isinstance(key, rsa.RSAPrivateKey)
    return key


def test_keys_tell_what_they_opened_here(case: Case) -> None:
    (key,) = find_sessions(case)[0].keys
    assert (key.name, key.kind, key.count, key.sessions, key.opened) == ("log", "key log", 5, 2, 1)


def test_a_private_key_of_no_use_is_looked_for_in_the_certificates(case: Case) -> None:
    assert case.keys is not None
    case.keys.add_private_keys(KeySource("its.pfx", KeyKind.PRIVATE_KEY, 1), [example_key()])
    case.keys.add_private_keys(KeySource("other.pfx", KeyKind.PRIVATE_KEY, 1), [rsa.generate_private_key(65537, 2048)])
    _, its, other = find_sessions(case)[0].keys
    # The two sessions whose certificate is in clear; of the first one nothing kept it closed.
    assert (its.opened, its.certified, Reason.FORWARD_SECRECY in its.reasons) == (0, 2, True)
    assert (other.opened, other.certified) == (0, 0)


def test_keys_of_several_captures_are_summed(case: Case) -> None:
    (table,) = find_sessions(case)
    (key,) = sum_keys((*table.keys, *table.keys))
    assert (key.sessions, key.opened) == (4, 2)
