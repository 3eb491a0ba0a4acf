# cython: language_level=3, boundscheck=True, wraparound=False, cdivision=True
"""The usual lines of a key log, one after the other: nearly all lines of nearly all logs are such.

Takes a log's text; gives secrets. It stops before whatever is not usual, of which log.py makes sense, or a note.
"""

from cpython.bytes cimport PyBytes_AS_STRING, PyBytes_FromStringAndSize

cdef enum:
    LONGEST_LABEL = 64
    LONGEST_VALUE = 1024    # bytes
    NO_DIGIT = 0xFF

cdef unsigned char[256] DIGITS


cdef void fill_digits():
    cdef int i
    for i in range(256):
        DIGITS[i] = NO_DIGIT
    for i in range(10):
        DIGITS[c"0" + i] = i
    for i in range(6):
        DIGITS[c"A" + i] = DIGITS[c"a" + i] = 10 + i


fill_digits()


cdef bytes take_value(const unsigned char[::1] text, Py_ssize_t at, Py_ssize_t* end):
    """The bytes that stand in hexadecimal digits from `at` on, and where those end; None for an odd number, too many or none of them."""
    cdef Py_ssize_t place = at
    cdef Py_ssize_t most = min(text.shape[0], at + 2 * LONGEST_VALUE)
    cdef Py_ssize_t i
    cdef bytes value
    cdef char* out
    while place < most and DIGITS[text[place]] != NO_DIGIT:
        place += 1
    end[0] = place
    if place == at or (place - at) & 1:
        return None
    value = PyBytes_FromStringAndSize(NULL, (place - at) // 2)
    out = PyBytes_AS_STRING(value)
    for i in range((place - at) // 2):
        out[i] = <char>(DIGITS[text[at + 2 * i]] << 4 | DIGITS[text[at + 2 * i + 1]])
    return value


cdef Py_ssize_t end_of_line(const unsigned char[::1] text, Py_ssize_t at) noexcept:
    """Where the next line begins, if this one ends here; else -1."""
    if at < text.shape[0] and text[at] == c"\r":
        at += 1
    if at < text.shape[0]:
        return at + 1 if text[at] == c"\n" else -1
    return at


cdef Py_ssize_t take_line(const unsigned char[::1] text, Py_ssize_t at, dict forms, dict secrets) except -2:
    """Keep the secret of the line at `at`; where the next line begins, -1 where it is no usual one."""
    cdef Py_ssize_t place = at
    cdef Py_ssize_t most = min(text.shape[0], at + LONGEST_LABEL)
    cdef bytes found_by, value
    while place < most and text[place] > c" ":
        place += 1
    if place == at or place == text.shape[0] or text[place] != c" ":
        return -1
    form = forms.get(PyBytes_FromStringAndSize(<const char*>&text[at], place - at))
    if form is None or not form[0]:
        return -1
    found_by = take_value(text, place + 1, &place)
    if found_by is None or len(found_by) not in form[1] or place == text.shape[0] or text[place] != c" ":
        return -1
    value = take_value(text, place + 1, &place)
    if value is None or (form[2] and len(value) not in form[2]):
        return -1
    place = end_of_line(text, place)
    if place >= 0:
        secrets.setdefault((form[0], found_by), value)
    return place


def take_lines(const unsigned char[::1] text not None, Py_ssize_t at, Py_ssize_t most, dict forms not None, dict secrets not None):
    """Keep the secrets of at most `most` usual lines (label, space, digits, space, digits) from `at` on: where the next line begins, how many they were.

    `forms` gives for each label its name, and the lengths of what the secret is found by and of the secret (none for any).
    """
    cdef Py_ssize_t lines = 0
    cdef Py_ssize_t following
    while lines < most and at < text.shape[0]:
        following = take_line(text, at, forms, secrets)
        if following < 0:
            break
        at = following
        lines += 1
    return at, lines
