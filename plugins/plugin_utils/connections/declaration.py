# SPDX-FileCopyrightText: 2026 The zosconnect.security contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a user declares about one connection, checked key by key.

The connections are those of IBM's page "API requester confidentiality and integrity". TLS at the server is done by the
server itself (JSSE), or by AT-TLS in front of its http port; TLS at the caller by CICS itself, or by AT-TLS below the
program. Calls of the server are declared in another way: see endpoint.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any

from ansible_collections.zosconnect.security.plugins.plugin_utils.connections import attls_end, profile
from ansible_collections.zosconnect.security.plugins.plugin_utils.connections.attls_end import AttlsEnd
from ansible_collections.zosconnect.security.plugins.plugin_utils.connections.client import Client, clients
from ansible_collections.zosconnect.security.plugins.plugin_utils.connections.profile import Profile
from ansible_collections.zosconnect.security.plugins.plugin_utils.connections.standing import (
    NEW,
    OF_PORT,
    Asked,
    Look,
    Standing,
)
from ansible_collections.zosconnect.security.plugins.plugin_utils.declared import (
    Reader,
    address,
    alias,
    boolean,
    described,
    identifier,
    if_filled,
    mapped,
    names,
    one_of,
    port,
    ports,
    shown,
    text,
)
from ansible_collections.zosconnect.security.plugins.plugin_utils.errors import SecurityError
from ansible_collections.zosconnect.security.plugins.plugin_utils.liberty import passwords, values
from ansible_collections.zosconnect.security.plugins.plugin_utils.liberty.desired import ring_fault
from ansible_collections.zosconnect.security.plugins.plugin_utils.zosconnect import OAS2, read_version

CALLER_TLS = ("cics", "attls")
SERVER_TLS = ("jsse", "attls")
CLIENT_CERTIFICATE = ("required", "supported", "none")
IDENTITY = ("certificate", "certificate_or_basic", "basic")
_PEM = re.compile(r"(-----BEGIN CERTIFICATE-----([A-Za-z0-9+/=\s]+)-----END CERTIFICATE-----)")
# Keys of the other way to do TLS, by how it is done at the server.
_UNFIT = {"jsse": ("inbound",), "attls": ("key_store", "trust_store")}
# Nothing is known of a store that is there.
NO_STORE: Mapping[str, Any] = MappingProxyType({})
# What only an endpoint has that the server calls; see endpoint.
_OF_ENDPOINTS = ("endpoint", "outbound", "authentication", "skip_host_names", "verify_host_name")


def is_ring(location: str) -> bool:
    """Say whether a location is meant to be a SAF key ring."""
    return location.lower().startswith("safkeyring")


@dataclass(frozen=True)
class Store:
    """A key store or trust store: a file on the target, or a SAF key ring (``safkeyring://…``)."""

    location: str
    password: str | None = None
    password_variable: str | None = None
    private_key: str | None = None
    private_key_passphrase: str | None = None
    certificate: str | None = None
    chain: str | None = None
    alias: str | None = None
    trusted: tuple[tuple[str, str], ...] = ()
    allow_older: bool = False
    # Whether the server's configuration says where it is, and the declaration does not.
    is_named_by_server: bool = False

    @property
    def ring(self) -> bool:
        return is_ring(self.location)


@dataclass(frozen=True)
class Scopes:
    """The ``requireSecure`` that is wanted for each scope; None leaves a scope as it is."""

    requesters: bool | None = None
    all_requesters: bool | None = None
    server: bool | None = None

    @property
    def named(self) -> tuple[tuple[str, bool | None], ...]:
        """Each scope in words, with its value."""
        return (
            ("the named requesters", self.requesters),
            ("all requesters", self.all_requesters),
            ("the server", self.server),
        )


@dataclass(frozen=True)
class Made:
    """Owner, group and mode of key stores that are made; None: as they are for whoever runs this."""

    owner: str | None = None
    group: str | None = None
    mode: object = None


AS_IT_COMES = Made()


