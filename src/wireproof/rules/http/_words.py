"""What a failed HTTP status means and what to do about it, in words.

Takes a failure; gives sentences. Decides nothing.
"""

from __future__ import annotations

from wireproof.rules.http._failures import CHALLENGES, REVOCATION, Failure

REASONS = {
    400: "it does not understand the request",
    403: "it understands the request and refuses it",
    404: "it has nothing under that name",
    405: "it does not offer this method there",
    407: "the proxy does not accept the credentials",
    408: "it did not get the whole request in time",
    411: "it wants a stated length",
    413: "the request's body is larger than it takes",
    414: "the request's target is longer than it takes",
    421: "it does not serve this name on this connection",
    426: "it wants another protocol, mostly TLS",
    429: "the client asks more often than it may",
    431: "the request's head is larger than it takes",
    494: "the request's head is larger than it takes",
    495: "it does not accept the client's certificate",
    496: "it wants a client certificate and got none",
    500: "something failed inside the server",
    501: "it does not know this method",
    502: "it is a gateway, and what the server behind it answered was none or no good answer",
    503: "it does not serve requests now",
    504: "it is a gateway, and the server behind it did not answer in time",
    505: "it does not speak this version of HTTP",
    507: "it has no room left",
    511: "the network wants a login first (captive portal)",
}
HTTPAPI = "microsoft-httpapi"
"""What Windows' kernel driver calls itself when it answers in place of an application."""


def reason(failure: Failure) -> str:
    """Why, as far as the response tells."""
    response = failure.response
    if response.status in CHALLENGES:
        who = "the proxy" if response.status == 407 else "it"
        offered = f" (it offers {', '.join(response.authenticate)})" if response.authenticate else ""
        if not failure.tried:
            return f"{who} asks for credentials and the client gives none{offered}"
        if failure.tried > 1:
            return f"{who} turned the client's credentials away {failure.tried} times, and nothing followed that worked{offered}"
        return f"{who} does not accept the client's credentials{offered}"
    if speaks_tls(failure):
        return "the client began with TLS, and this port serves plain HTTP"
    if failure.response.target.lower().partition("?")[0].endswith(REVOCATION) and response.status == 404:
        return "a certificate or revocation list that certificates refer to is not there"
    if response.status == 403 and response.sub_status == 7:
        return "it wants a client certificate and got none (403.7)"
    if failure.by_proxy and response.status == 403:
        return "the proxy does not let the client go there"
    return REASONS.get(response.status, "it failed" if response.status >= 500 else "it refuses the request")


def speaks_tls(failure: Failure) -> bool:
    """Whether the client opened the conversation with TLS."""
    return failure.response.request_row < 0 and "tls" in failure.point.said.protocols.of(failure.conversation)


def fixes(failure: Failure) -> list[str]:
    """What to do."""
    response = failure.response
    if speaks_tls(failure):
        return [f"Use http:// with {failure.server}, or the port on which the server offers TLS (mostly 443)."]
    special = _of_windows(failure)
    if special:
        return special
    if response.status in CHALLENGES:
        return _credentials(failure)
    if response.status in {502, 504}:
        return [
            f"Look at the connections of {failure.server} to the server behind it: capture there while the error occurs.",
            "Compare the gateway's timeout with how long the server takes, and check that it resolves and reaches the server's name.",
        ]
    texts = {
        400: "Compare the request with one that works; a proxy or filter on the way may have changed it.",
        403: "Check the permissions on the target, address filters, and whether the server wants a client certificate (IIS: sub-status in its log).",
        404: "Publish the file again where certificates point to (CDP and AIA), or clients can't check revocation.",
        413: "Raise the server's limit for bodies (IIS: maxAllowedContentLength, nginx: client_max_body_size), or send less.",
        429: "Find the client or script that asks so often; honour Retry-After.",
        500: "Look at the server's own log at the time of these frames; the network did its part.",
        503: "Check that the application behind the server runs and has free workers; a load balancer answers so when no member is healthy.",
        511: "Log in to the network's portal, or exempt this client.",
    }
    return [
        texts.get(
            response.status, "Look at the server's own log at the time of these frames; the network did its part."
        )
    ]


def _of_windows(failure: Failure) -> list[str]:
    """What an answer of Windows' HTTP driver itself, in place of an application, means."""
    response = failure.response
    if not response.server.lower().startswith(HTTPAPI):
        return []
    if response.status == 503:
        return [
            "Windows' HTTP driver answers in place of the application: start the application pool.",
            "Event 5002, 5021 or 5057 of WAS says why it stopped.",
        ]
    if response.status == 400:
        return [
            "Windows' HTTP driver refuses the request before any application sees it: the reason stands in %windir%\\System32\\LogFiles\\HTTPERR.",
            "`Request Header Too Long`: the Kerberos ticket is large because the user is in many groups; raise MaxFieldLength (KB 2020943).",
        ]
    if response.status == 404:
        return [
            "No application has registered this address with Windows' HTTP driver: `netsh http show servicestate` lists what is."
        ]
    return []


def _credentials(failure: Failure) -> list[str]:
    schemes = failure.response.authenticate
    if not failure.tried:
        return [
            "Tell the program to authenticate to the proxy, or let the proxy pass this client or destination without it.",
            "Services of Windows use the proxy of WinHTTP (`netsh winhttp show proxy`), and most of them can't authenticate to it.",
        ]
    texts = [
        f"Check the account and its rights at {failure.server}; its security log has the reason (Windows: event 4625)."
    ]
    if "negotiate" in schemes or "kerberos" in schemes:
        texts.append(
            f"For Kerberos: exactly the right account has the SPN HTTP/{failure.host.partition(':')[0]} (`setspn -Q`), and clocks agree to five minutes."
        )
    if "ntlm" in schemes:
        texts.append(
            "NTLM authenticates the connection: a proxy or load balancer that spreads requests over connections breaks it."
        )
    return texts
