# SPDX-FileCopyrightText: 2026 The zosconnect.security contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""What is read of a host before a renewal is planned: one question, and what its answers say. Pure.

Stores that only the configuration of the server names are known when that has been read, and cost a second question.
"""

from __future__ import annotations

import posixpath
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from ansible_collections.zosconnect.security.plugins.plugin_utils.errors import SecurityError
from ansible_collections.zosconnect.security.plugins.plugin_utils.found import Found, found
from ansible_collections.zosconnect.security.plugins.plugin_utils.liberty.aes import Keys
from ansible_collections.zosconnect.security.plugins.plugin_utils.posture import features, ports, report
from ansible_collections.zosconnect.security.plugins.plugin_utils.posture import server as servers
from ansible_collections.zosconnect.security.plugins.plugin_utils.posture.keys import answers as key_answers
from ansible_collections.zosconnect.security.plugins.plugin_utils.posture.keys import asking, references
from ansible_collections.zosconnect.security.plugins.plugin_utils.posture.keys.asking import Asked
from ansible_collections.zosconnect.security.plugins.plugin_utils.posture.server import Server
from ansible_collections.zosconnect.security.plugins.plugin_utils.posture.untold import Untold
from ansible_collections.zosconnect.security.plugins.plugin_utils.renewal.desired import Desired
from ansible_collections.zosconnect.security.plugins.plugin_utils.zosconnect import OAS2

Json = dict[str, Any]
_ELEMENTS = ("config", "keyStore", "ssl")


@dataclass
class Reading:
    """The questions of one renewal, and what their answers told."""

    desired: Desired
    options: Mapping[str, Any] = field(repr=False)
    server: Server | None
    # By path: what target_read told of stores, of files of all kinds, and of PEM files.
    stores: dict[str, Json] = field(default_factory=dict)
    files: dict[str, Json] = field(default_factory=dict)
    pems: list[Json] = field(default_factory=list)
    jvm_starts: int = 0
    untold: Untold = field(default_factory=Untold)
    # Passwords of stores by the names that stand for them in a question.
    secrets: dict[str, str] = field(default_factory=dict, repr=False)

    @classmethod
    def of(cls, desired: Desired, options: Mapping[str, Any]) -> Reading:
        """Return one that has not begun."""
        return cls(desired, options, servers.from_options(options) if desired.server_dir else None)

    @property
    def server_xml(self) -> str:
        return self.server.server_xml if self.server else ""

    def first_question(self) -> Json:
        """Return what is asked at once: the server's files, all stores that are given, PEM files and policies."""
        body = self.server.first_question() if self.server else {"files": [], "folders": []}
        stores = self._stores(asking.asked([store.question() for store in self.desired.stores], []))
        pems = [{"path": path, "pem": True} for path in self.desired.files]
        policies = [{"path": policy.path} for policy in self.desired.policies if not policy.host]
        folders = [
            path.rpartition("/")[0] or "/" for path in (*(one.path for one in self.desired.stores), self.server_xml)
        ]
        journals = list(dict.fromkeys(folder for folder in folders if folder.startswith("/")))
        pending = {"pending": self.server.places.server} if self.server else {}
        return {**body, **stores, "files": [*pems, *body["files"], *policies], "journals": journals, **pending}

    def take(self, answer: Mapping[str, Any]) -> None:
        """Take an answer, PEM files before all others."""
        number = 0 if self.pems else len(self.desired.files)
        self.pems += answer["files"][:number]
        self.files.update((posixpath.normpath(item["path"]), item) for item in _all_files(answer, number))
        self.stores.update((item["path"], item) for item in answer["stores"])
        self.jvm_starts += int(answer.get("jvm_starts", 0))
        if answer.get("pending", {}).get("state", "none") != "none":
            self.untold = Untold.of(answer["pending"])
        if self.server:
            self.server.take({**answer, "files": answer["files"][number:]})

    def next_question(self) -> Json | None:
        """Return what is still to be asked: more files of the server, then stores that only its configuration names."""
        if not self.server:
            return None
        more = self.server.next_question()
        if more is None:
            self._check_server(self.server)
            unknown = [one for one in self._asked() if one.path not in self.stores and one.path not in self.files]
            if unknown:
                more = {**self._stores(unknown), "folders": [], "known_files": sorted(self.server.facts)}
        return more

    def again(self, paths: Sequence[str], requests: Mapping[str, Sequence[Json]]) -> Json:
        """Return what is asked of stores once more: certificate signing requests, by path."""
        given = [store.question() for store in self.desired.stores if store.path in paths]
        question = self._stores(asking.asked(given, []))
        for store in question["stores"]:
            store["requests"] = list(requests.get(store["path"], ()))
        return question

    def _stores(self, stores: Sequence[Asked]) -> Json:
        keys = {store.path: store.key_password for store in self.desired.stores}

        def password(one: Asked) -> dict[str, str]:
            self.secrets[one.path] = one.password or ""
            named = {"password": one.path}
            if keys.get(one.path):
                self.secrets[f"{one.path} key"] = keys[one.path] or ""
                named["key_password"] = f"{one.path} key"
            return named

        return asking.question(stores, password, java_home=self.options["java_home"] or None)

    @staticmethod
    def _check_server(server: Server) -> None:
        if lacking := server.lacking("server_dir"):
            raise SecurityError(lacking)

    def _asked(self) -> list[Asked]:
        """Return all stores, with what the configuration knows of them."""
        named: list[references.StoreReference] = []
        if self.server:
            given = Keys(self.options["password_key"] or None)
            named = references.references(self.server.effective(), self.server.places.server, given)
        stores = [store.question() for store in self.desired.stores]
        return asking.asked(stores, named, server_dir=self.desired.server_dir)

    def places(self, listings: Sequence[str], now: datetime) -> list[Json]:
        """Return all places of keys and certificates, as keystore_info tells them."""
        found_ = asking.places(self._asked(), {**self.files, **self.stores})
        pems = [key_answers.of_pem(item, ()) for item in self.pems]
        return [place.shown(now) for place in (*found_, *pems, *asking.rings(listings))]

    def configuration(self) -> Json:
        """Return of the server what the plan looks at, as server_config_info tells it."""
        if self.server is None:
            return {}
        effective = self.server.effective()
        found_ = ports.ports(effective)
        return {
            "config": report.config(effective, _ELEMENTS),
            "ports": ports.report(effective),
            "zosconnect": report.zosconnect(effective, found_),
        }

    def waits(self, host: str, job_name: object) -> list[str]:
        """Say which operator command the server waits for since an earlier run, and what is wrong with its note."""
        if self.server is None:
            return []
        version = features.version(self.server.effective()) or OAS2
        told = self.untold.told(host, job_name, self.options["zosconnect_version"] or version)
        return [*([told] if told else []), *self.untold.warnings]

    def policies(self, elsewhere: Sequence[Mapping[str, Any]]) -> list[Json]:
        """Return the policies in the order of the declaration; ``elsewhere`` are those on other hosts, likewise."""
        others = iter(elsewhere)
        return [
            dict(next(others)) if policy.host else self.files[posixpath.normpath(policy.path)]
            for policy in self.desired.policies
        ]

    def file(self, path: str) -> Found:
        """Return a file that was read."""
        return found(self.files[posixpath.normpath(path)])


def _all_files(answer: Mapping[str, Any], number: int) -> Iterator[Json]:
    """Give each file of an answer but the first ones."""
    yield from answer["files"][number:]
    for part in (answer, *answer.get("followed", ())):
        yield from part["files"] if part is not answer else ()
        for folder in part["folders"]:
            yield from folder.get("files", ())
