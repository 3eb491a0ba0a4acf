"""What the stubs of naming operations say, with and without a known interface."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.support import dcom, rpc
from wireproof.messages.rpc_answers import ASKED, Stub, guess_answered, guess_asked, read_answered, read_asked
from wireproof.wire.dcom import OBJECT_EXPORTER, SYSTEM_ACTIVATOR

IPID = "0000b400-0580-0000-9a5e-c2357038b9df"
STRINGS = rpc.dual_strings([(7, "HOST[1431]"), (7, "10.0.0.9[1431]")])
ACTIVATED = Stub(dcom.activated_stub(1, IPID, STRINGS), "<", wide=False, opnum=4)
CREATE = Stub(dcom.create_instance(1, IPID)[24:816], "<", wide=False, opnum=4)


def mapped(wide: bool = False, opnum: int = 3) -> Stub:
    return Stub(rpc.map_answer([rpc.tower(rpc.MAPI, 41376, "10.11.2.7")], wide=wide), "<", wide=wide, opnum=opnum)


def test_a_map_answer_names_service_and_places() -> None:
    said = read_answered(rpc.EPM, mapped())
    assert said is not None
    assert (said.service_name, said.status) == ("MAPI", 0)
    assert [place.text for place in said.places] == ["ncacn_ip_tcp:10.11.2.7[41376]"]


def test_an_activation_names_class_and_places() -> None:
    asked, answered = read_asked(SYSTEM_ACTIVATOR, CREATE), read_answered(SYSTEM_ACTIVATOR, ACTIVATED)
    assert asked is not None
    assert answered is not None
    assert asked.service_name == "WMI"
    assert [(place.address, place.port) for place in answered.places] == [("HOST", 1431), ("10.0.0.9", 1431)]


@pytest.mark.parametrize("wide", [False, True])
def test_a_call_without_its_bind_is_taken_for_what_it_makes_sense_as(wide: bool) -> None:
    asked = guess_asked(Stub(rpc.map_request(rpc.NSPI, wide=wide), "<", wide=False, opnum=3))
    assert asked is not None
    assert (asked[0], asked[1].service_name) == (rpc.EPM, "NSPI")
    answered = guess_answered(mapped(wide, -1))
    assert answered is not None
    assert (answered[0], [place.port for place in answered[1].places]) == (rpc.EPM, [41376])


def test_activations_and_resolvers_are_guessed_too() -> None:
    create, created = guess_asked(CREATE), guess_answered(ACTIVATED)
    resolved = guess_answered(Stub(rpc.resolved([(7, "10.0.0.9[1431]")]), "<", wide=False, opnum=4))
    assert create is not None
    assert created is not None
    assert resolved is not None
    assert (create[0], created[0], resolved[0]) == (SYSTEM_ACTIVATOR, SYSTEM_ACTIVATOR, OBJECT_EXPORTER)


def test_other_operations_are_not_read() -> None:
    assert read_asked(rpc.MAPI, CREATE) is None
    assert read_answered(rpc.EPM, mapped(opnum=2)) is None
    assert guess_asked(Stub(b"", "<", wide=False, opnum=3)) is None


@given(st.binary(max_size=200), st.integers(-1, 6), st.sampled_from(sorted(ASKED)))
def test_any_stub_gives_something_or_nothing(data: bytes, opnum: int, key: tuple[str, int]) -> None:
    stub = Stub(data, "<", wide=False, opnum=opnum)
    for read in (read_asked, read_answered):
        read(key[0], stub)
    for guess in (guess_asked, guess_answered):
        guess(stub)
