"""Versions of Lync and their updates: what a User-Agent, a file's version or a product's name in a list tells.

Takes texts; gives products and versions, and their place among the updates known here. Judges nothing. The table holds the cumulative
updates, and the security updates among them, that Microsoft's articles describe up to February 2014, for desktop clients and servers.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

CLIENT_2010, SERVER_2010, CLIENT_2013, SERVER_2013 = "Lync 2010", "Lync Server 2010", "Lync 2013", "Lync Server 2013"
UNTIL = "February 2014"
"""When the list of updates was last brought up to date."""

Version = tuple[int, int, int, int]
VERSION = r"(?<![\d.])(\d{1,2})\.(\d)\.(\d{4})\.(\d{1,5})(?![\d.])"
_TABLE = {
    CLIENT_2010: """
        4.0.7577.108 2467763 January 2011
        4.0.7577.253 2496325 April 2011
        4.0.7577.280 2551268 May 2011
        4.0.7577.314 2571543 July 2011
        4.0.7577.4051 2514982 November 2011
        4.0.7577.4072 2670326 February 2012
        4.0.7577.4103 2701664 June 2012
        4.0.7577.4356 2737155 October 2012
        4.0.7577.4378 2791382 March 2013
        4.0.7577.4384 2815347 April 2013
        4.0.7577.4398 2842627 July 2013
        4.0.7577.4409 2884632 October 2013
        4.0.7577.4419 2912208 January 2014""",
    SERVER_2010: """
        4.0.7577.137 2500442 April 2011
        4.0.7577.166 2571546 July 2011
        4.0.7577.183 2514980 November 2011
        4.0.7577.190 2670352 February 2012
        4.0.7577.199 2701585 June 2012
        4.0.7577.203 2737915 October 2012
        4.0.7577.216 2791381 March 2013
        4.0.7577.217 2860700 July 2013
        4.0.7577.223 2889610 October 2013
        4.0.7577.225 2909888 January 2014""",
    CLIENT_2013: """
        15.0.4454.1509 2812461 February 2013
        15.0.4517.1004 2817465 July 2013 (MS13-054)
        15.0.4551.1005 2825630 November 2013
        15.0.4551.1007 2850057 December 2013 (MS13-096)
        15.0.4569.1503 2817430 Service Pack 1""",
    SERVER_2013: """
        5.0.8308.291 2781547 February 2013
        5.0.8308.420 2819565 July 2013
        5.0.8308.556 2881684 October 2013
        5.0.8308.577 2905048 January 2014""",
}
BUILDS = {(4, 0, 7577): (CLIENT_2010, SERVER_2010), (5, 0, 8308): (SERVER_2013,)}
"""Products that share a build; Lync 2013 clients have many."""
CLIENT_FILES, SERVER_FILES = (
    r"communicator|lync|uccapi|ocpubmgr|appshare(?:api|hookcontroller)",
    r"rtcsrv|rtcsip|sipstack|rtcproxy|mediarelaysvc|mrassvc|dataproxy|mediationserversvc|ocsmcu|asmcusvc|avmcusvc|imucsvc|rtcagent",
)
AGENT = re.compile(rf"\bOC/{VERSION}", re.ASCII)
_FILE = re.compile(rf"(?i)\b(?:(?P<client>{CLIENT_FILES})|(?P<server>{SERVER_FILES}))\.(?:exe|dll)\b")
_PRODUCT = re.compile(r"(?i)\bLync (?P<server>Server )?(?P<year>2010|2013)\b")
_VERSION = re.compile(VERSION)


@dataclass(frozen=True, slots=True)
class Update:
    """One update: its version, the number of the article that describes it, and its name, mostly a month."""

    version: Version
    article: str
    name: str

    @property
    def text(self) -> str:
        """`October 2012 (4.0.7577.4356, KB 2737155)`."""
        return f"{self.name} ({version_text(self.version)}, KB {self.article})"


@dataclass(frozen=True, slots=True)
class Standing:
    """Where a version stands: the update that it is, or those before and behind it, and how many newer ones the table has."""

    exact: Update | None
    before: Update | None
    newer: tuple[Update, ...]


def version_text(version: Version) -> str:
    """`4.0.7577.4356`."""
    return ".".join(map(str, version))


def _update(line: str) -> Update:
    version, article, name = line.split(None, 2)
    return Update(_version(version), article, name)


def _version(text: str) -> Version:
    one, two, three, four = (int(part) for part in text.split("."))
    return one, two, three, four


UPDATES: dict[str, tuple[Update, ...]] = {
    product: tuple(map(_update, lines.strip().splitlines())) for product, lines in _TABLE.items()
}
"""Updates by product, oldest first."""


def standing(product: str, version: Version) -> Standing:
    """Where a version of a product stands among the updates known here."""
    updates = UPDATES[product]
    exact = next((update for update in updates if update.version == version), None)
    before = [update for update in updates if update.version < version]
    newer = tuple(update for update in updates if update.version > version)
    return Standing(exact, before[-1] if before else None, newer)


def read_agent(agent: str) -> tuple[str, Version] | None:
    """Product and version of a User-Agent such as `UCCAPI/4.0.7577.4356 OC/4.0.7577.4356 (Microsoft Lync 2010)`; None for others.

    Servers write no build there, phones and attendee clients have updates of their own.
    """
    found = AGENT.search(agent[:512])
    if not found:
        return None
    version = _version(found[0].partition("/")[2])
    product = {4: CLIENT_2010, 15: CLIENT_2013}.get(version[0])
    return (product, version) if product and (version[0] == 15 or version[:3] in BUILDS) else None


def read_line(line: str) -> tuple[str, str, Version] | None:
    """What stands there, product and version, where a line names a file or product of Lync and one version; None for others."""
    versions = {_version(found[0]) for found in _VERSION.finditer(line[:1024])}
    if len(versions) != 1 or "update" in line.lower() or AGENT.search(line[:1024]):
        return None
    (version,) = versions
    file = _FILE.search(line[:1024])
    if file:
        product = _product(version, is_server=file["server"] is not None)
        return (file[0], product, version) if product else None
    named = _PRODUCT.search(line[:1024])
    product = _product(version, is_server=named["server"] is not None) if named else ""
    return (named[0], product, version) if named and product and named["year"] in product else None


def _product(version: Version, *, is_server: bool) -> str:
    """The product of a file's or program's version; "" for those that the table does not know."""
    if version[:2] == (15, 0):
        return "" if is_server else CLIENT_2013
    products = BUILDS.get(version[:3], ())
    return next((product for product in products if ("Server" in product) == is_server), "")


def read_lines(lines: list[str]) -> Iterator[tuple[int, str, str, Version]]:
    """(line from 1, what stands there, product, version) of every line that names one."""
    for number, line in enumerate(lines, 1):
        if "." in line and (found := read_line(line)):
            yield (number, *found)
