"""Payloads of a UDP conversation."""

from __future__ import annotations

from pathlib import Path

from tests.support.dtls_lab import in_frames
from tests.support.said_over import opened as reading
from wireproof.decrypt.datagrams import Payload, read_payloads


def test_payloads_come_in_order_with_their_senders(tmp_path: Path) -> None:
    with reading(
        tmp_path, in_frames([("client", b"one"), ("server", b"two"), ("client", b""), ("client", b"three")])
    ) as tables:
        assert list(read_payloads(tables, 0)) == [Payload(0, 0, b"one"), Payload(1, 1, b"two"), Payload(3, 0, b"three")]
        assert [one.data for one in read_payloads(tables, 0, 1, 2)] == [b"two"]
