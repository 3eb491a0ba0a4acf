# cython: language_level=3, boundscheck=True, wraparound=False, cdivision=True
"""The segments that stand for the packets of opened conversations, found in one walk through each conversation.

Takes columns: what each side says, how far its packets reached, the packets themselves; fills records of EVENT and tells which packets
carried what is said. Reads no byte of a frame.

All that a side says and does is in order of rank, so a walk takes what comes next of either side, and remembers only how far both have
come. Nothing that the file has not shown before is ever acknowledged.

For example packet 9 completes the client's first record, 99 bytes that hold 70. A segment with bytes 0 to 70 stands for it, and is put down as
(rank 9, need 99, end 70): 99 is how far the client's raw stream reaches by then. Packet 10, the server's, acknowledges 99. As all that the piece
was made of is acknowledged and it was shown before, the client is heard up to 70, and that is what the segment for packet 10 acknowledges; the
server has told 70, so that another packet with the same acknowledgement gets no segment.
"""

from libc.stdint cimport INT64_MAX, INT64_MIN, int32_t, int64_t, uint8_t, uint16_t, uint32_t

from wireproof.export._event cimport Event

cdef enum:
    FIN = 0x01
    SYN = 0x02
    RST = 0x04
    PSH = 0x08
    ACK = 0x10
    NOTHING = 0
    NEAR = 8

cdef struct Side:
    int32_t stream
    uint32_t base
    uint16_t ident
    # What comes next of its pieces, its packets and its stretches by rank, and where those end.
    int64_t piece, last_piece, packet, last_packet, stretch, last_stretch
    # Ranks of what happens once; -1 where it does not, or did already. `answered` is that of the SYN/ACK that its SYN got.
    int64_t syn, fin, rst, answered
    # Rank and row of its last piece, and what it has written up to there.
    int64_t rank, row, written
    # How far its raw stream reached, and how far it acknowledged the other one's; `told` is what its last packet acknowledged of what is written.
    int64_t reach, acked, told
    # Pieces that were put down for the other side to acknowledge, the first of them that it has not, and how much it has.
    int64_t put, open, heard
    # Where what carried its last piece begins.
    int64_t carrier
    # At the rank at hand: its packet that acknowledges something, -1 for none, and whether it says something.
    int64_t here
    bint speaks


