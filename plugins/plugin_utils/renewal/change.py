# SPDX-FileCopyrightText: 2026 The zosconnect.security contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a renewal changes: each store, file and policy as it will be, and the order to apply them. Pure."""

from __future__ import annotations

import base64
import posixpath
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any

from ansible_collections.zosconnect.security.plugins.plugin_utils.attls import change as policy_change
from ansible_collections.zosconnect.security.plugins.plugin_utils.attls import desired as policy_desired
from ansible_collections.zosconnect.security.plugins.plugin_utils.attls.change import PolicyChange
from ansible_collections.zosconnect.security.plugins.plugin_utils.found import Found, can_place, found
from ansible_collections.zosconnect.security.plugins.plugin_utils.keystore import change as store_change
from ansible_collections.zosconnect.security.plugins.plugin_utils.keystore.change import StoreChange
from ansible_collections.zosconnect.security.plugins.plugin_utils.liberty import desired as elements
from ansible_collections.zosconnect.security.plugins.plugin_utils.liberty.passwords import NO_KEYS
from ansible_collections.zosconnect.security.plugins.plugin_utils.operator_commands import CONFIGURATION, KEY_STORES
from ansible_collections.zosconnect.security.plugins.plugin_utils.posture import file_change, untold
from ansible_collections.zosconnect.security.plugins.plugin_utils.posture.file_change import FileChange, How
from ansible_collections.zosconnect.security.plugins.plugin_utils.posture.keys import references
from ansible_collections.zosconnect.security.plugins.plugin_utils.posture.server import Server
from ansible_collections.zosconnect.security.plugins.plugin_utils.renewal.reading import Reading
from ansible_collections.zosconnect.security.plugins.plugin_utils.telling import OPERATOR, POLLED

Json = dict[str, Any]
Entries = Callable[[Sequence[Json]], list[Json]]


@dataclass(frozen=True)
class Step:
    """One store of the plan, by its number there; ``wanted`` holds its passwords."""

    number: int
    wanted: Mapping[str, Any] = field(repr=False)
    change: StoreChange
    # Keys that are there and whose certificate signing request is wanted.
    requests: tuple[Json, ...] = ()

    def result(self) -> Json:
        """Return what it comes to, as the module keystore would tell it."""
        requests = dict(self.change.store.get("requests") or {})
        return {
            "number": self.number,
            "path": self.wanted["path"],
            "changes": self.change.changes,
            "requests": requests,
        }


Part = Step | FileChange | PolicyChange


@dataclass(frozen=True)
class Changes:
    """All that a plan comes to; ``policies`` are each with the plan's item for it."""

    steps: tuple[Step, ...]
    files: tuple[FileChange, ...]
    policies: tuple[tuple[Json, PolicyChange], ...]

    def results(self) -> Json:
        """Return it as the plan takes what was tried."""
        return {
            "stores": [step.result() for step in self.steps],
            "files": [{"path": one.file.path, "changes": one.changes} for one in self.files if one.writes],
        }

    def warnings(self) -> list[str]:
        """Say what deserves attention when all of it is written; SecurityError where it cannot be."""
        found_: list[str] = []
        for step in self.steps:
            found_ += step.change.warnings({}) if step.change.writes else []
        for file in self.files:
            can_place(file.file, {})
            found_ += file.warnings
        for _item, policy in self.policies:
            found_ += policy.warnings
        return list(dict.fromkeys(found_))

    def shown(self) -> list[Json]:
        """Return the differences as Ansible shows them."""
        stores = [dict(step.change.shown()) for step in self.steps if step.change.writes]
        files = [dict(one.shown()) for one in self.files if one.writes]
        return [*stores, *files, *(dict(one.shown()) for one in self._own_policies())]

    def _own_policies(self) -> list[PolicyChange]:
        return [change for item, change in self.policies if change.writes and not item["host"]]

    def foretold(self) -> Done:
        """Return what a run would come to."""
        return Done(**self.results(), others=bool(self._own_policies()))

    def parts(self) -> list[Part]:
        """Return what is written, stores first; of a store that gets something and loses something what comes."""
        made: dict[str, Part] = {}
        for step in self.steps:
            if step.change.writes:
                made.setdefault(step.wanted["path"], step)
        return [*made.values(), *self._own_policies(), *(one for one in self.files if one.writes)]

    def later(self) -> list[Step]:
        """Return what goes from a store only when something else has come."""
        now = {part.number for part in self.parts() if isinstance(part, Step)}
        return [step for step in self.steps if step.change.writes and step.number not in now]


