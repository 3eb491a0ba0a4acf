# What the conversation pass remembers: facts that leave it (Facts, SideFacts) and what TCP analysis needs on the way.

from libc.stdint cimport int8_t, int64_t, uint8_t, uint16_t, uint32_t, uint64_t

cdef enum:
    M_RETRANSMISSION = 1 << 0
    M_FAST = 1 << 1
    M_SPURIOUS = 1 << 2
    M_OUT_OF_ORDER = 1 << 3
    M_LOST = 1 << 4
    M_ACK_LOST = 1 << 5
    M_DUPLICATE_ACK = 1 << 6
    M_KEEP_ALIVE = 1 << 7
    M_KEEP_ALIVE_ACK = 1 << 8
    M_ZERO_WINDOW = 1 << 9
    M_PROBE = 1 << 10
    M_PROBE_ACK = 1 << 11
    M_WINDOW_FULL = 1 << 12
    M_WINDOW_UPDATE = 1 << 13
    M_REUSED_PORTS = 1 << 14

cdef enum:
    FIN = 0x01
    SYN = 0x02
    RST = 0x04
    PSH = 0x08
    ACK = 0x10

cdef enum:
    SCALE_UNKNOWN = -1      # no SYN of this side was seen
    SCALE_UNUSED = -2       # its SYN came without the option, or the other side's did

# Rows are stored plus one in fields named *_row, so that 0 means "none".
cdef struct SideFacts:
    int64_t first_ns
    int64_t last_ns
    uint64_t payload_bytes
    int64_t rtt_min_ns          # from a segment of this side to the ACK that names its end
    int64_t rtt_sum_ns
    int64_t response_sum_ns     # from the other side's last data to this side's next data
    int64_t response_max_ns
    int64_t syn_ns              # the last SYN or SYN/ACK of this side before the other side answered
    uint64_t opening            # the first eight bytes that it sent, in their order in memory; zeros behind fewer
    int64_t held_ack_max_ns     # from its data to the empty ACK that names the end, nobody having sent data in between
    uint32_t packets
    uint32_t data_packets
    uint32_t first_row
    uint32_t last_row
    uint32_t syn_row
    uint32_t syns
    uint32_t syn_acks
    uint32_t fin_row
    uint32_t rst_row
    uint32_t rsts
    uint32_t first_data_row
    uint32_t last_data_row
    uint32_t isn
    uint32_t max_payload
    uint32_t retransmissions
    uint32_t fast_retransmissions
    uint32_t spurious_retransmissions
    uint32_t out_of_order
    uint32_t lost_segments
    uint32_t ack_lost_segments
    uint32_t duplicate_acks
    uint32_t keep_alives
    uint32_t keep_alive_acks
    uint32_t zero_windows
    uint32_t window_fulls
    uint32_t probes
    uint32_t rtt_count
    uint32_t responses
    uint32_t response_row
    uint32_t window_max         # largest receive window announced, bytes
    uint32_t in_flight_max
    uint32_t offloaded          # packets with an IP length of 0
    uint16_t port
    uint16_t mss
    int8_t window_scale
    uint8_t syn_options
    uint8_t ttl_min
    uint8_t ttl_max
    uint32_t keep_alive_row
    uint32_t acked_max          # largest payload of a segment whose end an ACK named

cdef struct Facts:
    SideFacts sides[2]
    int64_t idle_max_ns         # longest time without any packet between two of them
    int64_t data_ns             # last new data of either side
    int64_t handshake_ns        # SYN to the ACK that ends the handshake; 0 when not seen
    uint32_t idle_row           # the packet that ended it
    uint32_t icmp_errors
    uint32_t icmp_row
    uint32_t reused_from        # conversation + 1 that used the same addresses and ports before
    uint32_t reset_row          # first RST of either side
    uint32_t icmp_code
    uint8_t addresses[32]       # side 0, side 1; IPv4 as ::ffff:a.b.c.d
    uint8_t protocol
    uint8_t client              # side that opened it: 0 or 1
    uint8_t client_known        # 2 by SYN or SYN/ACK, 1 by ports, 0 a guess: side 0 spoke first
    uint8_t version
    uint8_t data_side           # side + 1 that sent it, 0 for none
    uint8_t padding[3]

cdef struct Unacked:
    int64_t time_ns
    uint32_t seq
    uint32_t nextseq
    uint32_t row
    uint32_t length             # its payload

cdef struct Analysis:
    # One side's memory for TCP marks; names follow RFC 9293 where it has one.
    Unacked* unacked            # [unacked_first, unacked_end) is in use
    uint32_t unacked_first
    uint32_t unacked_end
    uint32_t unacked_room
    int64_t nextseq_ns
    int64_t lastack_ns
    uint32_t base_seq
    uint32_t nextseq            # highest sequence number sent, plus one
    uint32_t max_to_ack         # end of the gapless run: an ACK beyond it acknowledges what the capture lacks
    uint32_t lastack
    uint32_t window
    uint32_t duplicate_acks
    uint32_t last_marks
    uint32_t sack_left[4]
    uint32_t sack_right[4]
    uint8_t sacks
    int8_t scale
    uint8_t has_base
    uint8_t has_nextseq
    uint8_t has_max
    uint8_t has_ack
    uint8_t acked_once          # the other side's window is unscaled until its first ACK after the SYN
    uint8_t in_flight_known
    uint8_t gap_told            # an ACK beyond all of this side's data was marked, and it has acknowledged nothing new since
    uint8_t jumbled             # the list is not in sequence order, so its ends say nothing

cdef struct Stream:
    Analysis sides[2]
    int64_t syn_ns
    int64_t first_rtt_ns
    uint32_t conversation
    uint8_t closing             # a FIN or RST was seen

cdef struct Segment:
    int64_t time_ns
    uint32_t row
    uint32_t seq
    uint32_t ack
    uint32_t length
    uint32_t window
    uint16_t flags
    uint32_t in_flight
    uint32_t acks_row
    int64_t acked_ns            # when the segment that this one acknowledges exactly was sent; -1 for none
    uint32_t acked_length       # that segment's payload


cdef inline bint after(uint32_t a, uint32_t b) noexcept nogil:
    """Sequence comparison modulo 2**32 (RFC 9293 section 3.4): a > b."""
    return <int>(a - b) > 0


cdef inline bint before(uint32_t a, uint32_t b) noexcept nogil:
    return <int>(a - b) < 0
