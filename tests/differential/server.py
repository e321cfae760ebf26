# SPDX-FileCopyrightText: 2026 The zosconnect.security contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""One case after another in a running Liberty, and the comparison with the model."""

from __future__ import annotations

import http.client
import json
import os
import posixpath
import re
import shutil
import sys
import time
from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[1] / "liberty"))

from admin import AdminClient
from case_tree import Case
from compare import FORMS, Difference, differences, of_model, of_server, unsure
from fetch import CHECKSUMS, VERSION
from generate import UNKNOWN
from launcher import Liberty
from probe import CATALOGUE
from reader import MappingReader
from real_sites import REAL, SHARED

from ansible_collections.zosconnect.security.plugins.plugin_utils.liberty import problems
from ansible_collections.zosconnect.security.plugins.plugin_utils.liberty.assembly import Assembly, assemble
from ansible_collections.zosconnect.security.plugins.plugin_utils.liberty.effective import Effective, evaluate
from ansible_collections.zosconnect.security.plugins.plugin_utils.liberty.outside import Places
from ansible_collections.zosconnect.security.plugins.plugin_utils.liberty.running import Form
from ansible_collections.zosconnect.security.plugins.plugin_utils.liberty.variables import Outer, Refused
from ansible_collections.zosconnect.security.plugins.plugin_utils.posture import refresh
from ansible_collections.zosconnect.security.plugins.plugin_utils.posture.server import Server, gather

NEWEST = next(iter(CHECKSUMS))
ELEMENTS = (
    "zosconnect_marker",
    "zosconnect_probe",
    "zosconnect_probes",
    "zosconnect_probeTarget",
    "zosconnect_zosConnectManager",
    "zosconnect_apiRequesters",
    "zosconnect_endpointConnection",
    "cors",
    *REAL,
)
# After these the model says itself that it cannot say; the second differs by the release of Liberty.
OPEN = (problems.ORDER, *[problems.INCLUDE_OTHERS] * (VERSION != NEWEST))
DONE = re.compile("CWWKG0017I|CWWKG0018I")
REFUSED = re.compile("CWWKG0014E|FFDC1015I|CWWKG0015E|CWWKG0105E")
SECONDS_TO_UPDATE = 15.0
SECONDS_AFTER_COMPLAINT = 2.5
# An exception ends an update without a word: only the first one of its kind is reported (FFDC1015I).
SECONDS_OF_SILENCE = 0.5
# The directory of variables has an update of its own, after that of the configuration.
SECONDS_TO_AGREE = 1.0


class KeptConnection(AdminClient):
    """The REST connector over one connection: a TLS handshake takes longer than an answer."""

    _connection: http.client.HTTPSConnection | None = None

    def _exchange(self, method: str, path: str, body: object) -> tuple[int, str]:
        connection = self._connection or http.client.HTTPSConnection(
            "localhost", self._port, timeout=30, context=self._tls
        )
        self._connection = None
        connection.request(method, path, json.dumps(body) if body else None, self._headers)
        response = connection.getresponse()
        text = response.read().decode()
        self._connection = connection
        return response.status, text


@dataclass
class Result:
    """One case: what differs (nothing: they agree), and what the server logged.

    ``is_open``: of all that differs the model says itself that Liberty's answer depends on an order. ``asked``: how often
    the server was asked, the third time a fresh one.
    """

    case: Case
    differences: list[Difference]
    log: str
    is_open: bool = False
    asked: int = 1


