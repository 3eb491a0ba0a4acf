"""Logs, command outputs and traces in text or binary form: bytes to typed records with line numbers and times.

Takes bytes and a file's name; gives `Log`s. Knows no capture and judges nothing.
"""

from __future__ import annotations

from wireproof.logs.log import Event, Log
from wireproof.logs.reading import read_logs

__all__ = ["Event", "Log", "read_logs"]
