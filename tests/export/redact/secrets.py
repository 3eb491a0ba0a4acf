"""Messages with a secret in them, whatever protocol: the letter Z stands in the secret only.

Each entry is (what the client says, what the server says). A file leaks where a Z is left.
"""

from __future__ import annotations

import gzip
import json
import struct
import zlib

from tests.support.asn1 import bind, integer, ldap, octets, sasl_bind, sequence, tlv

SECRET = "Z" * 24


def http(*lines: str, body: bytes = b"", start: str = "POST /form HTTP/1.1") -> bytes:
    """A message with its length."""
    return "\r\n".join([start, *lines, f"Content-Length: {len(body)}", "", ""]).encode() + body


def chunked(body: bytes, size: int, *lines: str, start: str = "POST /form HTTP/1.1") -> bytes:
    """A message in chunks of `size` bytes."""
    parts = [body[at : at + size] for at in range(0, len(body), size)]
    coded = b"".join(f"{len(part):x}\r\n".encode() + part + b"\r\n" for part in (*parts, b""))
    return "\r\n".join([start, *lines, "Transfer-Encoding: chunked", "", ""]).encode() + coded


def tds_login(password: str) -> bytes:
    """A LOGIN7 with user and password (MS-TDS 2.2.6.4), the password not scrambled so that a test can see it."""
    texts = ["host", "user", password, "app", "server", "", "lib", "", "db"]
    head, payload, at = b"", b"", 94
    for text in texts:
        head += struct.pack("<HH", at + len(payload), len(text))
        payload += text.encode("utf-16-le")
    fixed = struct.pack("<IIIIIIBBBBiI", 94 + len(payload), 0x74000004, 4096, 7, 1, 0, 0, 0, 0, 0, 0, 0)
    tail = (
        bytes(6) + struct.pack("<HHHHHH", at + len(payload), 0, at + len(payload), 0, at + len(payload), 0) + bytes(4)
    )
    login = fixed + head + tail + payload
    return struct.pack(">BBHHBB", 16, 1, 8 + len(login), 0, 1, 0) + login


def tds_packets(kind: int, body: bytes, size: int = 4096) -> bytes:
    """A message in packets of up to `size` bytes, headers included (MS-TDS 2.2.3.1)."""
    parts = [body[at : at + size - 8] for at in range(0, len(body), size - 8)]
    last = len(parts) - 1
    heads = (
        struct.pack(">BBHHBB", kind, place == last, 8 + len(part), 0, (place + 1) % 256, 0)
        for place, part in enumerate(parts)
    )
    return b"".join(head + part for head, part in zip(heads, parts, strict=True))


def tds_feature(number: int, data: bytes) -> bytes:
    """One feature of a LOGIN7's list (MS-TDS 2.2.6.4)."""
    return struct.pack("<BI", number, len(data)) + data


def fedauth_feature(token: bytes, behind: bytes = b"") -> bytes:
    """FEDAUTH with the library of security tokens, echo, and the token."""
    return tds_feature(2, struct.pack("<BI", 1 << 1 | 1, len(token)) + token + behind)


def tds_login_features(features: bytes, password: str = "", sspi: bytes = b"") -> bytes:
    """The body of a LOGIN7 with a list of features, laid out as SqlClient does; `features` goes without its terminator."""
    head, payload, features = b"", b"", features + b"\xff"
    for text in ("host", "user", password, "app", "server", None, "lib", "", "db"):
        head += struct.pack("<HH", 94 + len(payload), 4 if text is None else len(text))
        payload += b"@@@@" if text is None else text.encode("utf-16-le")
    tail = bytes(6) + struct.pack("<HH", 94 + len(payload), len(sspi))
    payload += sspi
    tail += struct.pack("<HHHHI", 94 + len(payload), 0, 94 + len(payload), 0, 0)
    payload = payload.replace(b"@@@@", struct.pack("<I", 94 + len(payload)))
    length = 94 + len(payload) + len(features)
    fixed = struct.pack("<IIIIIIBBBBiI", length, 0x74000004, 4096, 7, 1, 0, 0xE0, 3, 0, 0x10, 0, 0)
    return fixed + head + tail + payload + features


