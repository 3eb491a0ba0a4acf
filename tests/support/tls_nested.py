"""Sessions inside sessions: what goes through a proxy that is itself reached over TLS.

Takes a session and how the proxy is reached; gives the outer session. Knows nothing of wireproof.
"""

from __future__ import annotations

from tests.support.talk import Send
from tests.support.tls_lab import Session, Setup, play

ASKED = b"CONNECT www.example.com:443 HTTP/1.1\r\nHost: www.example.com:443\r\n\r\n"
GRANTED = b"HTTP/1.1 200 Connection established\r\n\r\n"


def through_proxy(inner: Session, outer: Setup, asked: bytes = ASKED, granted: bytes = GRANTED) -> Session:
    """A session with a proxy, in which another one goes to a server behind it."""
    sends = [(step.by, step.data) for step in inner.steps if isinstance(step, Send) and isinstance(step.data, bytes)]
    before = [(by, data) for by, data in (("client", asked), ("server", granted)) if data]
    return play(outer, (*before, *sends))
