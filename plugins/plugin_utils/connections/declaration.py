# SPDX-FileCopyrightText: 2026 The zosconnect.security contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a user declares about one connection, checked key by key.

The connections are those of IBM's page "API requester confidentiality and integrity". The server does TLS itself
(C1, C2, C4), or AT-TLS does in front of its http port (C3, C5); so does CICS on the other side (C1, C2, C3), or AT-TLS
below the program (C4, C5).
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass

from ansible_collections.zosconnect.security.plugins.plugin_utils.connections import profile
from ansible_collections.zosconnect.security.plugins.plugin_utils.connections.client import Client, clients
from ansible_collections.zosconnect.security.plugins.plugin_utils.connections.profile import Profile
from ansible_collections.zosconnect.security.plugins.plugin_utils.declared import (
    Reader,
    address,
    alias,
    boolean,
    identifier,
    key_ring,
    label,
    mvs_name,
    names,
    one_of,
    port,
    ports,
    priority,
    shown,
    text,
    word,
)
from ansible_collections.zosconnect.security.plugins.plugin_utils.errors import SecurityError
from ansible_collections.zosconnect.security.plugins.plugin_utils.liberty import passwords, values

# C6 to C8, calls of the server, are declared in another way: see endpoint.
KINDS = ("C1", "C2", "C3", "C4", "C5", "C6", "C7", "C8")
# Who does TLS on each side, where it is not the server (JSSE) or CICS.
FRONTED = ("C3", "C5")  # AT-TLS inbound: the server sees plain http
WRAPPED = ("C4", "C5")  # AT-TLS outbound: the program speaks plain http
CLIENT_AUTHENTICATION = ("required", "supported", "none")
IDENTITY = ("certificate", "certificate_or_basic", "basic")
_PEM = re.compile(r"(-----BEGIN CERTIFICATE-----([A-Za-z0-9+/=\s]+)-----END CERTIFICATE-----)")
# Keys that only make sense where the server itself does TLS, and those that need AT-TLS in front of it.
_JSSE_ONLY = ("key_store", "trust_store")


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

    @property
    def ring(self) -> bool:
        return self.location.lower().startswith("safkeyring")


@dataclass(frozen=True)
class Scopes:
    """The wished ``requireSecure`` (or ``requireAuth``) of each scope; None leaves a scope as it is."""

    requesters: bool | None = None
    all_requesters: bool | None = None
    server: bool | None = None

    @property
    def said(self) -> tuple[tuple[str, bool | None], ...]:
        """Each scope in words, with its value."""
        return (
            ("the named requesters", self.requesters),
            ("all requesters", self.all_requesters),
            ("the server", self.server),
        )


@dataclass(frozen=True)
class Inbound:
    """The AT-TLS rule in front of the server's http port; a job name or user ID of the server narrows it."""

    key_ring: str
    certificate_label: str | None = None
    saf_check: bool = False
    job_name: str | None = None
    user_id: str | None = None
    priority: int = 255


@dataclass(frozen=True)
class Connection:
    """One declared connection of a server."""

    name: str
    kind: str
    served: bool
    server_dir: str
    host: str
    port: int
    client_authentication: str
    identity: str
    profile: Profile
    key_store: Store | None
    trust_store: Store | None
    inbound: Inbound | None
    clients: tuple[Client, ...]
    server_host: str | None
    server_address: str | None
    zosconnect_version: str
    requesters: tuple[str, ...]
    require_secure: Scopes
    plain_http: str
    plain_http_ports: tuple[int, ...]
    ssl_configuration: str
    harden_default: bool
    features: tuple[str, ...]

    @property
    def fronted(self) -> bool:
        """Whether AT-TLS does TLS in front of the server, which sees plain http."""
        return self.kind in FRONTED

    @property
    def wrapped(self) -> bool:
        """Whether AT-TLS does TLS below the calling program, which speaks plain http."""
        return self.kind in WRAPPED

    @property
    def asks(self) -> bool:
        """Whether callers are asked for a client certificate."""
        return self.client_authentication != "none"


