# SPDX-FileCopyrightText: 2026 The zosconnect.security contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""What is wished of a ring, of those who use it, and of those who call the server; checked."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ansible_collections.zosconnect.security.plugins.plugin_utils.errors import SecurityError
from ansible_collections.zosconnect.security.plugins.plugin_utils.saf import names

STATES = ("merged", "overridden", "absent")
USAGES = ("PERSONAL", "CERTAUTH", "SITE")
# Liberty's role for callers of z/OS Connect, as SAF knows it: profilePrefix.resource.role.
ROLE = "zos.connect.access.roles.zosConnectAccess"


@dataclass(frozen=True)
class WishedConnection:
    """A certificate that shall be on the ring. ``usage`` and ``default`` are None where nothing was said."""

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
class Reader:
    """A user ID that reads the ring at run time, and whether it needs the private keys on it."""

    where: str
    user: str
    private_keys: bool


@dataclass(frozen=True)
class Client:
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
class Wish:
    """All that one task asks for."""

    state: str
    owner: str
    ring: str
    connections: tuple[WishedConnection, ...]
    cics: bool
    authority: str | None
    readers: tuple[Reader, ...]
    present_readers: tuple[Reader, ...] | None
    clients: tuple[Client, ...]
    role: str
    callers: tuple[str, ...]
    # Whether RACF lists every certificate on the ring, also those that nobody named.
    every: bool = False

    @property
    def profile(self) -> str:
        """The profile of the ring in RDATALIB, where RACF folds the ring's name to capital letters."""
        return f"{self.owner}.{self.ring.upper()}.LST"


def check(given: Mapping[str, Any], state: str) -> Wish:
    """Return the options as a wish; raise SecurityError with the path of the option that is wrong."""
    owner = names.user(given["owner"], "owner")
    access = given.get("zosconnect_access") or {}
    present = given.get("present_users")
    wish = Wish(
        state=state,
        owner=owner,
        ring=names.ring(given["ring"], "ring"),
        connections=_connections(_certificates(given["certificates"], state), owner),
        cics=given["used_by_cics"],
        authority=given.get("authority"),
        readers=_readers(given["users"], "users"),
        present_readers=None if present is None else _readers(present, "present_users"),
        clients=tuple(_client(item, f"clients[{at}]") for at, item in enumerate(given["clients"])),
        role=f"{names.profile_prefix(access['profile_prefix'], 'zosconnect_access.profile_prefix')}.{ROLE}"
        if access
        else "",
        callers=tuple(
            names.user(item, f"zosconnect_access.users[{at}]") for at, item in enumerate(access.get("users") or ())
        ),
        every=bool(given.get("list_certificates")),
    )
    _fits_together(wish)
    return wish


def _certificates(given: list[dict[str, Any]] | None, state: str) -> list[dict[str, Any]]:
    """Return what is named; an empty list would take everything away where only nothing said may."""
    if given is not None and not given and state in ("overridden", "absent"):
        raise SecurityError(
            f"certificates: the list is empty, and state {state} would take everything away; the variable behind it "
            "may not have been set. Leave certificates out if that is meant."
        )
    return given or []


def _connections(given: list[dict[str, Any]], ring_owner: str) -> tuple[WishedConnection, ...]:
    wished = tuple(_connection(item, f"certificates[{at}]", ring_owner) for at, item in enumerate(given))
    seen: dict[tuple[str, str], str] = {}
    for one in wished:
        first = seen.setdefault(one.key, one.where)
        if first != one.where:
            raise SecurityError(f"{one.where}: {one.owner} {one.label!r} stands in {first} already; keep one of them.")
    _replace_once(wished, seen)
    defaults = [one.where for one in wished if one.default]
    if len(defaults) > 1:
        raise SecurityError(
            f"{defaults[1]}.default: {defaults[0]} is the default already; a ring has one default certificate."
        )
    return wished


