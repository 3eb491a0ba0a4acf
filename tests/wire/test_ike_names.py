"""Names of IKE's numbers: vendor ids are the hashes of their names, so a slip in one shows."""

from __future__ import annotations

import hashlib

from wireproof.wire.ike_names import AUTHIP_NOTIFIES, IKEV2_EXCHANGES, MICROSOFT, VENDORS, WINDOWS

UNHASHED = {"RFC 3706 (dead peer detection)", "XAUTH", "Cisco Unity"}


def test_vendor_ids_are_the_md5_of_their_names() -> None:
    for value, name in VENDORS.items():
        if name not in UNHASHED:
            hashes = {hashlib.md5(text.encode(), usedforsecurity=False).hexdigest() for text in (name, name + "\n")}
            assert value in hashes, name
    assert hashlib.md5(b"MS NT5 ISAKMPOAKLEY", usedforsecurity=False).hexdigest() == MICROSOFT


def test_every_windows_since_vista_has_its_number() -> None:
    assert [WINDOWS[number].split()[1] for number in range(5, 10)] == ["Vista", "Server", "7", "Server", "8"]


def test_the_numbers_of_the_registries_hold() -> None:
    assert (IKEV2_EXCHANGES[34], IKEV2_EXCHANGES[37]) == ("IKE_SA_INIT", "INFORMATIONAL")
    assert (AUTHIP_NOTIFIES[0x9C54], AUTHIP_NOTIFIES[0x9C56]) == ("NOTIFY_STATUS", "NOTIFY_ACK")
