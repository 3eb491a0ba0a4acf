# cython: language_level=3, boundscheck=True, wraparound=False, initializedcheck=False, cdivision=True
"""Who talked with whom: conversations, their facts and TCP marks, batch by batch behind the decoder.

Takes the headers of a batch and fills the columns marked `track` in the schema; gives one record of facts a
conversation. Knows no file and judges nothing.
"""

from libc.stdint cimport int32_t, int64_t, uint8_t, uint16_t, uint32_t, uint64_t
from libc.stdlib cimport calloc, free, realloc
from libc.string cimport memcmp, memcpy, memset

from cython cimport view

from wireproof.conversations._marks cimport forget, mark_segment, remember
from wireproof.conversations._state cimport *
from wireproof.table._decode cimport HeaderBatch
from wireproof.wire._cursor cimport (
    Headers, L_FRAGMENT, L_OFFLOAD_LENGTH, L_QUOTED, L_TCP,
)

FACTS_SIZE = sizeof(Facts)
SIDE_SIZE = sizeof(SideFacts)

cdef struct Key:
    # Both addresses, then ports and protocol, in an order that makes both directions equal. Words, because they are
    # compared and hashed for every packet. `turned` says whether source and destination were exchanged; `stream` is
    # where the TCP analysis of the conversation is kept, -1 for none.
    uint64_t words[5]
    int32_t stream
    uint8_t turned


cdef inline Key key_of(Headers* h) noexcept nogil:
    cdef Key key
    cdef uint64_t source[2]
    cdef uint64_t destination[2]
    memcpy(source, h.source, 16)
    memcpy(destination, h.destination, 16)
    if source[1] != destination[1]:
        key.turned = source[1] > destination[1]
    elif source[0] != destination[0]:
        key.turned = source[0] > destination[0]
    else:
        key.turned = h.source_port > h.destination_port
    if key.turned:
        memcpy(key.words, destination, 16)
        memcpy(&key.words[2], source, 16)
        key.words[4] = <uint64_t>h.destination_port << 32 | <uint64_t>h.source_port << 16 | h.key_protocol
    else:
        memcpy(key.words, source, 16)
        memcpy(&key.words[2], destination, 16)
        key.words[4] = <uint64_t>h.source_port << 32 | <uint64_t>h.destination_port << 16 | h.key_protocol
    return key


cdef inline bint are_same(Key* one, Key* other) noexcept nogil:
    return ((one.words[4] ^ other.words[4]) | (one.words[1] ^ other.words[1]) | (one.words[3] ^ other.words[3])
            | (one.words[0] ^ other.words[0]) | (one.words[2] ^ other.words[2])) == 0


cdef inline bint is_ipv4(uint8_t* address) noexcept nogil:
    return memcmp(address, b"\0\0\0\0\0\0\0\0\0\0\xff\xff", 12) == 0


cdef inline uint64_t hash_of(Key* key) noexcept nogil:
    """Odd multipliers keep the words apart. The upper bits hold the mix: `Slot.tag` is the upper half, the place comes from below."""
    cdef uint64_t mixed = (
        key.words[0] * <uint64_t>0x9E3779B97F4A7C15 ^ key.words[1] * <uint64_t>0xC2B2AE3D27D4EB4F
        ^ key.words[2] * <uint64_t>0x165667B19E3779F9 ^ key.words[3] * <uint64_t>0xD6E8FEB86659FD93
        ^ key.words[4] * <uint64_t>0xFF51AFD7ED558CCD
    )
    mixed = (mixed ^ mixed >> 32) * <uint64_t>0x9E3779B97F4A7C15
    return mixed


cdef inline uint64_t place_of(uint64_t hashed) noexcept nogil:
    return hashed >> 24


cdef struct Slot:
    # The tag settles most searches that pass others' slots: their keys lie anywhere, and would have to come from memory.
    int32_t number                  # conversation, -1 for a free slot
    uint32_t tag


