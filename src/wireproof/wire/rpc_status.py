"""Names of what goes wrong with remote procedure calls: fault codes (C706 appendix E), mapper statuses and Windows errors.

Takes a status as sent; gives its name, or the number where it has none.
"""

from __future__ import annotations

from wireproof.wire import epm
from wireproof.wire.windows.errors import windows_error_name

OPERATION_OUT_OF_RANGE, UNKNOWN_INTERFACE, PROTOCOL_ERROR, ACCESS_DENIED = 0x1C010002, 0x1C010003, 0x1C01000B, 5
FAULTS: dict[int, str] = {
    0x1C000001: "nca_s_fault_int_div_by_zero",
    0x1C000002: "nca_s_fault_addr_error",
    0x1C000006: "nca_s_fault_invalid_tag",
    0x1C000007: "nca_s_fault_invalid_bound",
    0x1C000008: "nca_s_rpc_version_mismatch",
    0x1C000009: "nca_s_unspec_reject",
    0x1C00000A: "nca_s_bad_actid",
    0x1C00000B: "nca_s_who_are_you_failed",
    0x1C00000C: "nca_s_manager_not_entered",
    0x1C00000D: "nca_s_fault_cancel",
    0x1C00000E: "nca_s_fault_ill_inst",
    0x1C000012: "nca_s_fault_unspec",
    0x1C000013: "nca_s_fault_remote_comm_failure",
    0x1C000014: "nca_s_fault_pipe_empty",
    0x1C000015: "nca_s_fault_pipe_closed",
    0x1C000016: "nca_s_fault_pipe_order",
    0x1C000017: "nca_s_fault_pipe_discipline",
    0x1C000018: "nca_s_fault_pipe_comm_error",
    0x1C000019: "nca_s_fault_pipe_memory",
    0x1C00001A: "nca_s_fault_context_mismatch",
    0x1C00001B: "nca_s_fault_remote_no_memory",
    0x1C00001C: "nca_s_invalid_pres_context_id",
    0x1C00001D: "nca_s_unsupported_authn_level",
    0x1C00001F: "nca_s_invalid_checksum",
    0x1C000020: "nca_s_invalid_crc",
    0x1C000021: "nca_s_fault_user_defined",
    0x1C000024: "nca_s_fault_object_not_found",
    0x1C000025: "nca_s_fault_no_client_stub",
    0x1C010001: "nca_s_comm_failure",
    OPERATION_OUT_OF_RANGE: "nca_s_op_rng_error",
    UNKNOWN_INTERFACE: "nca_s_unk_if",
    0x1C010006: "nca_s_wrong_boot_time",
    0x1C010009: "nca_s_you_crashed",
    PROTOCOL_ERROR: "nca_s_proto_error",
    0x1C010013: "nca_s_out_args_too_big",
    0x1C010014: "nca_s_server_too_busy",
    0x1C010015: "nca_s_fault_string_too_long",
    0x1C010017: "nca_s_unsupported_type",
}


def status_name(status: int) -> str:
    """The name of a fault's status, of a mapper's status, or of an HRESULT."""
    known = FAULTS.get(status) or epm.STATUS_NAMES.get(status)
    if known and status:
        return known
    return windows_error_name(status, "hresult" if status & 0x80000000 else "win32")
