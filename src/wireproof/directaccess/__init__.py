"""Manage-out for Microsoft DirectAccess: a site file in, a plan and its proof out.

Sees no capture. `site` reads what is, `method` chooses a way and says why the others fail, `plan` lists what to set on which
machine, `commands` words it for the tools, `topology` routes every class of packets through the result.
"""