@dataclass(frozen=True)
class Connection:
    """One declared connection of a server.

    ``said`` are the keys that have a value; what is not said has that of ``standing`` where the connection is there,
    else a default. ``plain_http`` is None where it is not said, ``elements`` are named by the word for each.
    ``shared_files``: files outside of the server's directory may be changed for it.
    """

    name: str
    caller_tls: str
    server_tls: str
    served: bool
    server_dir: str
    host: str
    port: int
    client_certificate: str
    identity: str
    profile: Profile
    key_store: Store | None
    trust_store: Store | None
    inbound: AttlsEnd | None
    clients: tuple[Client, ...]
    server_host: str | None
    server_address: str | None
    zosconnect_version: str
    requesters: tuple[str, ...]
    web_applications: tuple[str, ...]
    require_secure: Scopes
    plain_http: str | None
    plain_http_ports: tuple[int, ...]
    ssl_configuration: str
    harden_default: bool
    features: tuple[str, ...]
    elements: Mapping[str, str] = field(default_factory=dict)
    made: Made = AS_IT_COMES
    shared_files: bool = False
    said: frozenset[str] = frozenset()
    standing: Standing = NEW

    @property
    def server_attls(self) -> bool:
        """Whether AT-TLS does TLS in front of the server, which sees plain http."""
        return self.server_tls == "attls"

    @property
    def caller_attls(self) -> bool:
        """Whether AT-TLS does TLS below the calling program, which speaks plain http."""
        return self.caller_tls == "attls"

    def brings(self, *keys: str) -> bool:
        """Whether any of these is new: the connection is, or the declaration says something else than is there."""
        if self.standing.is_new:
            return True
        there = self.standing
        return any(key in self.said and getattr(self, key) != getattr(there, key, None) for key in keys)

    @property
    def asks(self) -> bool:
        """Whether callers are asked for a client certificate."""
        return self.client_certificate != "none"

    @property
    def by_password(self) -> bool:
        """Whether only a password makes callers known: where a certificate may do so too, the server sees none."""
        sees = self.asks and not self.server_attls
        return self.identity == "basic" or (self.identity == "certificate_or_basic" and not sees)


def place(declared: Sequence[object], number: int) -> str:
    """Say which connection a sentence is about: its name; where it has none, its place in the list."""
    item = declared[number]
    name = item.get("name") if isinstance(item, Mapping) else None
    if isinstance(name, str) and re.fullmatch(r"[\w.-]{1,60}", name):
        return name
    return f"connections[{number}]"


def connection(
    given: object,
    where: str = "connection",
    *,
    served: bool = True,
    version: str = OAS2,
    look: Look | None = None,
    server_dir: str | None = None,
    ends: bool = False,
) -> Connection:
    """Return the declared connection; raise SecurityError with one sentence for the first mistake.

    ``served``: the server's side is declared as well, not only the programs that call. ``version``: of z/OS Connect.
    ``look`` finds what is there of it, ``server_dir`` is that of the server that somebody looked at. ``ends``: it is to
    be taken away, so nothing need be said of how it would be made.
    """
    reader = Reader(given, where)
    need = reader.need if served and not ends else reader.take
    caller = reader.take("caller_tls", one_of(CALLER_TLS), "cics")
    said_server = reader.take("server_tls", one_of(SERVER_TLS))
    rule = rule_of(reader.peek("inbound"), "key_ring")
    if said_server:
        _refuse_keys(reader, said_server)
    asked = Asked(
        where=where,
        name=reader.need("name", identifier),
        port=reader.need("port", port),
        host=reader.take("host", text),
        server_tls=said_server,
        elements=reader.take("elements", named(OF_PORT), {}),
        **rule,
    )
    standing = look(asked) if look and served else NEW
    server = said_server or standing.server_tls or "jsse"
    _refuse_keys(reader, server)
    jsse, by_certificate = server == "jsse", (caller, server) == ("cics", "jsse")
    default = "required" if by_certificate else "none"
    asks = reader.take("client_certificate", one_of(CLIENT_CERTIFICATE), standing.client_certificate or default)
    reader.take("zosconnect_version", read_version)
    tls, callers = profile.read(reader, standing.profile), called(reader, version)
    has_keys = standing.taken is not None or "keyStore" in asked.elements
    needs_keys = served and jsse and not has_keys and not ends
    take_keys = reader.need if needs_keys else reader.take
    identity = "certificate" if by_certificate and asks != "none" else "basic"
    identity = identity if standing.is_new else standing.identity or "basic"
    declared = Connection(
        name=asked.name,
        caller_tls=caller,
        server_tls=server,
        served=served,
        server_dir=server_directory(reader, server_dir, needed=served),
        host=asked.host or (standing.host if not standing.is_new else None) or "*",
        port=asked.port,
        client_certificate=asks,
        identity=reader.take("identity", one_of(IDENTITY), identity),
        profile=tls,
        key_store=take_keys("key_store", key_store(standing.key_store)) if jsse else None,
        trust_store=reader.take("trust_store", trust_store(standing.trust_store)) if jsse else None,
        inbound=None if jsse else _inbound(reader, need, standing, ends=ends),
        clients=reader.take("clients", clients(tls), ()),
        server_host=reader.take("server_host", text),
        server_address=reader.take("server_address", address),
        zosconnect_version=version,
        requesters=callers["requesters"],
        web_applications=callers["web_applications"],
        require_secure=reader.take("require_secure", _scopes, Scopes(requesters=jsse if version == OAS2 else None)),
        plain_http=reader.take("plain_http", one_of(("closed", "unchanged"))),
        plain_http_ports=reader.take("plain_http_ports", ports, ()),
        ssl_configuration=reader.take("ssl_configuration", one_of(("own", "default")), "own"),
        harden_default=reader.take("harden_default", boolean, False),
        features=reader.take("features", names, ()),
        elements=asked.elements,
        said=reader.said,
        standing=standing,
        made=made(reader),
        shared_files=reader.take("shared_files", boolean, False),
    )
    reader.done()
    return declared