cdef class Tracker:
    """All conversations of one capture, in order of their first packet.

    `track` is called once a batch; `facts` then gives a copy of the records as bytes, `FACTS_SIZE` each.
    """

    cdef Facts* talks
    cdef Key* keys
    cdef Stream* streams
    cdef Slot* slots                # open-addressed hash table of conversations
    cdef Py_ssize_t talk_room, stream_room, slot_mask
    cdef int32_t recent             # conversation of the last packet, -1 for none
    cdef readonly Py_ssize_t count
    cdef readonly Py_ssize_t stream_count
    cdef bint handed_over

    def __cinit__(self):
        self.talks = NULL
        self.keys = NULL
        self.streams = NULL
        self.count = self.stream_count = self.talk_room = self.stream_room = 0
        self.recent = -1
        self.slot_mask = 1023
        self.slots = <Slot*>calloc(1024, sizeof(Slot))
        if self.slots == NULL:
            raise MemoryError
        memset(self.slots, 0xFF, 1024 * sizeof(Slot))

    def __dealloc__(self):
        cdef Py_ssize_t i
        for i in range(self.stream_count):
            forget(&self.streams[i].sides[0])
            forget(&self.streams[i].sides[1])
        free(self.talks)
        free(self.keys)
        free(self.streams)
        free(self.slots)

    def facts(self):
        """Hand over all records, conversation by conversation; their layout is `FACTS_DTYPE` in facts.py.

        The memory changes hands, nothing is copied. Raises RuntimeError when asked twice, and so does `track` afterwards.
        """
        cdef view.array records
        if self.handed_over:
            raise RuntimeError("the facts of a tracker can be taken once")
        self.handed_over = True
        if not self.count:
            return memoryview(bytearray())
        records = view.array((self.count * sizeof(Facts),), itemsize=1, format="B", allocate_buffer=False)
        records.data = <char*>self.talks
        records.callback_free_data = free
        self.talks = NULL
        return memoryview(records)

    def track(self, HeaderBatch batch, const int64_t[::1] time_ns, columns):
        """Find each packet's conversation, update its facts and mark TCP segments; `time_ns` is that column's whole array."""
        cdef int32_t[::1] conversation = columns.conversation
        cdef uint8_t[::1] direction = columns.direction
        cdef uint32_t[::1] marks = columns.marks
        cdef uint32_t[::1] in_flight = columns.in_flight
        cdef uint32_t[::1] acks_row = columns.acks_row
        cdef Py_ssize_t i, row
        cdef int32_t number
        cdef int side
        cdef uint32_t mark
        cdef Headers* h
        cdef Segment s
        cdef Key key
        if self.handed_over:
            raise RuntimeError("the facts of this tracker were taken")
        with nogil:
            for i in range(batch.count):
                h = &batch.headers[i]
                row = batch.first_row + i
                marks[row] = in_flight[row] = acks_row[row] = 0
                direction[row] = 0
                conversation[row] = -1
                if not h.has_key or h.layers & L_FRAGMENT:
                    continue
                key = key_of(h)
                number = self.find(&key)
                mark = 0
                if h.layers & L_TCP and h.usable and not h.layers & L_QUOTED:
                    number = self.renew(number, &key, h, &mark)
                if number < 0:
                    number = self.open(&key, h)
                    if number < 0:
                        with gil:
                            raise MemoryError
                self.recent = number
                side = 1 if key.turned != self.keys[number].turned else 0
                conversation[row] = number
                direction[row] = side
                if h.layers & L_QUOTED:
                    self.count_icmp(number, h, <uint32_t>row)
                    continue
                self.count_packet(number, side, h, <uint32_t>row, time_ns[row])
                if h.layers & L_TCP and h.usable:
                    fill_segment(&s, h, <uint32_t>row, time_ns[row])
                    mark |= self.follow(number, side, h, &s)
                    marks[row] = mark
                    in_flight[row] = s.in_flight
                    acks_row[row] = s.acks_row
                elif self.talks[number].protocol == 17 and h.length:
                    count_response(&self.talks[number], side, <uint32_t>row, time_ns[row])

    cdef int32_t find(self, Key* key) noexcept nogil:
        """The conversation of a key, -1 for none. Packets come in runs, so the last one's is looked at first."""
        cdef uint64_t at, hashed
        if self.recent >= 0 and are_same(&self.keys[self.recent], key):
            return self.recent
        hashed = hash_of(key)
        at = place_of(hashed) & self.slot_mask
        while self.slots[at].number >= 0:
            if self.slots[at].tag == <uint32_t>(hashed >> 32) and are_same(&self.keys[self.slots[at].number], key):
                return self.slots[at].number
            at = (at + 1) & self.slot_mask
        return -1

    cdef void place(self, int32_t number) noexcept nogil:
        """Enter a conversation into the hash table; one of the same key gives way to it."""
        cdef Key* key = &self.keys[number]
        cdef uint64_t hashed = hash_of(key)
        cdef uint64_t at = place_of(hashed) & self.slot_mask
        while self.slots[at].number >= 0:
            if self.slots[at].tag == <uint32_t>(hashed >> 32) and are_same(&self.keys[self.slots[at].number], key):
                break
            at = (at + 1) & self.slot_mask
        self.slots[at].number, self.slots[at].tag = number, <uint32_t>(hashed >> 32)

    cdef bint grow(self) noexcept nogil:
        """Room for one more conversation and, in the hash table, half as many again."""
        cdef Py_ssize_t room, i
        cdef void* grown
        if self.count == self.talk_room:
            room = self.talk_room * 2 if self.talk_room else 256
            grown = realloc(self.talks, room * sizeof(Facts))
            if grown == NULL:
                return False
            self.talks = <Facts*>grown
            grown = realloc(self.keys, room * sizeof(Key))
            if grown == NULL:
                return False
            self.keys = <Key*>grown
            self.talk_room = room
        if self.count * 2 >= self.slot_mask:
            room = (self.slot_mask + 1) * 2
            grown = realloc(self.slots, room * sizeof(Slot))
            if grown == NULL:
                return False
            self.slots = <Slot*>grown
            self.slot_mask = room - 1
            memset(self.slots, 0xFF, room * sizeof(Slot))
            for i in range(self.count):
                self.place(<int32_t>i)
        return True

    cdef int32_t open(self, Key* key, Headers* h) noexcept nogil:
        """Start a conversation whose side 0 is the sender of this packet. -1 when memory ran out."""
        cdef int32_t number = <int32_t>self.count
        cdef Facts* talk
        if not self.grow():
            return -1
        self.keys[number] = key[0]
        talk = &self.talks[number]
        memset(talk, 0, sizeof(Facts))
        memcpy(talk.addresses, h.source, 16)
        memcpy(&talk.addresses[16], h.destination, 16)
        talk.protocol = h.key_protocol
        talk.version = 4 if is_ipv4(h.source) else 6
        talk.sides[0].port, talk.sides[1].port = h.source_port, h.destination_port
        talk.sides[0].window_scale = talk.sides[1].window_scale = SCALE_UNKNOWN
        talk.sides[0].ttl_min = talk.sides[1].ttl_min = 255
        self.keys[number].stream = -1
        self.count += 1
        self.place(number)
        return number

    cdef Stream* stream(self, int32_t number) noexcept nogil:
        """The TCP analysis of a conversation, made when first asked for; NULL when memory ran out."""
        cdef Py_ssize_t room
        cdef void* grown
        cdef Stream* made
        if self.keys[number].stream >= 0:
            return &self.streams[self.keys[number].stream]
        if self.stream_count == self.stream_room:
            room = self.stream_room * 2 if self.stream_room else 64
            grown = realloc(self.streams, room * sizeof(Stream))
            if grown == NULL:
                return NULL
            self.streams = <Stream*>grown
            self.stream_room = room
        made = &self.streams[self.stream_count]
        memset(made, 0, sizeof(Stream))
        made.sides[0].scale = made.sides[1].scale = SCALE_UNKNOWN
        made.sides[0].in_flight_known = made.sides[1].in_flight_known = True
        made.conversation = number
        self.keys[number].stream = <int32_t>self.stream_count
        self.stream_count += 1
        return made

    cdef int32_t renew(self, int32_t number, Key* key, Headers* h, uint32_t* mark) noexcept nogil:
        """A SYN with another initial number, or after the end, starts a new conversation on reused ports."""
        cdef Stream* stream
        cdef Analysis* fwd
        cdef int32_t made
        if number < 0 or not h.flags & SYN:
            return number
        stream = self.stream(number)
        if stream == NULL:
            return -1
        fwd = &stream.sides[1 if key.turned != self.keys[number].turned else 0]
        if not fwd.has_base:
            return number
        if h.flags & ACK:
            if h.seq != fwd.base_seq:
                fwd.base_seq = h.seq
                mark[0] |= M_REUSED_PORTS
            return number
        if h.seq == fwd.base_seq:
            fwd.nextseq = fwd.max_to_ack
            return number
        mark[0] |= M_REUSED_PORTS
        made = self.open(key, h)
        if made >= 0:
            self.talks[made].reused_from = <uint32_t>number + 1
        return made

    cdef void count_icmp(self, int32_t number, Headers* h, uint32_t row) noexcept nogil:
        cdef Facts* talk = &self.talks[number]
        if not talk.icmp_errors:
            talk.icmp_row = row + 1
            talk.icmp_code = h.code
        talk.icmp_errors += 1

    cdef void count_packet(self, int32_t number, int side, Headers* h, uint32_t row, int64_t now) noexcept nogil:
        """Facts that every protocol has: packets, bytes, times, TTL. Reassembled packets come last, with earlier times."""
        cdef Facts* talk = &self.talks[number]
        cdef SideFacts* mine = &talk.sides[side]
        cdef SideFacts* other = &talk.sides[1 - side]
        cdef int64_t last = mine.last_ns if mine.packets else 0
        if other.packets and other.last_ns > last:
            last = other.last_ns
        if last and now - last > talk.idle_max_ns:
            talk.idle_max_ns, talk.idle_row = now - last, row + 1
        if not mine.packets or now < mine.first_ns:
            mine.first_ns, mine.first_row = now, row + 1
        if not mine.packets or now >= mine.last_ns:
            mine.last_ns, mine.last_row = now, row + 1
        mine.packets += 1
        mine.payload_bytes += h.length
        if h.ttl < mine.ttl_min:
            mine.ttl_min = h.ttl
        if h.ttl > mine.ttl_max:
            mine.ttl_max = h.ttl
        if h.layers & L_OFFLOAD_LENGTH:
            mine.offloaded += 1
        if h.length:
            mine.data_packets += 1
            mine.last_data_row = row + 1
            if not mine.first_data_row:
                mine.first_data_row = row + 1
                mine.opening = h.opening
            elif mine.syn_row and h.protocol == 6 and h.seq == mine.isn + 1:
                mine.opening = h.opening    # the first segment was captured behind a later one
            if h.length > mine.max_payload:
                mine.max_payload = h.length

    cdef uint32_t follow(self, int32_t number, int side, Headers* h, Segment* s) noexcept nogil:
        """Mark one TCP segment and keep the facts that only TCP has."""
        cdef Stream* stream = self.stream(number)
        cdef Facts* talk = &self.talks[number]
        cdef SideFacts* mine = &talk.sides[side]
        cdef Analysis* fwd
        cdef Analysis* rev
        cdef uint32_t marks
        if stream == NULL:
            return 0
        fwd, rev = &stream.sides[side], &stream.sides[1 - side]
        count_flags(talk, stream, side, s)
        if s.flags & SYN:
            note_syn(mine, &talk.sides[1 - side], fwd, rev, h)
        marks = mark_segment(s, fwd, rev, stream.first_rtt_ns)
        remember(s, marks, fwd, rev)
        take_sacks(fwd, h)
        if s.flags & ACK and not s.flags & SYN:
            fwd.acked_once = True
            note_handshake(talk, stream, side, s)
        if stream.closing:
            forget_idle(fwd)
            forget_idle(rev)
        if s.acked_ns >= 0:
            count_rtt(&talk.sides[1 - side], s.time_ns - s.acked_ns)
            note_acked(talk, side, s)
        count_marks(mine, marks, s, fwd)
        if s.length and not marks & (M_RETRANSMISSION | M_OUT_OF_ORDER | M_KEEP_ALIVE | M_PROBE):
            count_response(talk, side, s.row, s.time_ns)
        return marks


