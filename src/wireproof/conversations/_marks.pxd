# TCP marks with Wireshark's meanings (`tcp.analysis.*`), one small function each, and the order in which they apply.
#
# Rule 1: a function says whether its mark fits; only `mark_segment` combines them, and only `remember` changes state.
# Rule 2: the meaning is Wireshark 4.0's; docs/tcp-marks.md lists where wireproof differs on purpose.

from libc.stdint cimport int64_t, uint32_t
from libc.stdlib cimport free, realloc

from wireproof.conversations._state cimport *

cdef enum:
    # Wireshark calls a retransmission fast within this time of the duplicate ACK that asked for it.
    FAST_WITHIN_NS = 20000000
    # How late a reordered segment may be while no round-trip time is known.
    REORDERED_WITHIN_NS = 3000000
    # A capture that lacks one direction never sees an ACK: the list of what is in flight has to end somewhere.
    UNACKED_MOST = 10000


cdef inline bint is_zero_window_probe(Segment* s, Analysis* fwd, Analysis* rev) noexcept nogil:
    """One byte at the next expected number, while the other side's window is 0."""
    return s.length == 1 and fwd.has_nextseq and s.seq == fwd.nextseq and rev.has_ack and rev.window == 0


cdef inline bint is_zero_window(Segment* s) noexcept nogil:
    return s.window == 0 and not s.flags & (SYN | FIN | RST)


cdef inline bint is_after_lost_segment(Segment* s, Analysis* fwd) noexcept nogil:
    """It starts beyond what this side had sent so far: something before it is not in the capture."""
    return fwd.has_nextseq and after(s.seq, fwd.nextseq) and not s.flags & RST


cdef inline bint is_keep_alive(Segment* s, Analysis* fwd) noexcept nogil:
    """At most one byte, one before the next expected number (RFC 9293 section 3.8.4)."""
    return s.length <= 1 and fwd.has_nextseq and s.seq == fwd.nextseq - 1 and not s.flags & (SYN | FIN | RST)


cdef inline bint repeats_last_ack(Segment* s, Analysis* fwd) noexcept nogil:
    """An empty segment that says again what this side's last one said, its window left aside."""
    return (s.length == 0 and fwd.has_ack and fwd.has_nextseq and s.seq == fwd.nextseq and s.ack == fwd.lastack
            and not s.flags & (SYN | FIN | RST))


cdef inline bint is_window_update(Segment* s, Analysis* fwd) noexcept nogil:
    return repeats_last_ack(s, fwd) and s.window != 0 and s.window != fwd.window


cdef inline bint fills_window(Segment* s, Analysis* rev) noexcept nogil:
    """Its data ends exactly where the other side's announced window ends."""
    cdef int scale
    if s.length == 0 or rev.scale == SCALE_UNKNOWN or s.flags & (SYN | FIN | RST):
        return False
    scale = rev.scale if rev.acked_once and rev.scale > 0 else 0
    return s.seq + s.length == rev.lastack + (rev.window << scale)


cdef inline bint is_keep_alive_ack(Segment* s, Analysis* fwd, Analysis* rev) noexcept nogil:
    return (repeats_last_ack(s, fwd) and s.window != 0 and s.window == fwd.window
            and rev.last_marks & M_KEEP_ALIVE != 0)


cdef inline bint takes_probe(Segment* s, Analysis* rev) noexcept nogil:
    """It acknowledges the byte of the window probe that the other side sent last."""
    return rev.last_marks & M_PROBE != 0 and s.ack == rev.nextseq + 1


cdef inline bint is_probe_ack(Segment* s, Analysis* fwd, Analysis* rev) noexcept nogil:
    """The answer to a zero window probe: the window still closed, the probe's byte taken or not."""
    return (s.length == 0 and s.window == 0 and fwd.has_ack and fwd.window == 0 and fwd.has_nextseq
            and s.seq == fwd.nextseq and (s.ack == fwd.lastack or takes_probe(s, rev))
            and rev.last_marks & M_PROBE != 0 and not s.flags & (SYN | FIN | RST))


cdef inline bint is_duplicate_ack(Segment* s, Analysis* fwd) noexcept nogil:
    return repeats_last_ack(s, fwd) and s.window != 0 and s.window == fwd.window


cdef inline bint acks_unseen(Segment* s, Analysis* rev) noexcept nogil:
    return rev.has_max and s.flags & ACK and after(s.ack, rev.max_to_ack)


cdef inline bint repeats_ack_lost(Analysis* rev) noexcept nogil:
    """The other side has not moved since an ACK beyond all that it sent was marked, or repeats its own last ACK."""
    return (rev.gap_told or rev.duplicate_acks > 0) and rev.max_to_ack == rev.nextseq


cdef inline bint is_spurious(Segment* s, Analysis* rev) noexcept nogil:
    """All of its data had been acknowledged before it was sent."""
    return s.length > 0 and rev.has_ack and rev.lastack and not after(s.seq + s.length, rev.lastack)


