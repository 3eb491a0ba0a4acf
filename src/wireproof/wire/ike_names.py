"""Names of numbers in IKEv1, IKEv2 and AuthIP messages: exchanges, payloads, notifies, algorithms, vendor ids.

Takes numbers, gives names in the words of the RFCs, of IANA's registries and of MS-AIPS. Knows no bytes.
"""

from __future__ import annotations

IKEV1_EXCHANGES = {
    0: "none",
    1: "base",
    2: "main mode",
    3: "authentication only",
    4: "aggressive mode",
    5: "informational",
    6: "transaction",
    32: "quick mode",
    33: "new group mode",
}
"""RFC 2408 section 3.1 and RFC 2409 appendix A; 2 is what RFC 2408 calls identity protection."""

IKEV2_EXCHANGES = {
    34: "IKE_SA_INIT",
    35: "IKE_AUTH",
    36: "CREATE_CHILD_SA",
    37: "INFORMATIONAL",
    38: "IKE_SESSION_RESUME",
    43: "IKE_INTERMEDIATE",
    44: "IKE_FOLLOWUP_KE",
}

AUTHIP_EXCHANGES = {0xF3: "main mode", 0xF4: "quick mode", 0xF5: "extended mode", 0xF6: "notify"}
"""MS-AIPS 2.2.1."""

IKEV1_PAYLOADS = {
    1: "SA", 4: "KE", 5: "ID", 6: "CERT", 7: "CR", 8: "HASH", 9: "SIG", 10: "NONCE", 11: "N", 12: "D", 13: "VID",
    20: "NAT-D", 21: "NAT-OA", 130: "NAT-D", 131: "NAT-OA", 132: "FRAGMENT",
}  # fmt: skip
AUTHIP_PAYLOADS = {
    **IKEV1_PAYLOADS, 0x81: "GSS-API", 0x85: "CRYPTO", 0x86: "GSS_ID", 0x87: "AUTH", 0x88: "KEY_DICT", 0x89: "KEY_DICT_WEIGHT",
}  # fmt: skip
IKEV2_PAYLOADS = {
    33: "SA", 34: "KE", 35: "IDi", 36: "IDr", 37: "CERT", 38: "CERTREQ", 39: "AUTH", 40: "NONCE", 41: "N", 42: "D", 43: "V",
    44: "TSi", 45: "TSr", 46: "SK", 47: "CP", 48: "EAP", 53: "SKF",
}  # fmt: skip

IKEV1_NOTIFIES = {
    1: "INVALID-PAYLOAD-TYPE",
    2: "DOI-NOT-SUPPORTED",
    3: "SITUATION-NOT-SUPPORTED",
    4: "INVALID-COOKIE",
    5: "INVALID-MAJOR-VERSION",
    6: "INVALID-MINOR-VERSION",
    7: "INVALID-EXCHANGE-TYPE",
    8: "INVALID-FLAGS",
    9: "INVALID-MESSAGE-ID",
    10: "INVALID-PROTOCOL-ID",
    11: "INVALID-SPI",
    12: "INVALID-TRANSFORM-ID",
    13: "ATTRIBUTES-NOT-SUPPORTED",
    14: "NO-PROPOSAL-CHOSEN",
    15: "BAD-PROPOSAL-SYNTAX",
    16: "PAYLOAD-MALFORMED",
    17: "INVALID-KEY-INFORMATION",
    18: "INVALID-ID-INFORMATION",
    19: "INVALID-CERT-ENCODING",
    20: "INVALID-CERTIFICATE",
    21: "CERT-TYPE-UNSUPPORTED",
    22: "INVALID-CERT-AUTHORITY",
    23: "INVALID-HASH-INFORMATION",
    24: "AUTHENTICATION-FAILED",
    25: "INVALID-SIGNATURE",
    26: "ADDRESS-NOTIFICATION",
    27: "NOTIFY-SA-LIFETIME",
    28: "CERTIFICATE-UNAVAILABLE",
    29: "UNSUPPORTED-EXCHANGE-TYPE",
    30: "UNEQUAL-PAYLOAD-LENGTHS",
    16384: "CONNECTED",
    24576: "RESPONDER-LIFETIME",
    24577: "REPLAY-STATUS",
    24578: "INITIAL-CONTACT",
    36136: "R-U-THERE",
    36137: "R-U-THERE-ACK",
}
"""RFC 2408 section 3.14.1, RFC 2407 section 4.6.3, RFC 3706."""

