# SPDX-FileCopyrightText: 2026 The zosconnect.security contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""The catalogue of known elements: one entry an element, read by everything that names elements or attributes.

An entry is a name, an identity, and one line an attribute: ``name type default``. A default of ``-`` means none.

Types: ``string``, ``boolean``, ``integer[low..high]``, ``duration``, ``secret`` (a password: encoded, never shown),
``hidden`` (never shown, written as it is), ``ref(element)`` and ``refs(element)`` (must equal the id of such an
element; refs takes several, separated by commas), ``name(element)`` (the same, but Liberty keeps it as a plain
string and is silent when it leads nowhere), and a list of options ``A|B|C``.

Identities, that is what Liberty merges by, or what people mean where Liberty has nothing:
``singleton`` (all occurrences are one), ``id``, ``id=NAME`` (an occurrence without id is NAME), ``single`` (a child of
which the parent has one), ``key=ATTRIBUTE`` (the attribute people mean), ``text`` (its text, without regard to case).

Sources: the server schema of Open Liberty 25.0.0.6, and IBM's pages "z/OS Connect 2.0 (3.0) configuration elements",
"API requester confidentiality and integrity" and "basic authentication to a RESTful API endpoint".
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from functools import cached_property

_INTEGER = re.compile(r"integer\[(-?\d+)\.\.(\d+)\]")
_REFERENCE = re.compile(r"(ref|refs|name)\((\w+|\*)\)")


@dataclass(frozen=True)
class Attribute:
    """One attribute: ``kind`` is the type's word, the other fields its details. ``default`` is None where there is
    none.
    """

    name: str
    kind: str
    default: str | None = None
    options: tuple[str, ...] = ()
    low: int = 0
    high: int = 0
    target: str | None = None

    @property
    def secret(self) -> bool:
        return self.kind in ("secret", "hidden")


@dataclass(frozen=True)
class Element:
    """One element. Attribute and child names are kept in lower case: nested names and attributes have no case for
    Liberty.
    """

    name: str
    identity: str
    attributes: dict[str, Attribute] = field(default_factory=dict)
    children: dict[str, Element] = field(default_factory=dict)

    @cached_property
    def unwritten(self) -> tuple[tuple[str, Attribute], ...]:
        """The attributes that may have a value although nobody wrote them: a default, or what is nested."""
        return tuple(
            (key, a) for key, a in self.attributes.items() if a.default is not None or a.kind in ("ref", "refs")
        )

    @cached_property
    def references(self) -> tuple[Attribute, ...]:
        """The attributes that lead to other elements."""
        return tuple(a for a in self.attributes.values() if a.target is not None)

    @cached_property
    def names(self) -> dict[str, str]:
        """The attributes and children by their names in lower case."""
        return {key: known.name for known_ones in (self.attributes, self.children) for key, known in known_ones.items()}

    @property
    def key(self) -> str | None:
        """The attribute that identifies an occurrence, where it is not the id."""
        return self.identity[4:] if self.identity.startswith("key=") else None

    @property
    def default_id(self) -> str | None:
        return self.identity[3:] if self.identity.startswith("id=") else None

    @property
    def by_id(self) -> bool:
        return self.identity.startswith("id")


def _attribute(line: str) -> Attribute:
    name, kind, *rest = line.split()
    default = rest[0] if rest and rest[0] != "-" else None
    if match := _INTEGER.fullmatch(kind):
        return Attribute(name, "integer", default, low=int(match[1]), high=int(match[2]))
    if match := _REFERENCE.fullmatch(kind):
        return Attribute(name, match[1], default, target=match[2])
    if "|" in kind:
        return Attribute(name, "option", default, options=tuple(kind.split("|")))
    return Attribute(name, kind, default)


def _element(name: str, identity: str, attributes: str = "", *children: Element) -> Element:
    parsed = [_attribute(line) for line in attributes.splitlines() if line.strip()]
    return Element(name, identity, {a.name.lower(): a for a in parsed}, {c.name.lower(): c for c in children})


_PORT = "integer[-1..65535]"
_SSL_OPTIONS = """
    sslRef name(ssl)
    sessionTimeout duration 1d
    sslSessionTimeout duration 86400s
    sslSessionCacheSize integer[0..2147483647] 100
    suppressHandshakeErrors boolean false
"""
_KEY_STORE = """
    location string ${server.output.dir}/resources/security/key.p12
    type string PKCS12
    password secret
    provider string
    fileBased boolean true
    readOnly boolean false
    pollingRate duration 500ms
    updateTrigger polled|mbean|disabled mbean
"""
_KEY_ENTRY = _element("keyEntry", "key=name", "name string\nkeyPassword secret")
# What requester, API and service settings have in common (IBM: the narrower scope wins).
_SCOPE = "requireSecure boolean\nrequireAuth boolean\n"
_GROUPS = "adminGroup string\noperationsGroup string\ninvokeGroup string\nreaderGroup string\n"
_ARCHIVES = "location string\nupdateTrigger polled|mbean|disabled disabled\npollingRate duration 5s\n"
_ASSERTION = "idAssertion OFF|ASSERT_SURROGATE|ASSERT_ONLY"
_INTERCEPTORS = "interceptorsRef ref(zosconnect_zosConnectInterceptors)\nrunGlobalInterceptors boolean true\n"