def group_rows(const int32_t[::1] conversation, int64_t[::1] order, int64_t[::1] starts):
    """Sort rows by conversation, in file order within each: `order` takes the rows, those without one first.

    `starts` has one entry more than there are conversations: rows of number n are order[starts[n]:starts[n + 1]].
    Counting takes a fifth of the time of `numpy.argsort`.
    """
    cdef Py_ssize_t i, count = starts.shape[0] - 1
    cdef int64_t without = 0
    if order.shape[0] != conversation.shape[0]:
        raise IndexError("order must have as many entries as there are rows")
    with nogil:
        for i in range(count + 1):
            starts[i] = 0
        for i in range(conversation.shape[0]):
            if conversation[i] < 0:
                order[without] = i
                without += 1
            else:
                starts[conversation[i]] += 1
        shift(starts, without)
        for i in range(conversation.shape[0]):
            if conversation[i] >= 0:
                order[starts[conversation[i]]] = i
                starts[conversation[i]] += 1
        for i in range(count, 0, -1):
            starts[i] = starts[i - 1]
        starts[0] = without


cdef void shift(int64_t[::1] starts, int64_t first) noexcept nogil:
    """Turn counts into the places where each begins, from `first` on."""
    cdef int64_t counted
    cdef Py_ssize_t i
    for i in range(starts.shape[0]):
        counted = starts[i]
        starts[i] = first
        first += counted