AUTHIP_NOTIFIES = {
    **IKEV1_NOTIFIES,
    0x9C45: "EXCHANGE_INFO",
    0x9C54: "NOTIFY_STATUS",
    0x9C55: "NOTIFY_DOS_COOKIE",
    0x9C56: "NOTIFY_ACK",
    0x9C57: "NOTIFY_QM_SYNCHRONIZE",
    0x9C58: "NOTIFY_ACQUIRE",
}
"""MS-AIPS 2.2.3.5. Microsoft's IKEv1 sends some of them too (MS-IKEE 2.2.6)."""

IKEV2_NOTIFIES = {
    1: "UNSUPPORTED_CRITICAL_PAYLOAD",
    4: "INVALID_IKE_SPI",
    5: "INVALID_MAJOR_VERSION",
    7: "INVALID_SYNTAX",
    9: "INVALID_MESSAGE_ID",
    11: "INVALID_SPI",
    14: "NO_PROPOSAL_CHOSEN",
    17: "INVALID_KE_PAYLOAD",
    24: "AUTHENTICATION_FAILED",
    34: "SINGLE_PAIR_REQUIRED",
    35: "NO_ADDITIONAL_SAS",
    36: "INTERNAL_ADDRESS_FAILURE",
    37: "FAILED_CP_REQUIRED",
    38: "TS_UNACCEPTABLE",
    39: "INVALID_SELECTORS",
    40: "UNACCEPTABLE_ADDRESSES",
    41: "UNEXPECTED_NAT_DETECTED",
    43: "TEMPORARY_FAILURE",
    44: "CHILD_SA_NOT_FOUND",
    45: "INVALID_GROUP_ID",
    46: "AUTHORIZATION_FAILED",
    16384: "INITIAL_CONTACT",
    16385: "SET_WINDOW_SIZE",
    16386: "ADDITIONAL_TS_POSSIBLE",
    16387: "IPCOMP_SUPPORTED",
    16388: "NAT_DETECTION_SOURCE_IP",
    16389: "NAT_DETECTION_DESTINATION_IP",
    16390: "COOKIE",
    16391: "USE_TRANSPORT_MODE",
    16392: "HTTP_CERT_LOOKUP_SUPPORTED",
    16393: "REKEY_SA",
    16394: "ESP_TFC_PADDING_NOT_SUPPORTED",
    16395: "NON_FIRST_FRAGMENTS_ALSO",
    16396: "MOBIKE_SUPPORTED",
    16397: "ADDITIONAL_IP4_ADDRESS",
    16398: "ADDITIONAL_IP6_ADDRESS",
    16399: "NO_ADDITIONAL_ADDRESSES",
    16400: "UPDATE_SA_ADDRESSES",
    16404: "MULTIPLE_AUTH_SUPPORTED",
    16406: "REDIRECT_SUPPORTED",
    16407: "REDIRECT",
    16408: "REDIRECTED_FROM",
    16417: "EAP_ONLY_AUTHENTICATION",
    16418: "CHILDLESS_IKEV2_SUPPORTED",
    16419: "QUICK_CRASH_DETECTION",
    16430: "IKEV2_FRAGMENTATION_SUPPORTED",
    16431: "SIGNATURE_HASH_ALGORITHMS",
    16438: "INTERMEDIATE_EXCHANGE_SUPPORTED",
}
"""RFC 7296 section 3.10.1 and IANA's registry of IKEv2 notify message types."""

STATUS_TYPES_FROM = 16384
"""Notify types below this report errors, those from here on a state (RFC 2408 section 3.14.1, RFC 7296 section 3.10.1)."""

