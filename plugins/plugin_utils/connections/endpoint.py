# SPDX-FileCopyrightText: 2026 The zosconnect.security contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a user declares about one RESTful endpoint that the server calls, checked key by key.

The server does TLS itself (JSSE), or it speaks plain http and AT-TLS does TLS below it. Either can show a certificate.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any

from ansible_collections.zosconnect.security.plugins.plugin_utils.connections import attls_end, profile
from ansible_collections.zosconnect.security.plugins.plugin_utils.connections.attls_end import AttlsEnd
from ansible_collections.zosconnect.security.plugins.plugin_utils.connections.declaration import (
    AS_IT_COMES,
    SERVER_TLS,
    Made,
    Store,
    called,
    key_store,
    made,
    named,
    rule_of,
    server_directory,
    trust_store,
    unfit,
)
from ansible_collections.zosconnect.security.plugins.plugin_utils.connections.names import (
    DEFAULT_OUTBOUND,
    authentication_id,
    outbound_ssl,
)
from ansible_collections.zosconnect.security.plugins.plugin_utils.connections.profile import Profile
from ansible_collections.zosconnect.security.plugins.plugin_utils.connections.standing import (
    NEW_CALL,
    OF_CALL,
    AskedCall,
    CallStanding,
    LookCall,
)
from ansible_collections.zosconnect.security.plugins.plugin_utils.declared import (
    Reader,
    boolean,
    identifier,
    if_filled,
    mapped,
    mapping,
    names,
    one_of,
    port,
    shown,
    text,
)
from ansible_collections.zosconnect.security.plugins.plugin_utils.errors import SecurityError
from ansible_collections.zosconnect.security.plugins.plugin_utils.liberty import passwords
from ansible_collections.zosconnect.security.plugins.plugin_utils.zosconnect import OAS2, read_version

# The port where nobody says one, by how TLS is done at the server.
DEFAULT_PORTS = {"jsse": 443, "attls": 80}
# Keys of the other way to do TLS, likewise.
_UNFIT = {"jsse": ("outbound", "inbound"), "attls": ("key_store", "trust_store", "skip_host_names")}
# What only a connection has at whose port the server is called.
_OF_CALLERS = (
    "caller_tls",
    "clients",
    "features",
    "harden_default",
    "host",
    "identity",
    "plain_http",
    "plain_http_ports",
    "port",
    "require_secure",
    "server_address",
    "server_host",
)
_HOST = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9.-]{0,251}[A-Za-z0-9])?")
_HEADER = re.compile(r"[A-Za-z0-9!#$%&'*+.^_`|~-]+")  # a token of RFC 9110
_METHODS = ("GET", "PUT", "POST")


@dataclass(frozen=True)
class Skipped:
    """Hosts whose names are not checked, and by whom and until when that is accepted, as a waiver has it."""

    hosts: tuple[str, ...]
    reason: str
    owner: str
    ticket: str
    expires: str


@dataclass(frozen=True)
class Login:
    """User and password; the password may be encoded, or refer to a variable."""

    user: str
    password: str


@dataclass(frozen=True)
class TokenServer:
    """Where tokens come from, called by https; without a ``trust_store`` with the endpoint's own SSL configuration."""

    name: str
    url: str
    login: Login | None = None
    trust_store: Store | None = None
    key_store: None = None
    made: Made = AS_IT_COMES


@dataclass(frozen=True)
class OAuth:
    """OAuth 2.0."""

    server: TokenServer
    grant_type: str = "client_credentials"


@dataclass(frozen=True)
class Token:
    """A token of an authentication server that does not speak OAuth 2.0, for example a JWT."""

    server: TokenServer
    header: str | None
    request: Mapping[str, str]
    response: Mapping[str, str]


@dataclass(frozen=True)
class Authentication:
    """How the server authenticates to the endpoint, besides its certificate."""

    basic: Login | None = None
    oauth: OAuth | None = None
    token: Token | None = None

    @property
    def servers(self) -> tuple[TokenServer, ...]:
        return tuple(way.server for way in (self.oauth, self.token) if way)


