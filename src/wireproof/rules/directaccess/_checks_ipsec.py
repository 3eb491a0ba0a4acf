"""What to check where the IPsec of a DirectAccess connection stopped, inside a tunnel that works.

Facts for the rule of this family. Takes the stage that did not work; gives a `Check`.
"""

from __future__ import annotations

from wireproof.processes.stage import Outcome, Stage
from wireproof.rules.directaccess._check import Check

ADVICE = {
    "13801": "The peer does not accept who this side is. Check the computer certificate (with the Kerberos proxy the computer's account) and its place in "
    "the groups of the policy.",
    "13805": "The negotiation timed out: what one side sent did not arrive, or was too late. Capture on both ends.",
    "13806": "There is no computer certificate that fits the rule: it has to be for client authentication, under the root that the rule names.",
    "13825": "There is no policy for this peer: run `gpupdate` on both ends, and check that the computer is in the group to which the policy applies.",
}
"""What to do about errors of IKE and AuthIP that clients meet often, by number (winerror.h)."""


def _errors(stage: Stage) -> list[str]:
    """What the server (or the client) stated, as `13801 (ERROR_IPSEC_IKE_AUTH_FAIL)`, each error once."""
    tunnels = stage.facts.get("tunnels")
    told = [tunnel for tunnel in tunnels if tunnel["error"]] if isinstance(tunnels, list) else []
    return list(dict.fromkeys(f"{tunnel['error']} ({tunnel['error_name']})" for tunnel in told))


def _main_mode(stage: Stage) -> Check:
    errors = tuple(_errors(stage))
    if stage.outcome is Outcome.NOT_SEEN:
        return Check(
            "The tunnel is up, and the client begins no IPsec in it",
            (
                (
                    "Check that Windows Firewall is on in the client's present profile and that the connection security rules are there: "
                    "`netsh advfirewall monitor show currentprofile`, `netsh advfirewall monitor show consec`."
                ),
                "Check the client's service IKE and AuthIP IPsec Keying Modules (IKEEXT).",
            ),
        )
    if errors:
        known = [ADVICE[error.partition(" ")[0]] for error in errors if error.partition(" ")[0] in ADVICE]
        events = "Compare both sides' clocks, and look at events 4652 and 4653 in the security logs of both."
        return Check(f"Main mode ends with {', '.join(errors)}", (*known, events), errors, ("MS-AIPS",))
    return Check(
        "Main mode is not answered inside a tunnel that works"
        if stage.outcome is Outcome.UNANSWERED
        else "Main mode is begun and never finished",
        (
            (
                "Check the service IKE and AuthIP IPsec Keying Modules (IKEEXT) on the server, Windows Firewall there, and its connection security rules "
                "(`netsh advfirewall monitor show consec`)."
            ),
            "Check that the server routes the clients' IPv6 prefix back into the tunnel interface: `netsh interface ipv6 show route`.",
        ),
        ("13805 (ERROR_IPSEC_IKE_TIMED_OUT)",) if stage.outcome is Outcome.UNANSWERED else (),
        ("MS-AIPS",),
    )


def _quick_mode(stage: Stage) -> Check:
    errors = tuple(_errors(stage))
    return Check(
        f"Quick mode ends with {', '.join(errors)}"
        if errors
        else "The computers know each other, and agree on no association for their traffic",
        (
            (
                "Compare the connection security rules of both ends (`netsh advfirewall monitor show consec`, `show qmsa`): proposals, addresses of the tunnel "
                "endpoints. Run `gpupdate` on both."
            ),
            "The second tunnel asks for the user too: check that a domain user is signed in whose Kerberos ticket or certificate the rule accepts.",
        ),
        errors,
        ("MS-AIPS",),
    )


def _esp(stage: Stage) -> Check:
    if stage.outcome is Outcome.NOT_SEEN:
        return Check(
            "Associations are agreed on, and nothing travels under them",
            (
                "Check what the client wants to reach: `Get-DnsClientNrptPolicy` for the names, `netsh interface ipv6 show route` for the way.",
            ),
        )
    return Check(
        "Protected packets go out, and none comes back",
        (
            (
                "Capture on the server's tunnel interface and behind it: if packets arrive and answers do not, check its routes into the network and back, "
                "and the state of DNS64 and NAT64."
            ),
            "If they do not arrive: something on the way drops protected packets (IP protocol 50, UDP port 4500).",
        ),
    )


IPSEC = {"main-mode": _main_mode, "quick-mode": _quick_mode, "esp-traffic": _esp}
