"""ETL logs of Windows, as `netsh trace` and `pktmon` write them: container, clock, and the providers that log packets.

Takes a `Source`, gives frames in order of time, drops, process ids, and events of other providers as they are. Knows the layouts of
events, no protocol.
"""