cdef inline bint is_fast(Segment* s, Analysis* rev) noexcept nogil:
    """Sent at once after two duplicate ACKs that ask for it (one may be missing in the capture)."""
    return rev.duplicate_acks >= 2 and rev.lastack == s.seq and 0 <= s.time_ns - rev.lastack_ns < FAST_WITHIN_NS


cdef inline bint is_out_of_order(Segment* s, Analysis* fwd, int64_t first_rtt_ns) noexcept nogil:
    """Too early for a retransmission, and not the last segment once more: it was overtaken."""
    cdef int64_t within = first_rtt_ns if first_rtt_ns > 0 else REORDERED_WITHIN_NS
    return 0 <= s.time_ns - fwd.nextseq_ns < within and fwd.nextseq != s.seq + s.length + (s.flags & (SYN | FIN) != 0)


cdef inline uint32_t mark_repeat(Segment* s, Analysis* fwd, Analysis* rev, int64_t first_rtt_ns) noexcept nogil:
    """Of a segment with data, SYN or FIN that goes back: which kind of repeat it is."""
    # A longer segment that starts at the byte of a window probe brings new data.
    cdef bint back = fwd.has_nextseq and before(s.seq, fwd.nextseq)
    if s.length > 1 and fwd.nextseq - 1 == s.seq:
        back = False
    if is_spurious(s, rev):
        return M_SPURIOUS | M_RETRANSMISSION
    if not back:
        return 0
    if is_fast(s, rev):
        return M_FAST | M_RETRANSMISSION
    if is_out_of_order(s, fwd, first_rtt_ns):
        return M_OUT_OF_ORDER
    return M_RETRANSMISSION


cdef inline uint32_t mark_ack_beyond(Segment* s, Analysis* fwd, Analysis* rev) noexcept nogil:
    """An ACK past all data seen: of a probe's byte that opens the window again, or of data that the capture lacks."""
    if not acks_unseen(s, rev) or repeats_ack_lost(rev):
        return 0
    if takes_probe(s, rev) and s.seq == fwd.nextseq:
        rev.nextseq = rev.max_to_ack = s.ack
        return M_WINDOW_UPDATE
    if rev.max_to_ack == rev.nextseq:
        rev.gap_told = True
    rev.max_to_ack = rev.nextseq
    return M_ACK_LOST


cdef inline uint32_t mark_forward(Segment* s, Analysis* fwd, Analysis* rev) noexcept nogil:
    """Marks that compare the segment with what its own side sent before, first match of the exclusive ones winning."""
    cdef uint32_t marks = 0
    if is_zero_window_probe(s, fwd, rev):
        return M_PROBE
    if is_zero_window(s):
        marks |= M_ZERO_WINDOW
    if is_after_lost_segment(s, fwd):
        marks |= M_LOST
        fwd.in_flight_known = False
    if is_keep_alive(s, fwd):
        marks |= M_KEEP_ALIVE
    if is_window_update(s, fwd):
        marks |= M_WINDOW_UPDATE
    if fills_window(s, rev):
        marks |= M_WINDOW_FULL
    if is_keep_alive_ack(s, fwd, rev):
        return marks | M_KEEP_ALIVE_ACK
    if is_probe_ack(s, fwd, rev):
        if takes_probe(s, rev):
            rev.nextseq = rev.max_to_ack = s.ack
        return marks | M_PROBE_ACK
    if is_duplicate_ack(s, fwd):
        fwd.duplicate_acks += 1
        marks |= M_DUPLICATE_ACK
    return marks


cdef inline uint32_t mark_segment(Segment* s, Analysis* fwd, Analysis* rev, int64_t first_rtt_ns) noexcept nogil:
    """All marks of one segment, from what both sides had said before it."""
    cdef uint32_t marks
    if not fwd.has_base:
        fwd.base_seq = s.seq if s.flags & SYN else s.seq - 1
        fwd.has_base = True
    if s.flags & ACK:
        if not rev.has_base:
            rev.base_seq = s.ack - 1
            rev.has_base = True
        rev.in_flight_known = True
    marks = mark_forward(s, fwd, rev)
    if not fwd.has_ack or s.ack != fwd.lastack:
        fwd.duplicate_acks = 0
    marks |= mark_ack_beyond(s, fwd, rev)
    if (s.length or s.flags & (SYN | FIN)) and not marks & M_KEEP_ALIVE:
        marks |= mark_repeat(s, fwd, rev, first_rtt_ns)
    return marks


cdef inline void forget(Analysis* side) noexcept nogil:
    """Give back the list of unacknowledged segments."""
    free(side.unacked)
    side.unacked = NULL
    side.unacked_first = side.unacked_end = side.unacked_room = 0
    side.jumbled = False


cdef inline bint make_room(Analysis* fwd) noexcept nogil:
    """Space for one more entry: move the list to the front of its block, or double the block."""
    cdef uint32_t i, room, count = fwd.unacked_end - fwd.unacked_first
    cdef void* grown
    if fwd.unacked_first > fwd.unacked_room // 2:
        for i in range(count):
            fwd.unacked[i] = fwd.unacked[fwd.unacked_first + i]
        fwd.unacked_first, fwd.unacked_end = 0, count
        return True
    room = fwd.unacked_room * 2 if fwd.unacked_room else 8
    grown = realloc(fwd.unacked, room * sizeof(Unacked))
    if grown == NULL:
        return False
    fwd.unacked = <Unacked*>grown
    fwd.unacked_room = room
    return True


