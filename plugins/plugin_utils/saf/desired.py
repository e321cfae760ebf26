# SPDX-FileCopyrightText: 2026 The zosconnect.security contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""What is desired of a ring, of those who read it, of client certificates, and of a server and its callers; checked."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ansible_collections.zosconnect.security.plugins.plugin_utils.errors import SecurityError
from ansible_collections.zosconnect.security.plugins.plugin_utils.saf import names, server_access
from ansible_collections.zosconnect.security.plugins.plugin_utils.saf.server_access import ServerAccess

STATES = ("merged", "overridden", "absent")
USAGES = ("PERSONAL", "CERTAUTH", "SITE")


@dataclass(frozen=True)
class DesiredConnection:
    """A certificate that shall be on the ring. ``usage`` and ``default`` are None where the option was left out."""

    where: str
    owner: str
    label: str
    usage: str | None
    default: bool | None
    replaces: str | None

    @property
    def key(self) -> tuple[str, str]:
        return self.owner, self.label

    @property
    def own_usage(self) -> str:
        """The usage that RACF gives where a command names none."""
        return self.owner if self.owner in USAGES else "PERSONAL"


@dataclass(frozen=True)
class RingReader:
    """A user ID that reads the ring at run time, and whether it needs the private keys on it."""

    where: str
    user: str
    private_keys: bool


@dataclass(frozen=True)
class ClientCertificate:
    """A client certificate and the user that it stands for: by its names (MAP), or itself, out of a data set (ADD)."""

    where: str
    user: str
    label: str
    subject: str
    issuer: str
    data_set: str

    @property
    def key(self) -> tuple[str, str]:
        return f"ID({self.user})", self.label


@dataclass(frozen=True)
class DesiredAccess:
    """All that one task asks for."""

    state: str
    owner: str
    ring: str
    connections: tuple[DesiredConnection, ...]
    used_by_cics: bool
    authority: str | None
    readers: tuple[RingReader, ...]
    present_readers: tuple[RingReader, ...] | None
    clients: tuple[ClientCertificate, ...]
    server: ServerAccess | None
    # Whether RACF lists every certificate on the ring, also those that nobody named.
    list_certificates: bool = False

    @property
    def profile(self) -> str:
        """The profile of the ring in RDATALIB, where RACF folds the ring's name to capital letters."""
        return f"{self.owner}.{self.ring.upper()}.LST"


def check(options: Mapping[str, Any], state: str) -> DesiredAccess:
    """Return the options as data; raise SecurityError with the path of the option that is wrong."""
    needs_ring = _needs_ring(options, state)
    owner = names.user(options["owner"], "owner") if needs_ring else ""
    access = options.get("zosconnect_access")
    present = options.get("present_users")
    want = DesiredAccess(
        state=state,
        owner=owner,
        ring=names.ring(options["ring"], "ring") if needs_ring else "",
        connections=_connections(_certificates(options["certificates"], state), owner),
        used_by_cics=options["used_by_cics"],
        authority=options.get("authority"),
        readers=_readers(options["users"], "users"),
        present_readers=None if present is None else _readers(present, "present_users"),
        clients=tuple(_client(item, f"clients[{at}]") for at, item in enumerate(options["clients"])),
        server=None if access is None else server_access.check(access),
        list_certificates=bool(options.get("list_certificates")),
    )
    _fits_together(want)
    return want


def _needs_ring(options: Mapping[str, Any], state: str) -> bool:
    """Say whether the task is about a ring; client certificates and the access to a server need none."""
    missing = [name for name in ("owner", "ring") if options.get(name) is None]
    if not missing:
        return True
    of_ring = ("certificates", "authority", "users", "present_users", "used_by_cics", "list_certificates")
    others = options["clients"] or options.get("zosconnect_access") is not None
    if len(missing) == 2 and others and state == "merged" and not any(options.get(name) for name in of_ring):
        return False
    raise SecurityError(
        f"{missing[0]}: is missing. Only clients and zosconnect_access need no ring, in state merged and without "
        "options of a ring."
    )


def _certificates(certificates: list[dict[str, Any]] | None, state: str) -> list[dict[str, Any]]:
    """Return the certificates; an empty list is refused where leaving the option out would take everything away."""
    if certificates is not None and not certificates and state in ("overridden", "absent"):
        raise SecurityError(
            f"certificates: the list is empty, and state {state} would take everything away; the variable behind it "
            "may not have been set. Leave certificates out if that is meant."
        )
    return certificates or []


