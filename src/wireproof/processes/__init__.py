"""Processes that several protocols make together, as stages with frames and times: today the DirectAccess connection."""
