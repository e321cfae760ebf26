# SPDX-FileCopyrightText: 2026 The zosconnect.security contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""What is done in one key store: from what it holds and what is desired to entries that come or go, and requests.

A roll-over takes three runs: the new one comes beside the old one; an ``ssl`` element that names the old key names the
new one, in the first run in which it has its certificate; after the last day the old one goes.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from typing import Any

from ansible_collections.zosconnect.security.plugins.plugin_utils.errors import SecurityError
from ansible_collections.zosconnect.security.plugins.plugin_utils.keystore.entries import (
    fingerprint,
    iso,
    same_alias,
)
from ansible_collections.zosconnect.security.plugins.plugin_utils.renewal.desired import Renewal, Store

Json = dict[str, Any]
_ALIASES = ("serverKeyAlias", "clientKeyAlias")
_ORIGIN = re.compile(r"(?P<path>/.+):\d+")


@dataclass(frozen=True)
class User:
    """An ``ssl`` element that takes its key from a store; ``aliases`` by attribute, each with its origin.

    One that no port ``serves`` is for calls of the server, or for nothing.
    """

    id: str | None
    aliases: Mapping[str, tuple[str, str]]
    serves: bool

    def names(self, alias: str | None) -> bool:
        """Whether it names this key."""
        return any(same_alias(name) == alias for name, _origin in self.aliases.values())

    @property
    def lacks(self) -> str | None:
        """The attribute without which Java chooses among several keys."""
        if self.serves:
            return None if "serverKeyAlias" in self.aliases else "serverKeyAlias"
        return None if self.aliases else "clientKeyAlias"


@dataclass(frozen=True)
class Present:
    """What the store holds, by alias, and which ``ssl`` elements use it; ``near`` is within how many days an end is."""

    entries: Mapping[str, Json]
    users: Sequence[User]
    near: int
    today: date

    def is_due(self, alias: str) -> bool:
        """Whether an entry has run out or will soon."""
        left = self.entries[alias]["days_left"]
        return left is not None and left < self.near


@dataclass
class Work:
    """What is done in one store. ``answers`` say, by alias, what becomes of an entry; ``lines`` for people.

    ``switches`` are changes of ``ssl`` elements: file, id, attribute, alias. ``same``: the given certificate is there.
    """

    store: Store
    entries: list[Json] = field(default_factory=list)
    gone: list[str] = field(default_factory=list)
    switches: list[tuple[str, str | None, str, str]] = field(default_factory=list)
    same: list[str] = field(default_factory=list)
    answers: dict[str, str] = field(default_factory=dict)
    lines: list[str] = field(default_factory=list)

    def say(self, alias: str, what: str) -> None:
        self.lines.append(f"{self.store.path}/{alias}: {what}")


def users(
    place: Mapping[str, Any], configurations: Sequence[Mapping[str, Any]], ports: Sequence[Mapping[str, Any]]
) -> list[User]:
    """Return the effective ``ssl`` elements whose keys are in a place."""
    ids = {element["id"] for element in place["elements"]}
    serving = {port[name] for port in ports for name in ("ssl", "wanted_ssl")}
    return [
        User(one["id"], dict(_aliases(one)), one["id"] in serving)
        for one in configurations
        if one["attributes"].get("keyStoreRef") in ids
    ]


def _aliases(one: Mapping[str, Any]) -> Iterator[tuple[str, tuple[str, str]]]:
    for name in _ALIASES:
        if one["attributes"].get(name):
            yield name, (str(one["attributes"][name]), str(one["origins"][name]))


def work(store: Store, place: Mapping[str, Any], using: Sequence[User], *, near: int, today: date) -> Work:
    """Plan one store; ``place`` is the result of ``keystore_info`` on it."""
    if place["problem"] and place["entries"] == [] and not place["missing"]:
        raise SecurityError(f"{store.where}: {place['problem']}")
    present = Present({entry["alias"]: entry for entry in place["entries"]}, using, near, today)
    done = Work(store)
    for one in store.renewals:
        _only_one_key(one, present)
        _comes(one, present, done)
        if one.replaces in present.entries:
            _goes(one, present, done)
    return done


def _only_one_key(one: Renewal, present: Present) -> None:
    """Where no alias is named Java chooses among the keys of a store, and may serve one without a real certificate."""
    others = [alias for alias, entry in present.entries.items() if entry["has_key"] and alias != one.alias]
    if one.trusted or one.alias in present.entries or not others:
        return
    for user in present.users:
        if user.lacks:
            raise SecurityError(
                f"{one.where}: {one.alias} would be a second key beside {others[0]}, and ssl {user.id} names no "
                f"{user.lacks}, so Java would choose; set {user.lacks} to the alias in use first, or renew that alias."
            )


