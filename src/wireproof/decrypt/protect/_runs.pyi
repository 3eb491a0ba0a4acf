from wireproof.decrypt.protect.aead import Aead

class AeadOpener:
    sequential: bool
    def open(self, sequence: int, kind: int, version: int, body: bytes) -> tuple[int, bytes]: ...
    def open_run(
        self, records: list[tuple[int, int, int, bytes]], place: int, sequence: int
    ) -> tuple[list[bytes], int]: ...

class ExplicitNonceOpener(AeadOpener):
    def __init__(self, cipher: Aead, salt: bytes, tag: int) -> None: ...

class SequenceNonceOpener(AeadOpener):
    def __init__(self, cipher: Aead, iv: bytes, tag: int) -> None: ...

class Tls13Opener(SequenceNonceOpener):
    def __init__(self, cipher: Aead, iv: bytes, tag: int, with_header: bool = True) -> None: ...
