# cython: language_level=3, boundscheck=True, wraparound=False, cdivision=True
"""HMACs of records, and records under block ciphers whose IV comes with each: many of them decrypted at a time.

Takes MAC keys, what decrypts blocks, and records; gives content whose padding and MAC are right (RFC 5246 section 6.2.3, RFC 7366). Hashes
are hashlib's, ciphers the cryptography library's.
"""

from cpython.bytes cimport PyBytes_AS_STRING, PyBytes_FromStringAndSize
from libc.stdint cimport uint8_t, uint32_t, uint64_t
from libc.string cimport memcpy

from wireproof.decrypt.protect._contents cimport Contents, cut, pack_header
from wireproof.wire._record cimport APPLICATION_DATA_TYPE, RECORD_HEADER, record_end

import hashlib

from wireproof.decrypt.protect.opener import BadRecord
from wireproof.wire.tls import RECORD_MOST

cdef Py_ssize_t LONGEST = RECORD_MOST
# Bytes that are decrypted in one go: of small records many, and not much in vain where one of them does not open.
cdef Py_ssize_t AT_ONCE = 1 << 14

INNER_PAD, OUTER_PAD = (bytes(byte ^ pad for byte in range(256)) for pad in (0x36, 0x5C))


cdef class Hmac:
    """HMAC of TLS 1.0 to 1.2 (RFC 5246 section 6.2.3.1), cut to `size` bytes. The hashes of both pads are made once (RFC 2104 section 4)."""

    cdef object inner, outer
    cdef readonly Py_ssize_t size

    def __init__(self, str name not None, bytes key not None, Py_ssize_t size):
        block = hashlib.new(name, usedforsecurity=False).block_size
        if len(key) > block:
            key = hashlib.new(name, key, usedforsecurity=False).digest()
        key = key.ljust(block, b"\0")
        self.inner = hashlib.new(name, key.translate(INNER_PAD), usedforsecurity=False)
        self.outer = hashlib.new(name, key.translate(OUTER_PAD), usedforsecurity=False)
        self.size = size

    cpdef bytes mac(self, uint64_t sequence, uint32_t kind, uint32_t version, bytes content):
        """The MAC that this content must have."""
        inner, outer = self.inner.copy(), self.outer.copy()
        inner.update(pack_header(sequence, kind, version, <uint32_t> len(content)) + content)
        outer.update(inner.digest())
        return outer.digest()[: self.size]

    cpdef bytes strip(self, uint64_t sequence, uint32_t kind, uint32_t version, bytes data):
        """Content without the MAC behind it. Raises BadRecord."""
        cdef Py_ssize_t size = len(data) - self.size
        if size < 0:
            raise BadRecord("short")
        content = cut(data, 0, size)
        if self.mac(sequence, kind, version, content) != cut(data, size, len(data)):
            raise BadRecord("mac")
        return content


cdef Py_ssize_t content_end(bytes plain, Py_ssize_t begin, Py_ssize_t end) except -1:
    """Where the padding begins of what stands between two places: each of its bytes tells how many others there are. Raises BadRecord."""
    cdef uint8_t padding = plain[end - 1]
    cdef Py_ssize_t stop = end - 1 - padding, place
    if stop < begin:
        raise BadRecord("padding")
    for place in range(stop, end):
        if <uint8_t> plain[place] != padding:
            raise BadRecord("padding")
    return stop


cdef class BlockRuns:
    """Opens runs of records as `CbcOpener` and, with `mac_last`, `MacLastOpener` open each, where IVs are explicit."""

    cdef object decrypt
    cdef Hmac check
    cdef Py_ssize_t block, behind

    def __init__(self, decrypt, Py_ssize_t block, Hmac check not None, bint mac_last):
        if block < 1 or check.size < 0:
            raise ValueError("no blocks and no MAC are of such a size")
        self.decrypt, self.check, self.block = decrypt, check, block
        self.behind = check.size if mac_last else 0

    def open_run(self, bytes data not None, Py_ssize_t at, uint64_t sequence):
        """See `Opener`."""
        cdef Contents found = Contents(at, max(len(data) - at, 0))
        cdef list ends = self.find_ends(data, at)
        cdef bytes plain
        while ends:
            plain = self.decrypt_all(data, at, ends)
            try:
                self.take(found, data, at, ends, plain, sequence)
            except BadRecord:
                break
            sequence += len(ends)
            at = ends[len(ends) - 1]
            ends = self.find_ends(data, at)
        return found.finish()

    cdef list find_ends(self, bytes data, Py_ssize_t at):
        """Where the records end that are decrypted next."""
        cdef list ends = []
        cdef Py_ssize_t first = at, end = record_end(data, at, LONGEST), size
        while end > 0 and <uint8_t> data[at] == APPLICATION_DATA_TYPE:
            size = end - at - RECORD_HEADER - self.behind
            if size <= self.block or size % self.block:
                break
            ends.append(end)
            if end - first >= AT_ONCE:
                break
            at = end
            end = record_end(data, at, LONGEST)
        return ends

    cdef bytes decrypt_all(self, bytes data, Py_ssize_t at, list ends):
        """The blocks of all these records, as if they were one: an IV decrypts to bytes that mean nothing."""
        cdef Py_ssize_t size = ends[len(ends) - 1] - at - len(ends) * (RECORD_HEADER + self.behind), used = 0, end, count
        cdef bytes sealed = PyBytes_FromStringAndSize(NULL, size)
        for end in ends:
            count = end - at - RECORD_HEADER - self.behind
            if count > size - used:
                raise ValueError("more blocks than there is room for")
            memcpy(PyBytes_AS_STRING(sealed) + used, PyBytes_AS_STRING(data) + at + RECORD_HEADER, count)
            used += count
            at = end
        plain = self.decrypt(sealed)
        if len(plain) != size:
            raise ValueError("not all blocks were decrypted")
        return plain

    cdef int take(self, Contents found, bytes data, Py_ssize_t at, list ends, bytes plain, uint64_t sequence) except -1:
        """Add the content of records up to the first that is not right. Raises BadRecord there."""
        cdef Py_ssize_t begin = 0, stop, end, sealed_end
        cdef uint32_t version
        cdef bytes content
        for end in ends:
            version = 0x0300 | <uint8_t> data[at + 2]
            sealed_end = end - self.behind
            stop = begin + sealed_end - at - RECORD_HEADER
            if self.behind:
                sealed = cut(data, at + RECORD_HEADER, sealed_end)
                if self.check.mac(sequence, APPLICATION_DATA_TYPE, version, sealed) != cut(data, sealed_end, end):
                    raise BadRecord("mac")
            content = cut(plain, begin + self.block, content_end(plain, begin + self.block, stop))
            if not self.behind:
                content = self.check.strip(sequence, APPLICATION_DATA_TYPE, version, content)
            found.add(content, len(content), end)
            begin, at = stop, end
            sequence += 1
        return 0