class Judge:
    """A running server that says of each case whether the model is right; ``liberty`` is one that runs already.

    ``starting`` is held while a server starts: several at once would keep those waiting that run already.
    """

    def __init__(
        self, liberty: Liberty | None = None, *, starting: AbstractContextManager[object] | None = None
    ) -> None:
        self._starting = starting or nullcontext()
        self.outside: dict[str, str] = {}
        self.liberty = liberty or new_server(self.outside)
        if liberty:
            self._meet()

    def __enter__(self) -> Judge:
        return self

    def __exit__(self, *_: object) -> None:
        self.liberty.stop()

    def _start(self) -> None:
        with self._starting:
            self.liberty.start()
        self._meet()

    def _meet(self) -> None:
        self.admin = KeptConnection(self.liberty.layout)
        self.directory = self.liberty.server_dir
        self.written: dict[str, bytes] = {}
        self.bare = of_server(self.admin.config(), ELEMENTS)
        self.before = self.bare

    def judge(self, case: Case, *, is_asked_afresh: bool = False) -> Result:
        """Give the server a case and compare.

        A running server remembers: what it rejects keeps its old values, and an update that fails leaves things behind.
        So the one that disagrees is asked again from nothing, and if it still does, a fresh one. Of what is open
        a fresh one is asked only where ``is_asked_afresh``.
        """
        if case.outside != self.outside:
            self.outside = case.outside
            self.restart()
        result = self.judge_once(case)
        if result.differences:
            self.rest()
            result = replace(self.judge_once(case), asked=2)
        if result.differences and (is_asked_afresh or not result.is_open):
            self.restart()
            result = replace(self.judge_once(case), asked=3)
        return result

    def restart(self) -> None:
        """Take a new server."""
        self.liberty.stop()
        self.liberty = new_server(self.outside)
        self._start()

    def judge_once(self, case: Case) -> Result:
        names = (*ELEMENTS, *(f"{name}{case.number}" for name in UNKNOWN))
        effective = self.model(case.render())
        if self.needs_rest(effective):
            self.rest()
        log = self.give(case.render(), refused=effective is None)
        if effective is None and not DONE.search(log):
            # That is all that can be said: an exception may come when a part of the configuration is in force already.
            self.before = of_server(self.admin.config(), names)
            return Result(case, [], log)
        expected, deadline = self.expected(effective, names), time.monotonic() + SECONDS_TO_AGREE
        while True:
            report = self.admin.config()
            server = of_server(report, names)
            found = differences(expected, server)
            if not found or time.monotonic() > deadline:
                break
            time.sleep(0.1)
        self.before = server
        found = found or self.false_alarms(effective, report)
        return Result(case, found, log, is_open(effective, found))

    def false_alarms(self, effective: Effective | None, report: list[dict[str, Any]]) -> list[Difference]:
        """Return what would be told as a pending refresh of a server that has read its files."""
        if effective is None:
            return []
        compared = refresh.compare(effective, report, catalogue=CATALOGUE, forms=FORMS)
        return [Difference("", f"false alarm: {difference}") for difference in compared.differences]

    @staticmethod
    def needs_rest(effective: Effective | None) -> bool:
        """Whether a running server would keep what it had before: of what it rejects, and, for ever, when it refuses all.

        An exception ends an update in its middle: what the last configuration had and the next has not stays then, and no
        later update takes it away. After an empty one there is nothing of that kind.
        """
        return effective is None or any(
            problem.rule in (problems.REJECTED, problems.REQUIRED) for problem in effective.problems
        )

    def rest(self) -> None:
        """Give the server nothing, so that nothing of an earlier case is left."""
        nothing = {"server.xml": b"<server/>"}
        if self.written != nothing:  # Liberty says nothing about a file that did not change
            self.give(nothing, refused=False)
        self.before = self.bare

    def model(self, files: Mapping[str, bytes]) -> Effective | None:
        """What the model makes of it; None for what Liberty refuses as a whole."""
        try:
            effective = evaluate(self.assembled(files), catalogue=CATALOGUE)
        except Refused:
            return None
        return None if effective.assembly.refused is not None else effective

    def assembled(self, files: Mapping[str, bytes]) -> Assembly:
        """Assemble a case with what the server was started with, by the questions that server_config_info asks."""
        root = str(self.directory)
        content = {posixpath.normpath(f"{root}/{path}"): data for path, data in files.items()}
        content |= {posixpath.normpath(f"{root}/{path}"): text.encode() for path, text in self.outside.items()}
        testbed = f"{root}/configDropins/defaults/testbed.xml"
        content[testbed] = Path(testbed).read_bytes()
        server = Server(self.places, Outer(environment=dict(os.environ)), f"{root}/server.xml")
        gather(server, MappingReader(content, {root, f"{root}/inc"}))
        # Not by its effective configuration: the catalogue of that knows no probe, and what it refuses stays refused.
        return assemble(server.files, server.places, server.outer, server_xml=server.server_xml)

    @property
    def places(self) -> Places:
        layout = self.liberty.layout
        return Places(str(self.directory), user=str(layout.user_dir), install=f"{layout.install}/wlp")

    def expected(self, effective: Effective | None, names: Sequence[str]) -> dict[str, list[Form]]:
        """What the server should report: what it refuses or rejects stays as it was."""
        if effective is None:
            return {name: self.before.get(name, []) for name in names}
        # The server has every singleton of its features, the model those that somebody mentions.
        forms = {name: found or self.bare.get(name, []) for name, found in of_model(effective, names).items()}
        for problem in effective.problems:
            name = str(problem.element)
            if problem.rule == problems.REJECTED and name in CATALOGUE and not CATALOGUE[name].by_id:
                forms[name] = self.before[name]
        return forms

    def give(self, files: Mapping[str, bytes], *, refused: bool) -> str:
        """Write a server directory and wait until Liberty has made something of it; return what it logged.

        Variables go first: Liberty reads their directory after the configuration, and does not look again at what uses
        a variable in ${list(x)}.
        """
        outside = {path: data for path, data in files.items() if path.startswith("variables/")}
        if outside != {path: data for path, data in self.written.items() if path.startswith("variables/")}:
            configuration = {path: data for path, data in self.written.items() if not path.startswith("variables/")}
            self._write({**configuration, **outside}, refused=True)
        return self._write(files, refused=refused)

    def _write(self, files: Mapping[str, bytes], *, refused: bool) -> str:
        since = self.liberty.position()
        gone = [path for path in self.written if path not in files]
        new = [path for path in files if path not in self.written]
        changed = [path for path in files if path in self.written and files[path] != self.written[path]]
        for path in gone:
            (self.directory / path).unlink()
        for path in ("inc", *(path.rpartition("/")[0] for path in files if "/" in path)):
            (self.directory / path).mkdir(parents=True, exist_ok=True)
        for path in (*new, *changed):
            (self.directory / path).write_bytes(files[path])
        self._drop_empty_folders(files)
        self.written = dict(files)

        def at(path: str) -> Path:
            return Path(posixpath.normpath(self.directory / path))

        self.admin.refresh(
            [*map(at, sorted({"server.xml", *changed} & {*files}))], created=[*map(at, new)], deleted=[*map(at, gone)]
        )
        return self._wait(since, refused=refused)

    def _drop_empty_folders(self, files: Mapping[str, bytes]) -> None:
        for above in ("inc", *SHARED.values()):
            for folder in (self.directory / above).glob("*"):
                if folder.is_dir() and not any(path.startswith(f"{above}/{folder.name}/") for path in files):
                    shutil.rmtree(folder)

    def _wait(self, since: int, *, refused: bool) -> str:
        deadline, heard, length = time.monotonic() + SECONDS_TO_UPDATE, time.monotonic(), 0
        while time.monotonic() < deadline:
            log = self.liberty.messages(since)
            if len(log) > length:
                heard, length = time.monotonic(), len(log)
            if refused and log and time.monotonic() > heard + SECONDS_OF_SILENCE:
                return log
            begun = log.rfind("CWWKG0016I")
            if DONE.search(log, max(begun, 0)):
                return log
            if REFUSED.search(log):
                # A broken drop-in is complained about, too, and the rest applied all the same.
                patience = 0.3 if refused else SECONDS_AFTER_COMPLAINT
                deadline = min(deadline, time.monotonic() + patience)
            time.sleep(0.01)
        return self.liberty.messages(since)