def _replace_once(wished: tuple[WishedConnection, ...], kept: Mapping[tuple[str, str], str]) -> None:
    named = dict(kept)
    for one in wished:
        first = named.setdefault((one.owner, one.replaces), one.where) if one.replaces else one.where
        if first != one.where:
            raise SecurityError(
                f"{one.where}.replaces: {one.replaces!r} leaves the ring once only; {first} names it as well."
            )


def _connection(given: Mapping[str, Any], where: str, ring_owner: str) -> WishedConnection:
    replaces = given.get("replaces")
    wished = WishedConnection(
        where,
        names.owner(given.get("owner"), f"{where}.owner", default=ring_owner),
        names.label(given["label"], f"{where}.label"),
        given.get("usage"),
        given.get("default"),
        None if replaces is None else names.label(replaces, f"{where}.replaces"),
    )
    if wished.replaces == wished.label:
        raise SecurityError(
            f"{where}.replaces: {wished.label!r} cannot replace itself; give the old certificate's label."
        )
    return wished


def _readers(given: list[dict[str, Any]], where: str) -> tuple[Reader, ...]:
    return tuple(
        Reader(f"{where}[{at}]", names.user(item["user"], f"{where}[{at}].user"), item["private_keys"])
        for at, item in enumerate(given)
    )


def _client(given: Mapping[str, Any], where: str) -> Client:
    subject, issuer, data_set = (given.get(key) for key in ("subject", "issuer", "data_set"))
    if bool(subject or issuer) == bool(data_set):
        raise SecurityError(
            f"{where}: give either subject and issuer (RACF maps certificates with these names), or data_set (RACF "
            f"adds the certificate in it)."
        )
    return Client(
        where,
        names.user(given["user"], f"{where}.user"),
        names.label(given["label"], f"{where}.label"),
        names.name_filter(subject, f"{where}.subject") if subject else "",
        names.name_filter(issuer, f"{where}.issuer") if issuer else "",
        names.data_set(data_set, f"{where}.data_set") if data_set else "",
    )


def _fits_together(wish: Wish) -> None:
    if wish.state == "absent":
        _only_removes(wish)
    if (wish.readers or wish.present_readers is not None) and not wish.authority:
        raise SecurityError(
            "authority: is missing; say whether users get access to the ring by class FACILITY or by RDATALIB."
        )
    if wish.authority == "facility" and wish.present_readers is not None:
        raise SecurityError("present_users: is for authority rdatalib; class FACILITY takes access from nobody.")
    if wish.authority == "rdatalib" and len(wish.profile) > names.PROFILE_LENGTH:
        raise SecurityError(
            f"ring: the profile {wish.profile[:40]}… would have {len(wish.profile)} characters, and RACF takes "
            f"{names.PROFILE_LENGTH}; choose a shorter ring name."
        )
    _one_user_each(wish.clients)


def _only_removes(wish: Wish) -> None:
    asked = {
        "users": wish.readers,
        "present_users": wish.present_readers,
        "clients": wish.clients,
        "zosconnect_access": wish.role,
    }
    if wrong := next((name for name, value in asked.items() if value), None):
        raise SecurityError(
            f"{wrong}: state absent removes certificates from the ring, or the ring, and nothing else; leave "
            f"{wrong} out, and take authorities and mappings away by hand."
        )
    if one := next((one for one in wish.connections if one.replaces), None):
        raise SecurityError(f"{one.where}.replaces: has no meaning with state absent; name both labels.")


def _one_user_each(clients: tuple[Client, ...]) -> None:
    seen: dict[tuple[str, str, str], Client] = {}
    for client in clients:
        first = seen.setdefault((client.subject, client.issuer, client.data_set), client)
        if first.user != client.user:
            raise SecurityError(
                f"{client.where}: the certificate of {first.where} would stand for two users, {first.user} and "
                f"{client.user}; a certificate stands for one."
            )
