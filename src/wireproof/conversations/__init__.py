"""Who talked, TCP marks, timing, and the byte ranges each side sent. Computes facts; judges nothing."""

from wireproof.conversations.read import CaptureTables, read_capture, read_tables
from wireproof.conversations.talks import Conversations, Talk

__all__ = ["CaptureTables", "Conversations", "Talk", "read_capture", "read_tables"]
