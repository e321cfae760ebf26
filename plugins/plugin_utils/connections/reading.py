# SPDX-FileCopyrightText: 2026 The zosconnect.security contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a declaration needs to know of a host, as one question, and the answer as the engine takes it.

The question is made of the declaration as it was given: what is wrong in it is said when it is planned.
"""

from __future__ import annotations

import itertools
import posixpath
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Any

from ansible_collections.zosconnect.security.plugins.module_utils import following
from ansible_collections.zosconnect.security.plugins.plugin_utils import members
from ansible_collections.zosconnect.security.plugins.plugin_utils.attls import text
from ansible_collections.zosconnect.security.plugins.plugin_utils.attls.policy import Policy
from ansible_collections.zosconnect.security.plugins.plugin_utils.connections.declaration import place
from ansible_collections.zosconnect.security.plugins.plugin_utils.connections.names import STEPS_FILE
from ansible_collections.zosconnect.security.plugins.plugin_utils.connections.present import Present
from ansible_collections.zosconnect.security.plugins.plugin_utils.errors import SecurityError
from ansible_collections.zosconnect.security.plugins.plugin_utils.found import Found, found
from ansible_collections.zosconnect.security.plugins.plugin_utils.liberty import passwords
from ansible_collections.zosconnect.security.plugins.plugin_utils.posture import server as servers
from ansible_collections.zosconnect.security.plugins.plugin_utils.posture.keys import references
from ansible_collections.zosconnect.security.plugins.plugin_utils.posture.server import Server
from ansible_collections.zosconnect.security.plugins.plugin_utils.posture.untold import Untold

Json = dict[str, Any]

SIDES = ("inbound", "outbound")
_ACCOUNTS = {"owner": "user", "group": "group"}
CONNECTOR = "the server's REST connector"
_PASEARCH = "pasearch"
# Seconds that clocks may differ; and what is as good as for ever.
_CLOCKS_AGREE, _FURTHEST = 300.0, 3e9
# Any address of the host itself: where a server listens is known only when its files are here.
_ANY = "*"
# Texts for other teams have these ends; what else lies beside them is nobody's business.
_TEXTS = (".txt", ".ttls", ".csdup", ".sit", ".ceeopts", ".baqinit")


@dataclass(frozen=True)
class Places:
    """Which host has what: ``own`` is the host of the server, ``host`` the one that is asked."""

    own: str
    host: str
    options: Mapping[str, Any] = field(repr=False)

    @property
    def at_home(self) -> bool:
        """Whether the server's own host is asked."""
        return self.own == self.host

    def holder(self, option: str) -> str:
        """Return the host that an option names; nothing given is the server's own."""
        return self.options[option] or self.own

    def here(self, option: str) -> bool:
        """Whether the host that an option names is the one that is asked."""
        return self.holder(option) == self.host

    def policies(self) -> dict[str, str]:
        """Return the paths of the policy files on the host that is asked, by side."""
        found = {side: self.options[f"{side}_policy"] for side in SIDES if self.here(f"{side}_policy_host")}
        return {side: path for side, path in found.items() if path}

    def members(self) -> dict[str, members.Member]:
        """Return the policies on that host that are members of data sets, by path; SecurityError for what is none."""
        return {
            path: members.member(path, self._option(side))
            for side, path in self.policies().items()
            if members.is_data_set(path)
        }

    def option_of_member(self) -> str:
        """Return what the user calls the first member; empty where there is none."""
        sides = [side for side, path in self.policies().items() if members.is_data_set(path)]
        return self._option(sides[0]) if sides else ""

    def _option(self, side: str) -> str:
        return f"{self.options['prefix']}{side}_policy"

    def texts(self) -> str | None:
        """Return the directory for other teams, where it is on the host that is asked."""
        return self.options["handover_dir"] or None if self.here("handover_host") else None

    def others(self) -> list[str]:
        """Return the hosts besides the server's own that have some of it."""
        wanted = [f"{side}_policy_host" for side in SIDES if self.options[f"{side}_policy"] or side == "inbound"]
        wanted += ["handover_host"] if self.options["handover_dir"] else []
        return sorted({self.holder(option) for option in wanted} - {self.own})


