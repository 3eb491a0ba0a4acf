"""The providers whose events are taken from an ETL log, by GUID, and the index that a walk gives each.

Gives tables only. The first ones log packets; events of the others are kept as they are.
"""

from __future__ import annotations

import uuid
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, slots=True)
class Provider:
    """A provider of events: its name in Windows, and its GUID."""

    name: str
    guid: uuid.UUID


def _provider(name: str, guid: str) -> Provider:
    return Provider(name, uuid.UUID(guid))


NDIS = 0
WAN = 1
PKTMON = 2
PACKETS = 3
"""Providers below this index log packets."""

PROVIDERS: tuple[Provider, ...] = (
    _provider("Microsoft-Windows-NDIS-PacketCapture", "2ed6006e-4729-4609-b423-3ee7bcd678ef"),
    _provider("Microsoft-Windows-Ras-NdisWanPacketCapture", "d84521f7-2235-4237-a7c0-14e3a9676286"),
    _provider("Microsoft-Windows-PktMon", "4d4f80d9-c8bd-4d73-bb5b-19c90402c5ac"),
    _provider("Microsoft-Windows-TCPIP", "2f07e2ee-15db-40f1-90ef-9d7ba282188a"),
    _provider("Microsoft-Windows-Winsock-AFD", "e53c6823-7bb8-44bb-90dc-3f86090d48a6"),
    _provider("Microsoft-Windows-Winsock-NameResolution", "55404e71-4db9-4deb-a5f5-8f86e46dde56"),
    _provider("Microsoft-Windows-DNS-Client", "1c95126e-7eea-49a9-a3fe-a378b03ddb4d"),
    _provider("Microsoft-Windows-NCSI", "314de49f-ce63-4779-ba2b-d616f6963a88"),
    _provider("Microsoft-Windows-Iphlpsvc", "66a5c15c-4f8e-4044-bf6e-71d896038977"),
    _provider("Microsoft-Windows-Iphlpsvc-Trace", "6600e712-c3b6-44a2-8a48-935c511f28c8"),
    _provider("Microsoft-Windows-WFP", "0c478c5b-0351-41b1-8c58-4a6737da32e3"),
    _provider("Microsoft-Windows-Base-Filtering-Engine-Connections", "121d3da8-baf1-4dcb-929f-2d4c9a47f7ab"),
    _provider("Microsoft-Windows-Schannel-Events", "91cc1150-71aa-47e2-ae18-c96e61736b6f"),
    _provider("Schannel", "1f678132-5938-4686-9fdc-c8ff68f15c85"),
    _provider("Microsoft-Windows-WebIO", "50b3e73c-9370-461d-bb9f-26f32d68887d"),
    _provider("Microsoft-Windows-WinHttp", "7d44233d-3055-4b9c-ba64-0d47ca40a232"),
    _provider("Microsoft-Windows-HttpService", "dd5ef90a-6398-47a4-ad34-4dcecdef795f"),
    _provider("Microsoft-Windows-Kernel-Network", "7dd42a49-5329-4832-8dfd-43d979153a88"),
)

BY_GUID: dict[uuid.UUID, int] = {provider.guid: index for index, provider in enumerate(PROVIDERS)}


def guid_halves() -> NDArray[np.uint64]:
    """The GUIDs as they stand in events, each as two numbers of 64 bits."""
    return (
        np.frombuffer(b"".join(provider.guid.bytes_le for provider in PROVIDERS), "<u8")
        .reshape(-1, 2)
        .astype(np.uint64)
    )
