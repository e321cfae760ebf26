# SPDX-FileCopyrightText: 2026 The zosconnect.security contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a Liberty server for z/OS asks RACF, and what it and the console say when RACF denies it.

The messages are those that IBM's Washington Systems Center shows (z/OS Connect EE V3 Topics Guide; Enabling SAF Security
in Liberty Servers). It knows nothing of the code that it tests.
"""

from __future__ import annotations

from dataclasses import dataclass

from racf import LEVELS, Racf

UNAUTHENTICATED = "WSGUEST"
CODES = "SAF return code 0x00000008. RACF return code 0x00000008. RACF reason code 0x00000020."
NO_DEFAULT = (
    "CWWKS2960W: Cannot create the default credential for SAF authorization of unauthenticated users. All \n"
    "authorization checks for unauthenticated users will fail. The default credential could not be created due \n"
    "to the following error:"
)


@dataclass(frozen=True)
class Server:
    """A server as its configuration has it; ``angel`` is empty for the default one."""

    racf: Racf
    user: str = "LIBSERV"
    prefix: str = "BBGZDFLT"
    angel: str = ""
    role: str = "zos.connect.access.roles.zosConnectAccess"

    def start(self) -> str:
        """What the server writes when it connects to its angel; nothing if it has all services."""
        name = f"the {self.angel} angel process" if self.angel else "the angel process"
        if not self.reads("SERVER", f"BBG.ANGEL.{self.angel}" if self.angel else "BBG.ANGEL"):
            return (
                f"CWWKB0118W: This server is not authorized to connect to {name}. No authorized services will be loaded. \n"
                "CWWKB0104I: Authorized service group SAFCRED is not available.       \n"
            )
        if not self.reads("SERVER", "BBG.AUTHMOD.BBGZSAFM"):
            return (
                f"CWWKB0117W: {name[0].upper()}{name[1:]} is not available. No authorized services will be \n"
                "loaded. The reason code is 4,104. \n"
                "  CWWKB0115I: This server is not authorized to load module bbgzsafm.  No authorized \nservices will be "
                "loaded. \nCWWKB0104I: Authorized service group SAFCRED is not available.       \n"
            )
        if not self.reads("SERVER", "BBG.AUTHMOD.BBGZSAFM.SAFCRED"):
            return "CWWKB0104I: Authorized service group SAFCRED is not available.       \n"
        return ""

    def call(self, caller: str, *, asserted: str = "") -> str:
        """What comes when a user ID calls, for itself or for another one; nothing if the call gets through."""
        if not self.reads("SERVER", f"BBG.SECPFX.{self.prefix}"):
            return (
                f"{NO_DEFAULT}CWWKS2909E: A SAF authentication or authorization attempt was rejected because the server is \n"
                f"not authorized to access the following SAF resource: APPL-ID {self.prefix}. Internal error code 0x03008108. \n"
                "CWWKS2930W: A SAF authentication attempt using authorized SAF services was rejected because the server "
                f"is not \nauthorized to access the APPL-ID {self.prefix}. Authentication will proceed using unauthorized "
                "SAF services. \n"
            )
        for user in (UNAUTHENTICATED, caller, *([asserted] if asserted else [])):
            if denied := self.enters(user):
                return denied
        if asserted and not self.reads("FACILITY", "BPX.SERVER"):
            return self.console(self.user, "BPX.SERVER", "FACILITY")
        if asserted and not self.reads("SURROGAT", f"{asserted}.BAQASSRT", caller):
            return self.console(caller, f"{asserted}.BAQASSRT", "SURROGAT")
        return self.may(caller)

    def reads(self, kind: str, resource: str, user: str = "") -> bool:
        allowed = self.racf.allowed(kind, resource, user or self.user)
        return LEVELS.index(allowed or "NONE") >= LEVELS.index("READ")

    def enters(self, user: str) -> str:
        """Class APPL: everybody may where the class is not active or has no profile."""
        if self.racf.allowed("APPL", self.prefix, user) is None or self.reads("APPL", self.prefix, user):
            return ""
        said = (
            f"CWWKS2907E: SAF Service IRRSIA00_CREATE did not succeed because user \n{user.lower()} has insufficient "
            f"authority to access APPL-ID {self.prefix}. {CODES}\n"
        )
        if user == UNAUTHENTICATED:
            return NO_DEFAULT + said
        return said + self.console(user, self.prefix, "APPL") + self.may(UNAUTHENTICATED)

    def may(self, user: str) -> str:
        profile = f"{self.prefix}.{self.role}"
        if self.racf.allowed("EJBROLE", profile, user) is None:
            return (
                f"CWWKS2911E: SAF Service RACROUTE_AUTH did not succeed because the resource \nprofile {profile} in class "
                "EJBROLE does not \nexist. SAF return code 0x00000004. RACF return code 0x00000004. RACF reason code \n"
                "0x00000000.   \n"
            )
        return "" if self.reads("EJBROLE", profile, user) else self.console(user, profile, "EJBROLE")

    def console(self, user: str, resource: str, kind: str) -> str:
        group = self.racf.users.get(user, {}).get("group", "")
        return (
            f"ICH408I USER({user:<8}) GROUP({group:<8}) NAME(####################)  \n  {resource}            \n"
            f"  CL({kind:<8})\n  INSUFFICIENT ACCESS AUTHORITY                                 \n"
            "  ACCESS INTENT(READ   )  ACCESS ALLOWED(NONE   )  \n"
        )
