# A segment to write, as `EVENT` of events.py declares it.

from libc.stdint cimport int32_t, int64_t, uint8_t, uint16_t, uint32_t

cdef packed struct Event:
    int64_t time_ns
    int64_t row
    int64_t carried
    int64_t begin
    int32_t stream
    uint32_t seq
    uint32_t ack
    uint16_t size
    uint16_t ident
    uint8_t flags
    uint8_t source
