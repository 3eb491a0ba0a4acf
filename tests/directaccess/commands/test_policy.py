from __future__ import annotations

from wireproof.directaccess.commands.policy import word_powershell
from wireproof.directaccess.plan.model import SetGroupPolicy

KEY = "HKLM\\SOFTWARE\\Policies\\Microsoft\\Windows\\TCPIP\\v6Transition"


def test_a_setting_is_written_and_filtered_to_its_group() -> None:
    worded = word_powershell(
        SetGroupPolicy("DA ISATAP", "ISATAP router name", "da.corp.example", f"{KEY}\\ISATAP_RouterName", "DA stations")
    )
    target = f"-Name 'DA ISATAP' -Key '{KEY}' -ValueName 'ISATAP_RouterName'"
    assert worded.do[2] == f"Set-GPRegistryValue {target} -Type String -Value 'da.corp.example'"
    assert "-TargetName 'DA stations' -TargetType Group -PermissionLevel GpoApply" in worded.do[3]
    assert worded.do[4].endswith(
        "-TargetName 'Authenticated Users' -TargetType Group -PermissionLevel GpoRead -Replace"
    )
    assert worded.undo == (f"Remove-GPRegistryValue {target}",)


def test_a_number_is_a_dword() -> None:
    worded = word_powershell(SetGroupPolicy("P", "K", "1", "HKLM\\SOFTWARE\\X\\DisableParallelAandAAAA"))
    assert worded.do[-1].endswith("-Type DWord -Value 1")


def test_a_setting_without_registry_value_is_told_by_its_path() -> None:
    worded = word_powershell(SetGroupPolicy("P", "Computer Configuration / Network", "Enabled"))
    assert worded.do == ("# In the group policy P: Computer Configuration / Network = Enabled",)
