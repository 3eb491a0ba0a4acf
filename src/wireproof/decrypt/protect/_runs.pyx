# cython: language_level=3, boundscheck=True, wraparound=False, cdivision=True
"""Opens records under AEADs one after the other: nonces, authenticated headers, and what stands around the content.

Takes a cipher of the cryptography library and records; gives content whose tag is right (RFC 5288 section 3, RFC 7905 section 2, RFC 8446
section 5.2). Derives no key.
"""

from cpython.bytes cimport PyBytes_FromStringAndSize
from libc.stdint cimport uint8_t, uint32_t, uint64_t

from wireproof.decrypt.protect._contents cimport Contents, cut, pack_header, put_16
from wireproof.wire._record cimport APPLICATION_DATA_TYPE, RECORD_HEADER, record_end

from cryptography.exceptions import InvalidTag

from wireproof.decrypt.protect.opener import BadRecord
from wireproof.wire.tls import RECORD_MOST

cdef enum:
    EXPLICIT_BYTES = 8
    SALT_BYTES = 4
    NONCE_BYTES = 12

cdef Py_ssize_t LONGEST = RECORD_MOST


cdef inline bytes make_nonce(const uint8_t* iv, uint64_t sequence):
    """The record's number over a fixed IV."""
    cdef uint8_t nonce[NONCE_BYTES]
    cdef int place
    for place in range(4):
        nonce[place] = iv[place]
    for place in range(8):
        nonce[4 + place] = iv[4 + place] ^ (sequence >> (56 - 8 * place) & 0xFF)
    return PyBytes_FromStringAndSize(<char*> nonce, NONCE_BYTES)


cdef class AeadOpener:
    """Opens records of one direction; an `Opener`. `tag` is the length of a tag in bytes."""

    sequential = False
    cdef object decrypt
    cdef Py_ssize_t tag

    def open(self, uint64_t sequence, uint32_t kind, uint32_t version, bytes body not None):
        """Content type and content whose tag is right. Raises BadRecord."""
        cdef bytes plain = self.plain(sequence, kind, version, body, 0, len(body))
        cdef Py_ssize_t size = self.content_size(plain, &kind)
        return kind, plain[:size]

    def open_run(self, bytes data not None, Py_ssize_t at, uint64_t sequence):
        """See `Opener`."""
        cdef Py_ssize_t end = record_end(data, at, LONGEST), size
        cdef uint32_t kind = APPLICATION_DATA_TYPE
        cdef bytes plain
        cdef Contents found = Contents(at, max(len(data) - at, 0))
        while end > 0 and <uint8_t> data[at] == APPLICATION_DATA_TYPE:
            try:
                plain = self.plain(sequence, kind, 0x0300 | <uint8_t> data[at + 2], data, at + RECORD_HEADER, end)
                size = self.content_size(plain, &kind)
            except BadRecord:
                break
            if kind != APPLICATION_DATA_TYPE:
                break
            found.add(plain, size, end)
            sequence += 1
            at = end
            end = record_end(data, at, LONGEST)
        return found.finish()

    cdef bytes plain(
        self, uint64_t sequence, uint32_t kind, uint32_t version, bytes data, Py_ssize_t begin, Py_ssize_t end
    ):
        """What was encrypted in a record whose body stands in `data`. Raises BadRecord."""
        raise NotImplementedError

    cdef Py_ssize_t content_size(self, bytes plain, uint32_t* kind) except -1:
        """How much of it is content; `kind` becomes its type, where that is hidden in it."""
        return len(plain)

    cdef bytes clear(self, bytes nonce, bytes sealed, bytes header):
        try:
            return self.decrypt(nonce, sealed, header)
        except InvalidTag:
            raise BadRecord("tag") from None


cdef class ExplicitNonceOpener(AeadOpener):
    """GCM and CCM in TLS 1.2: each record carries 8 bytes of its nonce (RFC 5288 section 3)."""

    cdef uint8_t salt[SALT_BYTES]

    def __init__(self, cipher, const uint8_t[::1] salt not None, Py_ssize_t tag):
        cdef int place
        self.decrypt, self.tag = cipher.decrypt, tag
        for place in range(SALT_BYTES):
            self.salt[place] = salt[place]

    cdef bytes plain(
        self, uint64_t sequence, uint32_t kind, uint32_t version, bytes data, Py_ssize_t begin, Py_ssize_t end
    ):
        cdef Py_ssize_t size = end - begin - EXPLICIT_BYTES - self.tag, place
        cdef uint8_t nonce[NONCE_BYTES]
        if size < 0:
            raise BadRecord("short")
        for place in range(SALT_BYTES):
            nonce[place] = self.salt[place]
        for place in range(EXPLICIT_BYTES):
            nonce[SALT_BYTES + place] = data[begin + place]
        return self.clear(
            PyBytes_FromStringAndSize(<char*> nonce, NONCE_BYTES),
            cut(data, begin + EXPLICIT_BYTES, end),
            pack_header(sequence, kind, version, size),
        )


cdef class SequenceNonceOpener(AeadOpener):
    """ChaCha20-Poly1305 in TLS 1.2: the nonce is the sequence number over a fixed IV (RFC 7905 section 2)."""

    cdef uint8_t iv[NONCE_BYTES]

    def __init__(self, cipher, const uint8_t[::1] iv not None, Py_ssize_t tag):
        cdef int place
        self.decrypt, self.tag = cipher.decrypt, tag
        for place in range(NONCE_BYTES):
            self.iv[place] = iv[place]

    cdef bytes plain(
        self, uint64_t sequence, uint32_t kind, uint32_t version, bytes data, Py_ssize_t begin, Py_ssize_t end
    ):
        cdef Py_ssize_t size = end - begin - self.tag
        if size < 0:
            raise BadRecord("short")
        header = pack_header(sequence, kind, version, size)
        return self.clear(make_nonce(self.iv, sequence), cut(data, begin, end), header)


cdef class Tls13Opener(SequenceNonceOpener):
    """TLS 1.3: nonces as in RFC 7905, the header authenticated, the content type inside (RFC 8446 section 5.2)."""

    cdef bint with_header

    def __init__(self, cipher, const uint8_t[::1] iv not None, Py_ssize_t tag, bint with_header=True):
        SequenceNonceOpener.__init__(self, cipher, iv, tag)
        self.with_header = with_header

    cdef bytes plain(
        self, uint64_t sequence, uint32_t kind, uint32_t version, bytes data, Py_ssize_t begin, Py_ssize_t end
    ):
        cdef uint8_t header[RECORD_HEADER]
        if end - begin <= self.tag:
            raise BadRecord("short")
        header[0] = kind & 0xFF
        put_16(header + 1, version)
        put_16(header + 3, end - begin)
        covered = PyBytes_FromStringAndSize(<char*> header, RECORD_HEADER) if self.with_header else b""
        return self.clear(make_nonce(self.iv, sequence), cut(data, begin, end), covered)

    cdef Py_ssize_t content_size(self, bytes plain, uint32_t* kind) except -1:
        cdef Py_ssize_t end = len(plain)
        # The type is the last byte that is not 0; behind it stands padding.
        while end and plain[end - 1] == 0:
            end -= 1
        if not end:
            raise BadRecord("padding")
        kind[0] = <uint8_t> plain[end - 1]
        return end - 1
