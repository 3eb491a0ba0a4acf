"""Where objections and steps come from: titles of documents, named once.

Two kinds stand here: documents that were read, by title, and standards by number. No addresses: pages move.
"""

from __future__ import annotations

UNSUPPORTED = "Microsoft: Unsupported DirectAccess configurations"
PLANNING = "Microsoft: Step 1, plan the advanced DirectAccess infrastructure (da-adv-plan-s1)"
CLUSTER = "Microsoft: Deploy Remote Access in a cluster, step 3"
MULTISITE = "Microsoft: Deploy multiple Remote Access servers in a multisite deployment, step 3"
TROUBLESHOOTING = "Microsoft: Troubleshooting DirectAccess (server checks)"
MANAGEMENT_LIST = "Microsoft: Add-DAMgmtServer"
REFRESH_LIST = "Microsoft: Update-DAMgmtServer"
MANAGE_OUT = "Microsoft: DirectAccess manage-out requirements"
ALWAYS_ON = "Microsoft: DirectAccess (recommendation of Always On VPN)"
JONES = "Jason Jones: Windows Server 2012 DirectAccess manage out using native IPv6 (2013)"
JONES_COMMENTS = "Jason Jones: Windows Server 2012 DirectAccess manage out using native IPv6 (2013), comments"
HICKS_MANAGE_OUT = "Richard Hicks: DirectAccess manage out with ISATAP and network load balancing clustering"
HICKS_WINDOWS_10 = "Richard Hicks: DirectAccess manage out with ISATAP fails on Windows 10 before 1703"
HICKS_ISATAP_ROUTER = "Richard Hicks: ISATAP router configuration script (richardhicks/directaccess)"
KNOWN_ISSUES = "Microsoft: DirectAccess Known Issues (DNS registration of DirectAccess client IPv6 addresses)"
F5 = "F5 DevCentral 276633: Direct Access manage out with a hardware load balancer"
F5_COMMENTS = "F5 DevCentral 276633: Direct Access manage out with a hardware load balancer, comments"
ISATAP_ROUTER_POST = (
    "Field report: manage-out with an ISATAP router for two DirectAccess servers behind an external load balancer"
)
UAG = "Ronny de Jong: prefixes of UAG 2010 DirectAccess"
RFC_5214 = "RFC 5214 (ISATAP)"
RFC_4291 = "RFC 4291 (IPv6 addressing)"

CONTRADICTION = (
    "Microsoft's documents contradict each other on ISATAP: da-adv-plan-s1 says that it is not supported in DirectAccess deployments and that the "
    "name ISATAP must stay in the Global Query Block List; Unsupported DirectAccess configurations allows it for a single server."
)
"""What has to be said wherever ISATAP is planned or refused."""