def fedauth_token(token: bytes, nonce: bytes = b"") -> bytes:
    """The body of a Federated Authentication Token (MS-TDS 2.2.6.3)."""
    return struct.pack("<II", 4 + len(token) + len(nonce), len(token)) + token + nonce


def tds_batch(text: str) -> bytes:
    """A SQL batch (MS-TDS 2.2.6.7)."""
    payload = struct.pack("<IIHQI", 22, 18, 2, 0, 1) + text.encode("utf-16-le")
    return struct.pack(">BBHHBB", 1, 1, 8 + len(payload), 0, 1, 0) + payload


def tds_old_login(password: bytes, size: int = 512) -> bytes:
    """A login of TDS 5.0 as FreeTDS lays it out: the password stands in it twice."""
    texts = [(b"host", 30), (b"sa", 30), (password, 30), (b"1234", 30)]
    later = [(b"app", 30), (b"server", 30), (bytes((0, len(password))) + password, 255)]
    first, second = (
        b"".join(text.ljust(most, b"\0") + bytes((len(text),)) for text, most in fields) for fields in (texts, later)
    )
    return tds_packets(
        2, first + b"\3\1\6\x0a\x09\1\0\0\0" + bytes(7) + second + b"\5\0\0\0" + b"lib".ljust(100, b"\0"), size
    )


def encrypted_time(cipher: bytes, version: bytes = b"") -> bytes:
    """PA-DATA with PA-ENC-TIMESTAMP (RFC 4120 section 5.2.7.2)."""
    encrypted = sequence(tlv(0xA0, integer(18)), version, tlv(0xA2, octets(cipher)))
    return sequence(tlv(0xA1, integer(2)), tlv(0xA2, octets(encrypted)))


def as_request(cipher: bytes) -> bytes:
    """A Kerberos AS-REQ as TCP carries it, with a client's encrypted time."""
    body = sequence(tlv(0xA0, b"\3\5\0\x40\x81\0\x10"), tlv(0xA2, tlv(0x1B, b"CORP.EXAMPLE.COM" * 6)))
    fields = (
        tlv(0xA1, integer(5)),
        tlv(0xA2, integer(10)),
        tlv(0xA3, sequence(encrypted_time(cipher))),
        tlv(0xA4, body),
    )
    message = tlv(0x6A, sequence(*fields))
    return struct.pack(">I", len(message)) + message


def redirection(flags: int, *fields: bytes) -> bytes:
    """An Enhanced Security Server Redirection PDU (MS-RDPBCGR 2.2.13.3.1) with these fields."""
    said = b"".join(struct.pack("<I", len(data)) + data for data in fields)
    packet = struct.pack("<HHII", 0x400, 12 + len(said), 5, flags) + said
    data = struct.pack("<HHHH", 8 + len(packet), 0x1A, 1, 0) + packet
    mcs = b"\x68\0\1\x03\xeb\x70" + struct.pack(">H", 0x8000 | len(data)) + data
    return struct.pack(">BBH", 3, 0, 7 + len(mcs)) + b"\x02\xf0\x80" + mcs


def client_info(password: str) -> bytes:
    """A Client Info PDU of RDP inside TLS (MS-RDPBCGR 2.2.1.11)."""
    texts = [text.encode("utf-16-le") for text in ("CORP", "user", password, "", "")]
    info = struct.pack("<IIHHHHH", 0, 0x3B, *(len(text) for text in texts)) + b"".join(text + b"\0\0" for text in texts)
    data = struct.pack("<HH", 0x0040, 0) + info
    mcs = b"\x64\0\x06\x03\xeb\x70" + struct.pack(">H", 0x8000 | len(data)) + data
    x224 = b"\x02\xf0\x80" + mcs
    return struct.pack(">BBH", 3, 0, 4 + len(x224)) + x224


def frame(kind: int, payload: bytes, flags: int = 4, stream: int = 1) -> bytes:
    """A frame of HTTP/2."""
    return len(payload).to_bytes(3, "big") + bytes((kind, flags)) + stream.to_bytes(4, "big") + payload


