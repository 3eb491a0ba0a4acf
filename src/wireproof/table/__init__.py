"""The columnar packet table: one row a frame, one column a header field."""

from wireproof.table.packets import PacketTable

__all__ = ["PacketTable"]
