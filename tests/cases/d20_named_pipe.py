"""A named pipe that refuses anonymous clients: the tokens with and without the policy, and the pipe's descriptor, as WinDbg printed them.

The article prints the second token without the lines that it has in common with the first.
"""

from __future__ import annotations

from typing import Any

MEDIUM = r"""kd> !token -n
_ETHREAD 892ef810, _TOKEN 9a983b00
TS Session ID: 0
User: S-1-5-7 (Well Known Group: NT AUTHORITY\ANONYMOUS LOGON)
Groups:
00 S-1-0-0 (Well Known Group: localhost\NULL SID)
Attributes -
01 S-1-1-0 (Well Known Group: localhost\Everyone)
Attributes - Mandatory Default Enabled
02 S-1-5-2 (Well Known Group: NT AUTHORITY\NETWORK)
03 S-1-5-15 (Well Known Group: NT AUTHORITY\This Organization)
04 S-1-5-64-10 (Well Known Group: NT AUTHORITY\NTLM Authentication)
05 S-1-16-8192 Unrecognized SID
Attributes - GroupIntegrity GroupIntegrityEnabled
Primary Group: S-1-0-0 (Well Known Group: localhost\NULL SID)
Privs:
23 0x000000017 SeChangeNotifyPrivilege Attributes - Enabled Default
Authentication ID: (0,15a3fe2)
Impersonation Level: Impersonation
TokenType: Impersonation
Source: NtLmSsp TokenFlags: 0x2000
Token ID: 15a3fe5 ParentToken ID: 0
Modified ID: (0, 15a3fe8)
RestrictedSidCount: 0 RestrictedSids: 00000000
OriginatingLogonSession: 0
"""
PIPE = r"""kd> !sd 0x81f69848 1
->Revision: 0x1
->Sbz1 : 0x0
->Control : 0x8004
SE_DACL_PRESENT
SE_SELF_RELATIVE
->Owner : S-1-5-32-544 (Alias: BUILTIN\Administrators)
->Group : S-1-5-21-1181840707-4124064209-3703316816-513 (no name mapped)
->Dacl :
->Dacl : ->AclRevision: 0x2
->Dacl : ->Sbz1 : 0x0
->Dacl : ->AclSize : 0x5c
->Dacl : ->AceCount : 0x4
->Dacl : ->Sbz2 : 0x0
->Dacl : ->Ace[0]: ->AceType: ACCESS_ALLOWED_ACE_TYPE
->Dacl : ->Ace[0]: ->AceFlags: 0x0
->Dacl : ->Ace[0]: ->AceSize: 0x18
->Dacl : ->Ace[0]: ->Mask : 0x001f01ff
->Dacl : ->Ace[0]: ->SID: S-1-5-32-544 (Alias: BUILTIN\Administrators)
->Dacl : ->Ace[1]: ->AceType: ACCESS_ALLOWED_ACE_TYPE
->Dacl : ->Ace[1]: ->AceFlags: 0x0
->Dacl : ->Ace[1]: ->AceSize: 0x14
->Dacl : ->Ace[1]: ->Mask : 0x001f01ff
->Dacl : ->Ace[1]: ->SID: S-1-5-7 (Well Known Group: NT AUTHORITY\ANONYMOUS LOGON)
->Dacl : ->Ace[2]: ->AceType: ACCESS_ALLOWED_ACE_TYPE
->Dacl : ->Ace[2]: ->AceFlags: 0x0
->Dacl : ->Ace[2]: ->AceSize: 0x14
->Dacl : ->Ace[2]: ->Mask : 0x00120089
->Dacl : ->Ace[2]: ->SID: S-1-1-0 (Well Known Group: localhost\Everyone)
->Dacl : ->Ace[3]: ->AceType: ACCESS_ALLOWED_ACE_TYPE
->Dacl : ->Ace[3]: ->AceFlags: 0x0
->Dacl : ->Ace[3]: ->AceSize: 0x14
->Dacl : ->Ace[3]: ->Mask : 0x001f01ff
->Dacl : ->Ace[3]: ->SID: S-1-5-18 (Well Known Group: NT AUTHORITY\SYSTEM)
->Sacl : is NULL
"""
UNTRUSTED = r"""_ETHREAD 892dab58, _TOKEN 9a81b7f8
01 S-1-5-2 (Well Known Group: NT AUTHORITY\NETWORK)
02 S-1-5-15 (Well Known Group: NT AUTHORITY\This Organization)
03 S-1-5-64-10 (Well Known Group: NT AUTHORITY\NTLM Authentication)
04 S-1-16-0 Unrecognized SID
Authentication ID: (0,15a3909)
Source: NtLmSsp TokenFlags: 0x0
Token ID: 15a390c ParentToken ID: 0
Modified ID: (0, 15a390f)
"""
TEXT = f"=> Token of the thread:\n{MEDIUM}=> Security descriptor of the pipe (DACL & SACL of the pipe object)\n{PIPE}{UNTRUSTED}"
WHOLE_UNTRUSTED = MEDIUM.replace(
    "01 S-1-1-0 (Well Known Group: localhost\\Everyone)\nAttributes - Mandatory Default Enabled\n", ""
).replace("S-1-16-8192", "S-1-16-0")
"""The second token with the lines that were left out."""
LABEL = """->Sacl :
->Sacl : ->AclRevision: 0x2
->Sacl : ->AceCount : 0x1
->Sacl : ->Ace[0]: ->AceType: SYSTEM_MANDATORY_LABEL_ACE_TYPE
->Sacl : ->Ace[0]: ->AceFlags: 0x0
->Sacl : ->Ace[0]: ->AceSize: 0x14
->Sacl : ->Ace[0]: ->Mask : 0x00000001
->Sacl : ->Ace[0]: ->SID: S-1-16-LEVEL (Label: Mandatory Label)
"""


def labelled(level: int, policy: int = 1) -> str:
    """The pipe's descriptor with a mandatory label."""
    label = LABEL.replace("LEVEL", str(level)).replace("0x00000001", f"0x{policy:08x}")
    return PIPE.replace("->Sacl : is NULL\n", label)


EXPECT: dict[str, Any] = {"label": "S:(ML;;NW;;;S-1-16-0)", "lines": (67, 62, 63, 29)}
