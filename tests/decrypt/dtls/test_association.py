"""One association, record by record; and that no bytes at all trouble it."""

from __future__ import annotations

import functools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.support.dtls_lab import DtlsLab, Said, load_dtls
from tests.support.opened import ring_of
from wireproof.decrypt.clear import ClearDatagram
from wireproof.decrypt.dtls.association import WAITING_MOST, Association, Sent
from wireproof.decrypt.dtls.keys import DtlsKeys
from wireproof.decrypt.keys.masters import Endpoint
from wireproof.decrypt.keys.ring import KeyRing
from wireproof.decrypt.outcome import Reason
from wireproof.wire.dtls import DtlsRecord, unpack_fragments, unpack_records, unpack_unified

pytestmark = pytest.mark.skipif(load_dtls() is None, reason="no OpenSSL 3 on this machine")


@functools.cache
def conversation() -> tuple[list[Said], bytes]:
    """Datagrams, and the key that opens them."""
    lab = DtlsLab(mtu=600)
    for word in (b"one", b"two", b"three"):
        lab.write("client", word)
    return lab.sent, lab.private_key


def association(*keys: bytes) -> Association:
    """An association with these keys."""
    return Association(DtlsKeys(ring_of(*keys), Endpoint(bytes(16), 4433)))


def feed(one: Association, sent: list[Said]) -> list[ClearDatagram]:
    """Every record, in order."""
    found: list[ClearDatagram] = []
    for row, (by, data) in enumerate(sent):
        role = int(by == "server")
        for record in unpack_records(data):
            if record.epoch:
                found += one.take_protected(Sent(row, role, role, record))
            else:
                one.take_clear(role, record)
    return found


def test_records_before_their_keys_wait_for_them() -> None:
    sent, key = conversation()
    last, one = sent[-3:], association(key)
    assert feed(one, last) == []
    clear = feed(one, sent[:-3]) + list(one.finish())
    assert sorted(found.data for found in clear if found.kind == 23) == [b"one", b"three", b"two"]
    assert (one.records, one.octets, one.unread) == (3, 11, 0)


def test_no_more_records_wait_than_the_limit_says() -> None:
    sent, _ = conversation()
    one = association()
    record = next(unpack_records(sent[-1][1]))
    for number in range(WAITING_MOST + 10):
        list(one.take_protected(Sent(number, 0, 0, record._replace(number=number))))
    assert one.unread == 10
    assert list(one.finish()) == []
    assert (one.unread, one.reason) == (WAITING_MOST + 10, Reason.NO_HANDSHAKE)


def test_the_first_hello_and_the_one_with_a_cookie_are_of_one_association() -> None:
    sent, key = conversation()
    one = association(key)
    hellos = [next(unpack_fragments(next(unpack_records(sent[at][1])).body)) for at in (0, 2)]
    assert not any(one.begins_another(hello) for hello in hellos)
    feed(one, sent)
    assert not one.begins_another(hellos[1])
    assert one.begins_another(hellos[1]._replace(data=hellos[1].data[:2] + bytes(32) + hellos[1].data[34:]))


@given(
    st.lists(
        st.tuples(st.integers(0, 1), st.sampled_from([0, 1, 1, 2, 9]), st.integers(20, 25), st.binary(max_size=80)),
        max_size=12,
    )
)
def test_whatever_records_raise_nothing(records: list[tuple[int, int, int, bytes]]) -> None:
    one = Association(DtlsKeys(KeyRing(), Endpoint(bytes(16), 1)))
    feed(one, conversation()[0][:4])
    for role, epoch, kind, body in records:
        record = DtlsRecord(kind, 0xFEFD, epoch, 3, body, True)
        if epoch:
            list(one.take_protected(Sent(0, role, role, record)))
        else:
            one.take_clear(role, record)
        for hidden in unpack_unified(b"\x2e" + body, one.ids_of(role)):
            list(one.take_unified(0, role, role, hidden))
    list(one.finish())
    assert one.handshakes >= 1


@given(st.integers(0, 10_000), st.integers(1, 255))
def test_one_changed_byte_anywhere_raises_nothing_and_forges_nothing(place: int, change: int) -> None:
    sent, key = conversation()
    sizes = [len(data) for _, data in sent]
    place %= sum(sizes)
    changed = list(sent)
    for turn, (by, data) in enumerate(sent):
        if 0 <= place < len(data):
            changed[turn] = by, data[:place] + bytes([data[place] ^ change]) + data[place + 1 :]
        place -= len(data)
    one = association(key)
    clear = feed(one, changed) + list(one.finish())
    assert {found.data for found in clear if found.kind == 23} <= {b"one", b"two", b"three"}