JSON = f'{{"user": "bob", "password": "{SECRET}", "n": 1}}'
FORM = f"user=bob&password={SECRET}&x=1"
PEM = f"-----BEGIN RSA PRIVATE KEY-----\n{SECRET}\n{SECRET}\n-----END RSA PRIVATE KEY-----\n"
HTML = f"<input name=password value={SECRET}>".encode()
VALUES = f"<array><value><string>{SECRET}</string></value><value>{SECRET}</value></array>"
MEMBER = f"<member><name>password</name> <value>{VALUES}</value></member>".encode()
BASIC = f"Authorization: Basic {SECRET}=="
NTLM3 = (
    b"NTLMSSP\0\3\0\0\0"
    + struct.pack("<HHI", 24, 24, 72) * 2
    + struct.pack("<HHI", 0, 0, 72) * 4
    + bytes(12)
    + b"Z" * 24
)
OK = http(start="HTTP/1.1 200 OK")
SETTINGS = frame(4, b"", 0, 0)
MODIFY = ldap(
    2,
    tlv(
        0x66,
        octets("cn=bob"),
        sequence(sequence(integer(2, 0x0A), sequence(octets("unicodePwd"), tlv(0x31, octets(SECRET))))),
    ),
)
CHANGE = ldap(3, tlv(0x77, tlv(0x80, b"1.3.6.1.4.1.4203.1.11.1"), tlv(0x81, sequence(tlv(0x82, SECRET.encode())))))

