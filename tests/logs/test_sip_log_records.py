"""Records of SIP logs: told by their headers, wherever on a line these stand."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.cases import d6_sip_log, d9_sip_log
from wireproof.logs.sip_log_records import split_records, wall_ns

HEAD = "TL_INFO(TF_PROTOCOL) [0]05E0.0AAC::01/08/2013-09:18:57.600.02e733e9 (SIPStack,X:X.cpp(125))$$begin_record"


def test_a_servers_record_has_time_process_thread_and_flag() -> None:
    (record,) = split_records(f"before {HEAD}\nPeer: x\n$$end_record\nafter")
    assert (record.pid, record.tid, record.level, record.flag) == (1504, 0xAAC, "INFO", "TF_PROTOCOL")
    assert (record.client, record.begun, record.ended) == (False, True, True)
    assert (record.time_ns, record.offset) == (1357636737600000000, 7)
    assert record.text == "\nPeer: x\n"


def test_the_name_of_a_pool_may_stand_where_older_servers_write_the_processor() -> None:
    head = HEAD.replace("[0]", r"[sfb-pool01\FE01]").replace("cpp(125))", "cpp(265))[1732354023] ")
    assert [record.pid for record in split_records(head)] == [1504]


def test_records_that_run_together_on_one_line_are_parted() -> None:
    assert [record.text for record in split_records(f"{HEAD} a {HEAD} b $$end_record {HEAD}")] == [" a ", " b ", ""]


def test_a_clients_record() -> None:
    (record,) = split_records("12/10/2012|10:43:06.703 24F8:2648 INFO  :: Sending Packet - x")
    assert (record.client, record.pid, record.tid) == (True, 0x24F8, 0x2648)
    assert (record.text, record.time_ns) == ("Sending Packet - x", 1355136186703000000)


def test_a_date_that_has_no_such_month_tells_that_days_stand_first_in_all() -> None:
    day_first = HEAD.replace("01/08/2013", "08/01/2013")
    found = list(split_records(f"{day_first}\n{HEAD.replace('01/08/2013', '31/01/2013')}"))
    assert found[0].time_ns == 1357636737600000000
    assert found[1].time_ns - found[0].time_ns == 23 * 86_400_000_000_000


@pytest.mark.parametrize("date", ["02/30/2013", "00/08/2013", "13/13/2013"])
def test_a_date_that_is_none_gives_no_record(date: str) -> None:
    assert list(split_records(HEAD.replace("01/08/2013", date))) == []
    assert wall_ns(date, "09:18:57.600") is None


@given(st.data())
def test_no_damage_makes_it_fail_and_offsets_stay_inside(data: st.DataObject) -> None:
    whole = data.draw(st.sampled_from([d6_sip_log.LOG, d9_sip_log.LOG]))
    begin, end = sorted(data.draw(st.tuples(*[st.integers(0, len(whole))] * 2)))
    text = whole[:begin] + data.draw(st.text(max_size=20)) + whole[end:]
    for record in split_records(text):
        assert 0 <= record.offset < record.text_offset <= len(text)
        assert text.startswith(record.text, record.text_offset)