cdef inline void count_response(Facts* talk, int side, uint32_t row, int64_t now) noexcept nogil:
    """A change of who sends data: how long after the other side's last data this side's first came."""
    cdef SideFacts* mine = &talk.sides[side]
    if talk.data_side == 2 - side and now >= talk.data_ns:
        mine.responses += 1
        mine.response_sum_ns += now - talk.data_ns
        if now - talk.data_ns > mine.response_max_ns:
            mine.response_max_ns, mine.response_row = now - talk.data_ns, row + 1
    talk.data_side, talk.data_ns = <uint8_t>(side + 1), now


cdef inline void forget_idle(Analysis* side) noexcept nogil:
    """Give back the list of a side that has nothing unacknowledged; at the end of a conversation it is not needed again."""
    if side.unacked_first == side.unacked_end and side.unacked_room:
        forget(side)


cdef inline void fill_segment(Segment* s, Headers* h, uint32_t row, int64_t now) noexcept nogil:
    s.time_ns, s.row, s.seq, s.ack = now, row, h.seq, h.ack
    s.length, s.window, s.flags = h.length, h.window, h.flags
    s.in_flight = s.acks_row = s.acked_length = 0
    s.acked_ns = -1


cdef inline void take_sacks(Analysis* fwd, Headers* h) noexcept nogil:
    cdef int i
    fwd.sacks = h.sacks
    for i in range(h.sacks):
        fwd.sack_left[i], fwd.sack_right[i] = h.sack_left[i], h.sack_right[i]


