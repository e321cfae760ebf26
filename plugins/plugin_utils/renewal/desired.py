# SPDX-FileCopyrightText: 2026 The zosconnect.security contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""What is desired of a renewal, checked: new material by store and alias, rings, policies, how servers learn of it."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING, Any

from ansible_collections.zosconnect.security.plugins.plugin_utils import declared, operator_commands, survey
from ansible_collections.zosconnect.security.plugins.plugin_utils.declared import Reader, boolean, mapping, text
from ansible_collections.zosconnect.security.plugins.plugin_utils.errors import SecurityError
from ansible_collections.zosconnect.security.plugins.plugin_utils.keystore import entries
from ansible_collections.zosconnect.security.plugins.plugin_utils.zosconnect import read_version

if TYPE_CHECKING:
    from cryptography.x509 import Certificate

_RENEW = "renew"
OPERATOR, MBEAN, POLLED = HOWS = ("operator", "mbean", "polled")
_SECRET = ("privatekey_content", "privatekey_passphrase")
_FIRST = re.compile(r"-----BEGIN (?:X509 )?CERTIFICATE-----.+?-----END (?:X509 )?CERTIFICATE-----", re.DOTALL)


@dataclass(frozen=True)
class Renewal:
    """New material for one alias. ``material`` is what the module ``keystore`` takes, ``certificate`` the leaf in it.

    ``replaces`` is the alias that goes when the roll-over ends; ``until`` is its last day.
    """

    where: str
    alias: str
    trusted: bool
    generate: Mapping[str, Any] | None
    material: Mapping[str, Any] = field(repr=False)
    certificate: Certificate | None = None
    replaces: str | None = None
    until: date | None = None

    def entry(self) -> dict[str, Any]:
        """Return the new material as an entry of the module ``keystore``."""
        return {"alias": self.alias, "trusted": self.trusted, **self.material}

    def request(self) -> dict[str, Any]:
        """Return the entry that makes the key, or hands out the request of the one that is there."""
        return {"alias": self.alias, "generate": dict(self.generate or {})}


@dataclass(frozen=True)
class Store:
    """A key store of the target, and what is new for it."""

    where: str
    path: str
    password: str = field(repr=False)
    key_password: str | None = field(repr=False)
    role: str | None
    hosts: tuple[str, ...]
    renewals: tuple[Renewal, ...]

    def question(self) -> dict[str, Any]:
        """Return the store as ``keystore_info`` takes it."""
        role = {"role": self.role} if self.role else {}
        return {"path": self.path, "password": self.password, "hosts": list(self.hosts), **role}


@dataclass(frozen=True)
class Ring:
    """A key ring; with ``listing`` its commands are handed over, without it they are run. ``renewed``: by others, when.

    ``cics`` are the regions that do TLS themselves with it.
    """

    where: str
    owner: str
    name: str
    certificates: Sequence[Mapping[str, Any]]
    cics: tuple[str, ...]
    listing: str | None
    renewed: date | None

    @property
    def title(self) -> str:
        return f"{self.owner}/{self.name}"

    @property
    def replaced(self) -> list[str]:
        """The labels that leave the ring."""
        return [str(one["replaces"]) for one in self.certificates if one.get("replaces")]

    def options(self) -> dict[str, Any]:
        """Return the ring as ``saf_keyring`` takes it; a listing of nothing is one that is still to be made."""
        return {
            "state": "merged" if self.listing is None else "rendered",
            "owner": self.owner,
            "ring": self.name,
            "certificates": list(self.certificates),
            "used_by_cics": bool(self.cics),
            "listing": self.listing,
        }


@dataclass(frozen=True)
class PolicyFile:
    """A policy file on a host (nothing: the target itself)."""

    path: str
    host: str
    encoding: str | None


@dataclass(frozen=True)
class Desired:
    """All that is desired of one host."""

    days: int
    server_dir: str | None
    stores: tuple[Store, ...]
    files: tuple[str, ...]
    rings: tuple[Ring, ...]
    policies: tuple[PolicyFile, ...]
    refresh: str
    tell_again: bool
    job_name: str
    # Empty where nothing was said.
    version: str
    # What the names begin with for the user: those of the role's variables, or nothing.
    prefix: str = ""

    def at(self, key: str) -> str:
        """Return how sentences name an option."""
        return f"{self.prefix or f'{_RENEW}.'}{key}"


def check(value: Mapping[str, Any], prefix: str = "") -> Desired:
    """Return what is desired; a SecurityError has the path of what is wrong.

    Keys are those of the role ``renew`` without its ``prefix``, which sentences put before them.
    """
    reader = Reader(value, _RENEW, prefix)
    desired = Desired(
        days=reader.take("days", _days, 30),
        server_dir=reader.take("server_dir", text),
        stores=tuple(_store(*each) for each in _items(reader, "stores")),
        files=reader.take("files", declared.names, ()),
        rings=tuple(_ring(*each) for each in _items(reader, "rings")),
        policies=tuple(_policy(*each) for each in _items(reader, "policies")),
        refresh=reader.take("refresh", declared.one_of(HOWS), OPERATOR),
        tell_again=reader.take("tell_again", boolean, False),
        job_name=reader.take("job_name", declared.mvs_name, operator_commands.JOB_NAME),
        version=reader.take("zosconnect_version", read_version, ""),
        prefix=prefix,
    )
    reader.done()
    if not (desired.server_dir or desired.stores or desired.files or desired.rings):
        raise SecurityError(
            f"{_RENEW}: there is nothing to look at; give {prefix}server_dir, the directory of a server, or "
            f"{prefix}stores, {prefix}files or {prefix}rings."
        )
    _once([(store.where, store.path) for store in desired.stores])
    _once([(ring.where, ring.title) for ring in desired.rings])
    return desired


