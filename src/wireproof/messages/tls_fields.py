"""The fields of a `TlsMessage` that only hellos have.

Takes unpacked hellos; gives fields. What thousands of hellos of one capture have in common is kept once.
"""

from __future__ import annotations

import functools
from collections.abc import Hashable
from typing import Any, TypeVar

from wireproof.wire import tls
from wireproof.wire.tls_suites import suite_name


@functools.lru_cache(maxsize=1024)
def _suite_names(suites: tuple[int, ...]) -> tuple[str, ...]:
    """Names of suites; one list for all hellos that offer the same."""
    return tuple(map(suite_name, suites))


Same = TypeVar("Same", bound=Hashable)


@functools.lru_cache(maxsize=4096)
def _one(value: Same) -> Same:
    """The first value that equals this one: clients of one kind offer the same, and a capture has thousands of hellos."""
    return value


def client_fields(hello: tls.Hello) -> dict[str, Any]:
    """What a ClientHello says, as fields of a `TlsMessage`."""
    return {
        "version": tls.best_version(hello),
        "versions": _one(hello.versions),
        "random": hello.random.hex(),
        "session_id": hello.session_id.hex(),
        "suites": _one(hello.suites),
        "version_name": tls.version_name(tls.best_version(hello)),
        "suite_names": _suite_names(hello.suites),
        "extensions": _one(hello.extensions),
        "server_name": _one(hello.server_name),
        "alpn": _one(hello.alpn),
        "resumes": bool(hello.session_id) or hello.ticket or hello.pre_shared_key,
        "cut": not hello.whole,
    }


def server_fields(hello: tls.Hello) -> dict[str, Any]:
    """What a ServerHello says, as fields of a `TlsMessage`."""
    return {
        "version": tls.agreed_version(hello),
        "versions": _one(hello.versions),
        "random": hello.random.hex(),
        "session_id": hello.session_id.hex(),
        "suite": hello.suites[0],
        "version_name": tls.version_name(tls.agreed_version(hello)),
        "suite_names": _suite_names(hello.suites),
        "extensions": _one(hello.extensions),
        "alpn": _one(hello.alpn),
        "resumes": hello.pre_shared_key,
        "cut": not hello.whole,
    }