cdef inline void note_syn(SideFacts* mine, SideFacts* other, Analysis* fwd, Analysis* rev, Headers* h) noexcept nogil:
    """What a SYN announces. Window scaling holds only when both sides offer it (RFC 7323 section 2.2)."""
    mine.mss = h.mss
    mine.syn_options = h.syn_options
    mine.isn = h.seq
    mine.window_scale = h.window_scale if h.syn_options & 2 else SCALE_UNUSED
    fwd.scale = mine.window_scale
    if h.flags & ACK and (fwd.scale == SCALE_UNUSED or rev.scale == SCALE_UNUSED):
        fwd.scale = rev.scale = SCALE_UNUSED
    elif fwd.scale == SCALE_UNUSED and rev.scale == SCALE_UNKNOWN:
        rev.scale = SCALE_UNUSED


cdef inline void count_flags(Facts* talk, Stream* stream, int side, Segment* s) noexcept nogil:
    """SYN, FIN and RST: who opened, who closed."""
    cdef SideFacts* mine = &talk.sides[side]
    if s.flags & SYN:
        if s.flags & ACK:
            mine.syn_acks += 1
            talk.client = 1 - side
        else:
            mine.syns += 1
            talk.client = side
            stream.syn_ns = s.time_ns
        if not talk.sides[1 - side].rsts and not stream.first_rtt_ns:
            mine.syn_ns = s.time_ns
        talk.client_known = 2
        if not mine.syn_row:
            mine.syn_row = s.row + 1
    if s.flags & FIN and not mine.fin_row:
        mine.fin_row = s.row + 1
    if s.flags & RST:
        mine.rsts += 1
        if not mine.rst_row:
            mine.rst_row = s.row + 1
        if not talk.reset_row:
            talk.reset_row = s.row + 1
    if s.flags & (FIN | RST):
        stream.closing = True


