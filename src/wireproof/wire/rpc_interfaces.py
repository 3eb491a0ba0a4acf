"""Well-known DCE/RPC interfaces and COM classes: their short names, and the names of operations that say where something is served.

Takes a UUID as text; gives names, or the UUID itself. Names are those of the [MS-...] specifications and of Wireshark.
"""

from __future__ import annotations

from wireproof.wire import dcom, epm

COM = "-0000-0000-c000-000000000046"
MAPI = "a4f1db00-ca47-1067-b31f-00dd010662da"
NSPI = "f5cc5a18-4264-101a-8c59-08002b2f8426"
REFERRAL = "1544f5e0-613c-11d1-93df-00c04fd7bd09"
REPLICATION = "e3514235-4b06-11d1-ab04-00c04fc2dcd2"
LSA = "12345778-1234-abcd-ef00-0123456789ab"
SAM = "12345778-1234-abcd-ef00-0123456789ac"
NETLOGON = "12345678-1234-abcd-ef00-01234567cffb"
FILE_REPLICATION = "f5cc59b4-4264-101a-8c59-08002b2f8426"
DFS_REPLICATION = "897e2e5f-93f3-4376-9c9c-fd2277495c27"
CERTIFICATES = "d99e6e70-fc88-11d0-b498-00a0c90312f3"
TASKS = "86d35949-83c9-4044-b424-db363231fd0c"
TRANSACTIONS = "906b0ce0-c70b-1067-b317-00dd010662da"
WMI_LOGIN = "f309ad18-d86a-11d0-a075-00c04fb68820"
WMI_CLASS = "8bc3f05e-d86b-11d0-a075-00c04fb68820"

