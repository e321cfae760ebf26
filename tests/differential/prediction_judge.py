# SPDX-FileCopyrightText: 2026 The zosconnect.security contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is predicted of a case, what the server says and opens, and where the two differ."""

from __future__ import annotations

import hashlib
import os
import tempfile
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from prediction_cases import Case, Generator
from prediction_server import Seen, Server, listens, make_stores
from reader import MappingReader

from ansible_collections.zosconnect.security.plugins.module_utils import stores as host_stores
from ansible_collections.zosconnect.security.plugins.plugin_utils.liberty.effective import Effective
from ansible_collections.zosconnect.security.plugins.plugin_utils.liberty.outside import Places
from ansible_collections.zosconnect.security.plugins.plugin_utils.liberty.variables import Outer
from ansible_collections.zosconnect.security.plugins.plugin_utils.posture import server as servers
from ansible_collections.zosconnect.security.plugins.plugin_utils.posture.predict import prediction, stores
from ansible_collections.zosconnect.security.plugins.plugin_utils.posture.predict.predict import (
    SCOPE,
    Predicted,
    predict,
)
from ansible_collections.zosconnect.security.plugins.plugin_utils.posture.predict.situation import Situation

PORTS_OF_A_CASE = 6
# Features that clash take all features from a running server for good, so those are given to one that starts; of the
# others a few are.
CLASH, CASES_BETWEEN_STARTS = "features_clash", 200
OF_PORTS = ("CWPKI", "CWWKO", "CWWKT")
NOTHING = {"server.xml": b"<server/>"}


@dataclass
class Verdict:
    """One case: ids predicted and said, and what differs."""

    case: Case
    predicted: set[str] = field(default_factory=set)
    said: set[str] = field(default_factory=set)
    ports_wrong: list[str] = field(default_factory=list)
    ports_right: int = 0
    certificates: int = 0
    log: str = ""

    @property
    def missing(self) -> set[str]:
        """What the server said and nobody predicted."""
        return self.said - self.predicted

    @property
    def false(self) -> set[str]:
        """What was predicted and the server did not say."""
        return self.predicted - self.said

    @property
    def is_right(self) -> bool:
        return self.predicted == self.said and not self.ports_wrong

    def kept(self) -> dict[str, Any]:
        """Return it as plain data; ``of_kept`` makes it again, without files and log."""
        sets = {"predicted": sorted(self.predicted), "said": sorted(self.said)}
        ports = {"ports_wrong": self.ports_wrong, "ports_right": self.ports_right, "certificates": self.certificates}
        return {"case": self.case.number, "mistakes": self.case.done, **sets, **ports}

    @classmethod
    def of_kept(cls, data: Mapping[str, Any]) -> Verdict:
        """Return what ``kept`` gave."""
        return cls(
            Case(data["case"], done=data["mistakes"]),
            {*data["predicted"]},
            {*data["said"]},
            data["ports_wrong"],
            data["ports_right"],
            data["certificates"],
        )

    def lines(self) -> list[str]:
        """Say what differs."""
        found = [f"case {self.case.number} {self.case.done}"]
        found += [f"  said, not predicted: {identity}" for identity in sorted(self.missing)]
        found += [f"  predicted, not said: {identity}" for identity in sorted(self.false)]
        return [*found, *(f"  {line}" for line in self.ports_wrong)]


class Stores:
    """The key stores of all cases, and what keytool says of each; servers side by side share them."""

    def __init__(self) -> None:
        self._folder = tempfile.TemporaryDirectory(prefix="stores-")
        self.path = Path(self._folder.name, "stores")
        self.opened: dict[tuple[str, str], dict[str, Any]] = {}

    def __enter__(self) -> Stores:
        make_stores(self.path)
        return self

    def __exit__(self, *_: object) -> None:
        self._folder.cleanup()


