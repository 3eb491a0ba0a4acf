"""A capture's TLS sessions as plain dicts, for the JSON of `decrypt` and of `check`.

Takes session tables; gives fixed keys in a fixed order. Keys are only ever added.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from wireproof import __version__
from wireproof.decrypt.outcome import Status
from wireproof.report.sessions.words import unused

if TYPE_CHECKING:
    from wireproof.report.sessions.keys import KeyItem
    from wireproof.report.sessions.outcome import Decrypted, Written
    from wireproof.report.sessions.table import ReasonGroup, SessionRow, SessionTable


def render_decrypted_json(made: Decrypted) -> str:
    """What `decrypt` tells as indented JSON with a line end."""
    document = {
        "wireproof": __version__,
        "captures": [
            {
                "name": item.name,
                "file": item.file,
                "packets": item.packets,
                "decryption": make_decryption(table),
                "written": _written(made.written.get(item.name)),
            }
            for item, table in made.captures
        ],
        "views": [{"text": view.text, "command": view.command or None} for view in made.views],
        "notes": list(made.notes),
    }
    return json.dumps(document, ensure_ascii=False, indent=1, allow_nan=False) + "\n"


def _written(written: Written | None) -> dict[str, Any] | None:
    if written is None:
        return None
    done = written.exported
    return {
        "file": written.file,
        "frames": done.frames,
        "clear_frames": done.clear,
        "inner_frames": done.inner,
        "conversations": done.conversations,
        "redacted": done.redacted,
        "left_out": {why: number for why, number in done.left_out.items() if number},
        "notes": list(done.notes),
    }


def make_decryption(table: SessionTable) -> dict[str, Any]:
    """All sessions of one capture, what opened them, and why some stay closed."""
    return {
        "sessions": len(table.rows),
        "decrypted": table.count(Status.DECRYPTED),
        "partly": table.count(Status.PARTLY),
        "closed": table.count(Status.CLOSED),
        "keys": [_key(key) for key in table.keys],
        "reasons": [_reason(group) for group in table.groups],
        "table": [_session(row) for row in table.rows],
    }


def _key(key: KeyItem) -> dict[str, Any]:
    return {
        "name": key.name,
        "kind": key.kind,
        "keys": key.count,
        "opened": key.opened,
        "unused": unused(key) or None,
        "notes": list(key.notes),
    }


def _reason(group: ReasonGroup) -> dict[str, Any]:
    return {"reason": group.reason.value, "sessions": len(group.rows), "advice": group.advice}


def _session(row: SessionRow) -> dict[str, Any]:
    return {
        "number": row.number,
        "conversation": row.conversation,
        "frame": row.frame or None,
        "client": row.client,
        "server": row.server,
        "server_name": row.server_name,
        "family": row.family,
        "version": row.version,
        "suite": row.suite,
        "inside": row.inside,
        "state": row.status.value,
        "reason": row.reason.value or None,
        "why": row.text,
        "why_frame": row.reason_frame or None,
        "certificate": row.certificate or None,
        "thumbprint": row.thumbprint or None,
        "key": row.key or None,
        "resumed": row.resumed,
        "handshakes": row.handshakes,
        "sessions": row.sessions,
        "records": row.records,
        "bytes": row.octets,
        "unread_records": row.unread,
    }
