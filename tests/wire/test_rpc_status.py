"""Names of faults and statuses."""

from __future__ import annotations

import pytest

from wireproof.wire.rpc_status import status_name


@pytest.mark.parametrize(
    ("status", "name"),
    [
        (0x1C010002, "nca_s_op_rng_error"),
        (0x16C9A0D6, "ept_s_not_registered"),
        (5, "ERROR_ACCESS_DENIED"),
        (1825, "RPC_S_SEC_PKG_ERROR"),
        (0x80040154, "REGDB_E_CLASSNOTREG"),
        (0x1C01FFFF, "0x1C01FFFF"),
    ],
)
def test_a_status_goes_by_its_name_or_number(status: int, name: str) -> None:
    assert status_name(status) == name
