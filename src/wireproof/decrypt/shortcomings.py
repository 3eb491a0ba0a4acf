"""What the capture itself lacks of a TLS conversation: frames cut by a snap length, and bytes at the end that a FIN proves.

Takes a capture's tables and outcomes; gives outcomes that name it. Opens nothing.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from wireproof.decrypt.outcome import Outcome, Reason, Status

if TYPE_CHECKING:
    from wireproof.conversations import CaptureTables
    from wireproof.streams.stream import Stream, TalkStreams

OF_LACK = frozenset(
    (
        Reason.NO_HANDSHAKE,
        Reason.MISSING_BYTES,
        Reason.FORWARD_SECRECY,
        Reason.WRONG_SECRET,
        Reason.NOT_FINISHED,
        Reason.TAMPERED,
    )
)
"""Reasons for which missing bytes may stand."""
WHOLE_FRAMES = (
    "Capture whole frames: without a snap length (dumpcap, tcpdump: `-s 0`; Network Monitor: no maximum frame size; netsh trace: "
    "packettruncatebytes=0)."
)
AT_AN_END = "Capture with a larger buffer, and at one of the two ends rather than at a busy mirror port."
HALF = 1 << 31


class Shortcomings:
    """Looks for them in one capture."""

    def __init__(self, tables: CaptureTables) -> None:
        self._packets = tables.packets
        self._rows_of = tables.conversations.rows
        self._fin_rows = tables.conversations.side_facts("fin_row")
        self._first_seqs = tables.conversations.side_facts("isn")

    def amend(self, outcome: Outcome, talk: TalkStreams) -> Outcome:
        """The outcome, or one that names what the capture lacks; `talk` holds the raw streams."""
        if outcome.status is Status.DECRYPTED:
            for stream, who in ((talk.client, "client"), (talk.server, "server")):
                missing = self._missing_at_end(stream)
                if missing:
                    return replace(
                        outcome,
                        status=Status.PARTLY,
                        reason=Reason.MISSING_BYTES,
                        text=f"The capture lacks the last {missing:,} bytes of the {who}'s stream, which its FIN proves.",
                        advice=AT_AN_END,
                    )
        elif outcome.reason in OF_LACK:
            snapped = self._snapped_to(outcome.conversation)
            return _of_snapping(outcome, snapped) if snapped else outcome
        return outcome

    def _snapped_to(self, conversation: int) -> int:
        """The longest frame of the conversation of which the capture holds a part only; 0 when all are whole."""
        rows = self._rows_of(conversation)
        captured = self._packets.captured[rows]
        cut = captured < self._packets.original[rows]
        return int(captured[cut].max()) if cut.any() else 0

    def _missing_at_end(self, stream: Stream) -> int:
        """Bytes between the end of what was captured of a stream and its FIN; 0 where nothing proves any."""
        row = self._fin_rows[stream.conversation, stream.side].item() - 1
        if row < 0 or not stream.begins_known or not stream.end:
            return 0
        first = self._first_seqs[stream.conversation, stream.side].item() + 1
        end = self._packets.seq[row].item() + self._packets.length[row].item() - first
        missing: int = (end - stream.end) % (1 << 32)
        return missing if missing < HALF else 0


def _of_snapping(outcome: Outcome, size: int) -> Outcome:
    text = f"The capture holds at most {size:,} bytes of each frame (a snap length), so that parts of the session's records are missing."
    reason = Reason.NO_HANDSHAKE if outcome.status is Status.CLOSED else Reason.MISSING_BYTES
    return replace(outcome, reason=reason, text=text, advice=WHOLE_FRAMES)
