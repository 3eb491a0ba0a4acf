"""What the capture itself lacks of a TLS conversation: frames cut by a snap length, and bytes at the end that a FIN proves.

Takes a capture's tables and outcomes; gives outcomes that name it. Opens nothing.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from wireproof.decrypt.outcome import Outcome, Reason, Status
from wireproof.decrypt.reasons import ADVICE, WHOLE_HANDSHAKE, text_of_unfinished

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
        self._sides = tables.conversations.facts["sides"]
        self._proven = _proven_ends(tables)

    def of_ends(
        self, numbers: NDArray[np.int64], ends: NDArray[np.int64], known: NDArray[np.bool_]
    ) -> NDArray[np.bool_]:
        """Of which conversations a FIN proves bytes behind an end; `ends` and whether beginnings are known are those of both streams of each."""
        proven = self._proven[numbers].reshape(-1)
        missing = (proven - ends) % (1 << 32)
        lacking = known & (ends > 0) & (proven >= 0) & (missing > 0) & (missing < HALF)
        found: NDArray[np.bool_] = np.any(lacking.reshape(-1, 2), axis=1)
        return found

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
            if snapped:
                return _of_snapping(outcome, snapped)
        return self._of_handshake(outcome, talk) if outcome.last_message else outcome

    def _of_handshake(self, outcome: Outcome, talk: TalkStreams) -> Outcome:
        """What was said last of a handshake, and what ended it: an alert, a reset, a close, or the end of the capture."""
        frame = self._packets.number(outcome.reason_row)
        if outcome.reason is not Reason.NOT_FINISHED:
            behind = f"The capture lacks bytes of the handshake behind {outcome.last_message} at frame {frame}."
            return replace(outcome, text=behind, advice=AT_AN_END)
        ended = outcome.alert or self._closed(talk)
        text = text_of_unfinished(outcome.last_message, frame, ended)
        return replace(outcome, text=text, advice=ADVICE[Reason.NOT_FINISHED] if ended else WHOLE_HANDSHAKE)

    def _closed(self, talk: TalkStreams) -> str:
        """Who closed or reset the connection first, as a clause; empty where nobody did."""
        found = [
            (int(row) - 1, "client" if side == talk.client_side else "server", how)
            for name, how in (("rst_row", "reset"), ("fin_row", "closed"))
            for side, row in enumerate(self._sides[talk.conversation][name])
            if row
        ]
        if not found:
            return ""
        row, who, how = min(found)
        return f"the {who} {how} the connection at frame {self._packets.number(row)}"

    def _snapped_to(self, conversation: int) -> int:
        """The longest frame of the conversation of which the capture holds a part only; 0 when all are whole."""
        rows = self._rows_of(conversation)
        captured = self._packets.captured[rows]
        cut = captured < self._packets.original[rows]
        return int(captured[cut].max()) if cut.any() else 0

    def _missing_at_end(self, stream: Stream) -> int:
        """Bytes between the end of what was captured of a stream and its FIN; 0 where nothing proves any."""
        proven, end = self._proven.item(stream.conversation, stream.side), stream.end
        if proven < 0 or not end or not stream.begins_known:
            return 0
        missing: int = (proven - end) % (1 << 32)
        return missing if missing < HALF else 0


def _proven_ends(tables: CaptureTables) -> NDArray[np.int64]:
    """By conversation and side where its stream ends according to its FIN, modulo 2**32; -1 where there is none."""
    packets, conversations = tables.packets, tables.conversations
    rows = conversations.side_facts("fin_row").astype(np.int64) - 1
    first = conversations.side_facts("isn").astype(np.int64) + 1
    end = packets.seq[rows].astype(np.int64) + packets.length[rows] - first
    return np.where(rows < 0, -1, end % (1 << 32))


def _of_snapping(outcome: Outcome, size: int) -> Outcome:
    text = f"The capture holds at most {size:,} bytes of each frame (a snap length), so that parts of the session's records are missing."
    reason = Reason.NO_HANDSHAKE if outcome.status is Status.CLOSED else Reason.MISSING_BYTES
    return replace(outcome, reason=reason, text=text, advice=WHOLE_FRAMES)