@dataclass(frozen=True)
class Read:
    """What is there, as target_read told it; policies may be of other hosts.

    ``recovered`` is what came of an interrupted run, as target_apply told it before this was read.
    """

    present: Present
    files: Mapping[str, Json] = field(default_factory=dict)
    policies: Mapping[tuple[str, str], Json] = field(default_factory=dict)
    pasearch: Json | None = None
    texts: Json | None = None
    folder: Sequence[Json] = ()
    journals: Sequence[Json] = ()
    connector: Json = field(default_factory=dict)
    jvm_starts: int = 0
    # Why it is not known of all servers whether they include the same files.
    unseen: Sequence[str] = ()
    untold: Untold = field(default_factory=Untold)
    recovered: Json = field(default_factory=dict)
    # How far the clock of the server's host is ahead of the controller's.
    ahead: timedelta = timedelta()

    def listener(self, host: str, port: int) -> str | None:
        """Return the address that answers; None where nobody does."""
        known = self.present.listeners
        return known.get((host, port), known.get((_ANY, port)))

    def with_stores(self, listings: Sequence[Json]) -> Read:
        """Return this with stores that were read later."""
        stores = {**self.present.stores, **{item["path"]: item for item in listings}}
        return replace(self, present=replace(self.present, stores=stores))

    def with_others(self, others: Sequence[Read]) -> Read:
        """Return this with what other hosts have of the declaration."""
        policies = dict(self.policies)
        found_ = dict(self.present.policies)
        for other in others:
            policies.update(other.policies)
            found_.update(other.present.policies)
        asked = next((other.pasearch for other in others if other.pasearch), self.pasearch)
        return replace(self, policies=policies, pasearch=asked, present=replace(self.present, policies=found_))

    def shown(self, host: str) -> Json:
        """Return what a host has of the declaration, for the task that plans it."""
        return {
            "host": host,
            "policies": [{"asked": path, **item} for (_host, path), item in self.policies.items()],
            "pasearch": self.pasearch,
            "texts": self.texts,
            "folder": self.folder,
        }

    def file(self, path: str) -> Found:
        """Return a file of the server; SecurityError where it cannot be read."""
        return found(self.files[posixpath.normpath(path)])


@dataclass
class Question:
    """What is asked of one host: the arguments of target_read, and the secrets that go in a file of their own."""

    places: Places
    server: Server | None
    body: Json
    secrets: dict[str, Any]
    # How many of the files and folders that are asked for are the server's own; they come first.
    own: tuple[int, int] = (0, 0)
    # Who gives an owner or a group, by kind and name.
    accounts: Mapping[tuple[str, str], str] = field(default_factory=dict)

    def of_server(self, answer: Mapping[str, Any]) -> Json:
        """Return the part of the first answer that is about the server."""
        files, folders = self.own
        return {**answer, "files": answer["files"][:files], "folders": answer["folders"][:folders]}

    def take(self, answers: Sequence[Mapping[str, Any]], held: Mapping[str, Json] | None = None) -> Read:
        """Return what the answers say; the first is of this question, the others of what the server asked for more.

        ``held`` are the members of data sets by path, as target_read tells of a file. SecurityError where the host does
        not know an owner or a group that something is to have.
        """
        first = answers[0]
        for one in first.get("accounts", ()):
            if not one["is_known"]:
                where = self.accounts[one["kind"], one["name"]]
                raise SecurityError(
                    f"{where}: {self.places.host} knows no {_ACCOUNTS[one['kind']]} {one['name']}; nothing was "
                    "changed. Correct the name, or have it added first."
                )
        # As they were asked for: in answers ~ and variables of the host's environment are replaced.
        beside, folders, stores = (
            {asked["path"]: item for asked, item in zip(self.body.get(kind, ()), first[kind], strict=True)}
            for kind in ("files", "folders", "stores")
        )
        policies = {
            (self.places.host, path): (held or {}).get(path) or beside[path] for path in self.places.policies().values()
        }
        texts = self.places.texts()
        commands = {item["name"]: item for item in first.get("commands", ())}
        followed: Json = next(iter(first.get("followed", ())), {})
        stores = {item["path"]: item for item in followed.get("stores", ())} | stores
        listeners = {(item["host"], item["port"]): item["address"] for item in first.get("listeners", ())}
        return Read(
            Present(
                server=self.server,
                stores=stores,
                policies=_policies(self.places, policies),
                listeners=listeners,
                neighbours={each["server_dir"]: each["includes"] for each in followed.get("neighbours", ())},
            ),
            files={posixpath.normpath(item["path"]): item for answer in answers for item in _all_files(answer)},
            policies=policies,
            pasearch=commands.get(_PASEARCH),
            texts=folders[texts] if texts else None,
            folder=[beside[texts], beside[f"{texts}/{STEPS_FILE}"]] if texts else [],
            journals=[item for item in first.get("journals", ()) if item["state"] != "none"],
            connector=first.get("connector") or {},
            unseen=followed.get("unseen", ()),
            untold=Untold.of(first.get("pending") or {}),
            jvm_starts=sum(answer.get("jvm_starts", 0) for answer in answers),
        )


