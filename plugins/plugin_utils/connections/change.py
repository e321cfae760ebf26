# SPDX-FileCopyrightText: 2026 The zosconnect.security contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""The whole change of a declaration: what is planned and what is there in, every file, store and policy out. Pure."""

from __future__ import annotations

import posixpath
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any

from ansible_collections.zosconnect.security.plugins.plugin_utils import redact
from ansible_collections.zosconnect.security.plugins.plugin_utils.attls import change as attls_change
from ansible_collections.zosconnect.security.plugins.plugin_utils.attls import desired as attls_desired
from ansible_collections.zosconnect.security.plugins.plugin_utils.attls import plan as attls_plan
from ansible_collections.zosconnect.security.plugins.plugin_utils.attls import text
from ansible_collections.zosconnect.security.plugins.plugin_utils.attls.change import PolicyChange
from ansible_collections.zosconnect.security.plugins.plugin_utils.attls.policy import Policy
from ansible_collections.zosconnect.security.plugins.plugin_utils.connections import judged, mends, waivers
from ansible_collections.zosconnect.security.plugins.plugin_utils.connections.judged import Attls, Judged
from ansible_collections.zosconnect.security.plugins.plugin_utils.connections.reading import (
    Read,
    policy,
    policy_encoding,
)
from ansible_collections.zosconnect.security.plugins.plugin_utils.declared import ports
from ansible_collections.zosconnect.security.plugins.plugin_utils.errors import SecurityError
from ansible_collections.zosconnect.security.plugins.plugin_utils.found import Found, can_place, found
from ansible_collections.zosconnect.security.plugins.plugin_utils.keystore import change as store_change
from ansible_collections.zosconnect.security.plugins.plugin_utils.keystore.change import StoreChange
from ansible_collections.zosconnect.security.plugins.plugin_utils.liberty import desired
from ansible_collections.zosconnect.security.plugins.plugin_utils.liberty.desired import DesiredElement
from ansible_collections.zosconnect.security.plugins.plugin_utils.members import MemberChange, is_data_set, member
from ansible_collections.zosconnect.security.plugins.plugin_utils.posture import file_change
from ansible_collections.zosconnect.security.plugins.plugin_utils.posture import ports as server_ports
from ansible_collections.zosconnect.security.plugins.plugin_utils.posture.file_change import FileChange, How
from ansible_collections.zosconnect.security.plugins.plugin_utils.posture.keys import places
from ansible_collections.zosconnect.security.plugins.plugin_utils.posture.waivers import Waiver
from ansible_collections.zosconnect.security.plugins.plugin_utils.source import Source

Json = dict[str, Any]

# Time brings the end of a certificate nearer, not the change. What is missing of a chain may be the root, which nobody
# has to send. And who allows expired certificates accepts them.
_TOLD = {"certificate-expires-soon": "low", "chain-incomplete": "low"}
_EXPIRED = {"certificate-expired": "low"}
# Where the last port goes that asked for certificates, nobody could log in by one at the others before either.
_GONE = {"certificate-never-asked": "low"}
_OWN = ("owner", "group", "mode")
_USE = {
    "trustedCertEntry": "certificate that Java trusts. Give the certificates to trust.",
    "PrivateKeyEntry": "private key{}. Give the key, or correct the alias.",
}


@dataclass(frozen=True)
class Store:
    """One store: the input of the plan, and what becomes of it."""

    wanted: Json = field(repr=False)
    change: StoreChange
    look: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class PolicyFile:
    """One policy file: the host that has it, the input of the plan, and what becomes of it."""

    host: str
    wanted: Json
    change: PolicyChange