def is_open(effective: Effective | None, found: Sequence[Difference]) -> bool:
    """Whether the model says of all that differs that it cannot say."""
    if effective is None:
        return False
    elements = unsure(effective, OPEN)
    return elements is None or all(difference.element in elements for difference in found)


def new_server(outside: Mapping[str, str]) -> Liberty:
    """A server that is not started yet, with everything in its directory that it is started with."""
    liberty = Liberty(server_xml="<server/>")
    for path, text in outside.items():
        target = liberty.server_dir / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(text)
    return liberty


def smallest(judge: Judge, result: Result) -> Result:
    """Make a case that disagrees smaller, as long as it disagrees."""
    best, again = result, True
    while again:
        again = False
        for smaller in shrunk(best.case):
            judge.rest()
            tried = judge.judge_once(smaller)
            if tried.differences:
                best, again = tried, True
                break
    return best


def shrunk(case: Case) -> Any:
    """Yield copies of a case with one thing less."""
    for path in case.files:
        if path != "server.xml":
            smaller = case.copy()
            del smaller.files[path]
            yield smaller
    for path in case.plain:
        smaller = case.copy()
        del smaller.plain[path]
        yield smaller
    for path, file in case.files.items():
        for place, element in enumerate(file.root.elements()):
            for at in range(len(element.children)):
                if (path, place, at) == ("server.xml", 0, 0):
                    continue
                smaller = case.copy()
                del list(smaller.files[path].root.elements())[place].children[at]
                yield smaller
            for name in element.attributes:
                if element.name in ("zosconnect_marker", "!") or (element.name, name) == ("include", "location"):
                    continue
                smaller = case.copy()
                del list(smaller.files[path].root.elements())[place].attributes[name]
                yield smaller
