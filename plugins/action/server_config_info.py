# Copyright (c) 2026, The zosconnect.security contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The action server_config_info: read a server's files in as few calls as possible, say what Liberty makes of them."""

from __future__ import annotations

import json
from typing import Any

from ansible_collections.zosconnect.security.plugins.module_utils.connector import ARGUMENTS, Connector, ConnectorError
from ansible_collections.zosconnect.security.plugins.plugin_utils.action_base import SecurityAction
from ansible_collections.zosconnect.security.plugins.plugin_utils.diagnose import cards
from ansible_collections.zosconnect.security.plugins.plugin_utils.diagnose.messages import Message
from ansible_collections.zosconnect.security.plugins.plugin_utils.errors import SecurityError
from ansible_collections.zosconnect.security.plugins.plugin_utils.liberty import running
from ansible_collections.zosconnect.security.plugins.plugin_utils.libraries import require
from ansible_collections.zosconnect.security.plugins.plugin_utils.posture import (
    attls_cover,
    features,
    findings,
    outbound,
    ports,
    refresh,
    report,
    require_secure,
)
from ansible_collections.zosconnect.security.plugins.plugin_utils.posture import server as servers
from ansible_collections.zosconnect.security.plugins.plugin_utils.posture.excerpts import Excerpts
from ansible_collections.zosconnect.security.plugins.plugin_utils.posture.predict import predict
from ansible_collections.zosconnect.security.plugins.plugin_utils.posture.predict import stores as predict_stores
from ansible_collections.zosconnect.security.plugins.plugin_utils.posture.predict.situation import Situation
from ansible_collections.zosconnect.security.plugins.plugin_utils.posture.rules import asked
from ansible_collections.zosconnect.security.plugins.plugin_utils.posture.rules.rule import Subject
from ansible_collections.zosconnect.security.plugins.plugin_utils.posture.server import Server
from ansible_collections.zosconnect.security.plugins.plugin_utils.posture.untold import Untold
from ansible_collections.zosconnect.security.plugins.plugin_utils.zosconnect import OAS2

_WHERE = "running."
_ATTLS = {
    "ports": {"type": "list", "elements": "int", "default": []},
    "targets": {"type": "list", "elements": "str", "default": []},
    "policies": {"type": "dict"},
    "zos_release": {"type": "str"},
    "job_name": {"type": "str"},
    "user_id": {"type": "str"},
}


class ActionModule(SecurityAction):
    """Compute the effective configuration of one server."""

    ARGUMENTS = {
        # Paths of the target: on the controller they are text.
        "server_dir": {"type": "str"},
        "path": {"type": "str"},
        "install_dir": {"type": "str"},
        "user_dir": {"type": "str"},
        "variables": {"type": "dict", "default": {}},
        "env": {"type": "dict", "default": {}},
        "element_names": {"type": "list", "elements": "str"},
        "attls": {"type": "dict", "options": _ATTLS, "apply_defaults": True},
        "waivers": {"type": "list", "elements": "dict", "default": []},
        "severities": {"type": "dict", "default": {}},
        "running": {"type": "dict", "options": ARGUMENTS},
        "predict": {"type": "bool", "default": False},
        "java_home": {"type": "str"},
        "prefix": {"type": "str", "default": ""},
    }
    RULES = {"required_one_of": [["server_dir", "path"]]}

    def work(self, options: dict[str, Any]) -> dict[str, Any]:
        server, given = servers.from_options(options), options["running"]
        where = f"{options['prefix']}{_WHERE}"
        _check(given, where)
        answers: list[dict[str, Any]] = []

        def ask(question: dict[str, Any]) -> dict[str, Any]:
            more = {} if answers else {"pending": server.places.server, "journals": [server.places.server]}
            answers.append(self.run_on_target("target_read", {**question, **more}))
            return answers[-1]

        servers.gather(server, ask)
        if lacking := server.lacking("path" if options["path"] else f"{options['prefix']}server_dir"):
            raise SecurityError(lacking)
        reported = self._ask(given, where) if given else None
        return {
            "changed": False,
            **_result(server, options, reported),
            "predicted": self._predicted(server, options) if options["predict"] else None,
            "waits": _waits(server, answers[0], str(self._vars["inventory_hostname"]), options),
            "invocation": {"module_args": report.options(options)},
            **_warned([one["message"] for one in answers[0]["journals"] if one["message"]]),
        }

    def _predicted(self, server: Server, options: dict[str, Any]) -> dict[str, Any]:
        """Read the key stores that the configuration names, and say what the server will write and open."""
        require("cryptography.x509", "cryptography")
        effective = server.effective()
        asked = predict_stores.asked(effective, server.places.server)
        question, secrets = predict_stores.question(asked, java_home=options["java_home"])
        answer = self.ask({**question, "known_files": sorted(server.facts)}, secrets) if asked else {}
        held = predict_stores.places(asked, answer) if asked else {}
        foretold = predict.predict(Situation(effective, stores=held))
        messages = [{**one.shown(), "means": _means(one.id)} for one in foretold.messages]
        return {**foretold.shown(), "messages": messages}

    def _ask(self, given: dict[str, Any], where: str) -> list[dict[str, Any]]:
        """Ask the running server; the login travels as a file, and the answer may hold secrets."""
        login = self.send(json.dumps(given).encode())
        answer = self.run_on_target("target_ask", {"connector_file": login, "where": where, "path": running.PATH})
        try:
            return running.parse(answer["answer"])
        except SecurityError as e:
            raise SecurityError(f"{given['url']}: {e}") from e