@dataclass(frozen=True)
class Change:
    """All that becomes of a declaration. ``texts`` are for other teams, by file name; ``meant`` is a stack's policy."""

    planned: Json = field(repr=False)
    files: tuple[FileChange, ...] = ()
    stores: tuple[Store, ...] = ()
    policies: tuple[PolicyFile, ...] = ()
    texts: Mapping[str, str] = field(default_factory=dict)
    meant: str = ""
    look: Mapping[str, Any] = field(default_factory=dict)

    @property
    def server_files(self) -> list[FileChange]:
        """The files of the server that get other bytes, or another look."""
        return [each for each in self.files if each.writes or each.file.attributes_differ]

    @property
    def new_stores(self) -> list[Store]:
        """The stores that are made anew."""
        return [each for each in self.stores if each.change.writes]

    def new_policies(self, host: str) -> list[PolicyFile]:
        """The policies of a host that get other bytes."""
        return [each for each in self.policies if each.host == host and each.change.writes]

    def new_members(self, host: str) -> list[MemberChange]:
        """The policies of a host that are members of data sets and get another text."""
        return [
            MemberChange(member(each.wanted["path"]), each.change.file.data or b"", each.change.data)
            for each in self.new_policies(host)
            if is_data_set(each.wanted["path"])
        ]

    @property
    def of_server(self) -> bool:
        """Whether anything of the server itself changes."""
        return bool(self.server_files or self.new_stores)

    @property
    def changed(self) -> bool:
        """Whether anything changes, but for texts that are handed over."""
        return self.of_server or any(each.change.writes for each in self.policies)

    def bytes_of_server(self) -> dict[str, bytes]:
        """Return the new bytes of the server's files by path."""
        return {posixpath.normpath(each.file.path): each.data for each in self.files if each.writes}


def change(planned: Json, read: Read, options: Mapping[str, Any], own: str) -> Change:
    """Return what becomes of all that a declaration needs; SecurityError where it cannot be.

    ``planned`` is the answer of ``plan``; ``own`` the name of the server's host. Nothing here is written anywhere.
    """
    stores = tuple(
        _store(wanted, read, options) for wanted in planned["stores"] if wanted["path"] in read.present.stores
    )
    for store in stores:
        _useful(store)
    policies = tuple(_policy(wanted, read, options, own) for wanted in planned["policies"] if wanted["path"])
    rendered = {
        wanted["name"]: _rendered(wanted["config"], options)
        for wanted in planned["policies"]
        if not wanted["path"] and planned["state"] == "present"
    }
    handed = {item["name"]: item["text"] for item in planned["handover"]}
    meant = planned["inbound"]["config"] if planned["state"] == "present" else {}
    return Change(
        planned,
        tuple(_files(planned["files"], read, options)),
        stores,
        policies,
        {**rendered, **handed},
        _rendered(meant, options) if meant else "",
        {"mode": options["server_xml_mode"] or None},
    )


def unread(planned: Json, read: Read) -> dict[str, str]:
    """Return stores with their passwords that the first call could not open, and that get something.

    The server's configuration says where they are, or what opens them.
    """
    return {
        wanted["path"]: wanted["password"]
        for wanted in planned["stores"]
        if wanted["path"] not in read.present.stores and wanted["entries"] and wanted["password"]
    }


def _store(wanted: Json, read: Read, options: Mapping[str, Any]) -> Store:
    brain = store_change.material()
    brain.password(wanted["password"])
    entries = wanted["entries"]
    rules = brain.Rules(_no_file, datetime.now(UTC), options["allow_expired"], read.ahead)
    how = {"state": "merged", "store_type": None, "encryption": None, "create": True, "password": wanted["password"]}
    listing = read.present.stores[wanted["path"]]
    made = store_change.change(listing, brain.aliases(entries), brain.desired(entries, rules), how)
    if wanted["is_named_by_server"] and read.present.server:
        made = replace(made, file=replace(made.file, named_in=read.present.server.places.server))
    look = {key: wanted[key] for key in _OWN if wanted.get(key)} if made.file.sha256 is None else {}
    return Store(wanted, made, look)


def _no_file(path: str) -> bytes:
    raise AssertionError(f"{path}: a declaration holds what it means, and names no file of the controller")


