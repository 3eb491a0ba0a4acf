"""Advice on IKE errors: every name is one that a message can have, and an unknown one still gets a sentence."""

from __future__ import annotations

from wireproof.rules.ike._advice import BY_NAME, advise
from wireproof.rules.ike._negotiations import BENIGN, RETRIED
from wireproof.wire.ike_names import IKEV1_NOTIFIES, IKEV2_NOTIFIES
from wireproof.wire.windows.errors import find_windows_codes


def test_every_name_is_one_that_a_message_can_have() -> None:
    notifies = {*IKEV1_NOTIFIES.values(), *IKEV2_NOTIFIES.values()}
    unknown = [name for name in {*BY_NAME, *BENIGN, *RETRIED} if name not in notifies and not find_windows_codes(name)]
    assert unknown == []


def test_an_error_that_is_not_known_gets_general_advice() -> None:
    assert len(advise("SEC_E_ILLEGAL_MESSAGE")) == 1
