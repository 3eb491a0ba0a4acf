# cython: language_level=3, boundscheck=True, wraparound=False, cdivision=True
"""What a run of records holds, as it is opened: content in one piece, and columns of where each record and its content end.

Takes content record by record; gives a `Run`. Opens nothing.
"""

from cpython.array cimport array, resize_smart
from cpython.bytearray cimport PyByteArray_AS_STRING, PyByteArray_FromStringAndSize, PyByteArray_Resize
from cpython.bytes cimport PyBytes_AS_STRING
from libc.string cimport memcpy

from wireproof.decrypt.protect.opener import Run


cdef class Contents:
    """The first record begins at `at`; all of them hold no more than `room` bytes."""

    def __cinit__(self, Py_ssize_t at, Py_ssize_t room):
        self.data = PyByteArray_FromStringAndSize(NULL, room)
        self.used, self.room = 0, room
        self.raw, self.clear = array("q", (at,)), array("q", (0,))

    cpdef int add(self, bytes content, Py_ssize_t size, Py_ssize_t raw_end) except -1:
        """Add a record that ends at `raw_end` and holds the first `size` bytes of `content`. ValueError where there is no room for them."""
        cdef Py_ssize_t count = len(self.raw)
        if size < 0 or size > len(content) or size > self.room - self.used:
            raise ValueError("more content than there is room for")
        memcpy(PyByteArray_AS_STRING(self.data) + self.used, PyBytes_AS_STRING(content), size)
        self.used += size
        resize_smart(self.raw, count + 1)
        resize_smart(self.clear, count + 1)
        self.raw.data.as_longlongs[count] = raw_end
        self.clear.data.as_longlongs[count] = self.used
        return 0

    cpdef object finish(self):
        """The run. Nothing can be added to it any more, not even a record without content: whoever has the columns may hold views of them."""
        self.room = -1
        PyByteArray_Resize(self.data, self.used)
        return Run(self.data, self.raw, self.clear)
