# SPDX-FileCopyrightText: 2026 The zosconnect.security contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""The catalogue of known elements: one entry an element, read by everything that names elements or attributes.

An entry is a name, an identity, and one line an attribute: ``name type default``. A default of ``-`` means none.

Types: ``string``, ``strings`` (a list), ``boolean``, ``integer[low..high]``, ``duration`` (in milliseconds;
``duration(s)`` in seconds, ``(m)`` in minutes, ``(h)`` in hours), ``secret`` (a password: encoded, never shown),
``hidden`` (never shown, written as it is), ``ref(element)`` and ``refs(element)`` (must equal the id of such an
element; refs takes several, separated by commas), ``name(element)`` (the same, but Liberty keeps it as a plain
string and is silent when it leads nowhere), and a list of options ``A|B|C``.

Identities, that is what Liberty merges by, or what people mean where Liberty has nothing:
``singleton`` (all occurrences are one), ``id``, ``id=NAME`` (an occurrence without id is NAME), ``single`` (a child of
which the parent has one), ``only`` (a child that people give once; of several Liberty keeps each), ``key=ATTRIBUTE``
(the attribute people mean), ``text`` (its text, without regard to case).

Sources: the server schemas of Open Liberty 25.0.0.6 and 26.0.0.3, the metatypes of its z/OS bundles, and IBM's pages
"z/OS Connect 2.0 (3.0) configuration elements", "API requester confidentiality and integrity", "basic authentication to
a RESTful API endpoint", "Calling an authentication server", "Configuring connections to IMS" and "Storing AES password
encryption keys in a SAF key ring", with IBM's public samples.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from functools import cached_property

_INTEGER = re.compile(r"integer\[(-?\d+)\.\.(\d+)\]")
# In milliseconds: what Liberty counts a duration in, which is also what it reports and what a bare number means.
_UNITS = {"duration": 1, "duration(s)": 1000, "duration(m)": 60_000, "duration(h)": 3_600_000}
_REFERENCE = re.compile(r"(ref|refs|name)\((\w+|\*)\)")


@dataclass(frozen=True, eq=False)
class Attribute:
    """One attribute: ``kind`` is the type's word, the other fields its details. ``default`` is None where there is
    none; ``unit`` is that of a duration, in milliseconds.
    """

    name: str
    kind: str
    default: str | None = None
    options: tuple[str, ...] = ()
    low: int = 0
    high: int = 0
    target: str | None = None
    unit: int = 1

    @property
    def secret(self) -> bool:
        return self.kind in ("secret", "hidden")


@dataclass(frozen=True, eq=False)
class Element:
    """One element. Names of attributes and children are kept in lower case, because Liberty compares them so."""

    name: str
    identity: str
    attributes: dict[str, Attribute] = field(default_factory=dict)
    children: dict[str, Element] = field(default_factory=dict)

    @cached_property
    def unwritten(self) -> tuple[tuple[str, str, Attribute], ...]:
        """The attributes that may have a value although nobody wrote them: a default, or what is nested.

        Between an attribute and its name stands the name of the element that may be nested in its place.
        """
        return tuple(
            (key, a.name.removesuffix("Ref").lower() if a.kind in ("ref", "refs") else key, a)
            for key, a in self.attributes.items()
            if a.default is not None or a.kind in ("ref", "refs")
        )

    @cached_property
    def references(self) -> tuple[Attribute, ...]:
        """The attributes that lead to other elements."""
        return tuple(a for a in self.attributes.values() if a.target is not None)

    @cached_property
    def names(self) -> dict[str, str]:
        """The attributes and children by their names in lower case."""
        return {key: known.name for known_ones in (self.attributes, self.children) for key, known in known_ones.items()}

    @cached_property
    def key(self) -> str | None:
        """The attribute that identifies an occurrence, where it is not the id."""
        return self.identity[4:] if self.identity.startswith("key=") else None

    @cached_property
    def default_id(self) -> str | None:
        return self.identity[3:] if self.identity.startswith("id=") else None

    @cached_property
    def by_id(self) -> bool:
        return self.identity.startswith("id")


def _attribute(line: str) -> Attribute:
    name, kind, *rest = line.split()
    default = rest[0] if rest and rest[0] != "-" else None
    if match := _INTEGER.fullmatch(kind):
        return Attribute(name, "integer", default, low=int(match[1]), high=int(match[2]))
    if match := _REFERENCE.fullmatch(kind):
        return Attribute(name, match[1], default, target=match[2])
    if kind in _UNITS:
        return Attribute(name, "duration", default, unit=_UNITS[kind])
    if "|" in kind:
        return Attribute(name, "option", default, options=tuple(kind.split("|")))
    return Attribute(name, kind, default)