def _warned(left: list[str]) -> dict[str, Any]:
    """Return what is told of what an interrupted run left: the next run may put it back."""
    return {"warnings": left} if left else {}


def _check(given: dict[str, Any] | None, where: str) -> None:
    try:
        if given:
            Connector(given, where).check()
    except ConnectorError as e:
        raise SecurityError(str(e)) from e


def _means(identity: str) -> str | None:
    """Return what a message means, where diagnose knows it."""
    card = cards.find(Message(identity, ""))
    return card.means if card else None


def _waits(server: Server, answer: dict[str, Any], host: str, options: dict[str, Any]) -> list[str]:
    """Say which operator command the server waits for since an earlier run, and what is wrong with the note of it."""
    left = Untold.of(answer["pending"])
    version = features.version(server.effective()) or OAS2
    told = left.told(host, options["attls"]["job_name"], version)
    return [*([told] if told else []), *left.warnings]


def _result(server: Server, options: dict[str, Any], reported: list[dict[str, Any]] | None) -> dict[str, Any]:
    effective, attls = server.effective(), options["attls"]
    covered = attls_cover.cover(effective, attls, f"{options['prefix']}attls")
    compared = None if reported is None else refresh.compare(effective, reported)
    subject = Subject(
        effective,
        server.files,
        server.facts,
        server.places.server,
        covered.ports,
        frozenset(attls["targets"]),
        compared,
        covered.doubts,
    )
    accepted = {key: options[key] for key in ("waivers", "severities", "prefix")}
    found = findings.judge(subject, **accepted)
    by_standards = findings.judge(subject, rules=asked.RULES, **accepted)
    excerpts, unseen = Excerpts(effective, server.files), server.not_seen()
    required = require_secure.report(effective, server.files, server.places.server)
    return {
        "server_dir": server.places.server,
        "complete": bool(required["complete"]) and not unseen,
        "unseen": unseen,
        "refused": effective.assembly.refused,
        "config": report.config(effective, options["element_names"]),
        "elements": report.element_names(effective),
        "variables": report.variables(effective),
        "files": report.files(effective, server.content, server.facts),
        "ports": ports.report(effective, covered.ports),
        "endpoints": outbound.report(effective, attls["targets"]),
        "zosconnect": report.zosconnect(effective, subject.ports),
        "requesters": report.requesters(required, subject.ports),
        "require_secure": required,
        "findings": [{**finding.shown(), **excerpts.of(finding.fault.origin)} for finding in found],
        "asked_by_standards": [finding.shown() for finding in by_standards],
        "running": compared
        and report.running(
            options["running"]["url"],
            reported or (),
            compared,
            options["element_names"],
            secrets=effective.secret_texts,
        ),
    }