CASES: dict[str, tuple[bytes, bytes]] = {
    "basic": (http(BASIC), OK),
    "proxy": (http("Proxy-Authorization: Negotiate " + SECRET), OK),
    "unknown scheme": (http(f"Authorization: {SECRET} {SECRET}"), OK),
    "digest": (http(f'Authorization: Digest username="{SECRET}", response="{SECRET}",\r\n opaque="{SECRET}"'), OK),
    "cookie": (http(f"Cookie: a={SECRET}; b={SECRET}"), http(f"Set-Cookie: s={SECRET}; Path=/", start="HTTP/1.1 200 OK")),
    "no space": (http(f"cookie:{SECRET}", f"X-Api-Key:{SECRET}"), OK),
    "tokens": (http(f"X-Auth-Token: {SECRET}", f"X-CSRF-Token: {SECRET}", f"Ocp-Apim-Subscription-Key: {SECRET}"), OK),
    "challenge": (OK, http(f"WWW-Authenticate: Negotiate {SECRET}", f"Proxy-Authenticate: NTLM {SECRET}=", start="HTTP/1.1 401 No")),
    "info": (OK, http(f'Authentication-Info: rspauth="{SECRET}"', start="HTTP/1.1 200 OK")),
    "folded": (http(f"Authorization: Basic\r\n {SECRET}\r\n\t{SECRET}"), OK),
    "address": (http(f"Referer: https://bob:{SECRET}@example.com/"), OK),
    "query": (http(start=f"GET /cb?code={SECRET}&access_token={SECRET}&state=1 HTTP/1.1"), OK),
    "location": (OK, http(f"Location: https://a.example/cb?code={SECRET}", start="HTTP/1.1 302 Found")),
    "form": (http("Content-Type: application/x-www-form-urlencoded", body=FORM.encode()), OK),
    "form names": (http(body=f"j_password={SECRET}&user%5Bpassword%5D={SECRET}&newPwd={SECRET}&client_secret={SECRET}".encode()), OK),
    "json": (http(body=JSON.encode()), http(body=b'{"access_token":"' + SECRET.encode() + b'","t":1}', start="HTTP/1.1 200 OK")),
    "json escapes": (http(body=rb'{"password":"ZZ\"ZZ\\\"ZZ","x":"y"}'), OK),
    "json in json": (http(body=rb'{"body":"{\"password\":\"ZZZZ\",\"x\":1}"}'), OK),
    "json others": (http(body=b'{"tokens":["ZZ","ZZ"],"secret":{"a":"ZZ"},"refreshToken" : "ZZ"}'), OK),
    "soap": (http(body=f"<s:Envelope><wsse:Password Type='x'>{SECRET}</wsse:Password></s:Envelope>".encode()), OK),
    "soap cdata": (http(body=f"<password><![CDATA[{SECRET}]]></password>".encode()), OK),
    "assertion": (http(body=f"<saml:Assertion ID='x'><a>{SECRET}</a><b>{SECRET}</b></saml:Assertion>".encode()), OK),
    "html bare": (OK, http(body=f"<input name=password value={SECRET}> <a>b</a>".encode(), start="HTTP/1.1 200 OK")),
    "html before": (OK, http(body=f'<input value="{SECRET}" type=hidden name="password">'.encode(), start="HTTP/1.1 200 OK")),
    "html bracket": (OK, http(body=f"<input title='a>b' value='{SECRET}<b' name=token>".encode(), start="HTTP/1.1 200 OK")),
    "html meta": (OK, http(body=f'<meta content="{SECRET}" name="csrf-token">'.encode(), start="HTTP/1.1 200 OK")),
    "html area": (OK, http(body=f'<textarea rows=2 name="id_token">{SECRET}</textarea>'.encode(), start="HTTP/1.1 200 OK")),
    "html gzip": (OK, http("Content-Encoding: gzip", body=gzip.compress(HTML, 0, mtime=0), start="HTTP/1.1 200 OK")),
    "html entity": (OK, http(body=f'<input name="pass&#119;ord" value="{SECRET}"><x t&#x6f;ken="{SECRET}">'.encode(), start="HTTP/1.1 200 OK")),
    "xml key": (http(body=f'<add key="password" value="{SECRET}"/><add value="{SECRET}" key="ApiKey"/>'.encode()), OK),
    "xml named": (http(body=f'<property name="db.password">{SECRET}</property>'.encode()), OK),
    "xml next": (http(body=f"<param><name>password</name><value>{SECRET}</value></param>".encode()), OK),
    "xml plist": (http(body=f"<dict><key>AuthToken</key>\r\n<string>{SECRET}</string></dict>".encode()), OK),
    "xml member": (http(body=MEMBER), OK),
    "json letters": (http(body=rb'{"p\u0061ssw\u006frd":"' + SECRET.encode() + rb'","x":1}'), OK),
    "json pair": (http(body=f'{{"name":"password","type":"x","value":"{SECRET}"}}'.encode()), OK),
    "json pair before": (http(body=f'{{"value":"{SECRET}","key":"password"}}'.encode()), OK),
    "json names": (http(body=b'{"pw":"ZZ","accountPin":"ZZ","privateKey":"ZZ","passphrase":"ZZ"}'), OK),
    "web token": (http(body=b'{"x":"eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiZZZ.ZZZZ","y":1}'), OK),
    "form letters": (http(body=f"user=bob&pass%77ord={SECRET}&%74oken={SECRET}&x=1".encode()), OK),
    "utf-16": (http(body=f'{{"user":"b","password":"{SECRET}","n":1}}'.encode("utf-16-le")), OK),
    "utf-16 big": (http(body=f"<a><Password>{SECRET}</Password></a>".encode("utf-16-be")), OK),
    "utf-16 others": (http(body=f'{{"password":"\u65e5{SECRET}"}}'.encode("utf-16")), OK),
    "own cookie": (http(f"X-ADFS: MSISAuth={SECRET}; MSISAuth1={SECRET}", f"X-Other: .ASPXAUTH={SECRET}; PHPSESSID={SECRET}"), OK),
    "multipart bare": (http(body=f"--x\r\nContent-Disposition: form-data; name=token\r\nContent-Type: text/plain\r\n\r\n{SECRET}\r\n--x--\r\n".encode()), OK),
    "connect telnet": (http(start="CONNECT a:23 HTTP/1.1") + f"bob\r\n{SECRET}\r\n".encode(), b"HTTP/1.1 200 OK\r\n\r\nlogin: Password: "),
    "redis": (f"*3\r\n$4\r\nAUTH\r\n$1\r\nb\r\n$24\r\n{SECRET}\r\n".encode(), b"+OK\r\n"),
    "redis lines": (f"AUTH default {SECRET}\r\nSET a {SECRET}\r\n".encode(), b"+OK\r\n+OK\r\n"),
    "mqtt": (b"\x10\x2e\0\4MQTT\4\xc2\0\x3c\0\2c1\0\3bob\0\x18" + SECRET.encode(), b"\x20\2\0\0"),
    "socks": (b"\5\1\2\1\3bob\x18" + SECRET.encode() + b"\x17\3\3\0\2ab\x17\3\3\0\1a\x17\3\3\0\1a", b"\5\2\1\0"),
    "redis to tls": (f"AUTH default {SECRET}\r\nSET a {SECRET}\r\n".encode(), b"\x15\3\3\0\2\2\x0a"),
    "socks 4": (b"\4\1\0\x50\x0a\1\1\1" + SECRET.encode() + b"\0", b"\0\x5a"),
    "postgresql": (b"\0\0\0\x10\0\3\0\0user\0b\0\0p\0\0\0\x1d" + SECRET.encode() + b"\0", b"R\0\0\0\x08\0\0\0\3"),
    "mysql": (b"\x30\0\0\1\x85\xa6\xff\1bob\0\x18" + SECRET.encode(), b"\x4a\0\0\0\x0a5.7\0"),
    "telnet": (f"bob\r\n{SECRET}\r\n".encode(), b"login: Password: "),
    "telnet 220": (f"bob\r\n{SECRET}\r\n".encode(), b"220 router\r\nlogin: Password: "),
    "irc": (f"PASS {SECRET}\r\nNICK b\r\nPRIVMSG NickServ :IDENTIFY {SECRET}\r\n".encode(), b":x 001 b\r\n"),
    "multipart": (http(body=f'--x\r\nContent-Disposition: form-data; name="password"\r\n\r\n{SECRET}\r\n--x--\r\n'.encode()), OK),
    "hidden field": (OK, http(body=f'<input name="csrf_token" type="hidden" value="{SECRET}">'.encode(), start="HTTP/1.1 200 OK")),
    "chunked": (chunked(FORM.encode(), 21), OK),
    "chunked small": (chunked(JSON.encode(), 3), chunked(JSON.encode(), 7, start="HTTP/1.1 200 OK")),
    "gzip": (http("Content-Encoding: gzip", body=gzip.compress(JSON.encode(), 0, mtime=0)), OK),
    "deflate": (OK, http("Content-Encoding: deflate", body=zlib.compress(FORM.encode(), 0), start="HTTP/1.1 200 OK")),
    "gzip chunked": (OK, chunked(gzip.compress(JSON.encode(), 0, mtime=0), 9, "Content-Encoding: gzip", start="HTTP/1.1 200 OK")),
    "unknown coding": (OK, http("Content-Encoding: br", body=b"\x0b" + SECRET.encode(), start="HTTP/1.1 200 OK")),
    "websocket": (
        b"GET /ws HTTP/1.1\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n\x81\x98" + SECRET.encode(),
        b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n\r\n\x81\x18" + SECRET.encode(),
    ),
    "head": (
        http(start="HEAD / HTTP/1.1") + http(start="GET / HTTP/1.1"),
        b"HTTP/1.1 200 OK\r\nContent-Encoding: br\r\nContent-Length: 99\r\n\r\n"
        + http("Content-Encoding: br", body=SECRET.encode(), start="HTTP/1.1 200 OK"),
    ),
    "http2": (
        b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + SETTINGS + frame(1, SECRET.encode()) + frame(0, SECRET.encode()) + frame(9, b"Z"),
        SETTINGS + frame(1, b"\x02ZZ" + SECRET.encode(), 0x0C) + frame(5, b"\0\0\0\2" + SECRET.encode()) + frame(7, bytes(8) + b"ZZ", 0, 0),
    ),
    "sip": (f'REGISTER sip:a SIP/2.0\r\nAuthorization: Digest username="bob", response="{SECRET}"\r\n\r\n'.encode(), b"SIP/2.0 200 OK\r\n\r\n"),
    "sip ntlm": (b"REGISTER sip:a SIP/2.0\r\n\r\n", f'SIP/2.0 401 No\r\nWWW-Authenticate: NTLM realm="x", gssapi-data="{SECRET}", version=4\r\n\r\n'.encode()),
    "srtp": (f"INVITE sip:a SIP/2.0\r\n\r\nv=0\r\na=crypto:1 AES inline:{SECRET}|2^31\r\na=ice-pwd:{SECRET}\r\n".encode(), b"SIP/2.0 200 OK\r\n\r\n"),
    "ftp": (f"USER bob\r\nPASS {SECRET}\r\nQUIT\r\n".encode(), b"220 ready\r\n331 go\r\n230 in\r\n"),
    "pop3": (f"USER bob\r\npass {SECRET} {SECRET}\r\nAPOP bob {SECRET}\r\n".encode(), b"+OK\r\n"),
    "imap": (f'a1 LOGIN bob "{SECRET}"\r\na2 NOOP\r\n'.encode(), b"* OK\r\n"),
    "imap literal": (f"a1 LOGIN {{3}}\r\nbob {{24}}\r\n{SECRET}\r\na2 NOOP\r\n".encode(), b"* OK\r\n"),
    "smtp": (f"EHLO me\r\nAUTH PLAIN {SECRET}\r\nMAIL FROM:<a@b>\r\n".encode(), b"220 hi\r\n"),
    "smtp login": (f"EHLO me\r\nAUTH LOGIN\r\n{SECRET}\r\n{SECRET}=\r\nMAIL FROM:<a@b>\r\n".encode(), b"220 hi\r\n"),
    "imap plain": (f"a AUTHENTICATE PLAIN\r\n{SECRET}==\r\nb NOOP\r\n".encode(), b"* OK\r\n"),
    "xmpp": (f"<auth xmlns='urn:ietf:params:xml:ns:xmpp-sasl' mechanism='PLAIN'>{SECRET}</auth>".encode(), b"<stream:stream>"),
    "ldap": (ldap(1, bind("cn=bob,dc=example", SECRET)), b"\x30\x0c\x02\x01\x01\x61\x07\x0a\x01\0\x04\0\x04\0"),
    "ldap long": (ldap(1, bind("cn=" + "b" * 300, "Z" * 200)), b""),
    "ldap ntlm": (ldap(1, sasl_bind("GSS-SPNEGO", NTLM3)), b""),
    "ldap modify": (MODIFY, b""),
    "ldap change": (CHANGE, b""),
    "ldap sasl": (ldap(1, sasl_bind("PLAIN", b"\0bob\0" + SECRET.encode())), b"\x30\x0c\x02\x01\x01\x61\x07\x0a\x01\0\x04\0\x04\0"),
    "ldap digest": (ldap(1, sasl_bind("DIGEST-MD5", f'username="bob",response={SECRET}'.encode())), b""),
    "ldap laps": (b"", ldap(4, tlv(0x64, octets("cn=pc"), sequence(sequence(octets("ms-Mcs-AdmPwd"), tlv(0x31, octets(SECRET))))))),
    "ldap laps json": (b"", ldap(4, tlv(0x64, octets("cn=pc"), sequence(sequence(octets("msLAPS-Password"), tlv(0x31, octets(SECRET))))))),
    "ldap recovery": (b"", ldap(4, tlv(0x64, octets("cn=pc"), sequence(sequence(octets("msFVE-RecoveryPassword"), tlv(0x31, octets(SECRET))))))),
    "ldap filter": (ldap(5, tlv(0xA3, octets("userPassword"), octets(SECRET))), b""),
    "graphql": (http(body=rb'{"query":"mutation { login(user: \"bob\", password: \"' + SECRET.encode() + rb'\") { id } }"}'), OK),
    "script": (OK, http(body=f"<script>var cfg = {{user: 'b', apiKey: '{SECRET}', token:\"{SECRET}\"}};</script>".encode(), start="HTTP/1.1 200 OK")),
    "yaml flow": (http(body=f"login: {{user: b, password: {SECRET}, n: 1}}".encode()), OK),
    "ruby": (http(body=f'{{"user"=>"b", "password"=>"{SECRET}", :secret => "{SECRET}"}}'.encode()), OK),
    "sql": (http(body=f"ALTER LOGIN sa WITH PASSWORD = N'{SECRET}', PASSWORD=N'{SECRET}'".encode()), OK),
    "sql in tds": (tds_batch(f"CREATE LOGIN a WITH PASSWORD = N'{SECRET}'"), b"\x04\x01\0\x08\0\0\0\0"),
    "private key": (OK, http(body=PEM.encode(), start="HTTP/1.1 200 OK")),
    "private key in json": (OK, http(body=json.dumps({"pem": PEM, "x": 1}).encode(), start="HTTP/1.1 200 OK")),
    "bearer elsewhere": (http(f"X-Upstream: Bearer {SECRET}{SECRET}"), OK),
    "query key": (http(start=f"GET /maps?key={SECRET}&z=1 HTTP/1.1"), OK),
    "query key later": (http(start=f"GET /maps?z=1&key={SECRET} HTTP/1.1"), OK),
    "sdp keys": (f"INVITE sip:a SIP/2.0\r\n\r\nv=0\r\nk=clear:{SECRET}\r\na=key-mgmt:mikey {SECRET}\r\n".encode(), b"SIP/2.0 200 OK\r\n\r\n"),
    "german": (http(body=f"Benutzer=bob&Kennwort={SECRET}".encode()), OK),
    "wlan": (http(body=f"<sharedKey><keyType>p</keyType><keyMaterial>{SECRET}</keyMaterial></sharedKey>".encode()), OK),
    "psk": (http(body=f'{{"psk":"{SECRET}","sharedKey":"{SECRET}","masterKey":"{SECRET}"}}'.encode()), OK),
    "xmpp 2": (f"<auth xmlns='urn:xmpp:sasl:2' mechanism='PLAIN'><initial-response>{SECRET}</initial-response></auth>".encode(), b"<stream:stream>"),
    "matrix params": (http(start=f"GET /app;jsessionid={SECRET}?x=1 HTTP/1.1"), OK),
    "quoted form": (http(body=f'password="{SECRET} {SECRET}"; x=1'.encode()), OK),
    "header in json": (http(body=f'{{"headers":{{"Authorization":"Bearer {SECRET}"}},"list":[{{"name":"Cookie","value":"a={SECRET}"}}]}}'.encode()), OK),
    "tds": (tds_login(SECRET), b"\x04\x01\0\x08\0\0\0\0"),
    "tds feature": (tds_packets(16, tds_login_features(tds_feature(1, b"recover") + fedauth_feature(SECRET.encode()) + tds_feature(10, b"\1"))), b""),
    "tds feature long": (tds_packets(16, tds_login_features(fedauth_feature(b"Z" * 900, bytes(32))), 512), b"\x04\x01\0\x08\0\0\0\0"),
    "tds token": (
        tds_packets(16, tds_login_features(tds_feature(2, b"\5\1"))) + tds_packets(8, fedauth_token(b"Z" * 600), 512),
        b"\x04\x01\0\x08\0\0\0\0",
    ),
    "tds sspi": (tds_login("") + tds_packets(17, NTLM3), b"\x04\x01\0\x08\0\0\0\0"),
    "tds old": (tds_old_login(SECRET.encode()), b"\x04\x01\0\x08\0\0\0\0"),
    "kerberos": (as_request(b"Z" * 56), b""),
    "kerberos proxy": (http(body=sequence(tlv(0xA0, octets(as_request(b"Z" * 56)))), start="POST /KdcProxy HTTP/1.1"), OK),
    "rdp redirection": (b"", redirection(0x1E, b"Cookie: msts=1", b"u", b"d", SECRET.encode())),
    "rdp": (client_info(SECRET), b""),
    "ntlm": (b"whatever" + NTLM3, b""),
    "base64": (("x: TlRMTVNTUAADAAAA" + SECRET).encode(), b""),
    "packed sip": (
        b"NEGOTIATE sip:127.0.0.1 SIP/2.0\r\nCompression: XPRESS\r\n\r\n" + SECRET.encode(),
        b"SIP/2.0 200 OK\r\nCompression: XPRESS\r\n\r\n" + SECRET.encode(),
    ),
}  # fmt: skip