class Judge:
    """A running server and the model beside it."""

    def __init__(self, seed: int, ports: list[int], held: Stores) -> None:
        self.server, self.held = Server(), held
        self.generator = Generator(seed, ports, str(held.path))
        self.rested = 0

    def __enter__(self) -> Judge:
        self.server.__enter__()
        self._look_around()
        self.before = self.effective(NOTHING)
        return self

    def _look_around(self) -> None:
        self.root = str(self.server.directory)
        testbed = self.server.liberty.layout.dropin
        self.around = {str(testbed): testbed.read_bytes()}

    def __exit__(self, *_: object) -> None:
        self.server.__exit__()

    def judge(self, number: int) -> Verdict:
        """Give the server one case; one that differs is given again after nothing, and then to a new server: that counts."""
        case = self.generator.case(number)
        if CLASH in case.done or number % CASES_BETWEEN_STARTS == CASES_BETWEEN_STARTS - 1:
            return self._started(case)
        if _has_features(case) or self.rest_is_needed:
            self.rest()
        verdict = self._once(case)
        for again in (self.rest, self._renew):
            if not verdict.is_right:
                self.rested += 1
                again()
                verdict = self._once(case)
        self.rest_is_needed = _has_features(case)
        return verdict

    def _started(self, case: Case) -> Verdict:
        """Start another server with a case; this one stays as it is."""
        running, before = self.server, self.before
        self.server, self.before = Server(), None
        try:
            self._look_around()
            return self._once(case)
        finally:
            self.server.close()
            self.server, self.before = running, before
            self._look_around()

    def _renew(self) -> None:
        self.server.renew()
        self._look_around()
        self.before = self.effective(NOTHING)
        self.rest_is_needed = False

    rest_is_needed = False

    def rest(self) -> None:
        """Give the server nothing."""
        if self.server.written != NOTHING:  # Liberty says nothing about files that did not change
            self.server.give(NOTHING)
        self.before = self.effective(NOTHING)
        self.rest_is_needed = False

    before: Effective | None = None

    def _once(self, case: Case) -> Verdict:
        files = case.files()
        effective = self.effective(files)
        predicted = predict(Situation(effective, self.before, self.stores(effective), case.foreign))
        at_once = {one.id for one in predicted.messages if one.when == prediction.UPDATE}
        looked_at = [int(self.generator.port(case, which)) for which in range(PORTS_OF_A_CASE)]
        # Other servers of this machine may have taken ports since they were free.
        looked_at = [port for port in looked_at if not listens(port)]
        opening = [one.port.port for one in predicted.ports if one.opens and one.port.port in looked_at]
        secure = [one.port.port for one in predicted.ports if one.port.tls]
        seen = self.server.give(
            files,
            foreign=case.foreign,
            ports=looked_at,
            secure=secure,
            wanted=at_once & SCOPE,
            open_ports=opening,
        )
        if effective.assembly.refused is None:
            self.before = effective
        return _compared(case, predicted, seen, looked_at)

    def effective(self, files: Mapping[str, bytes]) -> Effective:
        """Return the effective configuration, by the questions that server_config_info asks."""
        content = {f"{self.root}/{path}": data for path, data in files.items()} | self.around
        layout = self.server.liberty.layout
        places = Places(self.root, user=str(layout.user_dir), install=f"{layout.install}/wlp")
        server = servers.Server(places, Outer(environment=dict(os.environ)), f"{self.root}/server.xml")
        servers.gather(server, MappingReader(content, {self.root, f"{self.root}/inc"}))
        return server.effective()

    def stores(self, effective: Effective) -> Mapping[str, Any]:
        """Return what the stores hold, by the keytool of this machine."""
        asked = stores.asked(effective, self.root)
        answer: dict[str, list[Any]] = {"stores": [], "files": []}
        for one in asked:
            answer["files" if one.password is None else "stores"].append(self._store(one.path, one.password))
        return stores.places(asked, answer)

    def _store(self, path: str, password: str | None) -> dict[str, Any]:
        file = Path(path)
        if not file.is_file():
            return {"path": path, "state": "absent"}
        data = file.read_bytes()
        key = (hashlib.sha256(data).hexdigest(), password or "")
        if password is None:
            return {"path": path, "state": "file"}
        if key not in self.held.opened:
            self.held.opened[key] = _listed(path, data, password)
        return {**self.held.opened[key], "path": path}