def connection(given: object, where: str = "connection", *, served: bool = True) -> Connection:
    """Return the declared connection; raise SecurityError with one sentence for the first mistake.

    ``served``: the server's side is declared as well, not only the programs that call.
    """
    reader = Reader(given, where)
    need = reader.need if served else reader.take
    kind = reader.take("kind", one_of(KINDS))
    fronted = kind in FRONTED
    by_certificate = kind in (None, "C2")
    asks = reader.take("client_authentication", one_of(CLIENT_AUTHENTICATION), "required" if by_certificate else "none")
    _refuse_keys(reader, kind, ("inbound",) if not fronted else _JSSE_ONLY)
    tls = profile.read(reader)
    declared = Connection(
        name=reader.need("name", identifier),
        kind=kind or ("C1" if asks == "none" else "C2"),
        served=served,
        server_dir=need("server_dir", directory),
        host=reader.take("host", text, "*"),
        port=reader.need("port", port),
        client_authentication=asks,
        identity=reader.take("identity", one_of(IDENTITY), "certificate" if by_certificate else "basic"),
        profile=tls,
        key_store=None if fronted else need("key_store", key_store),
        trust_store=None if fronted else reader.take("trust_store", trust_store),
        inbound=need("inbound", inbound) if fronted else None,
        clients=reader.take("clients", clients(tls), ()),
        server_host=reader.take("server_host", text),
        server_address=reader.take("server_address", address),
        zosconnect_version=reader.take("zosconnect_version", word(("2.0", "3.0")), "2.0"),
        requesters=reader.take("requesters", names, ()),
        require_secure=reader.take("require_secure", _scopes, Scopes(requesters=not fronted)),
        plain_http=reader.take("plain_http", one_of(("closed", "unchanged")), "closed"),
        plain_http_ports=reader.take("plain_http_ports", ports, ()),
        ssl_configuration=reader.take("ssl_configuration", one_of(("own", "default")), "own"),
        harden_default=reader.take("harden_default", boolean, False),
        features=reader.take("features", names, ()),
    )
    reader.done()
    return declared


def _refuse_keys(reader: Reader, kind: str | None, unfit: tuple[str, ...]) -> None:
    """Refuse the keys of the other way to do TLS; a role's defaults that are nothing may stand there."""
    if key := next(filter(reader.has, unfit), None):
        who = "AT-TLS, in front of the server" if kind in FRONTED else "the server itself"
        remedy = "Leave it out, or choose another kind." if kind else "Give the kind, C3 or C5, or leave it out."
        raise SecurityError(f"{reader.where}.{key}: in {kind or 'C1 and C2'} TLS is done by {who}. {remedy}")


def inbound(given: object, where: str) -> Inbound:
    reader = Reader(given, where)
    found = Inbound(
        key_ring=reader.need("key_ring", key_ring),
        certificate_label=reader.take("certificate_label", label),
        saf_check=reader.take("saf_check", boolean, False),
        job_name=reader.take("job_name", mvs_name),
        user_id=reader.take("user_id", mvs_name),
        priority=reader.take("priority", priority, Inbound.priority),
    )
    reader.done()
    return found


def key_store(given: object, where: str) -> Store:
    reader = Reader(given, where)
    store = Store(
        location=reader.need("location", text),
        password=reader.take("password", store_password),
        password_variable=reader.take("password_variable", identifier),
        private_key=reader.take("private_key", secret),
        private_key_passphrase=reader.take("private_key_passphrase", secret),
        certificate=reader.take("certificate", pem),
        chain=reader.take("chain", pem),
        alias=reader.take("alias", alias),
    )
    reader.done()
    _check_store(store, where)
    _check_key(store, where)
    return store


def trust_store(given: object, where: str) -> Store | None:
    """Return the trust store; a mapping in which nothing is filled in, as a role's defaults leave it, is none."""
    reader = Reader(given, where)
    if not reader.filled():
        return None
    store = Store(
        location=reader.need("location", text),
        password=reader.take("password", store_password),
        password_variable=reader.take("password_variable", identifier),
        trusted=reader.take("trusted", _trusted, ()),
    )
    reader.done()
    _check_store(store, where)
    return store


def _check_store(store: Store, where: str) -> None:
    material = (store.password, store.password_variable, store.private_key, store.certificate, store.trusted)
    if store.ring and any(material):
        raise SecurityError(
            f"{where}: {store.location} is a SAF key ring, which has no password and takes no keys or certificates "
            "from here; connect them to the ring with RACF and leave these keys out."
        )
    if not store.ring and not store.location.startswith("/"):
        raise SecurityError(
            f"{where}.location: {shown(store.location)} must be an absolute path or a safkeyring:// URL."
        )
    if not store.ring and not store.password:
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


def _scopes(given: object, where: str) -> Scopes:
    reader = Reader(given, where)
    scopes = Scopes(*(reader.take(key, boolean) for key in ("requesters", "all_requesters", "server")))
    reader.done()
    return scopes


def pem(given: object, where: str) -> str:
    """Return PEM text with one line end after it, however it was pasted; what it holds is checked where it is used."""
    if "PRIVATE KEY-----" in text(given, where):
        raise SecurityError(
            f"{where}: holds a private key, and this is not kept secret; give the certificates alone here, and the key "
            "as private_key of key_store."
        )
    return f"{text(given, where).strip()}\n"


def secret(given: object, where: str) -> str:
    passwords.check_wished(text(given, where), where)
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