@dataclass(frozen=True)
class Endpoint:
    """One endpoint; ``connection`` is the id of its zosconnect_endpointConnection, ``host`` a name without scheme.

    ``said`` are the keys that have a value, those of ``endpoint`` too; what is not said has that of ``standing`` where
    the endpoint is there, else a default. ``own_ssl`` is the SSL configuration that it gets in place of the one it has.
    """

    name: str
    connection: str
    server_tls: str
    client_certificate: str
    server_dir: str
    host: str
    port: int
    profile: Profile
    ssl_configuration: str
    key_store: Store | None
    trust_store: Store | None
    verify_host_name: bool
    skip_host_names: Skipped | None
    authentication: Authentication
    outbound: AttlsEnd | None
    inbound: AttlsEnd | None
    requesters: tuple[str, ...]
    web_applications: tuple[str, ...]
    made: Made = AS_IT_COMES
    shared_files: bool = False
    elements: Mapping[str, str] = field(default_factory=dict)
    said: frozenset[str] = frozenset()
    standing: CallStanding = NEW_CALL
    own_ssl: str | None = None

    @property
    def server_attls(self) -> bool:
        """Whether AT-TLS does TLS below the server, which speaks plain http."""
        return self.server_tls == "attls"

    @property
    def shows(self) -> bool:
        """Whether the endpoint asks for a client certificate, and one is shown."""
        return self.client_certificate != "none"

    def brings(self, *keys: str) -> bool:
        """Whether any of these is new: the endpoint is, or the declaration says something else than is there."""
        if self.standing.is_new:
            return True
        there = self.standing
        return any(key in self.said and getattr(self, key) != getattr(there, key, None) for key in keys)

    @property
    def bare(self) -> bool:
        """Whether the default SSL configuration is used as it is."""
        return (
            not self.server_attls
            and self.ssl_configuration == "default"
            and not (self.key_store or self.trust_store or self.elements.get("ssl"))
        )

    @property
    def ssl(self) -> str | None:
        """The SSL configuration that it has, or that is made for it; None where the default one is used as it is."""
        if self.own_ssl:
            return self.own_ssl
        if self.server_attls or self.bare:
            return None
        there = self.standing.configuration
        if there is not None:
            return there.id
        return DEFAULT_OUTBOUND if self.ssl_configuration == "default" else outbound_ssl(self.name)

    @property
    def url(self) -> str:
        return f"{'http' if self.server_attls else 'https'}://{self.host}:{self.port}"


@dataclass(frozen=True)
class _Called:
    """The key ``endpoint`` of a declaration: where the server calls."""

    connection: str
    host: str
    port: int
    said: frozenset[str]


def is_endpoint(given: object) -> bool:
    """Say whether what is declared is an endpoint that the server calls.

    In a table with all columns ``endpoint`` stands without a value where the server has a ``port`` for callers.
    """
    return isinstance(given, Mapping) and "endpoint" in given and bool(given["endpoint"] or not given.get("port"))


def endpoint(
    given: object,
    where: str = "connection",
    *,
    version: str = OAS2,
    look: LookCall | None = None,
    server_dir: str | None = None,
    ends: bool = False,
) -> Endpoint:
    """Return the declared endpoint; raise SecurityError with one sentence for the first mistake.

    ``version``: of z/OS Connect. ``look`` finds what is there of it, ``server_dir`` is that of the server that somebody
    looked at. ``ends``: it is to be taken away, so nothing need be said of how it would be made.
    """
    reader = Reader(given, where)
    said_tls, rule = reader.take("server_tls", one_of(SERVER_TLS)), rule_of(reader.peek("outbound"), "key_ring")
    _refuse_keys(reader, said_tls)
    name, elements = reader.need("name", identifier), reader.take("elements", named(OF_CALL), {})
    asked = AskedCall(where, name, _connection(reader, name), said_tls, elements=elements, **rule)
    standing = look(asked) if look else NEW_CALL
    server_tls = said_tls or standing.server_tls or "jsse"
    _refuse_keys(reader, server_tls)
    reader.take("zosconnect_version", read_version)
    target, callers = reader.need("endpoint", _called(name, server_tls, standing, ends=ends)), called(reader, version)
    jsse = server_tls == "jsse"
    declared = Endpoint(
        name=name,
        connection=target.connection,
        server_tls=server_tls,
        client_certificate=reader.take(
            "client_certificate", _client_certificate, standing.client_certificate or "none"
        ),
        server_dir=server_directory(reader, server_dir),
        host=target.host,
        port=target.port,
        profile=profile.read(reader, standing.profile),
        ssl_configuration=reader.take(
            "ssl_configuration", one_of(("own", "default")), standing.ssl_configuration or "own"
        ),
        key_store=reader.take("key_store", if_filled(key_store(standing.key_store))),
        trust_store=reader.take("trust_store", trust_store(standing.trust_store)),
        verify_host_name=reader.take("verify_host_name", boolean, True),
        skip_host_names=reader.take("skip_host_names", if_filled(_skipped)),
        authentication=reader.take("authentication", _authentication(name), Authentication()),
        outbound=None if jsse else _outbound(reader, standing, ends=ends),
        inbound=reader.take("inbound", attls_end.answering),
        requesters=callers["requesters"],
        web_applications=callers["web_applications"],
        made=made(reader),
        shared_files=reader.take("shared_files", boolean, False),
        elements=elements,
        said=reader.said | target.said,
        standing=standing,
    )
    reader.done()
    return declared


