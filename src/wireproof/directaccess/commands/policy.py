r"""Group policy settings by the GroupPolicy module; cmd.exe has no command for them.

Syntax: reference pages of New-GPO, Set-GPRegistryValue, Remove-GPRegistryValue and Set-GPPermission. A setting is written
where `registry` names its value (`HKLM\…\ValueName`), and told by its path in the editor otherwise.
"""

from __future__ import annotations

from wireproof.directaccess.commands.quote import comment, quote_powershell
from wireproof.directaccess.commands.worded import Worded
from wireproof.directaccess.plan.model import SetGroupPolicy

_EVERYBODY = "'Authenticated Users'"


def make_policy(name: str) -> list[str]:
    """Lines that make a policy where there is none. Where to link it is for its owner to say, so that is a comment."""
    policy = quote_powershell(name)
    return [
        f"if (-not (Get-GPO -Name {policy} -ErrorAction SilentlyContinue)) {{ New-GPO -Name {policy} }}",
        f"# A new policy has no effect until it is linked: New-GPLink -Name {policy} -Target (distinguished name of the OU)",
    ]


def word_powershell(operation: SetGroupPolicy) -> Worded:
    """The setting, and the group that it is filtered to; undone by removing the setting."""
    policy = quote_powershell(operation.policy)
    key, _, name = operation.registry.rpartition("\\")
    if not key:
        return Worded(tuple(comment(f"In the group policy {operation.policy}: {operation.key} = {operation.value}")))
    do = make_policy(operation.policy)
    target = f"-Name {policy} -Key {quote_powershell(key)} -ValueName {quote_powershell(name)}"
    number = operation.value.isascii() and operation.value.isdecimal()
    typed = f"DWord -Value {int(operation.value)}" if number else f"String -Value {quote_powershell(operation.value)}"
    do.append(f"Set-GPRegistryValue {target} -Type {typed}")
    if operation.filtered_to:
        group = quote_powershell(operation.filtered_to)
        do += [
            f"Set-GPPermission -Name {policy} -TargetName {group} -TargetType Group -PermissionLevel GpoApply",
            f"Set-GPPermission -Name {policy} -TargetName {_EVERYBODY} -TargetType Group -PermissionLevel GpoRead -Replace",
        ]
    return Worded(tuple(do), (f"Remove-GPRegistryValue {target}",))
