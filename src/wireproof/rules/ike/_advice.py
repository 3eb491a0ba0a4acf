"""What to do about an error that IKE or AuthIP tells by name.

Takes an error's name; gives sentences. Knows no case.
"""

from __future__ import annotations

CERTIFICATES = (
    "Compare the computer certificates of both ends (`certlm.msc`, `certutil -store My`): valid now, private key there, "
    "a chain to the root that the IPsec policy names, and the purposes that it asks for (IP security IKE intermediate, client, server authentication)."
)
PROPOSALS = (
    "Compare the proposals of both ends: key exchange, encryption, integrity and Diffie-Hellman group must have one set in common "
    "(Windows: `netsh advfirewall show global`, `netsh advfirewall consec show rule name=all verbose`)."
)
KERBEROS = (
    "Look at Kerberos between the client and a domain controller: can the client reach one (for the second DirectAccess tunnel: through the first), "
    "is the clock right, is the computer account in order (`nltest /sc_verify:DOMAIN`)?"
)
REVOCATION = "Is the CRL of the peer's certificate reachable from this end, and not expired (`certutil -verify -urlfetch CERTIFICATE`)?"
POLICY = (
    "Is the connection security policy on both ends (`Get-NetIPsecRule -PolicyStore ActiveStore`), the Windows Firewall service running, and do the "
    "endpoints of the rule cover these addresses? After a change: `gpupdate /force` on the client."
)

BY_NAME: dict[str, tuple[str, ...]] = {
    "ERROR_IPSEC_IKE_AUTH_FAIL": (CERTIFICATES, KERBEROS),
    "ERROR_IPSEC_IKE_NO_CERT": (CERTIFICATES,),
    "ERROR_IPSEC_IKE_NO_PEER_CERT": (CERTIFICATES,),
    "ERROR_IPSEC_IKE_NO_PRIVATE_KEY": (CERTIFICATES,),
    "ERROR_IPSEC_IKE_INVALID_CERT_TYPE": (CERTIFICATES,),
    "ERROR_IPSEC_IKE_INVALID_KEY_USAGE": (CERTIFICATES,),
    "ERROR_IPSEC_IKE_CERT_CHAIN_POLICY_MISMATCH": (CERTIFICATES,),
    "ERROR_IPSEC_IKE_INVALID_SIGNATURE": (CERTIFICATES,),
    "ERROR_IPSEC_IKE_CRL_FAILED": (REVOCATION,),
    "ERROR_IPSEC_IKE_PEER_CRL_FAILED": (REVOCATION,),
    "ERROR_IPSEC_IKE_KERBEROS_ERROR": (KERBEROS,),
    "ERROR_IPSEC_IKE_NO_POLICY": (POLICY,),
    "ERROR_IPSEC_IKE_NO_MM_POLICY": (POLICY,),
    "ERROR_IPSEC_IKE_POLICY_MATCH": (PROPOSALS, POLICY),
    "ERROR_IPSEC_IKE_ATTRIB_FAIL": (PROPOSALS,),
    "ERROR_IPSEC_IKE_TIMED_OUT": (
        "The side that says so got no answer in time: look at the other end's capture, and at whether UDP 500, UDP 4500 and ESP pass both ways.",
    ),
    "ERROR_IPSEC_IKE_NEGOTIATION_DISABLED": (
        "The IKE and AuthIP service (IKEEXT) of that end was told not to negotiate: look at its policy.",
    ),
    "NO_PROPOSAL_CHOSEN": (PROPOSALS,),
    "NO-PROPOSAL-CHOSEN": (PROPOSALS,),
    "ATTRIBUTES-NOT-SUPPORTED": (PROPOSALS,),
    "INVALID_KE_PAYLOAD": (PROPOSALS,),
    "AUTHENTICATION_FAILED": (CERTIFICATES,),
    "AUTHENTICATION-FAILED": (CERTIFICATES, "With a pre-shared key: is it the same on both ends?"),
    "INVALID-ID-INFORMATION": ("The identities or the protected networks differ: compare the selectors of both ends.",),
    "TS_UNACCEPTABLE": ("The protected networks differ: compare the traffic selectors of both ends.",),
    "INVALID_IKE_SPI": (
        "That end knows this negotiation no more: it restarted, or a load balancer sent the packet to another one.",
    ),
    "INVALID-COOKIE": (
        "That end knows this negotiation no more: it restarted, or a load balancer sent the packet to another one.",
    ),
}


def advise(name: str) -> list[str]:
    """What to look at for an error; in general terms where it is not known here."""
    known = BY_NAME.get(name)
    return (
        list(known)
        if known
        else ["Look at the end that refused: Windows logs the reason as event 4652, 4653 or 4654 of the security log."]
    )