def order(parts: Sequence[Part], reading: Reading, options: Mapping[str, Any]) -> Json:
    """Return what target_apply is told; nobody but the operator or a later call tells the server."""
    return {
        "version": 1,
        "journal_dir": reading.desired.server_dir or posixpath.dirname(_file(parts[0]).real_path),
        "known_files": sorted(reading.server.facts) if reading.server else [],
        "secrets": reading.secrets,
        "files": [_item(part, options) for part in parts],
        "judged": _judged([one.file.path for one in parts if isinstance(one, FileChange)], reading.server),
        "pending": _pending(parts, reading.server, options["refresh"]),
        "refresh": {"kind": "operator"},
    }


def _pending(parts: Sequence[Part], server: Server | None, refresh: str) -> Json | None:
    """Return what is noted for the server; by an MBean it is told later, and its log shows whether it was."""
    if server is None:
        return None
    polled = {
        path
        for one in references.references(server.effective(), server.places.server, NO_KEYS)
        for path in one.paths
        if one.trigger == POLLED
    }
    kinds = {
        _file(part).path: KEY_STORES if isinstance(part, Step) else CONFIGURATION
        for part in parts
        if not isinstance(part, PolicyChange) and _file(part).path not in polled
    }
    return untold.order(server, POLLED if refresh == POLLED else OPERATOR, kinds)


def _judged(changed: Sequence[str], server: Server | None) -> list[Json]:
    """Return the files by which a change of the configuration was judged, but for those that change."""
    if not changed or server is None:
        return []
    by = {"server_dir": server.places.server}
    return [{**one, **by} for one in server.judged(changed[0]) if one["path"] not in changed]


def _file(part: Part) -> Found:
    return part.change.file if isinstance(part, Step) else part.file


def _item(part: Part, options: Mapping[str, Any]) -> Json:
    file = _file(part)
    item = {**file.place(), "expected": file.sha256 or "", "attributes": {}, "backup": options["backup"]}
    if not isinstance(part, Step):
        return {**item, "content": base64.b64encode(part.data).decode(), "new_mode": policy_change.NEW_MODE}
    pack = part.change.pack(part.wanted["password"])
    store = {
        **part.change.order(),
        "password": part.wanted["path"],
        "key_password": f"{part.wanted['path']} key" if part.wanted["key_password"] else None,
        "pack": base64.b64encode(pack).decode() if pack else None,
        "java_home": options["java_home"] or None,
    }
    return {**item, "store": store, "new_mode": store_change.NEW_MODE}


def changes(planned: Mapping[str, Any], reading: Reading, options: Mapping[str, Any], entries: Entries) -> Changes:
    """Return what a plan comes to; ``entries`` checks those of a store as the module keystore does.

    Raises SecurityError where something cannot be done.
    """
    found_ = reading.policies(options["elsewhere"])
    by_place = {(policy.host, policy.path): item for policy, item in zip(reading.desired.policies, found_, strict=True)}
    return Changes(
        tuple(_step(number, item, reading, options, entries) for number, item in enumerate(planned["stores"])),
        tuple(_files(planned["files"], reading)),
        tuple((item, _policy(item, by_place[item["host"], item["path"]], options)) for item in planned["policies"]),
    )


