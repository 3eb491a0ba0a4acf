r"""Hash rules of software restriction policies (SRP, "Safer") as a registry file.

Takes files; gives text for regedit. Windows stores such a rule as a key below `CodeIdentifiers\262144\Hashes`: the MD5 of all bytes with the
size, and below it the SHA-256, which Windows Vista and later prefer. Certificate rules are certificates in a store and no registry values; none are made.
"""

from __future__ import annotations

import uuid

from wireproof.policy.applocker import clean
from wireproof.policy.model import CodeFile
from wireproof.policy.rules import NAMESPACE

ROOT = r"HKEY_LOCAL_MACHINE\SOFTWARE\Policies\Microsoft\Windows\Safer\CodeIdentifiers\262144\Hashes"
"""262144 is the level "Unrestricted"."""
MD5, SHA256 = 0x8003, 0x800C
"""CALG_MD5 and CALG_SHA_256."""
TEXT_MOST = 255


def write_registry(files: list[CodeFile]) -> str:
    """A registry file with one rule for each different file; lines end as Windows has it."""
    different = {file.sha256: file for file in reversed(files)}
    blocks = [_rule(file) for file in reversed(different.values())]
    return (
        "\r\n".join(["Windows Registry Editor Version 5.00", "", *(line for block in blocks for line in [*block, ""])])
        + "\r\n"
    )


def rule_key(file: CodeFile) -> str:
    """The name of the rule's key, which depends on the file's bytes alone."""
    return f"{{{uuid.uuid5(NAMESPACE, 'srp|' + file.sha256.hex())}}}"


def pasted_hash(file: CodeFile) -> str:
    """The hash as the dialog "New Hash Rule" of Windows XP and Server 2003 takes it: MD5, size and algorithm."""
    return f"{file.md5.hex()}:{file.size}:{MD5}"


def _rule(file: CodeFile) -> list[str]:
    key = f"{ROOT}\\{rule_key(file)}"
    version = f"({file.identity.version})" if file.identity.version else ""
    about = " ".join(word for word in (file.name, version, file.identity.product) if word)
    return [
        f"[{key}]",
        f'"Description"="{_quoted(f"From {file.path}")}"',
        f'"FriendlyName"="{_quoted(about)}"',
        '"SaferFlags"=dword:00000000',
        f'"ItemSize"={_hex(file.size.to_bytes(8, "little"), "(b)")}',
        f'"ItemData"={_hex(file.md5)}',
        f'"HashAlg"=dword:{MD5:08x}',
        "",
        f"[{key}\\SHA256]",
        f'"ItemData"={_hex(file.sha256)}',
        f'"HashAlg"=dword:{SHA256:08x}',
    ]


def _hex(data: bytes, kind: str = "") -> str:
    return f"hex{kind}:{data.hex(',')}"


def _quoted(text: str) -> str:
    return clean(text)[:TEXT_MOST].replace("\\", "\\\\").replace('"', '\\"')