def _all_files(answer: Mapping[str, Any]) -> Iterator[Json]:
    for part in (answer, *answer.get("followed", ())):
        yield from part["files"]
        for folder in part["folders"]:
            yield from folder.get("files", ())


def _policies(places: Places, items: Mapping[tuple[str, str], Json]) -> dict[str, Policy]:
    """Return the policies that are there; one that cannot be read is told of when it is changed."""
    found_: dict[str, Policy] = {}
    for side, path in places.policies().items():
        item = items[places.host, path]
        if item["state"] == "file" and item.get("content"):
            found_[side] = policy(item, places.options)
    return found_


def policy(item: Mapping[str, Any], options: Mapping[str, Any]) -> Policy:
    """Read the policy that target_read brought; without encoding or tag its bytes say whether it is EBCDIC."""
    data = found(item).data or b""
    known = policy_encoding(item["path"], options) or item.get("tag")
    guessed = None if known else "IBM-1047" if text.looks_ebcdic(data) else "UTF-8"
    encoding = policy_encoding(item["path"], options) or guessed
    return Policy(text.read_source(data, name=item["path"], encoding=encoding, tag=item.get("tag")))


def policy_encoding(path: str, options: Mapping[str, Any]) -> str | None:
    """Return the code page that was given for a policy, None where none was; a member has one in any case."""
    given: str | None = options["policy_encoding"] or None
    return members.encoding(given, f"{options['prefix']}policy_encoding") if members.is_data_set(path) else given


def ask(declared: Sequence[object], options: Mapping[str, Any], places: Places) -> Question:
    """Return what a declaration needs to know of a host."""
    server = _server(declared, options) if places.at_home and options["side"] == "both" else None
    body: Json = server.first_question() if server else {"files": [], "folders": []}
    secrets: dict[str, Any] = {}
    own = len(body["files"]), len(body["folders"])
    accounts = dict(_accounts(declared, options, places)) if options["state"] == "present" else {}
    if accounts:
        body["accounts"] = [{"kind": kind, "name": name} for kind, name in accounts]
    _add_policies(body, options, places)
    if server:
        _add_server(body, server, declared, options)
        stores = dict(_stores(declared))
        secrets.update(stores)
        body["stores"] = [store(path, options) for path in stores]
        if options["refresh"] == "mbean" and options["refresh_url"]:
            secrets[CONNECTOR] = connector(options)
            body["connector"] = CONNECTOR
    return Question(places, server, body, secrets, own, accounts)


def _accounts(
    declared: Sequence[object], options: Mapping[str, Any], places: Places
) -> Iterator[tuple[tuple[str, str], str]]:
    """Give the owners and groups that what is made on a host is to have, with what the user calls them."""
    for kind in _ACCOUNTS:
        for number, item in enumerate(declared if places.at_home and options["side"] == "both" else ()):
            if isinstance(item, Mapping) and (name := item.get(kind)) and isinstance(name, str):
                yield (kind, name), f"{place(declared, number)}.{kind}"
        for what, has in (("policy", places.policies()), ("handover", places.texts())):
            if has and (name := options[f"{what}_{kind}"]):
                yield (kind, str(name)), f"{options['prefix']}{what}_{kind}"


def _add_policies(body: Json, options: Mapping[str, Any], places: Places) -> None:
    paths, held = places.policies(), places.members()
    for path in held:
        policy_encoding(path, options)
    _look_of_members(paths.values(), options)
    body["files"] += [{"path": path} for path in dict.fromkeys(paths.values()) if path not in held]
    if folder := places.texts():
        # Whoever could lead the directory elsewhere, and whoever could change what is in it.
        body["files"] += [{"path": path, "content": False} for path in (folder, f"{folder}/{STEPS_FILE}")]
        body["folders"].append({"path": folder, "suffixes": list(_TEXTS), "depth": 0})
    if options["pasearch"] and not options["evidence"] and places.here("inbound_policy_host"):
        body["commands"] = [{"name": _PASEARCH, "argv": options["pasearch"]}]


def _look_of_members(paths: Collection[str], options: Mapping[str, Any]) -> None:
    """Raise SecurityError for what only a file has, where each policy of the host is a member."""
    if paths and all(map(members.is_data_set, paths)):
        for kind in ("owner", "group", "mode"):
            if options[f"policy_{kind}"] not in (None, ""):
                raise SecurityError(
                    f"{options['prefix']}policy_{kind}: cannot be given for a member of a data set; leave it out."
                )