def _element(name: str, identity: str, attributes: str = "", *children: Element) -> Element:
    parsed = [_attribute(line) for line in attributes.splitlines() if line.strip()]
    return Element(name, identity, {a.name.lower(): a for a in parsed}, {c.name.lower(): c for c in children})


_PORT = "integer[-1..65535]"
_SSL_OPTIONS = """
    sslRef name(ssl)
    sessionTimeout duration(s) 1d
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
_PROPERTY = _element("property", "key=name", "name string\nvalue string")
_INTERCEPTORS = "interceptorsRef ref(zosconnect_zosConnectInterceptors)\nrunGlobalInterceptors boolean true\n"

_APPLICATION = """
    name string
    location string
    context-root string
    autoStart boolean true
    useJandex boolean
    startAfterRef refs(*)
    classloaderRef ref(*)
"""
_SUBJECTS = (
    _element("user", "key=name", "name string\naccess-id string"),
    _element("group", "key=name", "name string\naccess-id string"),
    _element("special-subject", "key=type", "type EVERYONE|ALL_AUTHENTICATED_USERS"),
)
_WHO = tuple(_element(name, "text") for name in ("user", "group", "user-access-id", "group-access-id"))
_IN_APPLICATION = (
    _element("appProperties", "only", "", _PROPERTY),
    _element(
        "application-bnd", "single", "version string", _element("security-role", "key=name", "name string", *_SUBJECTS)
    ),
    _element(
        "web-ext",
        "single",
        """
        moduleName string
        context-root string
        default-error-page string
        autoload-filters boolean
        auto-encode-requests boolean
        auto-encode-responses boolean
        enable-directory-browsing boolean
        enable-file-serving boolean
        enable-serving-servlets-by-class-name boolean
        pre-compile-jsps boolean
        """,
        _element("file-serving-attribute", "key=name", "name string\nvalue string"),
        _element("invoker-attribute", "key=name", "name string\nvalue string"),
        _element("jsp-attribute", "key=name", "name string\nvalue string"),
    ),
    _element(
        "classloader",
        "single",
        """
        delegation parentFirst|parentLast parentFirst
        apiTypeVisibility string spec,ibm-api,api,stable
        privateLibraryRef refs(*)
        overrideLibraryRef refs(*)
        commonLibraryRef refs(*)
        classProviderRef refs(*)
        """,
    ),
)
_MATCH = "matchType equals|contains|notContain contains"
_IN_AUTH_FILTER = (
    _element("webApp", "key=name", f"name string\n{_MATCH}"),
    _element("requestUrl", "key=urlPattern", f"urlPattern string\n{_MATCH}"),
    _element("remoteAddress", "id", f"ip string\n{_MATCH.replace('notContain', 'notContain|greaterThan|lessThan')}"),
    _element("host", "key=name", f"name string\n{_MATCH}"),
    _element("userAgent", "key=agent", f"agent string\n{_MATCH}"),
    _element("requestHeader", "key=name", f"name string\nvalue string\n{_MATCH}"),
    _element("cookie", "key=name", f"name string\n{_MATCH}"),
)
_SIGNATURES = "RS256|RS384|RS512|HS256|HS384|HS512|ES256|ES384|ES512"

_ALL = (
    _element(
        "featureManager",
        "singleton",
        "onError WARN|FAIL|IGNORE WARN",
        _element("feature", "text"),
        _element("platform", "text"),
    ),
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
        allowLogoutPageRedirectToAnyHost boolean false
        basicAuthenticationMechanismRealmName string defaultRealm
        contextRootForFormAuthenticationMechanism string
        displayAuthenticationRealm boolean false
        includePathInWASReqURL boolean false
        loggedOutCookieCacheRef ref(*)
        loginErrorURL string
        loginFormURL string
        logoutOnHttpSessionExpire boolean false
        logoutPageRedirectDomainNames string
        partitionedCookie true|false|defer defer
        postParamCookieSize integer[-2147483648..2147483647] 16384
        postParamMaxRequestBodySize integer[-9223372036854775808..9223372036854775807] 134217728
        postParamSaveMethod Cookie|Session|None Cookie
        preserveFullyQualifiedReferrerUrl boolean false
        sameSiteCookie Disabled|Lax|None|Strict Disabled
        ssoCookieName string LtpaToken2
        ssoDomainNames string
        ssoUseDomainFromURL boolean false
        trackLoggedOutSSOCookies boolean false
        useContextRootForSSOCookiePath boolean false
        useLtpaSSOForJaspic boolean false
        useOnlyCustomCookieName boolean false
        wasReqURLRedirectDomainNames string
        webAlwaysLogin boolean false
        """,
    ),
    _element(
        "authCache",
        "singleton",
        """
        initialSize integer[1..2147483647] 50
        maxSize integer[1..2147483647] 25000
        timeout duration 600s
        allowBasicAuthLookup boolean true
        cacheRef ref(*)
        """,
    ),
    _element("quickStartSecurity", "singleton", "userName string\nuserPassword secret"),
    _element(
        "basicRegistry",
        "id",
        "realm string BasicRegistry\nignoreCaseForAuthentication boolean false\ncertificateMapMode "
        "PRINCIPAL_CN|CUSTOM|NOT_SUPPORTED PRINCIPAL_CN\ncertificateMapperId string",
        _element("user", "key=name", "name string\npassword secret"),
        _element("group", "key=name", "name string", _element("member", "key=name", "name string")),
    ),
    _element("safRegistry", "id", "realm string\nenableFailover boolean true\nreportPasswordExpired boolean false"),
    _element(
        "safAuthorization",
        "id",
        """
        racRouteLog ASIS|NOFAIL|NONE|NOSTAT NONE
        enableDelegation boolean false
        reportAuthorizationCheckDetails boolean false
        roleMapper string com.ibm.ws.security.authorization.saf.internal.SAFRoleMapperImpl
        """,
    ),
    _element(
        "safCredentials",
        "singleton",
        "profilePrefix string BBGZDFLT\nunauthenticatedUser string WSGUEST\nmapDistributedIdentities boolean "
        "false\nsuppressAuthFailureMessages boolean true",
    ),
    _element(
        "safRoleMapper",
        "singleton",
        "profilePattern string %profilePrefix%.%resource%.%role%\ntoUpperCase boolean false",
    ),
    _element(
        "authorization-roles",
        "id",
        "",
        _element(
            "security-role",
            "key=name",
            "name string",
            *_SUBJECTS,
        ),
    ),
    _element("administrator-role", "singleton", "", *_WHO),
    _element("reader-role", "singleton", "", *_WHO),
    _element("remoteFileAccess", "singleton", "", _element("readDir", "text"), _element("writeDir", "text")),
    _element("application", "id", f"{_APPLICATION}type string", *_IN_APPLICATION),
    _element("webApplication", "id", f"{_APPLICATION}contextRoot string", *_IN_APPLICATION),
    _element(
        "applicationManager",
        "singleton",
        """
        autoExpand boolean false
        expandLocation string ${server.config.dir}/apps/expanded/
        startTimeout duration(s) 30s
        stopTimeout duration(s) 30s
        useJandex boolean
        """,
    ),
    _element(
        "applicationMonitor",
        "singleton",
        """
        updateTrigger polled|mbean|disabled polled
        pollingRate duration 500ms
        dropins string dropins
        dropinsEnabled boolean true
        """,
    ),
    _element(
        "openidConnectClient",
        "id",
        f"""
        clientId string
        clientSecret secret
        scope string
        grantType authorization_code|implicit authorization_code
        responseType string
        httpsRequired boolean true
        inboundPropagation supported|required|none none
        validationMethod introspect|userinfo introspect
        validationEndpointUrl string
        jwtAccessTokenRemoteValidation none|allow|require none
        issuerIdentifier string
        audiences strings
        signatureAlgorithm none|{_SIGNATURES} HS256
        discoveryEndpointUrl string
        discoveryPollingRate duration 300s
        authorizationEndpointUrl string
        tokenEndpointUrl string
        tokenEndpointAuthMethod basic|post|private_key_jwt post
        tokenEndpointAuthSigningAlgorithm RS256|RS384|RS512|ES256|ES384|ES512 RS256
        userInfoEndpointUrl string
        userInfoEndpointEnabled boolean false
        jwkEndpointUrl string
        jwkClientId string
        jwkClientSecret secret
        sslRef ref(ssl)
        trustStoreRef ref(keyStore)
        trustAliasName string
        keyAliasName string
        keyManagementKeyAlias string
        hostNameVerificationEnabled boolean true
        authFilterRef ref(authFilter)
        userIdentityToCreateSubject string sub
        mapIdentityToRegistryUser boolean false
        userIdentifier string
        uniqueUserIdentifier string uniqueSecurityName
        groupIdentifier string groupIds
        realmIdentifier string realmName
        realmName string
        headerName string
        redirectToRPHostAndPort string
        redirectJunctionPath string
        isClientSideRedirectSupported boolean true
        nonceEnabled boolean false
        pkceCodeChallengeMethod disabled|plain|S256 disabled
        disableIssChecking boolean false
        disableLtpaCookie boolean false
        accessTokenInLtpaCookie boolean false
        includeIdTokenInSubject boolean true
        authnSessionDisabled boolean true
        createSession boolean true
        tokenReuse boolean false
        clockSkew duration 300s
        authenticationTimeLimit duration 420s
        reAuthnOnAccessTokenExpire boolean true
        reAuthnCushion duration 0s
        allowCustomCacheKey boolean true
        initialStateCacheCapacity integer[0..2147483647] 3000
        accessTokenCacheEnabled boolean true
        accessTokenCacheTimeout duration 5m
        tokenRequestOriginHeader string
        tokenOrderToFetchCallerClaims string IDToken
        useSystemPropertiesForHttpClientConnections boolean false
        resource strings
        forwardLoginParameter strings
        """,
        _element("authFilter", "single", "", *_IN_AUTH_FILTER),
        _element("authzParameter", "key=name", "name string\nvalue string"),
        _element("tokenParameter", "key=name", "name string\nvalue string"),
    ),
    _element("authFilter", "id", "", *_IN_AUTH_FILTER),
    _element("authData", "id", "user string\npassword secret\nkrb5Principal string\nkrb5TicketCache string"),
    _element(
        "jwtBuilder",
        "id=defaultJWT",
        f"""
        issuer string
        audiences strings
        claims strings
        scope string
        expiry duration(h) 2h
        expiresInSeconds duration(s) -1
        nbfOffset duration(s) -1
        jti boolean false
        jwkEnabled boolean false
        signatureAlgorithm {_SIGNATURES} RS256
        sharedKey secret
        keyStoreRef ref(keyStore)
        keyAlias string
        trustStoreRef ref(keyStore)
        keyManagementKeyAlgorithm RSA-OAEP|ECDH-ES
        keyManagementKeyAlias string
        contentEncryptionAlgorithm string
        """,
    ),
    _element(
        "ltpa",
        "singleton",
        """
        keysFileName string ${server.output.dir}/resources/security/ltpa.keys
        keysPassword secret
        expiration duration(m) 120m
        monitorInterval duration 0ms
        monitorValidationKeysDir boolean false
        updateTrigger polled|mbean|disabled polled
        authFilterRef ref(authFilter)
        """,
        _element("authFilter", "single", "", *_IN_AUTH_FILTER),
        _element(
            "validationKeys",
            "key=fileName",
            "fileName string\npassword secret\nvalidUntilDate string",
        ),
    ),
    _element(
        "cors",
        "id",
        """
        domain string
        allowedOrigins string
        allowedMethods string
        allowedHeaders string
        exposeHeaders string
        maxAge integer[-1..2147483647]
        allowCredentials boolean
        """,
    ),
    _element("zosPasswordEncryptionKey", "singleton", "keyring string\nlabel string\ntype string"),
    _element(
        "zosLocalAdapters",
        "singleton",
        "wolaGroup string\nwolaName2 string\nwolaName3 string\nuseCicsTaskUserId boolean false",
    ),
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
        asyncRequestTimeout string
        preserveJsonPayloadCharFormat boolean
        setUTF8ResponseEncoding boolean
        useJsonErrorResponses boolean
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
        _element("service", "key=name", f"name string\n{_SCOPE}{_GROUPS}{_INTERCEPTORS}", _PROPERTY),
    ),
    _element(
        "zosconnect_zosConnectService",
        "id",
        f"""
        serviceName string
        serviceRef ref(*)
        serviceDescription string
        invokeURI string
        serviceAsyncRequestTimeout duration
        {_SCOPE}{_GROUPS}{_INTERCEPTORS}
        """,
    ),
    _element(
        "zosconnect_localAdaptersConnectService",
        "id",
        "serviceName string\nregisterName string\nconnectionFactoryRef ref(*)\nconnectionWaitTimeout string",
    ),
    _element("zosconnect_policy", "id", "location string", _element("ruleset", "key=file", "file string")),
    _element(
        "zosconnect_endpointConnection",
        "id",
        """
        host string
        port integer[1..65535]
        domainBasePath string
        sslCertsRef ref(ssl)
        authenticationConfigRef refs(*)
        basicAuthRef ref(zosconnect_authData)
        connectionTimeout duration
        receiveTimeout duration
        proxyConfigRef ref(zosconnect_proxyConfig)
        """,
    ),
    _element("zosconnect_proxyConfig", "id", "host string\nport integer[1..65535]\ntype string"),
    _element(
        "zosconnect_zosConnectServiceRestClientConnection",
        "id",
        """
        host string
        port integer[1..65535]
        sslCertsRef ref(ssl)
        basicAuthRef ref(zosconnect_zosConnectServiceRestClientBasicAuth)
        connectionTimeout duration
        receiveTimeout duration
        """,
    ),
    _element(
        "zosconnect_zosConnectServiceRestClientBasicAuth", "id", "userName string\npassword secret\napplName string"
    ),
    _element(
        "zosconnect_cicsIpicConnection",
        "id",
        """
        host string
        port integer[1..65535]
        sslCertsRef ref(ssl)
        authDataRef ref(zosconnect_authData)
        zosConnectNetworkid string
        zosConnectApplid string
        cicsNetworkid string
        cicsApplid string
        sysid string
        transid string
        transidUsage string
        sendSessions integer[1..999]
        sharedPort boolean
        preferredSpecificHost string
        preferredSpecificPort integer[1..65535]
        connectionTimeout duration
        heartbeatInterval duration
        reconnectInterval duration
        requestTimeout duration
        """,
    ),
    _element(
        "zosconnect_db2Connection",
        "id",
        """
        host string
        port integer[1..65535]
        credentialRef ref(zosconnect_credential)
        sslCertsRef ref(ssl)
        connectionTimeout duration
        receiveTimeout duration
        """,
    ),
    _element(
        "zosconnect_imsConnection",
        "id",
        """
        connectionFactoryRef ref(*)
        imsDatastoreName string
        imsConnectCodepage string
        imsConnectTimeout string
        interactionTimeout string
        commitMode string
        syncLevel string
        pingIMSConnectOnInvoke boolean
        comment string
        """,
    ),
    _element("zosconnect_authData", "id", "user string\npassword secret"),
    _element("zosconnect_credential", "id", "user string\npassword secret\napplName string"),
    _element("zosconnect_oAuthConfig", "id", "grantType string\nauthServerRef ref(zosconnect_authorizationServer)"),
    _element(
        "zosconnect_authorizationServer",
        "id",
        "tokenEndpoint string\nbasicAuthRef ref(zosconnect_authData)\nsslCertsRef ref(ssl)",
    ),
    _element(
        "zosconnect_authToken",
        "id",
        "authServerRef ref(zosconnect_authorizationServer)\nheader string\nuseBearerScheme boolean true",
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
    _element(
        "zosconnect_authTokenLocal",
        "id",
        "tokenGeneratorRef ref(jwtBuilder)\nheader string\nclaims string\nuseBearerScheme boolean true",
    ),
    _element("zosconnect_zosConnectInterceptors", "id", "interceptorRef refs(*)"),
    _element(
        "zosconnect_auditInterceptor",
        "id",
        """
        sequence integer[0..2147483647] 0
        apiProviderSmfVersion integer[1..2] 1
        apiProviderRequestHeaders string
        apiProviderResponseHeaders string
        apiRequesterSmfVersion integer[1..2] 1
        apiRequesterRequestHeaders string
        apiRequesterResponseHeaders string
        """,
    ),
    _element(
        "zosconnect_authorizationInterceptor",
        "id",
        "safCacheTimeout integer[0..2147483647]\nsequence integer[0..2147483647] 0",
    ),
)

CATALOGUE: dict[str, Element] = {element.name: element for element in _ALL}

# Without these an instance does not come to be (CWWKG0058E); a nested element can stand for a reference.
REQUIRED = {
    "ssl": ("keyStoreRef",),
    "zosconnect_endpointConnection": ("host",),
    "application": ("location",),
    "webApplication": ("location",),
    "enterpriseApplication": ("location",),
}
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
