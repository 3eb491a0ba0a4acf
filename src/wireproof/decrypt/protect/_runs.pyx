# cython: language_level=3, boundscheck=True, wraparound=False, cdivision=True
"""Opens records under AEADs one after the other: nonces, authenticated headers, and what stands around the content.

Takes a cipher of the cryptography library and records; gives content whose tag is right (RFC 5288 section 3, RFC 7905 section 2, RFC 8446
section 5.2). Derives no key.
"""

from libc.stdint cimport uint8_t, uint32_t, uint64_t

from cryptography.exceptions import InvalidTag

from wireproof.decrypt.protect.opener import BadRecord

cdef enum:
    APPLICATION_DATA = 23
    EXPLICIT_BYTES = 8
    NONCE_BYTES = 12
    TLS_1_3_HEADER = 5
    HEADER = 13


cdef inline void put_16(uint8_t* at, uint32_t number) noexcept:
    at[0] = number >> 8 & 0xFF
    at[1] = number & 0xFF


cdef inline bytes pack_header(uint64_t sequence, uint32_t kind, uint32_t version, uint32_t size):
    """What tags cover before the content up to TLS 1.2 (RFC 5246 section 6.2.3.3)."""
    cdef uint8_t header[HEADER]
    cdef int place
    for place in range(8):
        header[place] = sequence >> (56 - 8 * place) & 0xFF
    header[8] = kind & 0xFF
    put_16(header + 9, version)
    put_16(header + 11, size)
    return header[:HEADER]


cdef inline bytes make_nonce(const uint8_t* iv, uint64_t sequence):
    """The record's number over a fixed IV."""
    cdef uint8_t nonce[NONCE_BYTES]
    cdef int place
    for place in range(4):
        nonce[place] = iv[place]
    for place in range(8):
        nonce[4 + place] = iv[4 + place] ^ (sequence >> (56 - 8 * place) & 0xFF)
    return nonce[:NONCE_BYTES]


cdef class AeadOpener:
    """Opens records of one direction; an `Opener`. `tag` is the length of a tag in bytes."""

    sequential = False
    cdef object decrypt
    cdef Py_ssize_t tag

    def open(self, uint64_t sequence, uint32_t kind, uint32_t version, bytes body not None):
        """Content type and content whose tag is right. Raises BadRecord."""
        cdef list found = []
        kind = self.take(sequence, kind, version, body, found)
        return kind, found[0]

    def open_run(self, list records not None, Py_ssize_t place, uint64_t sequence):
        """As `opener.OneByOne.open_run`."""
        cdef list found = []
        cdef tuple record
        cdef uint32_t last = APPLICATION_DATA
        while place < len(records) and last == APPLICATION_DATA:
            record = records[place]
            if record[0] != APPLICATION_DATA:
                break
            try:
                last = self.take(sequence, APPLICATION_DATA, record[1], record[3], found)
            except BadRecord:
                break
            sequence += 1
            place += 1
        return found, last

    cdef uint32_t take(self, uint64_t sequence, uint32_t kind, uint32_t version, bytes body, list found) except? 0:
        """Add a record's content; its content type."""
        raise NotImplementedError

    cdef bytes clear(self, bytes nonce, bytes sealed, bytes header):
        try:
            return self.decrypt(nonce, sealed, header)
        except InvalidTag:
            raise BadRecord("tag") from None


cdef class ExplicitNonceOpener(AeadOpener):
    """GCM and CCM in TLS 1.2: each record carries 8 bytes of its nonce (RFC 5288 section 3)."""

    cdef bytes salt

    def __init__(self, cipher, bytes salt not None, Py_ssize_t tag):
        self.decrypt, self.salt, self.tag = cipher.decrypt, salt, tag

    cdef uint32_t take(self, uint64_t sequence, uint32_t kind, uint32_t version, bytes body, list found) except? 0:
        cdef Py_ssize_t size = len(body) - EXPLICIT_BYTES - self.tag
        if size < 0:
            raise BadRecord("short")
        header = pack_header(sequence, kind, version, size)
        found.append(self.clear(self.salt + body[:EXPLICIT_BYTES], body[EXPLICIT_BYTES:], header))
        return kind


cdef class SequenceNonceOpener(AeadOpener):
    """ChaCha20-Poly1305 in TLS 1.2: the nonce is the sequence number over a fixed IV (RFC 7905 section 2)."""

    cdef uint8_t iv[NONCE_BYTES]

    def __init__(self, cipher, const uint8_t[::1] iv not None, Py_ssize_t tag):
        cdef int place
        self.decrypt, self.tag = cipher.decrypt, tag
        for place in range(NONCE_BYTES):
            self.iv[place] = iv[place]

    cdef uint32_t take(self, uint64_t sequence, uint32_t kind, uint32_t version, bytes body, list found) except? 0:
        cdef Py_ssize_t size = len(body) - self.tag
        if size < 0:
            raise BadRecord("short")
        found.append(self.clear(make_nonce(self.iv, sequence), body, pack_header(sequence, kind, version, size)))
        return kind


cdef class Tls13Opener(SequenceNonceOpener):
    """TLS 1.3: nonces as in RFC 7905, the header authenticated, the content type inside (RFC 8446 section 5.2)."""

    cdef bint with_header

    def __init__(self, cipher, const uint8_t[::1] iv not None, Py_ssize_t tag, bint with_header=True):
        SequenceNonceOpener.__init__(self, cipher, iv, tag)
        self.with_header = with_header

    cdef uint32_t take(self, uint64_t sequence, uint32_t kind, uint32_t version, bytes body, list found) except? 0:
        cdef uint8_t header[TLS_1_3_HEADER]
        cdef bytes plain
        cdef Py_ssize_t end
        if len(body) <= self.tag:
            raise BadRecord("short")
        header[0] = kind & 0xFF
        put_16(header + 1, version)
        put_16(header + 3, len(body))
        covered = header[:TLS_1_3_HEADER] if self.with_header else b""
        plain = self.clear(make_nonce(self.iv, sequence), body, covered)
        end = len(plain)
        # The type is the last byte that is not 0; behind it stands padding.
        while end and plain[end - 1] == 0:
            end -= 1
        if not end:
            raise BadRecord("padding")
        found.append(plain[: end - 1])
        return <uint8_t> plain[end - 1]
