# SPDX-FileCopyrightText: 2026 The zosconnect.security contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a user declares about one RESTful endpoint that the server calls, checked key by key.

The server does TLS itself and shows no certificate (C6) or its own (C7), or it speaks plain http and AT-TLS does TLS
below it (C8).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from ansible_collections.zosconnect.security.plugins.plugin_utils.connections import profile
from ansible_collections.zosconnect.security.plugins.plugin_utils.connections.declaration import (
    Inbound,
    Store,
    directory,
    inbound,
    key_store,
    trust_store,
)
from ansible_collections.zosconnect.security.plugins.plugin_utils.connections.profile import Profile
from ansible_collections.zosconnect.security.plugins.plugin_utils.declared import (
    Reader,
    address,
    boolean,
    identifier,
    key_ring,
    label,
    mapping,
    mvs_name,
    names,
    one_of,
    port,
    priority,
    shown,
    text,
)
from ansible_collections.zosconnect.security.plugins.plugin_utils.errors import SecurityError
from ansible_collections.zosconnect.security.plugins.plugin_utils.liberty import passwords

KINDS = ("C6", "C7", "C8")
# The SSL configuration that outgoing calls use which name none, where a declaration makes one for them.
DEFAULT_OUTBOUND = "defaultOutbound"
_HOST = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9.-]*[A-Za-z0-9])?")
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
class Below:
    """The AT-TLS rule below the server: where the endpoint is, and who of this system calls it."""

    address: str
    key_ring: str
    job_name: str | None = None
    user_id: str | None = None
    local_address: str | None = None
    certificate_label: str | None = None
    priority: int = 255


@dataclass(frozen=True)
class Endpoint:
    """One endpoint; ``name`` is the id of its zosconnect_endpointConnection."""

    name: str
    kind: str
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
    outbound: Below | None
    inbound: Inbound | None
    requesters: tuple[str, ...]

    @property
    def wrapped(self) -> bool:
        """Whether AT-TLS does TLS below the server, which speaks plain http."""
        return self.kind == "C8"

    @property
    def bare(self) -> bool:
        """Whether the default SSL configuration is used as it is."""
        return not self.wrapped and self.ssl_configuration == "default" and not (self.key_store or self.trust_store)

    @property
    def ssl(self) -> str | None:
        """The SSL configuration that is made for it; None where the default one is used as it is."""
        if self.wrapped or self.bare:
            return None
        return DEFAULT_OUTBOUND if self.ssl_configuration == "default" else f"{self.name}.out"

    @property
    def url(self) -> str:
        return f"{'http' if self.wrapped else 'https'}://{self.host}:{self.port}"


def is_endpoint(given: object) -> bool:
    """Say whether what is declared is an endpoint that the server calls."""
    return isinstance(given, Mapping) and given.get("kind") in KINDS


def endpoint(given: object, where: str = "connection") -> Endpoint:
    """Return the declared endpoint; raise SecurityError with one sentence for the first mistake."""
    reader = Reader(given, where)
    kind = reader.need("kind", one_of(KINDS))
    _refuse_keys(reader, kind)
    name = reader.need("name", identifier)
    declared = Endpoint(
        name=name,
        kind=kind,
        server_dir=reader.need("server_dir", directory),
        host=reader.need("host", _host(kind)),
        port=reader.need("port", port),
        profile=profile.read(reader),
        ssl_configuration=reader.take("ssl_configuration", one_of(("own", "default")), "own"),
        key_store=reader.take("key_store", _if_filled(key_store)),
        trust_store=reader.take("trust_store", trust_store),
        verify_host_name=reader.take("verify_host_name", boolean, True),
        skip_host_names=reader.take("skip_host_names", _if_filled(_skipped)),
        authentication=reader.take("authentication", _authentication(name), Authentication()),
        outbound=reader.need("outbound", _below) if kind == "C8" else None,
        inbound=reader.take("inbound", inbound),
        requesters=reader.take("requesters", names, ()),
    )
    reader.done()
    return declared


def _refuse_keys(reader: Reader, kind: str) -> None:
    """Refuse the keys of the other way to do TLS; defaults of a role that are nothing may stand there."""
    below = kind == "C8"
    for key in ("key_store", "trust_store", "skip_host_names") if below else ("outbound", "inbound"):
        if reader.take(key, _if_filled(mapping)):
            who = "AT-TLS, below the server" if below else "the server itself"
            raise SecurityError(
                f"{reader.where}.{key}: in {kind} TLS is done by {who}. Leave it out, or choose another kind."
            )


def _if_filled(read: Callable[[object, str], Any]) -> Callable[[object, str], Any]:
    """Return the reader of a mapping that may be there with nothing filled in, as a role's defaults leave it."""
    return lambda given, where: read(given, where) if Reader(given, where).filled() else None


def _host(kind: str) -> Callable[[object, str], str]:
    def read(given: object, where: str) -> str:
        host = text(given, where)
        if kind == "C8" and host.lower().startswith("https:"):
            raise SecurityError(
                f"{where}: https would do TLS twice, once in the server and once in AT-TLS, and every handshake "
                "fails. Give the name alone; in C8 the server speaks http."
            )
        return host_name(host, where)

    return read