cdef inline bint keep_unacked(Segment* s, Analysis* fwd, uint32_t nextseq) noexcept nogil:
    """Remember a segment until it is acknowledged. False when memory ran out."""
    cdef Unacked* entry
    if fwd.unacked_first == fwd.unacked_end:
        fwd.unacked_first = fwd.unacked_end = 0
        fwd.jumbled = False
    if fwd.unacked_end - fwd.unacked_first >= UNACKED_MOST:
        return True
    if fwd.unacked_end == fwd.unacked_room and not make_room(fwd):
        return False
    if fwd.unacked_end > fwd.unacked_first and before(s.seq, fwd.unacked[fwd.unacked_end - 1].nextseq):
        fwd.jumbled = True
    entry = &fwd.unacked[fwd.unacked_end]
    entry.time_ns, entry.seq, entry.nextseq = s.time_ns, s.seq, nextseq
    entry.row, entry.length = s.row, s.length
    fwd.unacked_end += 1
    return True


cdef inline void drop_acked(Segment* s, Analysis* rev) noexcept nogil:
    """Take what this segment acknowledges off the other side's list; note the first one whose end it names."""
    cdef uint32_t i, kept = rev.unacked_first
    cdef Unacked* entry
    for i in range(rev.unacked_first, rev.unacked_end):
        entry = &rev.unacked[i]
        if entry.nextseq == s.ack and s.acked_ns < 0:
            s.acks_row = entry.row + 1
            s.acked_ns = entry.time_ns
            s.acked_length = entry.length
        if not after(entry.nextseq, s.ack):
            if not rev.jumbled:
                rev.unacked_first = kept = i + 1
            continue
        if after(s.ack, entry.seq):
            entry.seq = s.ack
        if not rev.jumbled:
            return              # in order: nothing behind this one is acknowledged
        if kept != i:
            rev.unacked[kept] = entry[0]
        kept += 1
    if rev.jumbled:
        rev.unacked_end = kept


cdef inline uint32_t count_in_flight(Segment* s, Analysis* fwd, Analysis* rev) noexcept nogil:
    """Bytes from the oldest unacknowledged one to the newest sent, without what the other side has selectively
    acknowledged; 0 while the capture can't tell."""
    cdef uint32_t i, low, high, last = fwd.unacked_end - 1
    if fwd.unacked_first == fwd.unacked_end or not fwd.in_flight_known:
        return 0
    low, high = fwd.unacked[fwd.unacked_first].seq, fwd.unacked[last].nextseq
    if fwd.jumbled:
        for i in range(fwd.unacked_first, fwd.unacked_end):
            if before(fwd.unacked[i].seq, low):
                low = fwd.unacked[i].seq
            if after(fwd.unacked[i].nextseq, high):
                high = fwd.unacked[i].nextseq
    high -= s.flags & FIN       # its number is no byte
    if high - low >= 2000000000:
        return 0
    return high - low - count_sacked(rev, low, high)


cdef inline uint32_t count_sacked(Analysis* rev, uint32_t low, uint32_t high) noexcept nogil:
    """Bytes between `low` and `high` that this side's last segment holds beyond a gap (RFC 2018)."""
    cdef uint32_t i, left, right, total = 0
    for i in range(rev.sacks):
        left, right = rev.sack_left[i], rev.sack_right[i]
        if after(right, left) and not before(left, low) and not after(right, high):
            total += right - left
    return total if total < high - low else high - low


cdef inline bint remember(Segment* s, uint32_t marks, Analysis* fwd, Analysis* rev) noexcept nogil:
    """Bring both sides' memory up to after this segment. False when memory ran out."""
    cdef uint32_t nextseq = s.seq + s.length
    if s.flags & (SYN | FIN):
        nextseq += 1
    if s.length or s.flags & (SYN | FIN):
        if not keep_unacked(s, fwd, nextseq):
            return False
    # A reset that answers a SYN has sequence number 0, which is not its sender's (RFC 9293 section 3.5.2).
    if not marks & M_PROBE and not (s.flags & RST and s.seq == 0):
        if not fwd.has_nextseq or after(nextseq, fwd.nextseq):
            fwd.nextseq, fwd.nextseq_ns, fwd.has_nextseq = nextseq, s.time_ns, True
        if not fwd.has_max or s.seq == fwd.max_to_ack:
            fwd.max_to_ack, fwd.has_max = fwd.nextseq, True
    if not fwd.has_ack or s.ack != fwd.lastack:
        fwd.gap_told = False
    fwd.window = s.window
    fwd.lastack, fwd.lastack_ns, fwd.has_ack = s.ack, s.time_ns, True
    fwd.last_marks = marks
    if rev.unacked_first != rev.unacked_end:
        drop_acked(s, rev)
    if s.length:
        s.in_flight = count_in_flight(s, fwd, rev)
    return True
