from wireproof.wire._cursor cimport Headers

cdef class HeaderBatch:
    # The headers of one batch, beside the columns: what only the conversation pass needs and no column keeps.
    cdef Headers* headers
    cdef Py_ssize_t capacity
    cdef readonly Py_ssize_t count
    cdef readonly Py_ssize_t first_row
    cdef void reserve(self, Py_ssize_t count) except *