def _useful(store: Store) -> None:
    """Refuse a store that would lack what it is for: Liberty serves another certificate then, or trusts nobody."""
    kind, aliases = store.wanted["kind"], store.wanted["aliases"]
    there = [entry["alias"] for entry in store.change.entries if entry["kind"] == kind]
    if not there or set(aliases) - set(there):
        named = f" with the alias {aliases[0]}" if aliases else ""
        raise SecurityError(f"{store.wanted['path']} holds no {_USE[kind].format(named)}")


def _files(wanted: Sequence[Json], read: Read, options: Mapping[str, Any]) -> Iterator[FileChange]:
    """Give the server's files one after the other, each judged with those before it as they will be."""
    server = read.present.server
    asked = {each["path"]: desired.check(each["elements"], desired.Options()) for each in wanted}
    for path, elements in asked.items():
        if server is None:
            raise AssertionError("a file of a server is planned that nobody has read")
        own = path == server.server_xml
        how = How(mode=options["server_xml_mode"] or None) if own else How()
        file = read.file(path)
        file = file if own else replace(file, named_in=server.places.server)
        made = file_change.change(file, server, elements, how, elsewhere=_ids(asked, path))
        yield made
        server = server.planned({path: made.data}) if made.writes else server


def _ids(asked: Mapping[str, Sequence[DesiredElement]], path: str) -> dict[str, set[str]]:
    """Return the ids that other files get, by element."""
    found_: dict[str, set[str]] = {}
    for other, elements in asked.items():
        for element in elements if other != path else ():
            if element.state == "merged" and element.identity is not None:
                found_.setdefault(element.element, set()).add(str(element.identity))
    return found_


def level(options: Mapping[str, Any], state: str = "merged") -> attls_desired.Options:
    """Return how policies are read and changed: for which level of z/OS."""
    return attls_desired.Options(
        state=state,
        zos_release=options["zos_release"] or None,
        zos_apars=options["zos_apars"] or [],
        # The findings judge it like all else, so that the refusal names words of the declaration, and may be waived.
        on_overlap="warn",
        # What other rules use too is never edited for one connection.
        shared_actions="copy",
    )


def _policy(wanted: Json, read: Read, options: Mapping[str, Any], own: str) -> PolicyFile:
    host, path = wanted["host"] or own, wanted["path"]
    if (host, path) not in read.policies:
        raise SecurityError(
            f"{path}: is on {host}, and what is there is not known. Run this task for that host first, with part read, "
            "and give what it returns in others."
        )
    return PolicyFile(host, wanted, policy_change(wanted, found(read.policies[host, path]), options))


def policy_change(wanted: Json, file: Found, options: Mapping[str, Any]) -> PolicyChange:
    """Return what becomes of one policy file."""
    state = "merged" if options["state"] == "present" else "absent"
    reading = level(options, state)
    asked = attls_desired.check(wanted["config"], reading)
    how = {"encoding": policy_encoding(file.path, options), "state": state, "create": state == "merged"}
    if state == "absent" and file.data is None:
        return PolicyChange(file, attls_plan.plan(Source(file.path, "", text.codec("UTF-8")), (), reading))
    return attls_change.change(file, asked, reading, {**how, "edit_exported": False})


def _rendered(config: Json, options: Mapping[str, Any]) -> str:
    reading = level(options)
    asked = attls_desired.check(config, reading)
    planned = attls_plan.plan(Source("rendered", "", text.codec("UTF-8")), asked, reading)
    return redact.text(planned.result.text)


def check_places(made: Change, own: str) -> None:
    """Raise SecurityError where a file could not be placed, so that check mode fails where the real run does."""
    for each in made.server_files:
        can_place(each.file, made.look if each.file.named_in is None else {})
    for store in made.new_stores:
        store.change.warnings(store.look)
    for each_policy in made.new_policies(own):
        can_place(each_policy.change.file, {})


