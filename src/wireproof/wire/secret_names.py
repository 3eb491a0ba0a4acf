"""Names of fields and parameters whose values let others in, or may: what reports leave out and exports blank.

Takes nothing; gives names, lower case. Knows no protocol.
"""

from __future__ import annotations

PARTS = (
    "pass", "pwd", "secret", "token", "credential", "api_key", "api-key", "apikey", "-key", "authoriz", "authentic", "cookie",
    "assertion", "samlres", "samlart", "wresult", "sessionid", "session_id", "session-id", "x-auth", "x-csrf", "signature",
    "sessid", "privatekey", "private_key", "accesskey", "access_key", "secretkey", "accountkey", "passphrase", "jwt", "msisauth", "fedauth", "rtfa",
    "keymaterial", "sharedkey", "shared_key", "masterkey", "master_key", "encryptionkey", "initial-response",
    "kennwort", "wachtwoord", "contrase",
)  # fmt: skip
"""Parts of such names, wherever these stand."""
WHOLE = ("code", "otp", "pin", "sid", "sig", "ticket", "hash", "auth", "pw", "psk")
"""Whole names, or their last part behind `_`."""

PARTS_IN_TARGETS = ("samlre", "saml_", "session", "ticket", "sid", "auth", "otp", "verifier")
"""Parts of names of parameters of a request's target: elsewhere too much is called so."""
WHOLE_IN_TARGETS = ("key", "state", "nonce")
