# Copyright (c) 2026, The zosconnect.security contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The action server_config_info: read a server's files in as few calls as possible, say what Liberty makes of them."""

from __future__ import annotations

import json
from typing import Any

from ansible_collections.zosconnect.security.plugins.module_utils.connector import ARGUMENTS, Connector, ConnectorError
from ansible_collections.zosconnect.security.plugins.plugin_utils.action_base import SecurityAction
from ansible_collections.zosconnect.security.plugins.plugin_utils.errors import SecurityError
from ansible_collections.zosconnect.security.plugins.plugin_utils.liberty import running
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
    }
    RULES = {"required_one_of": [["server_dir", "path"]]}

    def work(self, options: dict[str, Any]) -> dict[str, Any]:
        server, given = servers.from_options(options), options["running"]
        _check(given)
        answers: list[dict[str, Any]] = []

        def ask(question: dict[str, Any]) -> dict[str, Any]:
            more = {} if answers else {"pending": server.places.server}
            answers.append(self.run_on_target("target_read", {**question, **more}))
            return answers[-1]

        servers.gather(server, ask)
        if server.server_xml in server.unseen:
            raise SecurityError(server.unseen[server.server_xml])
        if server.server_xml not in server.content:
            raise SecurityError(f"{server.server_xml}: does not exist; correct server_dir or path.")
        reported = self._ask(given) if given else None
        return {
            "changed": False,
            **_result(server, options, reported),
            "waits": _waits(server, answers[0], str(self._vars["inventory_hostname"]), options),
            "invocation": {"module_args": report.options(options)},
        }

    def _ask(self, given: dict[str, Any]) -> list[dict[str, Any]]:
        """Ask the running server; the login travels as a file, and the answer may hold secrets."""
        login = self.send(json.dumps(given).encode())
        answer = self.run_on_target("target_ask", {"connector_file": login, "where": _WHERE, "path": running.PATH})
        try:
            return running.parse(answer["answer"])
        except SecurityError as e:
            raise SecurityError(f"{given['url']}: {e}") from e


def _check(given: dict[str, Any] | None) -> None:
    try:
        if given:
            Connector(given, _WHERE).check()
    except ConnectorError as e:
        raise SecurityError(str(e)) from e


def _waits(server: Server, answer: dict[str, Any], host: str, options: dict[str, Any]) -> list[str]:
    """Say which operator command the server waits for since an earlier run, and what is wrong with the note of it."""
    left = Untold.of(answer["pending"])
    version = features.version(server.effective()) or OAS2
    told = left.told(host, options["attls"]["job_name"], version)
    return [*([told] if told else []), *left.warnings]


def _result(server: Server, options: dict[str, Any], reported: list[dict[str, Any]] | None) -> dict[str, Any]:
    effective, attls = server.effective(), options["attls"]
    covered = attls_cover.cover(effective, attls)
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
    found = findings.judge(subject, waivers=options["waivers"], severities=options["severities"])
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
        "running": compared
        and report.running(
            options["running"]["url"],
            reported or (),
            compared,
            options["element_names"],
            secrets=effective.secret_texts,
        ),
    }