def judge(made: Change, read: Read, options: Mapping[str, Any], declared: Sequence[object]) -> Judged:
    """Return what the findings say of the change; SecurityError for what it must not bring."""
    known = Attls(frozenset(ports(options["attls_ports"], "attls_ports")) if options["attls_ports"] else frozenset())
    planned, mode = made.planned, options["server_xml_mode"]
    meant = (*waivers.of_plan(planned["waivers"]), *_hardened(made, read), *_taken_away(planned, declared))
    around = known | judged.attls_of(planned)
    is_gone = planned["state"] == "absent"
    return judged.judge_change(
        read.present.server,
        made.bytes_of_server(),
        words=lambda finding: mends.words(finding, _around(made, read, declared, around)),
        waivers=(*waivers.read(declared), *meant),
        severities=_TOLD | (_EXPIRED if options["allow_expired"] else {}) | (_GONE if is_gone else {}),
        attls=around,
        attls_before=known,
        stores=[_judged_store(store) for store in made.new_stores],
        policies=[_judged_policy(each, read, options) for each in made.policies if each.change.writes],
        modes={str(planned["server_xml"]): str(mode)} if mode else None,
        copies={(one["element"], one["id"]): (one["element"], one["like"]) for one in planned["copies"]},
    )


def judge_elsewhere(
    policies: Sequence[PolicyFile], read: Read, options: Mapping[str, Any], accepted: Sequence[Waiver]
) -> None:
    """Judge policies that are planned anew on their own host; SecurityError for what they must not bring.

    They were judged with the rest, so only a file that has changed since then brings anything.
    """
    for each in policies:
        if not each.change.writes:
            continue
        found_ = judged.examine(None, {}, waivers=accepted, policies=[_judged_policy(each, read, options)])
        if found_.refused:
            raise SecurityError(
                f"{each.wanted['path']}: has changed on {each.host} since it was planned, and was not written. "
                f"{judged.sentence(found_.refused[0])} Then run again."
            )


def _around(made: Change, read: Read, declared: Sequence[object], attls: Attls) -> mends.Around:
    server, new = read.present.server, [each for each in made.new_stores if each.change.file.sha256 is None]
    return mends.around(
        made.planned,
        declared,
        server.as_planned(made.bytes_of_server()) if server else None,
        sorted(attls.ports),
        [each.change.file.path for each in new],
    )


def _taken_away(planned: Json, declared: Sequence[object]) -> Iterator[Waiver]:
    """Give waivers for the API requesters of a connection that is taken away: nobody reaches them any more."""
    for name in mends.named(declared, "requesters") if planned["state"] == "absent" else ():
        yield Waiver("requester-unreachable", "state is absent", "the declaration", f"apiRequester {name}")


def _hardened(made: Change, read: Read) -> Iterator[Waiver]:
    """Give waivers for ports that ``harden_default`` closes on purpose: those of endpoints that nobody declared."""
    hardens = any(
        element["element"] == "sslDefault" and (element.get("attributes") or {}).get("sslRef") == server_ports.HARDENED
        for each in made.planned["files"]
        for element in each["elements"]
    )
    server, declared = read.present.server, {one["connection"] for one in made.planned["connections"]}
    if not hardens or server is None:
        return
    for port in server_ports.ports(server.as_planned(made.bytes_of_server()), ()):
        if port.unusable and port.wanted_ssl == server_ports.HARDENED and port.endpoint not in declared:
            yield Waiver(
                "tls-unusable", "harden_default is declared", "the declaration", f"httpEndpoint {port.endpoint}"
            )


def _judged_store(store: Store) -> judged.StoreChange:
    change_ = store.change
    role = places.KEYS if store.wanted["kind"] == "PrivateKeyEntry" else places.TRUST
    mode = store.look.get("mode") or change_.file.mode or store_change.NEW_MODE
    return judged.StoreChange(
        change_.file.path, change_.present, change_.planned.entries, role, store.wanted["hosts"], str(mode)
    )


def _judged_policy(each: PolicyFile, read: Read, options: Mapping[str, Any]) -> judged.PolicyChange:
    item, made = read.policies[each.host, each.wanted["path"]], each.change
    before = policy(item, options) if item.get("content") else None
    touched = {want.key for want in attls_desired.check(each.wanted["config"], level(options))}
    return judged.PolicyChange(before, Policy(made.planned.result), touched, level(options).level)