def _step(number: int, wanted: Json, reading: Reading, options: Mapping[str, Any], entries: Entries) -> Step:
    brain = store_change.material()
    brain.password(wanted["password"])
    how = {"state": wanted["state"], "store_type": None, "encryption": None, "create": True, **_passwords(wanted)}
    given = entries(wanted["entries"])
    rules = brain.Rules(_no_file, datetime.now(UTC), options["allow_expired"])
    desired = [] if wanted["state"] == "absent" else brain.desired(given, rules)
    made = store_change.change(reading.stores[wanted["path"]], brain.aliases(given), desired, how)
    there = {entry.alias for entry in made.present}
    requests = [want.generation.arguments(want.alias) for want in desired if want.generation and want.alias in there]
    return Step(number, wanted, made, tuple(requests))


def _passwords(wanted: Mapping[str, Any]) -> Json:
    return {"password": wanted["password"], "key_password": wanted["key_password"]}


def _no_file(path: str) -> bytes:
    raise AssertionError(f"{path}: new material holds what it means, and names no file of the controller")


def _files(wanted: Sequence[Json], reading: Reading) -> list[FileChange]:
    """Return the changed files, each judged among those before it as they will be."""
    made: list[FileChange] = []
    server = reading.server
    for item in wanted:
        if server is None:
            raise AssertionError("a file of a server is planned that nobody has read")
        # Its path comes from the configuration, where the server's user could name what he may not change.
        file = replace(reading.file(item["path"]), named_in=server.places.server)
        one = file_change.change(file, server, elements.check(item["elements"], elements.Options()), How())
        server = server.planned({item["path"]: one.data})
        made.append(one)
    return made


def _policy(item: Json, there: Mapping[str, Any], options: Mapping[str, Any]) -> PolicyChange:
    how = policy_desired.Options(zos_release=options["zos_release"] or None)
    policy_change.no_data_set(item["path"], "policies")
    named = {"encoding": item["encoding"], "state": "merged", "create": False, "edit_exported": False}
    return policy_change.change(found(there), policy_desired.check(item["config"], how), how, named)


def taken(parts: Sequence[Part], answer: Mapping[str, Any]) -> Json:
    """Return what target_apply has done, as the plan takes what was changed."""
    found_: dict[str, list[Json]] = {"stores": [], "files": []}
    for part, item in zip(parts, answer["files"], strict=True):
        if item["state"] == "old" or isinstance(part, PolicyChange):
            continue
        told = {name: item[name] for name in ("checksum_before", "checksum_after")}
        told |= {"backup_file": item["backup_file"]} if item["backup_file"] else {}
        if isinstance(part, Step):
            made = part.result()
            found_["stores"].append({**made, **told, "requests": {**made["requests"], **item["requests"]}})
        else:
            found_["files"].append({**told, "path": part.file.path, "changes": part.changes})
    return found_


@dataclass
class Done:
    """What came of a renewal so far; ``problem`` says why it went no further."""

    stores: list[Json] = field(default_factory=list)
    files: list[Json] = field(default_factory=list)
    told: list[str] = field(default_factory=list)
    given: list[str] = field(default_factory=list)
    others: bool = False
    problem: str = ""

    def take(self, parts: Sequence[Part], answer: Mapping[str, Any]) -> bool:
        """Take the answer of target_apply; return whether all was done."""
        found_ = taken(parts, answer)
        self.stores += found_["stores"]
        self.files += found_["files"]
        is_done: bool = answer["outcome"] == "applied"
        self.others |= is_done and any(isinstance(part, PolicyChange) for part in parts)
        self.problem = "" if is_done else str(answer["message"])
        return is_done

    @property
    def changed(self) -> bool:
        return bool(
            self.told or self.given or self.others or any(one["changes"] for one in (*self.stores, *self.files))
        )

    def results(self) -> Json:
        return {"stores": self.stores, "files": self.files}
