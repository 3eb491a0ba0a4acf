"""Logs that are turned on, saved and put back on Windows."""

from __future__ import annotations

import pytest

from wireproof.collect.model import Request, Role, Scenario, Step
from wireproof.collect.plans import build_plan
from wireproof.collect.scripts import write_script
from wireproof.collect.windows_logs import put_back_logs, save_logs, turn_on_logs

EVERY = [Request(scenario, role) for scenario in Scenario for role in Role]


def lines(steps: tuple[Step, ...]) -> list[str]:
    return [line for step in steps for line in step.commands]


@pytest.mark.parametrize("request_", EVERY, ids=lambda one: one.name)
def test_events_of_services_and_the_firewalls_log_are_saved_everywhere(request_: Request) -> None:
    saved = lines(save_logs(request_))
    services, firewall = saved[:2]
    # The query stands between quotes as a whole: cmd would take its `<` for a file otherwise.
    assert services == (
        'wevtutil epl System "%FOLDER%\\services.evtx" '
        "\"/q:*[System[Provider[@Name='Service Control Manager'] and TimeCreated[timediff(@SystemTime) <= 86400000]]]\""
    )
    assert firewall == r'copy /y "%SystemRoot%\System32\LogFiles\Firewall\pfirewall.log*" "%FOLDER%"'


@pytest.mark.parametrize("request_", EVERY, ids=lambda one: one.name)
def test_the_firewalls_log_is_turned_off_only_where_it_was_off(request_: Request) -> None:
    noted, on = lines(turn_on_logs(request_))[:2]
    assert on == "netsh advfirewall set allprofiles logging droppedconnections enable"
    off = [line for line in lines(put_back_logs(request_)) if "advfirewall" in line]
    assert len(off) == 3
    for profile, line in zip(("DomainProfile", "StandardProfile", "PublicProfile"), off, strict=True):
        assert profile in noted
        assert line.startswith(f'if not "%LOGS_{profile}%"=="0x1" netsh advfirewall set ')
        assert line.endswith("logging droppedconnections disable")


def test_a_script_runs_the_same_commands() -> None:
    script = write_script(build_plan(Request(Scenario.SMB, Role.SERVER)))
    for line in lines(save_logs(Request(Scenario.SMB, Role.SERVER))):
        assert f"\r\n{line}\r\n" in script
    assert 'do set "LOGS_%%p=%%s"' in script
    assert (
        script.index("droppedconnections enable")
        < script.index("pfirewall.log*")
        < script.index("droppedconnections disable")
    )


def test_settings_of_tls_logs_are_noted_before_they_are_changed() -> None:
    request = Request(Scenario.TLS, Role.SERVER)
    on, back = lines(turn_on_logs(request)), lines(put_back_logs(request))
    assert on.index(next(line for line in on if "SCHANNEL_WAS=%%s" in line)) < on.index(
        next(line for line in on if "/d 7" in line)
    )
    assert any("/d %SCHANNEL_WAS%" in line for line in back)
    assert not any("CAPI2" in line for line in lines(turn_on_logs(Request(Scenario.SMB, Role.SERVER))))
