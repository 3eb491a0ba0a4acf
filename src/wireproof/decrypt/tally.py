"""What became of one side's records: how many were read, the ones that are no application data, and the first that could not be read and why.

Holds figures; opens nothing.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from wireproof.decrypt.clear import OpenedRecord
from wireproof.decrypt.outcome import Reason

OPENED_MOST, OPENED_BYTES = 4096, 1 << 20
"""Records other than application data that are kept of one side; a session with ten renegotiations has a hundred."""


@dataclass(slots=True)
class Tally:
    """`protected` counts encrypted records, `records` and `unread` those of application data that were read and not read.

    `alert` is the last alert in clear. `at` is the stream offset that `reason` is about, `cut` whether the stream ends there within a record,
    `foreign` whether bytes that are no record stand there;
    `closed_at` is where reading stopped for want of keys. Offsets are -1 for none.
    """

    protected: int = 0
    records: int = 0
    unread: int = 0
    opened: dict[int, OpenedRecord] = field(default_factory=dict)
    alert: bytes = b""
    reason: Reason = Reason.NONE
    at: int = -1
    cut: bool = False
    foreign: bool = False
    closed_at: int = -1
    _octets: int = 0

    def keep(self, record: OpenedRecord) -> None:
        """Keep a record that is no application data, while there are not too many."""
        if len(self.opened) < OPENED_MOST and self._octets < OPENED_BYTES:
            self._octets += len(record.data)
            self.opened[record.start] = record

    def miss(self, reason: Reason, at: int) -> None:
        """From here on, or here only, something could not be read; the first reason is told."""
        if self.reason is Reason.NONE:
            self.reason, self.at = reason, at
