"""Several captures of the same moment: clocks, conversation pairs through NAT, packet pairs by byte range, what each hop did.

Takes the tables of all points; gives an `Alignment`. Computes facts; judges nothing.
"""