def server_directory(reader: Reader, known: str | None, *, needed: bool = True) -> Any:
    """Return the directory of the server, ``known`` where the connection does not say it."""
    if (found := reader.take("server_dir", directory, known)) or not needed:
        return found
    raise SecurityError(
        f"{reader.missing('server_dir')} Say it for all connections, for the playbooks in zosconnect_server_dir, for a "
        "task in server_dir."
    )


def rule_of(end: object, needed: str) -> dict[str, Any]:
    """Return the name of an AT-TLS rule that is declared, and whether it must be there: nothing says how to make it."""
    if not isinstance(end, Mapping) or not isinstance(end.get("rule"), str) or not end["rule"]:
        return {}
    return {"rule": end["rule"], "must_be_there": not end.get(needed)}


def _inbound(reader: Reader, need: Callable[..., Any], standing: Standing, *, ends: bool) -> AttlsEnd | None:
    if standing.inbound or ends:
        there = standing.inbound or attls_end.NOTHING
        taken: AttlsEnd = reader.take("inbound", attls_end.answering_as(there), there)
        return taken
    end: AttlsEnd | None = need("inbound", attls_end.answering)
    return end


def named(words: tuple[str, ...]) -> Callable[[object, str], dict[str, str]]:
    """Return the reader of elements that are there, each by its word."""

    def read(given: object, where: str) -> dict[str, str]:
        reader = Reader(given, where)
        found = {word: reader.take(word, text) for word in words}
        reader.done()
        return {word: identity for word, identity in found.items() if identity is not None}

    return read


def made(reader: Reader) -> Made:
    """Return how key stores look that are made; and let waivers pass, which are read for all connections at once."""
    reader.take("waivers", lambda given, _where: given)
    owner, group = (reader.take(key, name_or_number) for key in ("owner", "group"))
    return Made(owner, group, reader.take("mode", mode))


def name_or_number(given: object, where: str) -> str:
    """Return the name of a user or a group, or its number."""
    return str(given) if isinstance(given, int) and not isinstance(given, bool) else text(given, where)


def mode(given: object, where: str) -> object:
    """Return the mode of a file: YAML makes a number of an unquoted 0640, anything else is octal digits or symbols."""
    if isinstance(given, (int, str)) and not isinstance(given, bool):
        return given
    raise SecurityError(f'{where}: must be a mode such as "0640", not {described(given)}.')


def _refuse_keys(reader: Reader, server_tls: str) -> None:
    """Refuse what a connection of another kind has; what has no value is none, as in a table with all columns."""
    for key in _UNFIT[server_tls]:
        if reader.given(key):
            raise unfit(f"{reader.where}.{key}", server_tls, "AT-TLS does TLS in front of the server")
    if other := next(filter(reader.given, _OF_ENDPOINTS), None):
        raise SecurityError(
            f"{reader.where}.{other}: is for an endpoint that the server calls. Leave {other} out, or give endpoint."
        )


def unfit(where: str, server_tls: str, attls: str) -> SecurityError:
    """Return the refusal of a key of the other way to do TLS; ``attls`` says where AT-TLS does it."""
    who, other = (attls, "jsse") if server_tls == "attls" else ("the server does TLS itself", "attls")
    key = where.rpartition(".")[2]
    return SecurityError(f"{where}: with server_tls {server_tls} {who}. Leave {key} out, or set server_tls to {other}.")


def called(reader: Reader, version: str) -> dict[str, tuple[str, ...]]:
    """Return the names in ``requesters`` and ``web_applications``; each z/OS Connect has one of them."""
    other, own = ("web_applications", "requesters") if version == OAS2 else ("requesters", "web_applications")
    if reader.has(other):
        what = "API requesters are archives" if version == OAS2 else "API requesters are web applications"
        raise SecurityError(
            f"{reader.where}.{other}: in z/OS Connect {version} {what}; name them in {own}, or correct "
            "zosconnect_version."
        )
    return {key: reader.take(key, names, ()) for key in (own, other)}


def key_store(there: Mapping[str, Any] = NO_STORE) -> Callable[[object, str], Store]:
    """Return the reader of a key store; ``there`` is what is known of the one that is there."""

    @mapped
    def read(reader: Reader) -> Store:
        store = Store(
            **_store(reader, there),
            **{key: reader.take(key, secret) for key in ("private_key", "private_key_passphrase")},
            **{key: reader.take(key, pem) for key in ("certificate", "chain")},
            alias=reader.take("alias", alias),
        )
        _check_store(store, reader.where, there)
        _check_key(store, reader.where)
        return store

    return read