def _comes(one: Renewal, present: Present, done: Work) -> None:
    before = present.entries.get(one.alias)
    if one.certificate is None:
        if one.generate is not None:
            _requested(one, before, present, done)
        else:
            done.entries.append(one.entry())
            done.answers[one.alias] = "its chain is mended"
        return
    _is_newer(one, before)
    done.entries.append(one.entry())
    ends = iso(one.certificate.not_valid_after_utc)
    if before is not None and before["sha256"] == _fingerprint(one):
        done.same.append(one.alias)
        return
    done.answers[one.alias] = f"the given certificate, which ends at {ends}"
    if before is None:
        done.say(one.alias, f"comes, with a certificate that ends at {ends}.")
    else:
        done.say(one.alias, f"is renewed: {before['not_after']} becomes {ends}.")


def _requested(one: Renewal, before: Json | None, present: Present, done: Work) -> None:
    """Make the key where there is none; hand its request out as long as a certificate is needed."""
    if before is None:
        done.say(one.alias, "its key is made on the target; have a certificate issued for its request.")
    elif before["subject"] != before["issuer"] and not present.is_due(one.alias):
        return
    else:
        done.say(one.alias, "needs a certificate; have one issued for its request, and give it as certificate_content.")
    done.entries.append(one.request())
    done.answers[one.alias] = "its request is handed out"


def _fingerprint(one: Renewal) -> str:
    from cryptography.hazmat.primitives.serialization import Encoding

    return fingerprint(one.certificate.public_bytes(Encoding.DER)) if one.certificate else ""


def _is_newer(one: Renewal, before: Json | None) -> None:
    """Refuse old material, and a change of authority in one step."""
    if before is None or one.certificate is None or before["sha256"] == _fingerprint(one):
        return
    ends = one.certificate.not_valid_after_utc
    if before["not_after"] and before["subject"] != before["issuer"] and ends < _time(before["not_after"]):
        raise SecurityError(
            f"{one.where}: the given certificate ends at {iso(ends)}, before the one that is there "
            f"({before['not_after']}); give the newer one."
        )
    if one.trusted:
        raise SecurityError(
            f"{one.where}: {one.alias} trusts another certificate, {before['subject']} that ends at "
            f"{before['not_after']}, whose clients might be shut out at once; give the new one another alias, with "
            "replaces and until."
        )


def _time(text: str) -> datetime:
    return datetime.strptime(text, "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=UTC)


def _goes(one: Renewal, present: Present, done: Work) -> None:
    """Let both be there until the last day is over; then the old one goes, unless it is still needed."""
    old = str(one.replaces)
    naming = [user for user in present.users if not one.trusted and user.names(old)]
    is_over = one.until is not None and one.until < present.today
    if is_over and (one.alias not in present.entries or naming or not _is_certified(one, present)):
        raise SecurityError(
            f"{one.where}.until: {one.until} is over, and {one.alias} does not do the work of {old} yet; give a later "
            "day, so that both are there for a while."
        )
    if is_over:
        done.gone.append(old)
        done.answers[old] = "the roll-over has ended, it goes"
        done.say(old, f"goes; the roll-over to {one.alias} ended with {one.until}.")
        return
    until = f"until {one.until}" if one.until else "until a day is given in until"
    done.answers[old] = f"{one.alias} takes its place; both are there {until}"
    done.say(old, f"stays beside {one.alias} {until}.")
    if one.certificate is not None:
        for user in naming:
            done.switches += list(_switch(one, old, user))


def _is_certified(one: Renewal, present: Present) -> bool:
    entry = present.entries[one.alias]
    return one.trusted or one.generate is None or entry["subject"] != entry["issuer"]


def _switch(one: Renewal, old: str, user: User) -> Iterator[tuple[str, str | None, str, str]]:
    for attribute, (alias, origin) in user.aliases.items():
        if same_alias(alias) != old:
            continue
        place = _ORIGIN.fullmatch(origin)
        if place is None:
            raise SecurityError(
                f"{one.where}: {attribute} of ssl {user.id} is {alias} by {origin}, which is not changed here; make it "
                f"{one.alias} there, or write the alias into the ssl element."
            )
        yield place["path"], user.id, attribute, one.alias