def _connection(reader: Reader, name: str) -> str:
    """Return the id of the connection that is declared, before it is known what else must be."""
    given = reader.peek("endpoint")
    connection = given.get("connection") if isinstance(given, Mapping) else None
    return connection if isinstance(connection, str) and connection else name


def _outbound(reader: Reader, standing: CallStanding, *, ends: bool) -> AttlsEnd | None:
    there = standing.outbound
    if there or ends:
        there = there or attls_end.NOTHING
        taken: AttlsEnd = reader.take("outbound", attls_end.calling_as(there), there)
        return taken
    end: AttlsEnd = reader.need("outbound", attls_end.calling)
    return end


def _refuse_keys(reader: Reader, server_tls: str | None) -> None:
    """Refuse what belongs to another kind of connection; what has no value is none."""
    if key := next(filter(reader.given, _OF_CALLERS), None):
        raise SecurityError(
            f"{reader.where}.{key}: with endpoint the server itself is the caller, so no program calls through this "
            f"connection. Leave {key} out, or leave endpoint out."
        )
    for key in _UNFIT.get(server_tls or "", ()):
        if server_tls and reader.take(key, if_filled(mapping)):
            raise unfit(f"{reader.where}.{key}", server_tls, "AT-TLS does TLS below the server")


def _client_certificate(given: object, where: str) -> str:
    if given == "supported":
        raise SecurityError(
            f"{where}: 'supported' is for ports of the server. Say required if the endpoint asks for a certificate, "
            "else none."
        )
    return one_of(("required", "none"))(given, where)


def _called(name: str, server_tls: str, standing: CallStanding, *, ends: bool) -> Callable[[object, str], _Called]:
    if ends:
        standing = replace(standing, host=standing.host or "localhost")
    host, number = standing.host, standing.port or (DEFAULT_PORTS[server_tls] if standing.host else None)
    return mapped(
        lambda reader: _Called(
            connection=reader.take("connection", identifier, name),
            host=reader.take("host", _host(server_tls), host) or reader.need("host", _host(server_tls)),
            port=reader.take("port", port, number) or reader.need("port", port),
            said=reader.said & {"host", "port"},
        )
    )


def _host(server_tls: str) -> Callable[[object, str], str]:
    """Return the reader of a host name; a scheme before it, as server.xml has it, must be the one that is meant."""

    def read(given: object, where: str) -> str:
        scheme, separator, host = text(given, where).rpartition("://")
        if server_tls == "attls" and scheme.lower() == "https":
            raise SecurityError(
                f"{where}: https would do TLS twice, once in the server and once in AT-TLS, and every handshake "
                "would fail. Give the name alone; with server_tls attls the server speaks http."
            )
        if server_tls == "jsse" and scheme.lower() == "http":
            raise SecurityError(
                f"{where}: with http the server would call in clear. Give the name alone or with https, or set "
                "server_tls to attls."
            )
        return host_name(host if scheme.lower() in ("http", "https") or not separator else given, where)

    return read


def host_name(given: object, where: str) -> str:
    """Return a host name or an IPv4 address, as it stands in a URL."""
    if isinstance(given, str) and _HOST.fullmatch(given):
        return given
    raise SecurityError(f"{where}: must be the name of a host, without port and path.")


@mapped
def _skipped(reader: Reader) -> Skipped:
    hosts = reader.need("hosts", names)
    return Skipped(
        hosts=tuple(host_name(host, f"{reader.where}.hosts[{number}]") for number, host in enumerate(hosts)),
        **{key: reader.need(key, text) for key in ("reason", "owner", "ticket")},
        expires=reader.need("expires", _day),
    )


