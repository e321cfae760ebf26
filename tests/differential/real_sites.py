# SPDX-FileCopyrightText: 2026 The zosconnect.security contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Elements as servers of real sites have them: SAF, IPIC, services and APIs, roles, web applications, features.

The shapes are those of IBM's samples and pages: which attributes stand together, in which spelling, and what is left to
variables. Liberty must say of them what it says of the probes; those that only IBM's products know the stand-in's feature
``zosconnect:sites-1.0`` brings.
"""

from __future__ import annotations

import random
from dataclasses import dataclass

from case_tree import Element

# What a site's servers share lies beside the servers: below ${wlp.user.dir}/shared.
SHARED = {"${shared.config.dir}": "../../shared/config", "${shared.resource.dir}": "../../shared/resources"}
# Every list of features has these: an include that replaces what was there must leave the test bed its way in.
ALWAYS = (
    "zosconnect:zosConnect-2.0", "zosconnect:apiRequester-1.0", "zosconnect:sites-1.0", "appSecurity-2.0",
    "restConnector-2.0", "transportSecurity-1.0",
)  # fmt: skip
# Those that change nothing; no feature has the last ones, versionless ones need a platform.
FEATURES = (
    "ssl-1.0", "SSL-1.0", "TransportSecurity-1.0", "zosconnect:zosconnect-2.0", "servlet-3.1", "json-1.0", " jndi-1.0 ",
    "zosSecurity-1.0", "zosconnect:cicsService-1.0", "servlet", "jsonp",
)  # fmt: skip

# What is compared.
REAL = (
    "safRegistry", "safAuthorization", "safCredentials", "safRoleMapper", "zosconnect_cicsIpicConnection",
    "zosconnect_services", "zosconnect_zosConnectAPIs", "authorization-roles", "webApplication", "featureManager",
)  # fmt: skip


@dataclass
class Sites:
    """Makes elements for one case; ids begin with its number, as those of the probes do."""

    random: random.Random
    number: int

    def chance(self, share: float) -> bool:
        return self.random.random() < share

    def pick(self, *choices: str) -> str:
        return self.random.choice(choices)

    def some(self, share: float, **attributes: tuple[str, ...]) -> dict[str, str]:
        """Return attributes, each with this chance, with one of its values; ``_`` in a name stands for ``-``."""
        return {name.replace("_", "-"): self.pick(*values) for name, values in attributes.items() if self.chance(share)}

    def identity(self, *names: str, none: float = 0.15) -> dict[str, str]:
        return {} if self.chance(none) else {"id": f"c{self.number}{self.pick(*names)}"}

    def saf(self) -> Element:
        """Return one of the four elements of SAF."""
        kind = self.random.randrange(4)
        boolean = ("true", "false", "TRUE", "${sys}")
        if kind == 0:
            attributes = self.some(0.6, realm=("WTSC", "${boot}", ""), enableFailover=(*boolean, "no"))
            return Element("safRegistry", {**self.identity("saf", "saf", "SAF"), **attributes})
        if kind == 1:
            log = ("ASIS", "asis", "NONE", "NOFAIL", "NoStat", "ALL", "")
            attributes = self.some(
                0.6, racRouteLog=log, enableDelegation=boolean, reportAuthorizationCheckDetails=boolean,
                roleMapper=("com.ibm.ws.security.authorization.saf.internal.SAFRoleMapperImpl", "my.Mapper"),
            )  # fmt: skip
            return Element("safAuthorization", {**self.identity("saf", "saf", "z"), **attributes})
        if kind == 2:
            attributes = self.some(
                0.6, profilePrefix=("BBGZDFLT", "${boot}", "${undef}", " ZCON"), unauthenticatedUser=("WSGUEST", "${v1}"),
                mapDistributedIdentities=(*boolean, "yes"), suppressAuthFailureMessages=boolean,
            )  # fmt: skip
            return Element("safCredentials", attributes or {"profilePrefix": "ZCON"})
        pattern = ("%profilePrefix%.%resourceName%.%role%", "${boot}.%resource%.%role%", "")
        return Element("safRoleMapper", self.some(0.7, profilePattern=pattern, toUpperCase=(*boolean, "1")))

    def ipic(self) -> Element:
        attributes = self.some(
            0.5, host=("cics.example.com", "${v1}", ""), port=("1491", "${num}"), zosConnectNetworkid=("ZOSCONN",),
            zosConnectApplid=("ZCON", "${boot}"), cicsNetworkid=("NETA",), cicsApplid=("CICSA",), sysid=("ZC1",),
            transid=("CSMI", "${v2}"), transidUsage=("EIB_AND_MIRROR", "EIB_ONLY"), sendSessions=("1", "999", "${num}"),
            sharedPort=("true", "false", "FALSE"), connectionTimeout=("30s", "500ms", "1m 30s", "${num}s"),
            heartbeatInterval=("30", "0", "10s"), reconnectInterval=("60s",), preferredSpecificPort=("1492",),
        )  # fmt: skip
        if self.chance(0.4):
            attributes["sslCertsRef"] = self.pick("defaultSSLConfig", "testBedAdmin", "cicsSSLSettings")
        if self.chance(0.3):
            attributes["authDataRef"] = f"c{self.number}{self.pick('auth', 'none')}"
        return Element("zosconnect_cicsIpicConnection", {**self.identity("cscvinc", "cscvinc", "ipic"), **attributes})

    def auth_data(self) -> Element:
        return Element("zosconnect_authData", {"id": f"c{self.number}auth", **self.some(0.8, user=("USER1", "${v1}"))})

    def archives(self) -> Element:
        """Return a collection of services or of APIs, with what stands in it."""
        collection, name = self.random.choice(
            [("zosconnect_services", "service"), ("zosconnect_zosConnectAPIs", "zosConnectAPI")]
        )
        attributes = self.some(
            0.4, location=("${server.config.dir}/resources/zosconnect/x", "/var/zosconnect/x/", "${shared.resource.dir}x"),
            updateTrigger=("disabled", "polled", "mbean", "MBEAN", "never"), pollingRate=("5s", "1m", "${num}s", "bad"),
        )  # fmt: skip
        made = Element(collection, attributes)
        for _ in range(self.random.randint(0, 3)):
            flags = self.some(0.3, requireAuth=("true", "false", "${sys}"), requireSecure=("true", "FALSE"))
            called = {"name": self.pick("cscvinc", "phonebook", "${v1}")}
            made.children.append(Element(name, {**called, **flags, **self.groups()}))
        return made

    def groups(self) -> dict[str, str]:
        """Return who may do what with a service, an API or a requester."""
        return self.some(
            0.2, adminGroup=("ADMIN", "GMADMIN, GMBATCH"), operationsGroup=("OPS",), invokeGroup=("${v1},GMINVOKE",),
            readerGroup=("a,b", "${lst}"),
        )  # fmt: skip

    def roles(self) -> Element:
        """Return who may call: for all requests, or for a web application."""
        made = Element("authorization-roles", self.identity("zos.connect.access.roles", "orders", none=0.05))
        for _ in range(self.random.randint(1, 2)):
            made.children.append(self.role())
        return made

    def role(self) -> Element:
        role = Element("security-role", {"name": self.pick("zosConnectAccess", "invoke", "${v1}")})
        for _ in range(self.random.randint(0, 3)):
            kind = self.pick("user", "group", "special-subject")
            attributes = {"name": self.pick("USER1", "user2", "${boot}")}
            if kind == "special-subject":
                attributes = {"type": self.pick("EVERYONE", "ALL_AUTHENTICATED_USERS")}
            elif self.chance(0.2):
                attributes["access-id"] = "user:WTSC/USER1"
            role.children.append(Element(kind, attributes))
        return role

    def application(self) -> Element:
        """Return an application of the 3.0 form; there is no archive, so that it takes no time to start."""
        attributes = self.some(
            0.5, name=("orders", "${v1}"), contextRoot=("/orders", "${boot}"), autoStart=("false", "true")
        )  # fmt: skip
        archive = self.pick("orders.war", "${server.config.dir}/apps/orders.war", "${shared.app.dir}/o.war")
        made = Element(
            "webApplication", {**self.identity("orders", "stock", none=0.05), "location": archive, **attributes}
        )
        if self.chance(0.7):
            properties = Element("appProperties")
            for _ in range(self.random.randint(1, 3)):
                name = self.pick("connectionRef", "authTokenRef", "claimsLocation")
                properties.children.append(
                    Element("property", {"name": name, "value": self.pick("ordersEp", "${v1}", "")})
                )
            made.children.append(properties)
        if self.chance(0.3):
            made.children.append(Element("application-bnd", {}, [self.role()]))
        return made

    def endpoint(self) -> Element:
        attributes = {"host": self.pick("https://api.example.com", "http://${boot}", "api.example.com")}
        attributes |= self.some(
            0.4, port=("443", "80", "${num}"), connectionTimeout=("10s", "${num}s"), receiveTimeout=("20s", "1m"),
            sslCertsRef=("defaultSSLConfig", "testBedAdmin"), authenticationConfigRef=(f"c{self.number}auth",),
        )  # fmt: skip
        return Element("zosconnect_endpointConnection", {**self.identity("ordersEp", "ep", none=0), **attributes})

    def features(self) -> Element:
        """Return a list of features: one element of several, with spellings that people use."""
        made = Element("featureManager", self.some(0.2, onError=("WARN", "IGNORE", "warn")))
        named = [*ALWAYS, *self.random.sample(FEATURES, self.random.randint(0, 3))]
        self.random.shuffle(named)
        made.children = [Element(self.pick("feature", "feature", "Feature"), {}, [name]) for name in named]
        return made

    def any(self) -> Element:
        """Return one of all these."""
        makers = [self.saf] * 4 + [self.ipic] * 2 + [self.archives] * 2 + [self.roles] + [self.application] * 2
        return self.random.choice([*makers, self.endpoint, self.auth_data])()