def _connections(certificates: list[dict[str, Any]], ring_owner: str) -> tuple[DesiredConnection, ...]:
    wanted = tuple(_connection(item, f"certificates[{at}]", ring_owner) for at, item in enumerate(certificates))
    seen: dict[tuple[str, str], str] = {}
    for one in wanted:
        first = seen.setdefault(one.key, one.where)
        if first != one.where:
            raise SecurityError(f"{one.where}: {one.owner} {one.label!r} stands in {first} already; keep one of them.")
    _replace_once(wanted, seen)
    defaults = [one.where for one in wanted if one.default]
    if len(defaults) > 1:
        raise SecurityError(
            f"{defaults[1]}.default: {defaults[0]} is the default already; a ring has one default certificate."
        )
    return wanted


def _replace_once(wanted: tuple[DesiredConnection, ...], kept: Mapping[tuple[str, str], str]) -> None:
    named = dict(kept)
    for one in wanted:
        first = named.setdefault((one.owner, one.replaces), one.where) if one.replaces else one.where
        if first != one.where:
            raise SecurityError(
                f"{one.where}.replaces: {one.replaces!r} leaves the ring once only; {first} names it as well."
            )


def _connection(certificate: Mapping[str, Any], where: str, ring_owner: str) -> DesiredConnection:
    replaces = certificate.get("replaces")
    wanted = DesiredConnection(
        where,
        names.owner(certificate.get("owner"), f"{where}.owner", default=ring_owner),
        names.label(certificate["label"], f"{where}.label"),
        certificate.get("usage"),
        certificate.get("default"),
        None if replaces is None else names.label(replaces, f"{where}.replaces"),
    )
    if wanted.replaces == wanted.label:
        raise SecurityError(
            f"{where}.replaces: {wanted.label!r} cannot replace itself; give the old certificate's label."
        )
    return wanted


def _readers(users: list[dict[str, Any]], where: str) -> tuple[RingReader, ...]:
    return tuple(
        RingReader(f"{where}[{at}]", names.user(item["user"], f"{where}[{at}].user"), item["private_keys"])
        for at, item in enumerate(users)
    )


def _client(client: Mapping[str, Any], where: str) -> ClientCertificate:
    subject, issuer, data_set = (client.get(key) for key in ("subject", "issuer", "data_set"))
    if bool(subject or issuer) == bool(data_set):
        raise SecurityError(
            f"{where}: give either subject and issuer (RACF maps certificates with these names), or data_set (RACF "
            "adds the certificate in it)."
        )
    return ClientCertificate(
        where,
        names.user(client["user"], f"{where}.user"),
        names.label(client["label"], f"{where}.label"),
        names.name_filter(subject, f"{where}.subject") if subject else "",
        names.name_filter(issuer, f"{where}.issuer") if issuer else "",
        names.data_set(data_set, f"{where}.data_set") if data_set else "",
    )


def _fits_together(want: DesiredAccess) -> None:
    if want.state == "absent":
        _only_removes(want)
    if (want.readers or want.present_readers is not None) and not want.authority:
        raise SecurityError(
            "authority: is missing; say whether users get access to the ring by class FACILITY or by RDATALIB."
        )
    if want.authority == "facility" and want.present_readers is not None:
        raise SecurityError("present_users: is for authority rdatalib; class FACILITY takes access from nobody.")
    if want.authority == "rdatalib" and len(want.profile) > names.PROFILE_LENGTH:
        raise SecurityError(
            f"ring: the profile {want.profile[:40]}… would have {len(want.profile)} characters, and RACF takes "
            f"{names.PROFILE_LENGTH}; choose a shorter ring name."
        )
    _one_user_each(want.clients)


def _only_removes(want: DesiredAccess) -> None:
    asked = {
        "users": want.readers,
        "present_users": want.present_readers,
        "clients": want.clients,
        "zosconnect_access": want.server,
    }
    if wrong := next((name for name, value in asked.items() if value), None):
        raise SecurityError(
            f"{wrong}: state absent removes certificates from the ring, or the ring, and nothing else; leave "
            f"{wrong} out, and take authorities and mappings away by hand."
        )
    if one := next((one for one in want.connections if one.replaces), None):
        raise SecurityError(f"{one.where}.replaces: has no meaning with state absent; name both labels.")


def _one_user_each(clients: tuple[ClientCertificate, ...]) -> None:
    seen: dict[tuple[str, str, str], ClientCertificate] = {}
    for client in clients:
        first = seen.setdefault((client.subject, client.issuer, client.data_set), client)
        if first.user != client.user:
            raise SecurityError(
                f"{client.where}: the certificate of {first.where} would stand for two users, {first.user} and "
                f"{client.user}; a certificate stands for one."
            )
