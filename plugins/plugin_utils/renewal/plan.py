# SPDX-FileCopyrightText: 2026 The zosconnect.security contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""What was found and what is desired -> what is renewed, what must be refreshed, and the sentences that say so. Pure.

The plan holds the secrets of the user; its ``report`` holds none.
"""

from __future__ import annotations

import base64
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from functools import cached_property
from typing import Any

from ansible_collections.zosconnect.security.plugins.plugin_utils import zosconnect
from ansible_collections.zosconnect.security.plugins.plugin_utils.attls.policy import Policy
from ansible_collections.zosconnect.security.plugins.plugin_utils.attls.text import read_source
from ansible_collections.zosconnect.security.plugins.plugin_utils.errors import SecurityError
from ansible_collections.zosconnect.security.plugins.plugin_utils.renewal import refreshing, rings, stores
from ansible_collections.zosconnect.security.plugins.plugin_utils.renewal.desired import Desired, Ring, check
from ansible_collections.zosconnect.security.plugins.plugin_utils.renewal.refreshing import Refresh
from ansible_collections.zosconnect.security.plugins.plugin_utils.renewal.rings import Raise
from ansible_collections.zosconnect.security.plugins.plugin_utils.renewal.stores import Work

Json = dict[str, Any]
_SAME = "the certificate that you gave is the one in the store; get a new one from the issuer"
_HANDED_OVER = "the commands for the ring, in handover"
# The id of a keyStore element without one.
_DEFAULT = "defaultKeyStore"
_KEPT = ("path", "backup_file", "checksum_before", "checksum_after")


@dataclass(frozen=True)
class Found:
    """Results of modules, each in its own form: ``keystore_info``, ``server_config_info``, and in the order of the
    declaration ``saf_keyring`` and ``slurp``. ``tried`` and ``changed`` have ``stores`` of ``keystore``, each with its
    ``number`` in the plan, and ``files`` of ``server_xml`` in the order of the plan.
    """

    stores: Mapping[str, Any] = field(default_factory=dict)
    server: Mapping[str, Any] = field(default_factory=dict)
    rings: Sequence[Mapping[str, Any]] = ()
    policies: Sequence[Mapping[str, Any]] = ()
    tried: Mapping[str, Sequence[Json]] = field(default_factory=dict)
    changed: Mapping[str, Sequence[Json]] = field(default_factory=dict)

    def results(self, of: str) -> list[Json]:
        """Return what was really changed, of ``stores`` or ``files``."""
        return [one for one in self.changed.get(of) or () if one.get("changes")]

    def elements(self, name: str) -> list[Json]:
        """Return the effective elements of one name."""
        return list((self.server.get("config") or {}).get(name) or [])


def plan(variables: Mapping[str, Any], found: Mapping[str, Any], today: date, prefix: str = "") -> Json:
    """Return the plan; ``asks`` of it need nothing that was found. Raises SecurityError for what cannot be meant.

    Sentences put ``prefix`` before the names of ``variables``.
    """
    desired = check(variables, prefix)
    asks = {
        "stores": [store.question() for store in desired.stores],
        "listings": [ring.listing for ring in desired.rings if ring.listing],
        "rings": [ring.options() for ring in desired.rings],
        "policies": [{"path": policy.path, "host": policy.host} for policy in desired.policies],
    }
    if not found:
        return {"asks": asks}
    seen = Found(**found)
    one = _RenewalPlan(replace(desired, version=_version(desired, seen)), seen, today)
    return {
        "asks": asks,
        "stores": list(one.stores()),
        "files": list(one.files()),
        "policies": list(one.policies()),
        "tell": [refresh.name for refresh in one.refreshes if refresh.by == "mbean"],
        "give": refreshing.to_be_given(one.refreshes),
        "version": one.desired.version,
        "report": one.report(),
    }


def _version(desired: Desired, found: Found) -> str:
    """Return which z/OS Connect the server is; the features of one that was looked at say it."""
    there = found.server.get("zosconnect") or {}
    declared = [(desired.at("zosconnect_version"), desired.version)] if desired.version else []
    return zosconnect.version(declared, there.get("version"), there.get("origin"))


@dataclass
class _RenewalPlan:
    """All of one host; everything is worked out once, when it is first needed."""

    desired: Desired
    found: Found
    today: date

    @cached_property
    def places(self) -> dict[str, Json]:
        return {place["name"]: place for place in self.found.stores.get("places") or []}

    @cached_property
    def works(self) -> list[Work]:
        return [
            stores.work(store, place, self._users(place), near=self.desired.days, today=self.today)
            for store in self.desired.stores
            if (place := self.places[store.path])
        ]

    def _users(self, place: Mapping[str, Any]) -> list[stores.User]:
        return stores.users(place, self.found.elements("ssl"), self.found.server.get("ports") or [])

    def stores(self) -> Iterator[Json]:
        """Give what ``keystore`` does: first what comes, then, store by store, what goes."""
        for work in self.works:
            yield from self._of_store(work, "merged", work.entries)
        for work in self.works:
            yield from self._of_store(work, "absent", [{"alias": alias} for alias in work.gone])

    @staticmethod
    def _of_store(work: Work, state: str, entries: list[Json]) -> Iterator[Json]:
        if entries:
            store = work.store
            known = {"path": store.path, "password": store.password, "key_password": store.key_password}
            yield {**known, "state": state, "entries": entries}

    def files(self) -> Iterator[Json]:
        """Give the changes of configuration files, each file once."""
        wanted: dict[str, dict[str | None, Json]] = {}
        for work in self.works:
            for path, identity, attribute, alias in work.switches:
                wanted.setdefault(path, {}).setdefault(identity, {})[attribute] = alias
        for path, elements in wanted.items():
            desired = [
                {"element": "ssl", **({"id": name} if name else {}), "attributes": each}
                for name, each in elements.items()
            ]
            yield {"path": path, "elements": desired}

    @cached_property
    def texts(self) -> list[Policy]:
        return [
            Policy(read_source(_content(one), name=policy.path, encoding=policy.encoding))
            for policy, one in zip(self.desired.policies, self.found.policies, strict=True)
        ]

    @cached_property
    def rings(self) -> list[tuple[Ring, list[str]]]:
        """Each ring with the commands that make it what it shall be."""
        found = [list(one.get("commands") or []) for one in self.found.rings]
        return list(zip(self.desired.rings, found, strict=True))

    def _changed(self, ring: Ring, commands: Sequence[str]) -> date | None:
        """Return the day on which a ring changed, as far as it is known here."""
        return self.today if commands and ring.listing is None else ring.renewed

    @cached_property
    def raised(self) -> list[list[Raise]]:
        """The environments that read a changed ring again, policy by policy."""
        known = [(ring, self._changed(ring, commands)) for ring, commands in self.rings]
        return [rings.raises(policy, known, self.today) for policy in self.texts]

    def policies(self) -> Iterator[Json]:
        """Give the changes of policy files."""
        for policy, found in zip(self.desired.policies, self.raised, strict=True):
            if found:
                yield {
                    "path": policy.path,
                    "host": policy.host,
                    "encoding": policy.encoding,
                    "config": rings.config(found),
                }

    @cached_property
    def refreshes(self) -> list[Refresh]:
        return [*self._of_files(), *self._of_rings()]

    def _of_files(self) -> Iterator[Refresh]:
        planned = [one["path"] for one in self.stores()]
        changed = [planned[one["number"]] for one in self.found.results("stores")]
        for path in dict.fromkeys(planned if self.desired.tell_again else changed):
            ids = {element["id"] for element in self.places[path]["elements"]}
            using = [one for one in self.found.elements("keyStore") if (one["id"] or _DEFAULT) in ids]
            yield refreshing.store(path, using, self.desired)
        trigger = next((one["attributes"].get("updateTrigger") for one in self.found.elements("config")), None)
        for one in self.found.results("files"):
            yield refreshing.configuration(one["path"], trigger or "polled", self.desired)

    def _of_rings(self) -> Iterator[Refresh]:
        key_stores = self.found.elements("keyStore") if self.found.server.get("config") else None
        for ring, commands in self.rings:
            self._alias_stays(ring, key_stores or [])
            handed_over = _HANDED_OVER if commands and ring.listing is not None else None
            if handed_over or self._changed(ring, commands):
                yield from refreshing.ring(ring, key_stores, self.desired, handed_over)
            if handed_over:
                for policy in self.texts:
                    yield from refreshing.policy(rings.raises(policy, [(ring, self.today)], self.today), handed_over)
        for found in self.raised:
            yield from refreshing.policy(found, None)

    def _alias_stays(self, ring: Ring, key_stores: Sequence[Json]) -> None:
        ids = {name for written, name in refreshing.rings_of(key_stores) if rings.is_meant(ring, written)}
        for user in self._users({"elements": [{"id": name} for name in ids]}):
            for label in ring.replaced:
                if user.names(label.lower()):
                    raise SecurityError(
                        f"{ring.where}: ssl {user.id} names the certificate {label}, which would leave the ring; "
                        "connect the new one without replaces, change the alias by server_xml, then remove the old one."
                    )

    def due(self) -> Iterator[Json]:
        """Give what has run out or will soon, with what becomes of it; the first to end comes first."""
        near = [
            (place, entry)
            for place in self.places.values()
            for entry in place["entries"]
            if entry["days_left"] is not None and entry["days_left"] < self.desired.days
        ]
        for place, entry in sorted(near, key=lambda item: str(item[1]["not_after"])):
            answer = self._answers.get((place["name"], entry["alias"]))
            public = {name: entry[name] for name in ("alias", "subject", "not_after", "days_left")}
            yield {"place": place["name"], **public, "answer": answer}

    @cached_property
    def _same(self) -> set[tuple[str, str]]:
        """What was given and is in the store already: nothing is renewed by it."""
        return {(work.store.path, alias) for work in self.works for alias in work.same}

    @cached_property
    def _answers(self) -> dict[tuple[str, str], str]:
        of_stores = {(work.store.path, alias): text for work in self.works for alias, text in work.answers.items()}
        of_rings = {
            (ring.title, str(one["replaces"])): f"{one['label']} takes its place"
            for ring, commands in self.rings
            for one in ring.certificates
            if commands and one.get("replaces")
        }
        return {**of_stores, **of_rings}

    def not_seen(self) -> Iterator[str]:
        """Say what nobody looked at, so that no silence is taken for good news."""
        for place in self.places.values():
            if place["problem"]:
                yield f"{place['problem']}"
            for entry in place["entries"]:
                if entry["not_after"] is None:
                    yield f"{place['name']}/{entry['alias']}: nothing that was read says when it ends."
        written = [(name, f"keyStore {one}") for name, one in refreshing.rings_of(self.found.elements("keyStore"))]
        written += [
            (name, f"TTLSEnvironmentAction {action.name}")
            for policy in self.texts
            for action, name in rings.named(policy)
        ]
        for name, who in written:
            if not any(rings.is_meant(ring, name) for ring in self.desired.rings):
                yield f"ring {name} of {who} was not looked at; name it in {self.desired.prefix}rings."

    def report(self) -> Json:
        """Return all of it for people and the job, without a secret."""
        due = list(self.due())
        changed = [*self.found.results("stores"), *self.found.results("files")]
        asked = [*(self.found.tried.get("stores") or ()), *(self.found.changed.get("stores") or ())]
        return {
            "due": due,
            "open": [one for one in due if one["answer"] is None],
            "lines": [*(_line(one, self._same) for one in due), *(line for work in self.works for line in work.lines)],
            "not_seen": list(self.not_seen()),
            "requests": {str(one["path"]): dict(one["requests"]) for one in asked if one.get("requests")},
            "refresh": [refresh.shown() for refresh in self.refreshes],
            "outage": bool(list(self.files())),
            "changed": [str(one["path"]) for one in changed],
            "restore": [{name: one[name] for name in _KEPT} for one in changed if "backup_file" in one],
            "handover": {
                ring.title: {name: one.get(name) for name in ("script", "undo_script", "listing_script", "notes")}
                for ring, one in zip(self.desired.rings, self.found.rings, strict=True)
                if ring.listing is not None
            },
        }


def _content(policy: Mapping[str, Any]) -> bytes:
    """Return the bytes of a policy as target_read brought them."""
    if "content" not in policy:
        raise SecurityError(policy["message"])
    return base64.b64decode(policy["content"])


def _line(due: Json, same: Collection[tuple[str, str]]) -> str:
    ends = "ended" if due["days_left"] < 0 else f"ends in {due['days_left']} days,"
    nothing = _SAME if (due["place"], due["alias"]) in same else "nothing is given for it"
    what = due["answer"] or nothing
    return f"{due['place']}/{due['alias']}: {due['subject']} {ends} at {due['not_after']}: {what}."
