"""Two captures of the same process: what each tried and what came of it, paired, and what differs.

exchange, tally                    one thing that a client tried, and all tries of it counted
said, stages, transport, windows   exchanges from what protocols said, from stages, from TCP itself, from Windows' protocols
services, matching                 which service of one capture is which of the other
differences, difference, folding   what differs, in which words, and what follows from something else
"""
