"""What tests of the policy room share: a key and a certificate as osslsigncode takes them."""

from __future__ import annotations

from pathlib import Path

import pytest
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509 import load_der_x509_certificate

from tests.support.programs import certificate, signing_key


@pytest.fixture
def signer(tmp_path: Path) -> list[str]:
    """The options of osslsigncode that name a certificate and its key."""
    key = signing_key().private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    (tmp_path / "key.pem").write_bytes(key)
    (tmp_path / "cert.pem").write_bytes(load_der_x509_certificate(certificate()).public_bytes(Encoding.PEM))
    return ["-certs", str(tmp_path / "cert.pem"), "-key", str(tmp_path / "key.pem")]
