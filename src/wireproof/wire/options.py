"""TCP options of one segment by name, for comparing a SYN at two points (RFC 9293 section 3.2; kinds from the IANA registry)."""

from __future__ import annotations

KINDS: dict[int, str] = {
    2: "MSS",
    3: "window scale",
    4: "SACK permitted",
    5: "SACK",
    8: "timestamps",
    19: "MD5",
    29: "TCP-AO",
    30: "MPTCP",
    34: "fast open",
}


def read_tcp_options(frame: bytes, transport_at: int) -> dict[str, str] | None:
    """Option name to value as text; None when the header is not there whole. The value of timestamps is left out: it moves."""
    if len(frame) < transport_at + 20:
        return None
    end = transport_at + (frame[transport_at + 12] >> 4) * 4
    if end < transport_at + 20 or end > len(frame):
        return None
    options: dict[str, str] = {}
    at = transport_at + 20
    while at < end and frame[at] != 0:
        if frame[at] == 1:
            at += 1
            continue
        length = frame[at + 1] if at + 1 < end else 0
        if length < 2 or at + length > end:
            break
        options[KINDS.get(frame[at], f"kind {frame[at]}")] = _value(frame[at], frame[at + 2 : at + length])
        at += length
    return options


def _value(kind: int, data: bytes) -> str:
    if kind in (4, 8) or not data:
        return "present"
    return str(int.from_bytes(data, "big")) if len(data) <= 4 else data.hex()


def read_sack_edges(frame: bytes, transport_at: int) -> list[tuple[int, int]]:
    """Left and right edges of the SACK option's blocks, as sequence numbers (RFC 2018 section 3); empty when there is none."""
    value = (read_tcp_options(frame, transport_at) or {}).get("SACK", "")
    if len(value) % 16:
        return []
    raw = bytes.fromhex(value)
    words = [int.from_bytes(raw[at : at + 4], "big") for at in range(0, len(raw), 4)]
    return list(zip(words[::2], words[1::2], strict=True))