def host_name(given: object, where: str) -> str:
    """Return a host name or an IPv4 address, as it stands in a URL."""
    if isinstance(given, str) and _HOST.fullmatch(given):
        return given
    raise SecurityError(
        f"{where}: must be the name of a host, without scheme, port and path; the kind says whether it is "
        "called by https."
    )


def _skipped(given: object, where: str) -> Skipped:
    reader = Reader(given, where)
    hosts = reader.need("hosts", names)
    skipped = Skipped(
        hosts=tuple(host_name(host, f"{where}.hosts[{number}]") for number, host in enumerate(hosts)),
        reason=reader.need("reason", text),
        owner=reader.need("owner", text),
        ticket=reader.need("ticket", text),
        expires=reader.need("expires", _day),
    )
    reader.done()
    return skipped


def _day(given: object, where: str) -> str:
    try:
        return date.fromisoformat(str(given)).isoformat()
    except ValueError:
        raise SecurityError(f"{where}: {shown(given)} is not a date such as 2027-01-31.") from None


def _below(given: object, where: str) -> Below:
    reader = Reader(given, where)
    found = Below(
        address=reader.need("address", address),
        key_ring=reader.need("key_ring", key_ring),
        job_name=reader.take("job_name", mvs_name),
        user_id=reader.take("user_id", mvs_name),
        local_address=reader.take("local_address", address),
        certificate_label=reader.take("certificate_label", label),
        priority=reader.take("priority", priority, Below.priority),
    )
    reader.done()
    return found


def _authentication(name: str) -> Callable[[object, str], Authentication]:
    def read(given: object, where: str) -> Authentication:
        reader = Reader(given, where)
        found = Authentication(
            basic=reader.take("basic", _login),
            oauth=reader.take("oauth", lambda value, place: _oauth(value, place, f"{name}.oauth")),
            token=reader.take("token", lambda value, place: _token(value, place, f"{name}.token")),
        )
        reader.done()
        return found

    return read


def _login(given: object, where: str) -> Login:
    reader = Reader(given, where)
    found = Login(user=reader.need("user", text), password=reader.need("password", credential))
    reader.done()
    return found


def credential(given: object, where: str) -> str:
    """Return a password as Liberty takes it: in clear, encoded so that it can be decoded, or a reference."""
    passwords.check_wished(text(given, where), where)
    if passwords.algorithm(text(given, where)) == "hash":
        raise SecurityError(
            f"{where}: is hashed, so the server cannot tell it to anybody; encode it as {{xor}} or {{aes}}."
        )
    return text(given, where)


def _oauth(given: object, where: str, name: str) -> OAuth:
    reader = Reader(given, where)
    found = OAuth(
        grant_type=reader.take("grant_type", one_of(("client_credentials", "password")), OAuth.grant_type),
        server=reader.need("server", _token_server(name)),
    )
    reader.done()
    return found


def _token_server(name: str) -> Callable[[object, str], TokenServer]:
    def read(given: object, where: str) -> TokenServer:
        reader = Reader(given, where)
        found = TokenServer(
            name=name,
            url=reader.need("url", _secure_url),
            login=reader.take("login", _login),
            trust_store=reader.take("trust_store", trust_store),
        )
        reader.done()
        return found

    return read


def _secure_url(given: object, where: str) -> str:
    if isinstance(given, str) and re.fullmatch(r"https://[^\s/]+(?:/\S*)?", given, re.IGNORECASE):
        return given
    raise SecurityError(f"{where}: must be a URL that begins with https://, for it is told secrets.")


def _token(given: object, where: str, name: str) -> Token:
    reader = Reader(given, where)
    found = Token(
        server=reader.need("server", _token_server(name)),
        header=reader.take("header", header),
        request=reader.need("request", _request),
        response=reader.need("response", _response),
    )
    reader.done()
    return found


def header(given: object, where: str) -> str:
    """Return the name of an HTTP header."""
    if isinstance(given, str) and _HEADER.fullmatch(given):
        return given
    raise SecurityError(f"{where}: {shown(given)} cannot be the name of an HTTP header.")


def _request(given: object, where: str) -> dict[str, str]:
    """Return the attributes of tokenRequest."""
    reader = Reader(given, where)
    place = reader.need("credential_location", one_of(("header", "body")))
    found = {
        "credentialLocation": place,
        "requestMethod": reader.take("method", one_of(_METHODS)),
        "header": _if_needed(reader, "header", header, needed=place == "header", why="credential_location header"),
        "requestBody": _if_needed(reader, "body", text, needed=place == "body", why="credential_location body"),
    }
    reader.done()
    return _given(found)


def _response(given: object, where: str) -> dict[str, str]:
    """Return the attributes of tokenResponse."""
    reader = Reader(given, where)
    place = reader.need("token_location", one_of(("header", "body")))
    in_body = place == "body"
    shape = _if_needed(reader, "format", one_of(("Text", "JSON")), needed=in_body, why="token_location body")
    found = {
        "tokenLocation": place,
        "header": _if_needed(reader, "header", header, needed=not in_body, why="token_location header"),
        "responseFormat": shape,
        "tokenPath": _if_needed(reader, "path", text, needed=shape == "JSON", why="format JSON"),
    }
    reader.done()
    return _given(found)


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