cdef class Weaver:
    """A walk through conversations whose pieces, sides and packets are given, and when each has its turn.

    `closes` holds two columns by stream: how much was sent before the FIN and not captured, and whether bytes that could not be read stand there
    besides. All of it is read as it is; a place outside a column is an IndexError.
    """

    cdef const int64_t[::1] starts, ends, begins, piece_rows, raw_starts, raw_ends
    cdef const uint8_t[::1] sources
    cdef const int64_t[::1] carrier_starts, carrier_ends, carrier_rows, carrier_first
    cdef const int64_t[::1] packet_rows, packet_ranks, piece_ranks, stretch_ranks, stretch_ends
    cdef const int64_t[::1] piece_first, packet_first
    cdef const int64_t[::1] syn_rows, fin_rows, rst_rows, syn_ranks, fin_ranks, rst_ranks, missing
    cdef const uint8_t[::1] unread
    cdef const uint32_t[::1] bases, acks
    cdef const int64_t[::1] times
    cdef const uint16_t[::1] flags
    cdef Event[::1] events
    cdef int64_t[:, ::1] put, carriers
    cdef Side[2] both
    cdef int64_t time_ns, largest
    cdef readonly int64_t count, listed

    def __init__(self, said, sides, rows, turns, closes, packets):
        raw = sides.raw
        self.starts, self.ends, self.begins, self.piece_rows = said.start, said.end, said.begin, said.row
        self.raw_starts, self.raw_ends, self.sources = said.raw_start, said.raw_end, said.source
        self.carrier_starts, self.carrier_ends, self.carrier_rows, self.carrier_first = raw.start, raw.end, raw.row, raw.first
        self.packet_rows, self.packet_ranks = rows.row, rows.rank
        self.piece_ranks, self.stretch_ranks, self.stretch_ends = turns.piece, turns.stretch, turns.reach
        self.piece_first, self.packet_first = turns.piece_first, turns.packet_first
        self.syn_rows, self.fin_rows, self.rst_rows = sides.syn, sides.fin, sides.rst
        self.syn_ranks, self.fin_ranks, self.rst_ranks = turns.syn, turns.fin, turns.rst
        self.missing, self.unread = closes
        self.bases = sides.base
        self.times, self.flags, self.acks = packets.time_ns, packets.flags, packets.ack

    def weave(self, events, put, carriers, int64_t largest):
        """Fill `events` (EVENT) with the segments of all streams; give (how many there are, how many lists of carriers).

        `carriers` becomes the stretches, from and up to which place, that carried a piece other than its row alone does; `put` is room for three
        numbers a piece and a FIN. A segment holds `largest` bytes at most. Raises IndexError where any of them has too little room.
        """
        cdef Py_ssize_t talk
        cdef int64_t rank
        self.events, self.put, self.carriers, self.largest = events, put, carriers, largest
        self.count = self.listed = 0
        for talk in range(self.bases.shape[0] // 2):
            self.time_ns = INT64_MIN
            self.begin(&self.both[0], 2 * talk)
            self.begin(&self.both[1], 2 * talk + 1)
            self.await_answer(&self.both[0], &self.both[1])
            self.await_answer(&self.both[1], &self.both[0])
            while True:
                rank = min(self.next_rank(&self.both[0]), self.next_rank(&self.both[1]))
                if rank == INT64_MAX:
                    break
                self.step(rank)
        return self.count, self.listed

    cdef int begin(self, Side* side, int64_t stream) except -1:
        side.stream, side.base, side.ident = <int32_t> stream, self.bases[stream], 0
        side.piece, side.last_piece = self.piece_first[stream], self.piece_first[stream + 1]
        side.stretch, side.last_stretch = self.carrier_first[stream], self.carrier_first[stream + 1]
        side.packet, side.last_packet = self.packet_first[stream], self.packet_first[stream + 1]
        side.syn, side.fin, side.rst = self.syn_ranks[stream], self.fin_ranks[stream], self.rst_ranks[stream]
        side.rank, side.row, side.written = 0, 0, 0
        side.reach, side.acked, side.told = 0, -1, 0
        # Of each stream before this one there may be a FIN besides its pieces.
        side.put = side.open = side.piece + stream
        side.heard, side.carrier = 0, side.stretch
        return 0

    cdef int await_answer(self, Side* side, Side* other) except -1:
        side.answered = -1
        if side.syn >= 0 and other.syn >= 0 and not self.flags[self.syn_rows[side.stream]] & ACK:
            side.answered = other.syn
        return 0

    cdef int64_t next_rank(self, Side* side) except -1:
        """When next something of this side is to be written, or it acknowledges something."""
        cdef int64_t rank = self.next_said(side)
        while side.packet < side.last_packet and not self.flags[self.packet_rows[side.packet]] & ACK:
            side.packet += 1
        if side.packet < side.last_packet:
            rank = min(rank, self.packet_ranks[side.packet])
        if side.syn >= 0:
            rank = min(rank, side.syn)
        if side.rst >= 0:
            rank = min(rank, side.rst)
        return rank

    cdef inline int64_t next_said(self, Side* side) except -1:
        """When its next piece or its FIN comes: no byte is written before those that stand before it."""
        if side.piece < side.last_piece:
            return max(side.rank, self.piece_ranks[side.piece])
        return max(side.rank, side.fin) if side.fin >= 0 else INT64_MAX

    cdef int step(self, int64_t rank) except -1:
        """Write everything of one rank. Segments of one packet stay in the order of their stream."""
        cdef Side* one = &self.both[0]
        cdef Side* other = &self.both[1]
        self.arrive(one, rank)
        self.arrive(other, rank)
        self.acknowledge(one, other, rank)
        self.acknowledge(other, one, rank)
        self.hear(one, other, rank)
        self.hear(other, one, rank)
        self.put_syn(one, other, rank)
        self.put_syn(other, one, rank)
        self.put_pieces(one, other, rank)
        self.put_pieces(other, one, rank)
        self.put_fin(one, other, rank)
        self.put_fin(other, one, rank)
        self.put_ack(one, other, rank)
        self.put_ack(other, one, rank)
        self.put_rst(one, other, rank)
        self.put_rst(other, one, rank)
        return 0

    cdef inline int arrive(self, Side* side, int64_t rank) except -1:
        """How far the raw stream reaches in the packets up to a rank."""
        while side.stretch < side.last_stretch and self.stretch_ranks[side.stretch] <= rank:
            side.reach = max(side.reach, self.stretch_ends[side.stretch])
            side.stretch += 1
        side.speaks, side.here = False, -1
        return 0

    cdef inline int acknowledge(self, Side* side, Side* other, int64_t rank) except -1:
        """Take what its packet at this rank acknowledges: the offset nearest to what the other side had sent by then, past 2**32 too."""
        cdef int64_t row, offset
        if side.packet >= side.last_packet or self.packet_ranks[side.packet] != rank:
            return 0
        row = self.packet_rows[side.packet]
        side.packet += 1
        side.here = row
        offset = other.reach + <int32_t> (self.acks[row] - other.base - <uint32_t> other.reach)
        side.acked = max(side.acked, max(offset, 0))
        return 0

    cdef inline int hear(self, Side* side, Side* other, int64_t rank) except -1:
        """How much of what this side wrote the other one acknowledges: what was shown before, and was made of what that one had."""
        while side.open < side.put and self.put[side.open, 0] < rank and self.put[side.open, 1] <= other.acked:
            side.heard = self.put[side.open, 2]
            side.open += 1
        return 0

    cdef inline int show(self, Side* side, int64_t rank, int64_t need, int64_t end) except -1:
        """Put something down for the other side to acknowledge, for which that has to have the raw stream up to `need`."""
        self.put[side.put, 0], self.put[side.put, 1], self.put[side.put, 2] = rank, need, end
        side.put += 1
        side.written, side.rank, side.speaks = end, rank, True
        return 0

    cdef Event* add(self, Side* side, Side* other, int64_t row, uint8_t flags) except NULL:
        """A segment at the time of a packet; where the capture's clock went back, at that of the one before."""
        cdef Event* event = &self.events[self.count]
        self.count += 1
        self.time_ns = max(self.time_ns, self.times[row])
        event.time_ns, event.row, event.carried, event.begin = self.time_ns, row, -1, 0
        event.stream, event.size, event.ident = side.stream, 0, side.ident
        side.ident += 1
        event.seq = side.base + <uint32_t> side.written
        event.ack = other.base + <uint32_t> other.heard if flags & ACK else 0
        event.flags, event.source = flags, NOTHING
        return event

    cdef inline int put_syn(self, Side* side, Side* other, int64_t rank) except -1:
        cdef int64_t row
        if side.syn == rank:
            row = self.syn_rows[side.stream]
            self.add(side, other, row, self.flags[row] & (SYN | ACK)).seq = side.base - 1
            side.syn = -1
        return 0

    cdef inline int put_rst(self, Side* side, Side* other, int64_t rank) except -1:
        cdef int64_t row
        if side.rst == rank:
            row = self.rst_rows[side.stream]
            self.add(side, other, row, self.flags[row] & (RST | ACK))
            side.rst = -1
        return 0

    cdef inline int put_ack(self, Side* side, Side* other, int64_t rank) except -1:
        """An ACK without data, where it acknowledges more than any before or ends the handshake, and nothing else stands for its packet."""
        cdef bint more
        if side.here < 0:
            return 0
        more = other.heard > side.told
        side.told = other.heard
        # Whoever sent data or a FIN before the answer came has no handshake to end.
        if side.answered >= 0 and rank > side.answered and side.written == 0:
            side.answered, more = -1, True
        if more and not side.speaks and not self.flags[side.here] & RST:
            self.add(side, other, side.here, ACK)
        return 0

    cdef inline int put_fin(self, Side* side, Side* other, int64_t rank) except -1:
        """A FIN, behind the last piece and behind what is missing there."""
        cdef int64_t stream = side.stream, first = self.carrier_first[stream], last = self.carrier_first[stream + 1], end = 0
        if side.piece < side.last_piece or self.next_said(side) != rank:
            return 0
        if last > first:
            end = self.carrier_ends[last - 1]
        side.written += self.missing[stream]
        if self.unread[stream]:
            side.written += max(end - (self.put[side.put - 1, 1] if side.put > self.piece_first[stream] + stream else 0), 0)
        self.add(side, other, self.fin_rows[stream] if side.fin >= side.rank else side.row, FIN | ACK)
        self.show(side, rank, end + self.missing[stream] + 1, side.written + 1)
        side.fin = -1
        return 0

    cdef inline int put_pieces(self, Side* side, Side* other, int64_t rank) except -1:
        """Data, one segment a piece but for the very longest."""
        while side.piece < side.last_piece and self.next_said(side) == rank:
            if self.piece_ranks[side.piece] >= side.rank:
                side.row = self.piece_rows[side.piece]
            self.put_piece(side, other)
            self.show(side, rank, side.reach, self.ends[side.piece])
            side.piece += 1
        return 0

    cdef int put_piece(self, Side* side, Side* other) except -1:
        cdef int64_t start = self.starts[side.piece], end = self.ends[side.piece], begin = self.begins[side.piece], size, carried
        cdef Event* event
        if start >= end:
            return 0
        carried = self.list_carriers(side)
        while start < end:
            size = min(end - start, self.largest)
            event = self.add(side, other, side.row, PSH | ACK if start + size == end else ACK)
            event.seq = side.base + <uint32_t> start
            event.source, event.begin, event.size = self.sources[side.piece], begin, <uint16_t> size
            event.carried = carried
            start, begin = start + size, begin + size
        return 0

    cdef int64_t list_carriers(self, Side* side) except -2:
        """The place of the list of stretches that carried the next piece; -1 where its row is all of them."""
        cdef int64_t stream = side.stream, first = self.carrier_first[stream], last = self.carrier_first[stream + 1], begin, end
        begin = first_above(self.carrier_ends, first, last, side.carrier, self.raw_starts[side.piece])
        end = first_above(self.carrier_starts, first, last, begin, self.raw_ends[side.piece] - 1)
        side.carrier = begin
        if end <= begin or (end == begin + 1 and self.carrier_rows[begin] == side.row):
            return -1
        self.carriers[self.listed, 0], self.carriers[self.listed, 1] = begin, end
        self.listed += 1
        return self.listed - 1


cdef int64_t first_above(const int64_t[::1] numbers, int64_t low, int64_t high, int64_t near, int64_t limit) except -1:
    """The first place from `low` up to `high` whose number is above a limit; they rise. It is looked for from `near` on first."""
    cdef int64_t middle, steps = 0
    if near > low and numbers[near - 1] > limit:
        high = near - 1
    else:
        low = near
        while low < high and steps < NEAR:
            if numbers[low] > limit:
                return low
            low += 1
            steps += 1
    while low < high:
        middle = (low + high) // 2
        if numbers[middle] > limit:
            high = middle
        else:
            low = middle + 1
    return low
