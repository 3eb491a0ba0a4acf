"""DirectAccess captures as cases: built by `tests.cases.d21_directaccess`, read as the program reads them, inside unpacked.

Takes a folder and the fields of a scene; gives the case, its one point, or the timeline.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from examples.files import Frame
from tests.cases import d21_directaccess
from tests.cases.d21_directaccess import Scene
from tests.support.verdicts import OPEN
from wireproof.case import Case, Point
from wireproof.conversations import read_capture
from wireproof.processes.sight import Sight
from wireproof.processes.timeline import Timeline
from wireproof.streams.inside import unpack_inside


def case_of(path: Path) -> Case:
    """One capture as a case, what is inside its tunnels unpacked."""
    OPEN.append(Case([Point(path.stem, str(path), unpack_inside(read_capture(path)))]))
    return OPEN[-1]


def scene_case(folder: Path, **fields: Any) -> Case:
    """The case of a scene."""
    return case_of(d21_directaccess.variant(folder, **fields)["client"])


def scene_timeline(folder: Path, **fields: Any) -> Timeline:
    """The timeline of a scene, which has one."""
    found = scene_case(folder, **fields).points[0].directaccess
    assert found is not None
    return found


def scene_sight(folder: Path, **fields: Any) -> Sight:
    """A scene's capture as stages see it."""
    return sight_of(scene_case(folder, **fields).points[0])


def sight_of(point: Point) -> Sight:
    """A point as stages see it."""
    return Sight(point.tables, point.said, point.dns)


def cut_case(folder: Path, until_s: float, **fields: Any) -> Case:
    """The case of a scene whose capture ends early."""
    frames = d21_directaccess.frames(Scene(**fields))
    last = d21_directaccess.START_NS + round(until_s * 1e9)
    return case_of(
        d21_directaccess.write(folder / "client.pcapng", [frame for frame in frames if frame.time_ns <= last])
    )


def frames_case(folder: Path, frames: list[Frame]) -> Case:
    """A case of frames on Ethernet and bare IP."""
    return case_of(d21_directaccess.write(folder / "client.pcapng", frames))
