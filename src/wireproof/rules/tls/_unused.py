"""Clients that finish a handshake and close: whether they may just have had no use for the connection.

Takes handshakes; gives yes or no. What a client thinks of a certificate, it does not know.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import TYPE_CHECKING

from wireproof.rules.tls._names import is_address
from wireproof.rules.tls.expired import out_of_date
from wireproof.rules.tls.name_mismatch import mismatch
from wireproof.wire.tls import TLS_1_3

if TYPE_CHECKING:
    from wireproof.messages.certificates import Certificate
    from wireproof.rules.tls._handshakes import Handshake

HOST = re.compile(r"(\*\.)?[a-z0-9_-]+(\.[a-z0-9_-]+)*\.?", re.IGNORECASE)
Use = tuple[str, str, str]
"""Client, server, and the likeness of the certificate; "" where the session shows none."""


def may_be_unused(handshake: Handshake) -> bool:
    """Whether the client closed after a finished handshake in which nothing speaks against the certificate.

    Health checks and connections opened in advance look like this. TLS 1.3 hides what would speak against it: no.
    """
    stop = handshake.stop()
    if stop is None or stop.kind != "closed" or not handshake.session.completed:
        return False
    if handshake.session.version >= TLS_1_3:
        return False
    return mismatch(handshake) is None and out_of_date(handshake) is None


def names_no_host(certificate: Certificate) -> bool:
    """Whether no host at all can have a name of this certificate, as that of a default one made by a program."""
    return not any(HOST.fullmatch(name) or is_address(name) for name in certificate.named)


def uses(found: Iterable[Handshake]) -> set[Use]:
    """Which client carried data to which server behind which certificate."""
    return {_use(handshake) for handshake in found if handshake.carried_data}


def is_used_elsewhere(handshake: Handshake, used: set[Use]) -> bool:
    """Whether the client carried data to this server in another session, with the same certificate or one not shown."""
    own = _use(handshake)
    return own in used or (*own[:2], "") in used


def _use(handshake: Handshake) -> Use:
    return handshake.client, handshake.server, handshake.leaf.likeness if handshake.leaf else ""