def _items(reader: Reader, key: str) -> list[tuple[object, str]]:
    value, where = reader.take(key, lambda value, _where: survey.held(value, list), []), reader.at(key)
    if not isinstance(value, list):
        # An older Ansible makes one text of a list in which YAML found a date.
        raise SecurityError(f"{where}: must be a list of mappings; days in it must stand in quotes.")
    return [(item, f"{where}[{number}]") for number, item in enumerate(value)]


def _once(named: Sequence[tuple[str, str]]) -> None:
    seen: dict[str, str] = {}
    for where, name in named:
        first = seen.setdefault(name, where)
        if first != where:
            raise SecurityError(f"{where}: {name} stands in {first} already; name it once.")


def _store(value: object, where: str) -> Store:
    reader = Reader(value, where)
    store = Store(
        where=where,
        path=reader.need("path", text),
        password=reader.need("password", text),
        key_password=reader.take("key_password", text),
        role=reader.take("role", declared.one_of(("key", "trust"))),
        hosts=reader.take("hosts", declared.names, ()),
        renewals=tuple(_renewal(*each) for each in _items(reader, "entries")),
    )
    reader.done()
    _once([(one.where, one.alias) for one in store.renewals])
    gone = {one.replaces for one in store.renewals}
    for one in store.renewals:
        if one.alias in gone:
            raise SecurityError(f"{one.where}: {one.alias} is new and is replaced, too; a roll-over has two aliases.")
    return store


def _renewal(value: object, where: str) -> Renewal:
    reader = Reader(value, where)
    secrets = {name: found for name in _SECRET if (found := reader.take(name, text)) is not None}
    certificate, chain = reader.take("certificate_content", text), reader.take("chain_content", _texts)
    material = {**secrets, "certificate_content": certificate, "chain_content": chain}
    replaces = reader.take("replaces", text)
    renewal = Renewal(
        where=where,
        alias=entries.same_alias(reader.need("alias", text)),
        trusted=reader.take("trusted", boolean, False),
        generate=reader.take("generate", mapping),
        material={name: value for name, value in material.items() if value is not None},
        certificate=None if certificate is None else _certificate(certificate, f"{where}.certificate_content"),
        replaces=replaces and entries.same_alias(replaces),
        until=reader.take("until", _date),
    )
    reader.done()
    _fits_together(renewal)
    return renewal


def _fits_together(one: Renewal) -> None:
    if not one.material and one.generate is None:
        raise SecurityError(
            f"{one.where}: has nothing new; give certificate_content, or generate for a key that is made on the target."
        )
    if one.generate is not None and (one.trusted or one.material.get("privatekey_content")):
        raise SecurityError(f"{one.where}: its key is made on the target, so it takes no private key and no trusted.")
    if one.until and not one.replaces:
        raise SecurityError(f"{one.where}.until: is the end of a roll-over; name in replaces what goes then.")


def _certificate(pem: str, where: str) -> Certificate:
    """Return the leaf; what else is wrong with the material the module ``keystore`` says."""
    first = _FIRST.search(pem)
    try:
        found = entries.parsed(entries.der_of(first[0])) if first else None
    except ValueError:
        found = None
    if found is None:
        raise SecurityError(f"{where}: holds no certificate in PEM form that can be read.")
    return found


def _ring(value: object, where: str) -> Ring:
    reader = Reader(value, where)
    names = [_certificate_of_ring(*each) for each in _items(reader, "certificates")]
    # An empty listing counts: it is still to be made.
    listing = value.get("listing") if isinstance(value, Mapping) else None
    reader.take("listing", text)
    ring = Ring(
        where=where,
        owner=reader.need("owner", text).upper(),
        name=reader.need("ring", text),
        certificates=names,
        cics=reader.take("cics_regions", declared.names, ()),
        listing=None if listing is None else text(listing, f"{where}.listing"),
        renewed=reader.take("renewed", _date),
    )
    reader.done()
    return ring


def _certificate_of_ring(value: object, where: str) -> Mapping[str, Any]:
    found = mapping(value, where)
    if not found.get("label"):
        raise SecurityError(f"{where}.label: is missing; it has no default.")
    return found


def _policy(value: object, where: str) -> PolicyFile:
    reader = Reader(value, where)
    policy = PolicyFile(
        path=reader.need("path", text), host=reader.take("host", text, ""), encoding=reader.take("encoding", text)
    )
    reader.done()
    return policy


def _texts(value: object, where: str) -> list[str]:
    return [text(item, where) for item in (value if isinstance(value, list) else [value])]


def _days(value: object, where: str) -> int:
    if re.fullmatch(r"[0-9]{1,4}", str(value)):
        return int(str(value))
    raise SecurityError(f"{where}: {declared.shown(value)} is not a number of days.")


def _date(value: object, where: str) -> date:
    """Return a day; YAML makes one of a text without quotes."""
    if isinstance(value, datetime):
        return value.astimezone(UTC).date() if value.tzinfo else value.date()
    if isinstance(value, date):
        return value
    try:
        return date.fromisoformat(str(value))
    except ValueError as e:
        raise SecurityError(f"{where}: {declared.shown(value)} is not a date such as 2027-01-31.") from e
