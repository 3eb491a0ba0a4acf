"""Kemp LoadMaster: an additional route to the client prefix, set through its RESTful API.

A LoadMaster has no virtual server that stands for a prefix; what forwards by prefix there is its routing table. Syntax as
the API's description has it (`addroute`, `delroute`); nobody tried it with IPv6.
"""

from __future__ import annotations

from wireproof.directaccess.commands.worded import Worded
from wireproof.directaccess.plan.model import AddForwardingServer

_ADDRESS = '"https://$LOADMASTER/access/{command}?{parameters}"'


def word(operation: AddForwardingServer) -> Worded:
    """Lines for curl in a POSIX shell, with LOADMASTER as the box's address and a password that curl asks for."""
    prefix, member = operation.prefix.compressed, operation.member.compressed
    add, delete = (
        "curl --user bal " + _ADDRESS.format(command=command, parameters=f"dest={prefix}&gateway={member}")
        for command in ("addroute", "delroute")
    )
    return Worded(
        (
            "# Not verified on a LoadMaster. It has no virtual server for a prefix; this adds an additional route.",
            add,
        ),
        (delete,),
        verified=False,
    )