def trust_store(there: Mapping[str, Any] = NO_STORE) -> Callable[[object, str], Store | None]:
    """Return the reader of a trust store; one in which nothing is filled in, as a role's defaults leave it, is none."""

    @mapped
    def read(reader: Reader) -> Store:
        store = Store(**_store(reader, there), trusted=reader.take("trusted", _trusted, ()))
        _check_store(store, reader.where, there)
        return store

    return if_filled(read)


def _store(reader: Reader, there: Mapping[str, Any]) -> dict[str, Any]:
    said = reader.take("location", text)
    location = said or there.get("location") or reader.need("location", text)
    # What stands beside a key ring only looks like a password.
    is_there = location == there.get("location") and not is_ring(location)
    known = there.get("password") if is_there else None
    variable = reader.take("password_variable", identifier)
    return {
        "location": location,
        "is_named_by_server": not said,
        "password": reader.take("password", store_password, known),
        "password_variable": variable,
        "allow_older": reader.take("allow_older", boolean, False),
    }


def _check_store(store: Store, where: str, there: Mapping[str, Any]) -> None:
    held = (store.private_key, store.certificate, store.trusted)
    if store.ring and any((*held, store.password, store.password_variable)):
        raise SecurityError(
            f"{where}: {store.location} is a SAF key ring, which has no password and takes no keys or certificates "
            "from here; connect them to the ring with RACF and leave these keys out."
        )
    if fault := ring_fault(store.location):
        raise SecurityError(f"{where}.location: {fault}")
    if not store.ring and not store.location.startswith("/"):
        raise SecurityError(
            f"{where}.location: must be an absolute path or a safkeyring:// URL. What it is now is not shown, because "
            "it may be the password."
        )
    stays = store.location == there.get("location") and not any(held)
    if not store.ring and not store.password and not stays:
        raise SecurityError(f"{where}.password: is missing; {store.location} cannot be opened without it.")


def _check_key(store: Store, where: str) -> None:
    if store.ring or not (store.private_key or store.certificate or store.chain or store.private_key_passphrase):
        return
    for key in ("private_key", "certificate"):
        if not getattr(store, key):
            raise SecurityError(f"{where}.{key}: is missing; a new key needs its certificate, and both an alias.")
    if not store.alias:
        raise SecurityError(f"{where}.alias: is missing; the new key needs a name in the store.")


def _trusted(given: object, where: str) -> tuple[tuple[str, str], ...]:
    """Return (alias, PEM) pairs, from a mapping of aliases to certificates, or from a text with any number of them.

    In a text they have no names, so each is named after its fingerprint: the same certificate always has one alias.
    """
    if isinstance(given, Mapping):
        return tuple((str(alias), pem(certificate, f"{where}.{alias}")) for alias, certificate in given.items())
    if isinstance(given, str) and (blocks := _PEM.findall(pem(given, where))):
        return tuple((_alias(body, where), f"{whole}\n") for whole, body in blocks)
    raise SecurityError(f"{where}: must be a mapping of aliases to PEM certificates, or a text of PEM certificates.")


def _alias(body: str, where: str) -> str:
    try:
        return f"ca-{hashlib.sha256(base64.b64decode(body)).hexdigest()[:16]}"
    except binascii.Error:
        raise SecurityError(f"{where}: holds a damaged certificate; give its PEM text whole.") from None


@mapped
def _scopes(reader: Reader) -> Scopes:
    return Scopes(*(reader.take(key, boolean) for key in ("requesters", "all_requesters", "server")))


def pem(given: object, where: str) -> str:
    """Return PEM text with one line end after it, however it was pasted; what it holds is checked where it is used."""
    if "PRIVATE KEY-----" in text(given, where):
        raise SecurityError(
            f"{where}: holds a private key, and this is not kept secret; give the certificates alone here, and the key "
            "as private_key of key_store."
        )
    return f"{text(given, where).strip()}\n"


def secret(given: object, where: str) -> str:
    passwords.check_desired(text(given, where), where)
    return text(given, where)


def store_password(given: object, where: str) -> str:
    """Return a store's password in clear: Java and Liberty must get the same."""
    password = secret(given, where)
    if passwords.algorithm(password):
        raise SecurityError(f"{where}: is encoded; give it in clear, it is written in {{xor}} form.")
    if values.has_variable(password):
        raise SecurityError(f"{where}: refers to a variable; give the password, and the variable as password_variable.")
    return password


def directory(given: object, where: str) -> str:
    if isinstance(given, str) and given.startswith("/"):
        return given.rstrip("/") or "/"
    raise SecurityError(f"{where}: {shown(given)} must be the absolute path of the directory that holds server.xml.")
