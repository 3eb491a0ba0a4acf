"""Outputs of netstat that may be of the host with an address.

Takes a case and an address; gives outputs, and whether they surely are of that host. Decides nothing.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from wireproof.rules.windows._hosts import addresses_beside

if TYPE_CHECKING:
    from wireproof.case import Case
    from wireproof.logs.netstat import NetstatLog, Output


def outputs_of(case: Case, address: str) -> Iterator[tuple[NetstatLog, Output, bool]]:
    """Outputs of netstat that may be of the host with this address, and whether they surely are: their rows or `case.toml` say so."""
    if not case.logs:
        return
    from wireproof.logs.netstat import NetstatLog

    for log in case.logs_of(NetstatLog):
        own = addresses_beside(case, log)
        if own and address not in own:
            continue
        for output in log.outputs:
            yield log, output, address in own