INTERFACES: dict[str, str] = {
    epm.INTERFACE: "EPM",
    dcom.SYSTEM_ACTIVATOR: "ISystemActivator",
    dcom.ACTIVATION: "IActivation",
    dcom.OBJECT_EXPORTER: "IObjectExporter",
    "00000131" + COM: "IRemUnknown",
    "00000143" + COM: "IRemUnknown2",
    "00000000" + COM: "IUnknown",
    "00020400" + COM: "IDispatch",
    "afa8bd80-7d8a-11c9-bef4-08002b102989": "MGMT",
    MAPI: "MAPI",
    "5261574a-4572-206e-b268-6b199213b4e4": "AsyncEMSMDB",
    NSPI: "NSPI",
    REFERRAL: "RFR",
    REPLICATION: "DRSUAPI",
    LSA: "LSARPC",
    SAM: "SAMR",
    NETLOGON: "NETLOGON",
    "3919286a-b10c-11d0-9ba8-00c04fd92ef5": "DSSETUP",
    "4b324fc8-1670-01d3-1278-5a47bf6ee188": "SRVSVC",
    "6bffd098-a112-3610-9833-46c3f87e345a": "WKSSVC",
    "367abb81-9844-35f1-ad32-98f038001003": "SVCCTL",
    "338cd001-2244-31f1-aaaa-900038001003": "WINREG",
    "1ff70682-0a51-30e8-076d-740be8cee98b": "ATSVC",
    "378e52b0-c0a9-11cf-822d-00aa0051e40f": "SASec",
    TASKS: "ITaskSchedulerService",
    "82273fdc-e32a-18c3-3f78-827929dc23ea": "EVENTLOG",
    "f6beaff7-1e19-4fbb-9f8f-b89e2018337c": "EVENTLOG6",
    "12345678-1234-abcd-ef00-0123456789ab": "SPOOLSS",
    "76f03f96-cdfd-44fc-a22c-64950a001209": "IRemoteWinspool",
    "0b6edbfa-4a24-4fc6-8a23-942b1eca65d1": "IRPCAsyncNotify",
    "ae33069b-a2a8-46ee-a235-ddfd339be281": "IRPCRemoteObject",
    "50abc2a4-574d-40b3-9d66-ee4fd5fba076": "DNSSERVER",
    DFS_REPLICATION: "FRS2",
    FILE_REPLICATION: "FRSRPC",
    "d049b186-814f-11d1-9a3c-00c04fc9b232": "FRSAPI",
    "4fc742e0-4a10-11cf-8273-00aa004ae673": "NETDFS",
    TRANSACTIONS: "IXnRemote",
    "2f5f6520-ca46-1067-b319-00dd010662da": "TAPSRV",
    "300f3532-38cc-11d0-a3f0-0020af6b0add": "TRKWKS",
    "91ae6020-9e3c-11cf-8d7c-00aa00c091be": "ICertPassage",
    CERTIFICATES: "ICertRequestD",
    "5422fd3a-d4b8-4cef-a12e-e87d4ca22e90": "ICertRequestD2",
    "45f52c28-7f9f-101a-b52b-08002b2efabe": "WINSIF",
    "811109bf-a4e1-11d1-ab54-00a0c91e9b45": "WINSI2",
    "894de0c0-0d55-11d3-a322-00c04fa321a1": "INITSHUTDOWN",
    "d95afe70-a6d5-4259-822e-2c84da1ddb0d": "WindowsShutdown",
    "5a7b91f8-ff00-11d0-a9b2-00c04fb6e6fc": "MSGSVC",
    "17fdd703-1827-4e34-79d4-24a55c53bb37": "MSGSVC",
    "c681d488-d850-11d0-8c52-00c04fd90f7e": "EFSRPC",
    "df1941c5-fe89-4e79-bf10-463657acf44d": "EFSRPC",
    "6b5bdd1e-528c-422c-af8c-a4079be4fe48": "RemoteFW",
    "a8e0653c-2744-4389-a61d-7373df8b2292": "FileServerVssAgent",
    "b97db8b2-4c63-11cf-bff6-08002be23f2f": "ClusAPI",
    "8d9f4e40-a03d-11ce-8f69-08003e30051b": "PNP",
    "5ca4a760-ebb1-11cf-8611-00a0245420ed": "IcaApi",
    WMI_LOGIN: "IWbemLevel1Login",
    "9556dc99-828c-11cf-a37e-00aa003240c7": "IWbemServices",
    "d4781cd6-e5d3-44df-ad94-930efe48a887": "IWbemLoginClientID",
    "027947e1-d731-11ce-a357-000000000001": "IEnumWbemClassObject",
    "423ec01e-2e35-11d2-b604-00104b703efd": "IWbemWCOSmartEnum",
    "1c1c45ee-4395-11d2-b60b-00104b703efd": "IWbemFetchSmartEnum",
}
CLASSES: dict[str, str] = {
    WMI_CLASS: "WMI",
    "4590f811-1d3a-11d0-891f-00aa004b2e24": "WbemLocator",
    "49b2791a-b1ae-4c90-9b8e-e860ba07f889": "MMC20.Application",
    "9ba05972-f6a8-11cf-a442-00a0c90a8f39": "ShellWindows",
    "c08afd90-f2a1-11d1-8455-00a0c91f3880": "ShellBrowserWindow",
    "00024500" + COM: "Excel.Application",
    "0002df01" + COM: "InternetExplorer.Application",
}
OPERATIONS: dict[str, dict[int, str]] = {
    epm.INTERFACE: epm.OPERATIONS,
    dcom.SYSTEM_ACTIVATOR: {3: "RemoteGetClassObject", 4: "RemoteCreateInstance"},
    dcom.ACTIVATION: {0: "RemoteActivation"},
    dcom.OBJECT_EXPORTER: {
        0: "ResolveOxid",
        1: "SimplePing",
        2: "ComplexPing",
        3: "ServerAlive",
        4: "ResolveOxid2",
        5: "ServerAlive2",
    },
    "00000131" + COM: {3: "RemQueryInterface", 4: "RemAddRef", 5: "RemRelease"},
    "00000143" + COM: {3: "RemQueryInterface", 4: "RemAddRef", 5: "RemRelease", 6: "RemQueryInterface2"},
    MAPI: {0: "EcDoConnect", 1: "EcDoDisconnect", 2: "EcDoRpc", 10: "EcDoConnectEx", 11: "EcDoRpcExt2"},
    NSPI: {0: "NspiBind", 1: "NspiUnbind"},
    REFERRAL: {0: "RfrGetNewDSA", 1: "RfrGetFQDNFromServerDN"},
    REPLICATION: {0: "IDL_DRSBind", 1: "IDL_DRSUnbind", 3: "IDL_DRSGetNCChanges", 12: "IDL_DRSCrackNames"},
    NETLOGON: {4: "NetrServerReqChallenge", 15: "NetrServerAuthenticate2", 26: "NetrServerAuthenticate3"},
    WMI_LOGIN: {3: "EstablishPosition", 4: "RequestChallenge", 5: "WBEMLogin", 6: "NTLMLogin"},
}


def interface_name(uuid: str) -> str:
    """The short name of an interface; its UUID where it is not well known."""
    return INTERFACES.get(uuid, uuid)


def class_name(uuid: str) -> str:
    """The short name of a COM class; its UUID where it is not well known."""
    return CLASSES.get(uuid, uuid)


def operation_name(uuid: str, opnum: int) -> str:
    """The name of an operation; "" where it is not known."""
    return OPERATIONS.get(uuid, {}).get(opnum, "")