def _listed(path: str, data: bytes, password: str) -> dict[str, Any]:
    with tempfile.TemporaryDirectory() as folder:
        secret = Path(folder, "password")
        secret.touch(mode=0o600)
        secret.write_text(password)
        try:
            wanted = host_stores.prepare(host_stores.Place(path, str(secret), None, folder), data)
            return {"state": "file", **host_stores.read(wanted)}
        except host_stores.StoreError as e:
            return {"state": "store", "message": str(e)}


def _has_features(case: Case) -> bool:
    return bool(case.features)


def _compared(case: Case, predicted: Predicted, seen: Seen, looked_at: list[int]) -> Verdict:
    said = {identity for identity in seen.refresh if identity in SCOPE}
    said |= {identity for identity in seen.handshake if identity in SCOPE}
    certain = {one.id for one in predicted.messages if one.certainty == prediction.CERTAIN}
    likely = {one.id for one in predicted.messages} - certain
    if CLASH in case.done:
        # Of a server whose features clash nobody knows what is left, and which others that it has clash, too.
        likely |= {identity for identity in SCOPE if identity.startswith(OF_PORTS)}
        likely |= {"CWWKF0033E"} if "CWWKF0044E" in said else set()
        looked_at = []
    verdict = Verdict(case, (certain - likely) & SCOPE, said - likely, log=seen.log)
    openings = {one.port.port: one for one in predicted.ports if one.opens}
    for port in looked_at:
        one = openings.get(port)
        if (one is not None) != (port in seen.ports):
            verdict.ports_wrong.append(f"port {port}: predicted {'open' if one else 'closed'}")
            continue
        verdict.ports_right += 1
        shown = seen.ports.get(port)
        if one is not None and one.held is not None and shown:
            verdict.certificates += 1
            if one.held.subject != shown:
                verdict.ports_wrong.append(f"port {port}: predicted {one.held.subject}, served {shown}")
    return verdict


def resolved_ports(count: int) -> list[int]:
    """Return ports that are free now."""
    from layout import free_ports

    return sorted(free_ports(count))


@dataclass
class Score:
    """Precision and recall of message ids over all cases, and ports."""

    cases: int = 0
    both: int = 0
    false: int = 0
    missing: int = 0
    ports: int = 0
    ports_wrong: int = 0
    certificates: int = 0
    by_id: Counter[tuple[str, str]] = field(default_factory=Counter)
    wrong: list[Verdict] = field(default_factory=list)

    def add(self, verdict: Verdict) -> None:
        """Count one case."""
        self.cases += 1
        self.both += len(verdict.predicted & verdict.said)
        self.false += len(verdict.false)
        self.missing += len(verdict.missing)
        self.ports += verdict.ports_right
        self.ports_wrong += len(verdict.ports_wrong)
        self.certificates += verdict.certificates
        for identity in verdict.predicted | verdict.said:
            kind = "missing" if identity in verdict.missing else "false" if identity in verdict.false else "right"
            self.by_id[identity, kind] += 1
        if not verdict.is_right:
            self.wrong.append(verdict)

    @property
    def precision(self) -> float:
        """How many of the predicted messages were said."""
        return self.both / max(1, self.both + self.false)

    @property
    def recall(self) -> float:
        """How many of the messages that were said had been predicted."""
        return self.both / max(1, self.both + self.missing)

    def __str__(self) -> str:
        return (
            f"{self.cases} cases: precision {self.precision:.2%}, recall {self.recall:.2%} of {self.both + self.missing} "
            f"messages; {self.ports} ports right, {self.ports_wrong} wrong; {self.certificates} certificates seen"
        )
