"""Which listing names a process id."""

from __future__ import annotations

from dataclasses import replace

from tests.support.log_texts import logs_in
from wireproof.logs import Log
from wireproof.processes.ownership.claims import Claim
from wireproof.processes.ownership.names import Names

TASKS = '"svchost.exe","1204","TermService"\n"a_very_long_program_name_.exe","9","N/A"\n'


def claim(pid: int = 1204, file: str = "one/netstat.txt", name: str = "") -> Claim:
    return Claim("tcp", ("10.1.1.1", 3389), None, pid, "netstat", file, name=name)


def listing(file: str, text: str = TASKS) -> Log:
    (log,) = logs_in(text, file)
    return log


def test_the_listing_in_the_same_folder_counts() -> None:
    assert Names([listing("one/tasklist.txt")], [claim()]).of(claim()) == ("svchost.exe", ("TermService",))


def test_a_listing_of_another_folder_or_among_several_hosts_does_not() -> None:
    assert Names([listing("two/tasklist.txt")], [claim()]).of(claim()) == ("", ())
    others = [claim(), claim(file="one/netstat-b.txt")]
    assert Names([listing("one/tasklist.txt")], others).of(claim()) == ("", ())


def test_a_listing_in_the_same_file_or_of_the_same_point_counts_always() -> None:
    others = [claim(), claim(file="one/netstat-b.txt")]
    assert Names([listing("one/netstat.txt")], others).of(claim())[0] == "svchost.exe"
    stated = listing("two/tasklist.txt")
    netstat = listing("one/netstat.txt", "  TCP    0.0.0.0:1   0.0.0.0:0   LISTENING   1\n")
    stated.point = netstat.point = "server"
    assert Names([stated, netstat], others).of(claim())[0] == "svchost.exe"


def test_a_name_that_the_source_has_itself_wins_and_keeps_others_out() -> None:
    names = Names([listing("one/tasklist.txt")], [claim()])
    assert names.of(claim(name="svchost.exe")) == ("svchost.exe", ("TermService",))
    assert names.of(claim(name="sqlservr.exe")) == ("sqlservr.exe", ())


def test_the_system_process_is_known_without_a_listing() -> None:
    assert Names([], [claim(4)]).of(claim(4)) == ("System", ())


def test_a_listing_beside_one_capture_names_its_processes_beside_several_not() -> None:
    own = replace(claim(file="one/a.etl"), of_capture=True)
    assert Names([listing("one/tasklist.txt")], [own]).of(own)[0] == "svchost.exe"
    assert Names([listing("one/tasklist.txt")], [own], captures=2).of(own) == ("", ())
    # What the capture names takes nothing from a log beside it.
    assert Names([listing("one/tasklist.txt")], [own, claim()], captures=2).of(claim())[0] == "svchost.exe"


def test_of_several_listings_the_one_with_all_processes_of_a_netstat_counts() -> None:
    own = [claim(pid) for pid in (1204, 636, 2640)]
    others = [claim(pid, "one/netstat-b.txt") for pid in (1204, 1504)]
    here = "".join(f'"p{pid}.exe","{pid}","N/A"\n' for pid in (636, 1204, 2640, 8))
    there = "".join(f'"q{pid}.exe","{pid}","N/A"\n' for pid in (1204, 1504, 2640))
    names = Names([listing("one/a.txt", there), listing("one/b.txt", here)], [*own, *others])
    assert [names.of(one)[0] for one in own] == ["p1204.exe", "p636.exe", "p2640.exe"]
    # Two processes are too few to tell hosts apart.
    assert names.of(others[0])[0] == ""
    both = Names([listing("one/a.txt", here), listing("one/b.txt", here)], own)
    assert both.of(own[0])[0] == ""
