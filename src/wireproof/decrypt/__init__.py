"""TLS opened with keys: which records of a capture can be read, what they hold, and why others can't.

Takes a capture's tables and a ring of keys; gives `Clear`: clear streams, and one outcome a session. Writes no file and judges nothing.
"""

from __future__ import annotations
