"""Whose connections they are: processes named by captures and logs, and which source said so.

captures, claims   what captures say of frames, and logs of sockets
names              which program a process id is
ends, owners       the process at each end, for whoever asks
"""