_ALL = (
    _element("featureManager", "singleton", "onError WARN|FAIL|IGNORE WARN", _element("feature", "text")),
    _element(
        "include", "key=location", "location string\noptional boolean false\nonConflict MERGE|REPLACE|IGNORE MERGE"
    ),
    _element("variable", "key=name", "name string\nvalue string\ndefaultValue string"),
    _element(
        "config",
        "singleton",
        "monitorInterval duration 500ms\nupdateTrigger polled|mbean|disabled polled\nonError WARN|FAIL|IGNORE WARN",
    ),
    _element(
        "httpEndpoint",
        "id",
        f"""
        host string localhost
        httpPort {_PORT}
        httpsPort {_PORT}
        enabled boolean true
        onError WARN|FAIL|IGNORE WARN
        protocolVersion http/1.1|http/2
        sslOptionsRef ref(sslOptions)
        httpOptionsRef ref(httpOptions) defaultHttpOptions
        tcpOptionsRef ref(tcpOptions) defaultTCPOptions
        accessLoggingRef ref(httpAccessLogging)
        headersRef ref(headers) defaultHeaders
        remoteIpRef ref(remoteIp) defaultRemoteIp
        compressionRef ref(compression) defaultCompression
        samesiteRef ref(samesite) defaultSameSite
        """,
        _element("sslOptions", "single", _SSL_OPTIONS),
        _element("httpOptions", "single"),
        _element("tcpOptions", "single"),
        _element("accessLogging", "single"),
        _element("headers", "single"),
        _element("remoteIp", "single"),
        _element("compression", "single"),
        _element("samesite", "single"),
    ),
    _element("sslOptions", "id", _SSL_OPTIONS),
    _element(
        "ssl",
        "id",
        """
        keyStoreRef ref(keyStore)
        trustStoreRef ref(keyStore)
        clientAuthentication boolean false
        clientAuthenticationSupported boolean false
        sslProtocol string
        securityLevel HIGH|MEDIUM|LOW|CUSTOM HIGH
        enabledCiphers string
        serverKeyAlias string
        clientKeyAlias string
        trustDefaultCerts boolean false
        verifyHostname boolean true
        skipHostnameVerificationForHosts string
        enforceCipherOrder boolean false
        """,
        _element("keyStore", "single", _KEY_STORE, _KEY_ENTRY),
        _element("trustStore", "single", _KEY_STORE, _KEY_ENTRY),
        _element("outboundConnection", "key=host", "host string\nport integer[1..65535]\nclientCertificate string"),
    ),
    _element(
        "sslDefault",
        "singleton",
        "sslRef name(ssl) defaultSSLConfig\noutboundSSLRef name(ssl)\nhttpHostNameVerification boolean false",
    ),
    _element("keyStore", "id=defaultKeyStore", _KEY_STORE, _KEY_ENTRY),
    _element(
        "webAppSecurity",
        "singleton",
        """
        allowFailOverToBasicAuth boolean false
        allowAuthenticationFailOverToAuthMethod BASIC|FORM|APP_DEFINED
        overrideHttpAuthMethod BASIC|FORM|CLIENT_CERT
        ssoRequiresSSL boolean false
        httpOnlyCookies boolean true
        singleSignonEnabled boolean true
        useAuthenticationDataForUnprotectedResource boolean true
        """,
    ),
    _element("quickStartSecurity", "singleton", "userName string\nuserPassword secret"),
    _element(
        "basicRegistry",
        "id",
        "realm string BasicRegistry\nignoreCaseForAuthentication boolean false\ncertificateMapMode "
        "PRINCIPAL_CN|CUSTOM|NOT_SUPPORTED PRINCIPAL_CN",
        _element("user", "key=name", "name string\npassword secret"),
        _element("group", "key=name", "name string", _element("member", "key=name", "name string")),
    ),
    _element("safRegistry", "id", "realm string\nenableFailover boolean true\nreportPasswordExpired boolean false"),
    _element(
        "safAuthorization",
        "id",
        "racRouteLog ASIS|NOFAIL|NONE|NOSTAT ASIS\nenableDelegation boolean false\nroleMapper string",
    ),
    _element(
        "safCredentials",
        "singleton",
        "profilePrefix string BBGZDFLT\nunauthenticatedUser string WSGUEST\nmapDistributedIdentities boolean "
        "false\nsuppressAuthFailureMessages boolean true",
    ),
    _element("safRoleMapper", "id", "profilePattern string\ntoUpperCase boolean false"),
    _element(
        "authorization-roles",
        "id",
        "",
        _element(
            "security-role",
            "key=name",
            "name string",
            _element("user", "key=name", "name string\naccess-id string"),
            _element("group", "key=name", "name string\naccess-id string"),
            _element("special-subject", "key=type", "type EVERYONE|ALL_AUTHENTICATED_USERS"),
        ),
    ),
    _element("administrator-role", "singleton", "", _element("user", "text"), _element("group", "text")),
    _element("reader-role", "singleton", "", _element("user", "text"), _element("group", "text")),
    _element("remoteFileAccess", "singleton", "", _element("readDir", "text"), _element("writeDir", "text")),
    _element(
        "zosconnect_zosConnectManager",
        "singleton",
        """
        requireSecure boolean true
        requireAuth boolean true
        globalAdminGroup string
        globalOperationsGroup string
        globalInvokeGroup string
        globalReaderGroup string
        globalInterceptorsRef ref(zosconnect_zosConnectInterceptors)
        preserveJsonPayloadCharFormat boolean
        setUTF8ResponseEncoding boolean
        """,
    ),
    _element(
        "zosconnect_apiRequesters",
        "singleton",
        f"{_ARCHIVES}{_SCOPE}{_ASSERTION} OFF",
        _element("apiRequester", "key=name", f"name string\n{_SCOPE}{_GROUPS}{_INTERCEPTORS}{_ASSERTION}"),
    ),
    _element(
        "zosconnect_zosConnectAPIs",
        "singleton",
        f"{_ARCHIVES}{_SCOPE}policyRef ref(zosconnect_policy)",
        _element(
            "zosConnectAPI",
            "key=name",
            f"name string\n{_SCOPE}{_GROUPS}{_INTERCEPTORS}policyRef ref(zosconnect_policy)",
        ),
    ),
    _element(
        "zosconnect_services",
        "singleton",
        f"{_ARCHIVES}{_SCOPE}",
        _element("service", "key=name", f"name string\n{_SCOPE}{_GROUPS}{_INTERCEPTORS}"),
    ),
    _element(
        "zosconnect_endpointConnection",
        "id",
        """
        host string
        port integer[1..65535]
        sslCertsRef ref(ssl)
        authenticationConfigRef refs(*)
        basicAuthRef ref(zosconnect_authData)
        connectionTimeout duration
        receiveTimeout duration
        proxyConfigRef ref(zosconnect_proxyConfig)
        """,
    ),
    _element("zosconnect_authData", "id", "user string\npassword secret"),
    _element("zosconnect_credential", "id", "user string\npassword secret"),
    _element("zosconnect_oAuthConfig", "id", "grantType string\nauthServerRef ref(zosconnect_authorizationServer)"),
    _element(
        "zosconnect_authorizationServer",
        "id",
        "tokenEndpoint string\nbasicAuthRef ref(zosconnect_authData)\nsslCertsRef ref(ssl)",
    ),
    _element(
        "zosconnect_authToken",
        "id",
        "authServerRef ref(zosconnect_authorizationServer)\nheader string",
        _element(
            "tokenRequest",
            "single",
            "credentialLocation header|body\nheader string\nrequestMethod string\nrequestBody hidden",
        ),
        _element(
            "tokenResponse",
            "single",
            "tokenLocation header|body\nheader string\nresponseFormat Text|JSON\ntokenPath string",
        ),
    ),
    _element("zosconnect_zosConnectInterceptors", "id", "interceptorRef refs(*)"),
    _element(
        "zosconnect_authorizationInterceptor",
        "id",
        "safCacheTimeout integer[0..2147483647]\nsequence integer[0..2147483647] 0",
    ),
)

CATALOGUE: dict[str, Element] = {element.name: element for element in _ALL}

# What Liberty brings itself: references may name these although no file defines them.
BUILT_IN = {
    "ssl": {"defaultSSLConfig"},
    "keyStore": {"defaultKeyStore"},
    "sslOptions": {"defaultSSLOptions"},
    "httpOptions": {"defaultHttpOptions"},
    "tcpOptions": {"defaultTCPOptions"},
    "httpEndpoint": {"defaultHttpEndpoint"},
}


def find(name: str, parent: Element | None) -> Element | None:
    """Return the entry for an element, top-level (exact case) when ``parent`` is None, else nested (any case)."""
    return CATALOGUE.get(name) if parent is None else parent.children.get(name.lower())


def secret_names() -> frozenset[str]:
    """Return the lower-case names of all attributes that hold secrets, in whatever element."""
    names: set[str] = set()
    todo = list(_ALL)
    while todo:
        element = todo.pop()
        names.update(a.name.lower() for a in element.attributes.values() if a.secret)
        todo.extend(element.children.values())
    return frozenset(names)
