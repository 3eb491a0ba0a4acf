"""From a request to its plan.

Takes a checked request; gives a `CollectPlan`. Runs nothing.
"""

from __future__ import annotations

from wireproof.collect.linux import linux_phases
from wireproof.collect.model import CollectPlan, Request, System
from wireproof.collect.scenarios import PRIVACY, TITLES, bring
from wireproof.collect.windows import windows_phases

SYSTEMS = {System.WINDOWS: "Windows", System.LINUX: "Linux"}


def build_plan(request: Request) -> CollectPlan:
    """Everything to do on one machine, in order."""
    phases = windows_phases(request) if request.system is System.WINDOWS else linux_phases(request)
    title = f"{TITLES[request.scenario]}: what to collect at the {request.role.value} ({SYSTEMS[request.system]})"
    return CollectPlan(request, title, phases, bring(request.scenario, request.role, request.system), PRIVACY)
