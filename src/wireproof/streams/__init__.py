"""Byte streams of conversations, on demand: recognised by their first bytes, put in order, gaps kept as gaps."""

from wireproof.streams.protocols import Protocols, find_protocols
from wireproof.streams.stream import Stream, TalkStreams
from wireproof.streams.streams import open_streams

__all__ = ["Protocols", "Stream", "TalkStreams", "find_protocols", "open_streams"]
