"""Several captures of the same moment: clocks, conversation pairs through NAT, packet pairs by byte range, what each hop did.

Takes the tables of all points; gives an `Alignment`. Computes facts; judges nothing.
"""

from wireproof.align.assemble import align, leave_apart
from wireproof.align.journeys import Absent, Alignment, Change, Clock, Hop, HopFlow, Journey
from wireproof.align.translation import Nat

__all__ = ["Absent", "Alignment", "Change", "Clock", "Hop", "HopFlow", "Journey", "Nat", "align", "leave_apart"]
