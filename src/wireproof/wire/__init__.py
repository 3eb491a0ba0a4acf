"""Bytes and header fields, one against the other. Knows no files, tables, state or judgement.

The contract of every `unpack_` here, compiled or not: it never raises on bad bytes. What is missing or impossible is said by
a problem code (`wireproof.table.schema.PROBLEMS`), and the fields read before it stay valid.
"""