VENDORS = {
    "214ca4faffa7f32d6748e5303395ae83": "MS-MamieExists",
    "fb1de3cdf341b7ea16b7e5be0855f120": "MS-Negotiation Discovery Capable",
    "26244d38eddb61b3172a36e3d0cfb819": "Vid-Initial-Contact",
    "72872b95fcda2eb708efe322119b4971": "NLBS_PRESENT",
    "621b04bb09882ac1e15935fefa24aeee": "GSSAPI",
    "4048b7d56ebce88525e7de7f00d6c2d3": "FRAGMENTATION",
    "4a131c81070358455c5728f20e95452f": "RFC 3947",
    "4485152d18b6bbcd0be8a8469579ddcc": "draft-ietf-ipsec-nat-t-ike-00",
    "90cb80913ebb696e086381b5ec427b1f": "draft-ietf-ipsec-nat-t-ike-02",
    "cd60464335df21f87cfdb2fc68b6a448": "draft-ietf-ipsec-nat-t-ike-02",
    "7d9419a65310ca6f2c179d9215529d56": "draft-ietf-ipsec-nat-t-ike-03",
    "e3a5966a76379fe707228231e5ce8652": "IKE CGA version 1",
    "afcad71368a1f1c96b8696fc77570100": "RFC 3706 (dead peer detection)",
    "09002689dfd6b712": "XAUTH",
    "12f5f28c457168a9702d9fe274cc0100": "Cisco Unity",
    "882fe56d6fd20dbc2251613b2ebe5beb": "strongSwan",
}
"""Vendor ids by their bytes; most are MD5 hashes of the text given as their name (MS-AIPS appendix A, MS-IKEE 2.2.8)."""

MICROSOFT = "1e2b516905991c7d7c96fcbfb587e461"
"""MD5 of `MS NT5 ISAKMPOAKLEY`; four bytes with a version follow."""
WINDOWS = {
    2: "Windows 2000",
    3: "Windows XP",
    4: "Windows Server 2003 or XP SP2",
    5: "Windows Vista",
    6: "Windows Server 2008 or Vista SP1",
    7: "Windows 7",
    8: "Windows Server 2008 R2",
    9: "Windows 8 / Server 2012 or later",
}

ENCRYPTIONS = {
    1: "DES-CBC",
    2: "IDEA-CBC",
    3: "Blowfish-CBC",
    4: "RC5-CBC",
    5: "3DES-CBC",
    6: "CAST-CBC",
    7: "AES-CBC",
    8: "Camellia-CBC",
}
HASHES = {1: "MD5", 2: "SHA1", 3: "Tiger", 4: "SHA2-256", 5: "SHA2-384", 6: "SHA2-512"}
METHODS = {
    1: "pre-shared key", 2: "DSS", 3: "RSA signature", 4: "RSA encryption", 5: "revised RSA encryption", 9: "ECDSA-256",
    10: "ECDSA-384", 11: "ECDSA-521", 64221: "hybrid RSA", 65001: "XAUTH pre-shared key", 65005: "XAUTH RSA",
}  # fmt: skip
GROUPS = {
    1: "MODP-768", 2: "MODP-1024", 5: "MODP-1536", 14: "MODP-2048", 15: "MODP-3072", 16: "MODP-4096", 17: "MODP-6144", 18: "MODP-8192",
    19: "ECP-256", 20: "ECP-384", 21: "ECP-521", 22: "MODP-1024-160", 23: "MODP-2048-224", 24: "MODP-2048-256", 25: "ECP-192",
    26: "ECP-224", 27: "brainpoolP224r1", 28: "brainpoolP256r1", 29: "brainpoolP384r1", 30: "brainpoolP512r1", 31: "Curve25519", 32: "Curve448",
}  # fmt: skip
"""IKEv1 attribute values (RFC 2409 appendix A) and group numbers, which IKEv2 shares."""

TRANSFORMS: dict[int, dict[int, str]] = {
    1: {
        2: "DES", 3: "3DES", 11: "NULL", 12: "AES-CBC", 13: "AES-CTR", 14: "AES-CCM-8", 15: "AES-CCM-12", 16: "AES-CCM-16",
        18: "AES-GCM-8", 19: "AES-GCM-12", 20: "AES-GCM-16", 21: "AES-GMAC", 23: "Camellia-CBC", 28: "ChaCha20-Poly1305",
    },
    2: {1: "PRF-MD5", 2: "PRF-SHA1", 4: "PRF-AES128-XCBC", 5: "PRF-SHA2-256", 6: "PRF-SHA2-384", 7: "PRF-SHA2-512"},
    3: {
        0: "no integrity", 1: "HMAC-MD5-96", 2: "HMAC-SHA1-96", 5: "AES-XCBC-96", 7: "HMAC-SHA1-160", 8: "AES-CMAC-96",
        12: "HMAC-SHA2-256-128", 13: "HMAC-SHA2-384-192", 14: "HMAC-SHA2-512-256",
    },
    4: GROUPS,
    5: {0: "no ESN", 1: "ESN"},
}  # fmt: skip
"""IKEv2 transform types and ids (RFC 7296 section 3.3.2)."""
