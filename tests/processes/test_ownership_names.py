"""Which listing names a process id."""

from __future__ import annotations

from tests.support.log_texts import logs_in
from wireproof.logs import Log
from wireproof.processes.ownership_claims import Claim
from wireproof.processes.ownership_names import Names

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
