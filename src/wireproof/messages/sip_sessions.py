"""What parties of SIP dialogs agreed on for media: offers and answers by Call-ID, with every transport address they named.

Takes SIP messages of the captures of a case; gives one `MediaSession` a Call-ID. Judges nothing.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from wireproof.wire.sdp import Candidate, Media, unpack_sdp

if TYPE_CHECKING:
    from wireproof.messages.sip import SipMessage

DESCRIPTIONS_MOST = 64
"""Descriptions of one dialog that are read: a long call may send a re-INVITE each minute, always with the same addresses."""

NAMED_MOST = 1024
"""Transport addresses of one party that are followed."""


@dataclass(slots=True)
class Description:
    """One session description: who sent it (the tag of From or To), in which message of which capture, and its media."""

    tag: str
    capture: int
    message: SipMessage
    media: tuple[Media, ...]


@dataclass(slots=True)
class MediaSession:
    """One Call-ID's media as the captures show them.

    `caller` is the From tag of the first message; everybody else is called. `status` is the final response to the INVITE (0 when none
    was seen), `ended` the first BYE or CANCEL with the capture that shows it.
    """

    call_id: str
    caller: str
    descriptions: list[Description] = field(default_factory=list)
    messages: list[SipMessage] = field(default_factory=list)
    status: int = 0
    ended: tuple[int, SipMessage] | None = None
    _named: dict[bool, list[tuple[str, Candidate]]] = field(default_factory=dict, repr=False)

    @property
    def uses_ice(self) -> bool:
        """Whether any description has candidates."""
        return any(media.candidates for described in self.descriptions for media in described.media)

    @property
    def is_wanted(self) -> bool:
        """Whether media were to flow: the call was not turned down, or it was for want of media."""
        return self.status < 300 or self.blames_media

    @property
    def sides(self) -> list[Description]:
        """The caller's and the other party's first description, as far as captures show them."""
        own = [described for described in self.descriptions if described.tag == self.caller]
        other = [described for described in self.descriptions if described.tag != self.caller]
        return own[:1] + other[:1]

    @property
    def blames_media(self) -> bool:
        """Whether a party says in its diagnostics that media could not connect (MS-OCER: 21 to 25 and alike)."""
        return any("media connectivity failure" in text.lower() for text in self.diagnostics)

    def span_ns(self, capture: int) -> tuple[int, int] | None:
        """Times of the first and last description that a capture shows, None when it shows none."""
        times = [described.message.time_ns for described in self.descriptions if described.capture == capture]
        return (min(times), max(times)) if times else None

    @property
    def diagnostics(self) -> list[str]:
        """Values of ms-diagnostics and ms-client-diagnostics headers."""
        return list(dict.fromkeys(text for message in self.messages for text in message.diagnostics))

    def addresses(self, of_caller: bool) -> list[tuple[str, Candidate]]:
        """(kind of media, transport address) of everything that one party, or the other ones, named; each once.

        Ask when the session is complete: what was found is kept.
        """
        if of_caller not in self._named:
            found: dict[tuple[str, Candidate], None] = {}
            for described in self.descriptions:
                if (described.tag == self.caller) == of_caller:
                    for media in described.media:
                        found.update(dict.fromkeys((media.kind, address) for address in media.addresses))
            self._named[of_caller] = list(found)[:NAMED_MOST]
        return self._named[of_caller]


def find_sessions(captures: Iterable[Iterable[SipMessage]]) -> list[MediaSession]:
    """Sessions in which somebody described media, in order of their first message."""
    sessions: dict[str, MediaSession] = {}
    for capture, messages in enumerate(captures):
        for message in messages:
            if message.call_id not in sessions and (message.sdp or message.method == "INVITE"):
                sessions[message.call_id] = MediaSession(message.call_id, message.from_tag or message.from_uri)
            if message.call_id in sessions:
                _add(sessions[message.call_id], capture, message)
    return [session for session in sessions.values() if session.descriptions]


def _add(session: MediaSession, capture: int, message: SipMessage) -> None:
    if message.repeat:
        return
    if len(session.messages) < 4 * DESCRIPTIONS_MOST:
        session.messages.append(message)
    if message.method == "INVITE" and message.status >= 200 and message.status not in {401, 407}:
        # A success makes the call; later failures are those of forks or of re-INVITEs.
        if not 200 <= session.status < 300:
            session.status = message.status
    elif message.method in {"BYE", "CANCEL"} and message.is_request and session.ended is None:
        session.ended = capture, message
    if len(session.descriptions) < DESCRIPTIONS_MOST:
        for text in message.sdp[:4]:
            session.descriptions.append(Description(message.sender_tag, capture, message, unpack_sdp(text)))
