"""Names of interfaces, classes and operations."""

from __future__ import annotations

import uuid

from wireproof.wire import dcom, epm
from wireproof.wire.rpc_interfaces import CLASSES, INTERFACES, OPERATIONS, class_name, interface_name, operation_name


def test_known_uuids_have_names_and_others_go_by_their_uuid() -> None:
    other = "11111111-2222-3333-4444-555555555555"
    assert (interface_name("a4f1db00-ca47-1067-b31f-00dd010662da"), interface_name(other)) == ("MAPI", other)
    assert (class_name("8bc3f05e-d86b-11d0-a075-00c04fb68820"), class_name(other)) == ("WMI", other)


def test_operations_that_name_endpoints_have_names() -> None:
    assert operation_name(epm.INTERFACE, 3) == "ept_map"
    assert operation_name(dcom.SYSTEM_ACTIVATOR, 4) == "RemoteCreateInstance"
    assert operation_name(dcom.OBJECT_EXPORTER, 99) == ""


def test_every_key_is_a_uuid_as_it_is_decoded() -> None:
    for text in (*INTERFACES, *CLASSES, *OPERATIONS):
        assert str(uuid.UUID(text)) == text
