"""Names and numbers of Windows security: SIDs, SDDL's two-letter names, integrity levels, access rights of files and pipes.

Gives tables. Knows no text and judges nothing. Source: MS-DTYP sections 2.4.2.4, 2.4.3, 2.4.4.13 and 2.5.1.1.
"""

from __future__ import annotations

UNTRUSTED, LOW, MEDIUM, MEDIUM_PLUS, HIGH, SYSTEM, PROTECTED = 0, 0x1000, 0x2000, 0x2100, 0x3000, 0x4000, 0x5000
LEVELS = {
    UNTRUSTED: "Untrusted",
    LOW: "Low",
    MEDIUM: "Medium",
    MEDIUM_PLUS: "Medium Plus",
    HIGH: "High",
    SYSTEM: "System",
    PROTECTED: "Protected Process",
}
"""Integrity levels: the last number of S-1-16-…"""

GENERIC_READ, GENERIC_WRITE, GENERIC_EXECUTE, GENERIC_ALL = 0x80000000, 0x40000000, 0x20000000, 0x10000000
FILE_READ, FILE_WRITE, FILE_EXECUTE, FILE_ALL = 0x00120089, 0x00120116, 0x001200A0, 0x001F01FF
"""What the generic rights mean for files and named pipes."""
GENERIC = {GENERIC_READ: FILE_READ, GENERIC_WRITE: FILE_WRITE, GENERIC_EXECUTE: FILE_EXECUTE, GENERIC_ALL: FILE_ALL}
READ_CONTROL, WRITE_DAC, WRITE_OWNER, SYNCHRONIZE = 0x00020000, 0x00040000, 0x00080000, 0x00100000
NO_WRITE_UP, NO_READ_UP, NO_EXECUTE_UP = 1, 2, 4
INHERIT_ONLY = 0x08

ALIASES = {
    "AN": "S-1-5-7", "AO": "S-1-5-32-548", "AU": "S-1-5-11", "BA": "S-1-5-32-544", "BG": "S-1-5-32-546", "BO": "S-1-5-32-551",
    "BU": "S-1-5-32-545", "CG": "S-1-3-1", "CO": "S-1-3-0", "ED": "S-1-5-9", "HI": "S-1-16-12288", "IU": "S-1-5-4", "LS": "S-1-5-19",
    "LW": "S-1-16-4096", "ME": "S-1-16-8192", "MP": "S-1-16-8448", "MU": "S-1-5-32-558", "NO": "S-1-5-32-556", "NS": "S-1-5-20",
    "NU": "S-1-5-2", "OW": "S-1-3-4", "PO": "S-1-5-32-550", "PS": "S-1-5-10", "PU": "S-1-5-32-547", "RC": "S-1-5-12",
    "RD": "S-1-5-32-555", "RE": "S-1-5-32-552", "RU": "S-1-5-32-554", "SI": "S-1-16-16384", "SO": "S-1-5-32-549", "SU": "S-1-5-6",
    "SY": "S-1-5-18", "WD": "S-1-1-0", "WR": "S-1-5-33", "AC": "S-1-15-2-1", "IS": "S-1-5-32-568", "LU": "S-1-5-32-559",
}  # fmt: skip
"""SIDs by the two letters that SDDL has for them. Untrusted integrity has none."""

RIGHTS = {
    "GA": GENERIC_ALL, "GR": GENERIC_READ, "GW": GENERIC_WRITE, "GX": GENERIC_EXECUTE, "RC": READ_CONTROL, "SD": 0x00010000,
    "WD": WRITE_DAC, "WO": WRITE_OWNER, "FA": FILE_ALL, "FR": FILE_READ, "FW": FILE_WRITE, "FX": FILE_EXECUTE, "KA": 0x000F003F,
    "KR": 0x00020019, "KW": 0x00020006, "KX": 0x00020019, "CC": 0x1, "DC": 0x2, "LC": 0x4, "SW": 0x8, "RP": 0x10, "WP": 0x20, "DT": 0x40,
    "LO": 0x80, "CR": 0x100,
}  # fmt: skip
LABEL_RIGHTS = {"NW": NO_WRITE_UP, "NR": NO_READ_UP, "NX": NO_EXECUTE_UP}
ACE_FLAGS = {"OI": 0x01, "CI": 0x02, "NP": 0x04, "IO": INHERIT_ONLY, "ID": 0x10, "SA": 0x40, "FA": 0x80}

NAMES = {
    "S-1-0-0": "Nobody",
    "S-1-1-0": "Everyone",
    "S-1-3-0": "CREATOR OWNER",
    "S-1-3-4": "OWNER RIGHTS",
    "S-1-5-2": "NETWORK",
    "S-1-5-4": "INTERACTIVE",
    "S-1-5-6": "SERVICE",
    "S-1-5-7": "ANONYMOUS LOGON",
    "S-1-5-11": "Authenticated Users",
    "S-1-5-12": "RESTRICTED",
    "S-1-5-15": "This Organization",
    "S-1-5-18": "SYSTEM",
    "S-1-5-19": "LOCAL SERVICE",
    "S-1-5-20": "NETWORK SERVICE",
    "S-1-5-33": "WRITE RESTRICTED",
    "S-1-5-32-544": r"BUILTIN\Administrators",
    "S-1-5-32-545": r"BUILTIN\Users",
    "S-1-5-32-546": r"BUILTIN\Guests",
    "S-1-5-64-10": "NTLM Authentication",
}

ACCESS = (
    (FILE_ALL, "full access"),
    (FILE_READ | FILE_WRITE, "reading and writing"),
    (FILE_READ, "reading"),
    (FILE_WRITE, "writing"),
)


def level_of(sid: str) -> int | None:
    """The integrity level that a SID stands for; None for any other SID."""
    head, _, number = sid.rpartition("-")
    return int(number) if head == "S-1-16" and number.isdigit() and len(number) < 10 else None


def level_name(level: int) -> str:
    """`Medium`, or the SID where the level has no name."""
    return LEVELS.get(level, f"S-1-16-{level}")


def label_sid(level: int) -> str:
    """How SDDL names an integrity level: two letters, or the SID."""
    sid = f"S-1-16-{level}"
    return next((name for name, own in ALIASES.items() if own == sid), sid)


def sid_name(sid: str) -> str:
    """The SID with its name, where that is the same on every Windows."""
    level = level_of(sid)
    name = f"{level_name(level)} integrity" if level is not None else NAMES.get(sid, "")
    return f"{sid} ({name})" if name else sid


def specific(mask: int) -> int:
    """A mask with the generic rights replaced by those of files and pipes that they stand for."""
    for generic, rights in GENERIC.items():
        if mask & generic:
            mask = mask & ~generic | rights
    return mask


def access_name(mask: int) -> str:
    """A mask in words where it is one of the common ones, else in hex. READ_CONTROL and SYNCHRONIZE, which all have, don't count."""
    return next((name for own, name in ACCESS if own == mask | READ_CONTROL | SYNCHRONIZE), f"0x{mask:08x}")