def _day(given: object, where: str) -> str:
    try:
        return date.fromisoformat(str(given)).isoformat()
    except ValueError:
        raise SecurityError(f"{where}: {shown(given)} is not a date such as 2027-01-31.") from None


def _authentication(name: str) -> Callable[[object, str], Authentication]:
    oauth, token = (authentication_id(name, part) for part in ("oauth", "token"))
    return mapped(
        lambda reader: Authentication(
            basic=reader.take("basic", _login),
            oauth=reader.take("oauth", _oauth(oauth)),
            token=reader.take("token", _token(token)),
        )
    )


@mapped
def _login(reader: Reader) -> Login:
    return Login(user=reader.need("user", text), password=reader.need("password", credential))


def credential(given: object, where: str) -> str:
    """Return a password as Liberty takes it: in clear, encoded so that it can be decoded, or a reference."""
    password = text(given, where)
    passwords.check_desired(password, where)
    if passwords.algorithm(password) == "hash":
        raise SecurityError(
            f"{where}: is hashed, so the server cannot tell it to anybody; encode it as {{xor}} or {{aes}}."
        )
    passwords.check_encoded(password, where)
    return password


def _oauth(name: str) -> Callable[[object, str], OAuth]:
    grants = one_of(("client_credentials", "password"))
    return mapped(
        lambda reader: OAuth(
            grant_type=reader.take("grant_type", grants, OAuth.grant_type),
            server=reader.need("server", _token_server(name)),
        )
    )


def _token_server(name: str) -> Callable[[object, str], TokenServer]:
    return mapped(
        lambda reader: TokenServer(
            name=name,
            url=reader.need("url", _secure_url),
            login=reader.take("login", _login),
            trust_store=reader.take("trust_store", trust_store()),
        )
    )


def _secure_url(given: object, where: str) -> str:
    if isinstance(given, str) and re.fullmatch(r"https://[^\s/]+(?:/\S*)?", given, re.IGNORECASE):
        return given
    raise SecurityError(f"{where}: must be a URL that begins with https://, for it is told secrets.")


def _token(name: str) -> Callable[[object, str], Token]:
    return mapped(
        lambda reader: Token(
            server=reader.need("server", _token_server(name)),
            header=reader.take("header", header),
            request=reader.need("request", _request),
            response=reader.need("response", _response),
        )
    )


def header(given: object, where: str) -> str:
    """Return the name of an HTTP header."""
    if isinstance(given, str) and _HEADER.fullmatch(given):
        return given
    raise SecurityError(f"{where}: {shown(given)} cannot be the name of an HTTP header.")


@mapped
def _request(reader: Reader) -> dict[str, str]:
    """Return the attributes of tokenRequest."""
    place = reader.need("credential_location", one_of(("header", "body")))
    return _given(
        {
            "credentialLocation": place,
            "requestMethod": reader.take("method", one_of(_METHODS)),
            "header": _if_needed(reader, "header", header, needed=place == "header", why="credential_location header"),
            "requestBody": _if_needed(reader, "body", text, needed=place == "body", why="credential_location body"),
        }
    )


@mapped
def _response(reader: Reader) -> dict[str, str]:
    """Return the attributes of tokenResponse."""
    place = reader.need("token_location", one_of(("header", "body")))
    in_body = place == "body"
    shape = _if_needed(reader, "format", one_of(("Text", "JSON")), needed=in_body, why="token_location body")
    return _given(
        {
            "tokenLocation": place,
            "header": _if_needed(reader, "header", header, needed=not in_body, why="token_location header"),
            "responseFormat": shape,
            "tokenPath": _if_needed(reader, "path", text, needed=shape == "JSON", why="format JSON"),
        }
    )


def _if_needed(reader: Reader, key: str, read: Callable[[object, str], str], *, needed: bool, why: str) -> str | None:
    """Take a key that z/OS Connect wants for one choice and has no use for otherwise (BAQR1001E to BAQR1005E)."""
    value: str | None = reader.take(key, read)
    if needed and value is None:
        raise SecurityError(f"{reader.where}.{key}: is missing; {why} needs it.")
    if value is not None and not needed:
        raise SecurityError(f"{reader.where}.{key}: is only of use with {why}. Leave it out.")
    return value


def _given(found: Mapping[str, Any]) -> dict[str, str]:
    return {name: value for name, value in found.items() if value is not None}
