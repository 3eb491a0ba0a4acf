"""Media that a TURN relay carries need no direct pair."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.telephony import ALLOCATE, SUCCESS, datagram, sdp, stun, transaction_of, xor_address
from tests.support.verdicts import make_case
from wireproof.messages.sip import SipMessage
from wireproof.messages.sip_sessions import Description, MediaSession
from wireproof.rules.ice._relayed import find_relays, is_relayed
from wireproof.wire.sdp import unpack_sdp

CLIENT, SERVER, RELAYED = ("10.0.0.1", 50001), ("192.0.2.3", 3478), ("192.0.2.3", 60001)
MESSAGE = SipMessage(conversation=0, side=0, row=0, last_row=0, time_ns=0)


@pytest.mark.parametrize(("packets", "port", "expected"), [(60, 60001, True), (60, 60002, False), (10, 60001, False)])
def test_relayed(tmp_path: Path, packets: int, port: int, expected: bool) -> None:
    given = stun(ALLOCATE | SUCCESS, [(0x0016, xor_address(RELAYED, transaction_of("a")))], "a")
    frames = [datagram(0, CLIENT, SERVER, stun(ALLOCATE, [], "a")), datagram(0.1, SERVER, CLIENT, given)]
    for turn in range(packets):
        frames += [datagram(1 + turn, *ends, b"\x40\0\0\x04rtp!") for ends in ((CLIENT, SERVER), (SERVER, CLIENT))]
    case = make_case(tmp_path, {"client": frames})
    media = unpack_sdp(sdp("192.0.2.3", f"audio {port} RTP/AVP 0"))
    session = MediaSession("c", "a", [Description("a", 0, MESSAGE, media)])
    assert is_relayed(find_relays(case), session) is expected