cdef inline void note_handshake(Facts* talk, Stream* stream, int side, Segment* s) noexcept nogil:
    if stream.syn_ns and not stream.first_rtt_ns:
        stream.first_rtt_ns = s.time_ns - stream.syn_ns
        if talk.sides[0].syn_row and talk.sides[1].syn_row and side == talk.client and not s.flags & RST:
            talk.handshake_ns = stream.first_rtt_ns


cdef inline void count_rtt(SideFacts* sender, int64_t rtt) noexcept nogil:
    if rtt < 0:
        return
    if not sender.rtt_count or rtt < sender.rtt_min_ns:
        sender.rtt_min_ns = rtt
    sender.rtt_sum_ns += rtt
    sender.rtt_count += 1


cdef inline void note_acked(Facts* talk, int side, Segment* s) noexcept nogil:
    """What the segment that this one acknowledges exactly says of its sender's longest wait and largest segment."""
    cdef SideFacts* sender = &talk.sides[1 - side]
    cdef uint32_t last_data = sender.last_data_row
    if s.acked_length > sender.acked_max:
        sender.acked_max = s.acked_length
    if talk.sides[side].last_data_row > last_data:
        last_data = talk.sides[side].last_data_row
    if s.length or s.flags & (SYN | FIN | RST) or s.acks_row != last_data:
        return
    if s.time_ns - s.acked_ns > sender.held_ack_max_ns:
        sender.held_ack_max_ns = s.time_ns - s.acked_ns


cdef inline void count_marks(SideFacts* mine, uint32_t marks, Segment* s, Analysis* fwd) noexcept nogil:
    cdef uint32_t window = s.window
    if fwd.scale > 0 and not s.flags & SYN:
        window <<= fwd.scale
    if window > mine.window_max and not s.flags & RST:
        mine.window_max = window
    if s.in_flight > mine.in_flight_max:
        mine.in_flight_max = s.in_flight
    if not marks:
        return
    mine.retransmissions += (marks & M_RETRANSMISSION) != 0
    mine.fast_retransmissions += (marks & M_FAST) != 0
    mine.spurious_retransmissions += (marks & M_SPURIOUS) != 0
    mine.out_of_order += (marks & M_OUT_OF_ORDER) != 0
    mine.lost_segments += (marks & M_LOST) != 0
    mine.ack_lost_segments += (marks & M_ACK_LOST) != 0
    mine.duplicate_acks += (marks & M_DUPLICATE_ACK) != 0
    mine.keep_alive_acks += (marks & M_KEEP_ALIVE_ACK) != 0
    mine.zero_windows += (marks & M_ZERO_WINDOW) != 0
    mine.window_fulls += (marks & M_WINDOW_FULL) != 0
    mine.probes += (marks & M_PROBE) != 0
    if marks & M_KEEP_ALIVE:
        mine.keep_alives += 1
        if not mine.keep_alive_row:
            mine.keep_alive_row = s.row + 1