def _add_server(body: Json, server: Server, declared: Sequence[object], options: Mapping[str, Any]) -> None:
    mode = {"mode": options["server_xml_mode"]} if options["server_xml_mode"] else {}
    for item in body["files"]:
        if item["path"] == server.server_xml:
            item["attributes"] = mode
    for each in body["follow"]:
        each["neighbours"] = True
        if options["state"] == "gathered":
            each |= {"stores": True, "java_home": options["java_home"]}
    body["journals"] = [server.places.server]
    body["pending"] = server.places.server
    body["listeners"] = [{"host": host, "port": port} for host, port in _listeners(declared, options)]


def _server(declared: Sequence[object], options: Mapping[str, Any]) -> Server | None:
    """Return the server that is meant; None where nobody said it, which is told when the declaration is planned."""
    said = (item.get("server_dir") for item in declared if isinstance(item, Mapping))
    directory = next((one for one in said if one), options["server_dir"])
    if not isinstance(directory, str) or not directory.startswith("/"):
        return None
    return servers.from_options({"server_dir": directory})


def store(path: str, options: Mapping[str, Any]) -> Json:
    return {"path": path, "password": path, "java_home": options["java_home"], "attributes": {}, "requests": []}


def _stores(given: object) -> Iterator[tuple[str, str]]:
    """Give path and password of each store that is a file, wherever it stands in the declaration."""
    if isinstance(given, Mapping):
        location, password = given.get("location"), given.get("password")
        if isinstance(location, str) and location.startswith("/") and isinstance(password, str) and password:
            yield location, password
        given = list(given.values())
    if isinstance(given, Sequence) and not isinstance(given, (str, bytes)):
        for item in given:
            yield from _stores(item)


def _listeners(declared: Sequence[object], options: Mapping[str, Any]) -> list[tuple[str, int]]:
    """Return where declared ports may answer: as callers reach them, and where the server itself listens."""
    asked: dict[tuple[str, int], None] = {}
    for item in declared:
        port = item.get("port") if isinstance(item, Mapping) else None
        if isinstance(item, Mapping) and str(port).isdecimal() and 1 <= int(str(port)) <= 65535:
            own = item.get("host")
            named = (own,) if isinstance(own, str) and own not in ("", "*") else ("localhost", "127.0.0.1")
            for host in (options["verify_host"], *named, _ANY):
                asked[host, int(str(port))] = None
    return list(asked)


def unread(read: Read) -> dict[str, str]:
    """Return stores with their passwords that a server's files name, and that the first call could not open.

    Its target reads what stands there; {aes} and what hides behind a variable of elsewhere is read here.
    """
    server = read.present.server
    if server is None:
        return {}
    known = {path for path, item in read.present.stores.items() if item["state"] != "store"}
    named = references.references(server.effective(), server.places.server, passwords.NO_KEYS)
    found_ = {path: one.password for one in named for path in one.paths if one.password and path not in known}
    return dict(itertools.islice(found_.items(), following.MOST_STORES))


def connector(options: Mapping[str, Any]) -> Json:
    """Return how the server's REST connector is reached."""
    found_ = {key: options[f"refresh_{key}"] for key in ("url", "username", "password")}
    return {**found_, "ca_content": options["refresh_ca"] or None}


def ahead(began: float, ended: float, there: float) -> timedelta:
    """Return how far the clock of a host is ahead, at least, which said ``there`` at a time between the other two.

    All are seconds since 1970. What is not more than some minutes is as good as nothing.
    """
    seconds = max(there - ended, 0.0) + min(there - began, 0.0)
    known = max(-_FURTHEST, min(seconds, _FURTHEST))
    return timedelta(seconds=round(known)) if abs(known) > _CLOCKS_AGREE else timedelta()


def check_server(read: Read) -> None:
    """Raise SecurityError where there is no server, or its configuration cannot be read."""
    server = read.present.server
    if server and (lacking := server.lacking("server_dir")):
        raise SecurityError(lacking)


def of_other(told: Mapping[str, Any], own: str, options: Mapping[str, Any]) -> Read:
    """Return what was read of another host, as ``Read.shown`` gave it."""
    places = Places(own, told["host"], options)
    policies = {(told["host"], item["asked"]): item for item in told["policies"]}
    return Read(
        Present(policies=_policies(places, policies)),
        policies=policies,
        pasearch=told["pasearch"],
        texts=told["texts"],
        folder=told["folder"],
    )
