"""Advice on IPsec: a stated error comes with its number and name, silence with the timeout's."""

from __future__ import annotations

from wireproof.processes.stage import Outcome, Stage
from wireproof.rules.directaccess._check import Check
from wireproof.rules.directaccess._checks_ipsec import IPSEC


def of(name: str, outcome: Outcome, error: int = 0, error_name: str = "") -> Check:
    tunnels = [{"error": error, "error_name": error_name}]
    return IPSEC[name](Stage(name, "", outcome, facts={"tunnels": tunnels}))


def test_a_stated_error_is_named() -> None:
    made = of("main-mode", Outcome.FAILED, 13806, "ERROR_IPSEC_IKE_NO_CERT")
    assert made.codes == ("13806 (ERROR_IPSEC_IKE_NO_CERT)",)
    assert "13806 (ERROR_IPSEC_IKE_NO_CERT)" in made.meaning
    assert of("quick-mode", Outcome.FAILED, 13868, "ERROR_IPSEC_IKE_POLICY_MATCH").codes[0].startswith("13868")


def test_silence_is_a_timeout_and_half_an_exchange_is_none() -> None:
    assert of("main-mode", Outcome.UNANSWERED).codes == ("13805 (ERROR_IPSEC_IKE_TIMED_OUT)",)
    assert of("main-mode", Outcome.FAILED).codes == ()


def test_what_never_began_is_looked_for_on_the_client() -> None:
    assert any("IKEEXT" in step for step in of("main-mode", Outcome.NOT_SEEN).fix)
    assert "nothing travels" in of("esp-traffic", Outcome.NOT_SEEN).meaning
    assert "none comes back" in of("esp-traffic", Outcome.UNANSWERED).meaning


def test_one_error_of_both_tunnels_is_named_and_advised_on_once() -> None:
    told = {"error": 13801, "error_name": "ERROR_IPSEC_IKE_AUTH_FAIL"}
    made = IPSEC["main-mode"](Stage("main-mode", "", Outcome.FAILED, facts={"tunnels": [told, dict(told)]}))
    assert made.meaning == "Main mode ends with 13801 (ERROR_IPSEC_IKE_AUTH_FAIL)"
    assert len(made.fix) == len(set(made.fix)) == 2
