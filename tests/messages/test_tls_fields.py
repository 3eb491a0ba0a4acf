"""Fields of hellos: versions, suites and names in words, and one object for what many hellos have in common."""

from __future__ import annotations

from wireproof.messages.tls_fields import client_fields, server_fields
from wireproof.wire.tls import RETRY_RANDOM, Hello


def hello(**fields: object) -> Hello:
    return Hello(version=0x0303, random=bytes(32), suites=(0x1301, 0xC02F), **fields)  # type: ignore[arg-type]


def test_a_client_hello_names_the_best_version_and_what_it_offers() -> None:
    fields = client_fields(hello(versions=(0x0304, 0x0303), server_name="a.example", session_id=b"\x07"))
    assert (fields["version"], fields["version_name"], fields["server_name"]) == (0x0304, "TLS 1.3", "a.example")
    assert fields["suite_names"] == ("TLS_AES_128_GCM_SHA256", "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256")
    assert fields["resumes"]
    assert not fields["cut"]


def test_a_client_hello_without_id_ticket_and_key_resumes_nothing() -> None:
    assert not client_fields(hello())["resumes"]
    assert client_fields(hello(ticket=True))["resumes"]
    assert client_fields(hello(pre_shared_key=True))["resumes"]


def test_a_server_hello_names_what_it_chose() -> None:
    fields = server_fields(hello(versions=(0x0304,)))
    assert (fields["version"], fields["suite"]) == (0x0304, 0x1301)
    assert server_fields(hello())["version_name"] == "TLS 1.2"
    assert server_fields(Hello(version=0x0303, random=RETRY_RANDOM, suites=(0x1301,), whole=False))["cut"]


def test_hellos_that_offer_the_same_share_one_list() -> None:
    first, second = client_fields(hello()), client_fields(hello())
    assert first["suites"] is second["suites"]
    assert first["suite_names"] is second["suite_names"]
