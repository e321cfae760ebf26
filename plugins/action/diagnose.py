# Copyright (c) 2026, The zosconnect.security contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The action diagnose: read the log and what decides about it, let the engine judge, change nothing."""

from __future__ import annotations

import json
import posixpath
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from ansible_collections.zosconnect.security.plugins.action.server_config_info import ActionModule as ConfigInfo
from ansible_collections.zosconnect.security.plugins.plugin_utils.action_base import SecurityAction
from ansible_collections.zosconnect.security.plugins.plugin_utils.attls import stack, statements
from ansible_collections.zosconnect.security.plugins.plugin_utils.diagnose import cards, given, judge, messages
from ansible_collections.zosconnect.security.plugins.plugin_utils.diagnose.facts import Facts
from ansible_collections.zosconnect.security.plugins.plugin_utils.diagnose.messages import Message
from ansible_collections.zosconnect.security.plugins.plugin_utils.errors import SecurityError
from ansible_collections.zosconnect.security.plugins.plugin_utils.liberty.aes import Keys
from ansible_collections.zosconnect.security.plugins.plugin_utils.libraries import require
from ansible_collections.zosconnect.security.plugins.plugin_utils.posture import attls_cover, report
from ansible_collections.zosconnect.security.plugins.plugin_utils.posture import server as servers
from ansible_collections.zosconnect.security.plugins.plugin_utils.posture.keys import asking, references
from ansible_collections.zosconnect.security.plugins.plugin_utils.posture.keys.places import Place
from ansible_collections.zosconnect.security.plugins.plugin_utils.posture.log import messages_log
from ansible_collections.zosconnect.security.plugins.plugin_utils.posture.rules.rule import Subject
from ansible_collections.zosconnect.security.plugins.plugin_utils.posture.server import Server

_SECRET = {"type": "str", "no_log": True}
_ATTLS = ConfigInfo.ARGUMENTS["attls"]["options"]
_ZOS = "OS/390"
_FEWEST, _MOST = 4096, 64 * 1024 * 1024
_NEWEST = 5


class ActionModule(SecurityAction):
    """Say what messages of a server mean on this server."""

    ARGUMENTS = {
        "messages": {"type": "raw"},
        "log": {"type": "str"},
        "log_bytes": {"type": "int", "default": 4194304},
        "host": {"type": "str", "default": "localhost"},
        "port": {"type": "int"},
        "plain": {"type": "bool", "default": False},
        "server_dir": {"type": "str"},
        "install_dir": {"type": "str"},
        "user_dir": {"type": "str"},
        "variables": {"type": "dict", "default": {}},
        "env": {"type": "dict", "default": {}},
        "attls": {"type": "dict", "options": _ATTLS},
        "listings": {"type": "list", "elements": "str", "default": []},
        "password_key": _SECRET,
        "password_base64_key": _SECRET,
        "java_home": {"type": "str"},
        "prefix": {"type": "str", "default": ""},
    }

    def work(self, options: dict[str, Any]) -> dict[str, Any]:
        prefix = options["prefix"]
        where = f"{prefix}{given.WHERE}"
        said = messages.read(given.lines(options["messages"], where), where)
        if not _FEWEST <= options["log_bytes"] <= _MOST:
            raise SecurityError(f"{prefix}log_bytes: {options['log_bytes']} is not from {_FEWEST} to {_MOST}.")
        if not any(options[name] for name in ("messages", "log", "server_dir", "port")):
            raise SecurityError("there is nothing to diagnose; give messages, log, server_dir, or host and port.")
        now = datetime.now(UTC)
        server, unseen = self._server(options)
        path = self._log(options, server)
        answer = self._tail(path, options, server)
        logged, logs = given.of_answer(answer["logs"])
        found, left_out = given.chosen([*said, *self._probed(options, now)], logged)
        places, more = self._places(found, server, options)
        facts = _facts(server, options, places, is_zos=answer["system"] == _ZOS, now=now)
        sources = {one.source for one in logged}
        told = judge.diagnose(found, facts, logged)
        diagnosed = [judge.report(one) for one in told if one.is_news or one.message.source not in sources]
        unread = given.not_seen(options["messages"], said, path, logs, prefix)
        if unread and options["log"] and not options["messages"] and options["port"] is None:
            raise SecurityError(unread[0])  # it was all that was given
        return {
            "changed": False,
            "diagnosed": diagnosed,
            "lines": judge.lines(str(self._vars.get("inventory_hostname", "localhost")), diagnosed),
            "logs": logs,
            "left_out": left_out,
            "unseen": [*unseen, *more, *unread],
            "invocation": {"module_args": report.options({**options, "messages": None})},
        }

    def _server(self, options: dict[str, Any]) -> tuple[Server | None, list[str]]:
        """Return the server as its files say, and what of it could not be read."""
        if not options["server_dir"]:
            return None, []
        server = servers.from_options(options)
        servers.gather(server, lambda question: self.run_on_target("target_read", question))
        if lacking := server.lacking(f"{options['prefix']}server_dir"):
            return None, [lacking]  # a log is there to be diagnosed even where the configuration is not
        return server, server.not_seen()

    def _log(self, options: dict[str, Any], server: Server | None) -> str | None:
        """Return the log to read: what is given, or the server's own where nothing else is."""
        if options["log"] or options["messages"] or options["port"] or not options["server_dir"]:
            path: str | None = options["log"]
            return path
        return messages_log(server) if server else posixpath.join(options["server_dir"], "logs", "messages.log")

    def _tail(self, path: str | None, options: dict[str, Any], server: Server | None) -> dict[str, Any]:
        by = {"server_dir": options["server_dir"]} if options["server_dir"] and not options["log"] else {}
        # Whoever owns a file of the configuration may have named the log.
        known = sorted(server.facts) if by and server else []
        question: dict[str, Any] = {"bytes": options["log_bytes"], "known_files": known}
        if path is not None:
            question["logs"] = [{"path": path, **by}]
            question["folders"] = [{"path": given.incidents(path), "newest": _NEWEST, **by}]
        return self.run_on_target("target_tail", question)

    def _probed(self, options: dict[str, Any], now: datetime) -> list[Message]:
        if options["port"] is None:
            return []
        host, port, plain = options["host"], options["port"], options["plain"]
        order = {"probes": [{"host": host, "port": port, "plain": plain, "validate_certs": False}], "wait_seconds": 0}
        answer = self.run_on_target("target_probe", {"order": self.send(json.dumps(order).encode())})
        if fault := answer.get("fault"):
            raise SecurityError(f"{host}:{port}: {fault['sentence']}")
        return [given.probe(host, port, answer["probes"][0], now)]

    def _places(
        self, found: Sequence[Message], server: Server | None, options: dict[str, Any]
    ) -> tuple[list[Place], list[str]]:
        """Return stores and rings, where a message is about some; or why they were not read."""
        rings = asking.rings(options["listings"], f"{options['prefix']}listings")
        if server is None or not any(one.id in cards.ABOUT_STORES for one in found):
            return rings, []
        try:
            require("cryptography.x509", "cryptography")
            return [*self._stores(server, options), *rings], []
        except SecurityError as e:
            return rings, [str(e)]

    def _stores(self, server: Server, options: dict[str, Any]) -> list[Place]:
        keys = Keys(options["password_key"], options["password_base64_key"])
        named = references.references(server.effective(), server.places.server, keys)
        asked = asking.asked((), named, server_dir=server.places.server)
        question = asking.question(asked, lambda one: {"password": one.path}, java_home=options["java_home"])
        question["known_files"] = sorted(server.facts)
        if question["stores"]:
            secrets = {one.path: one.password for one in asked if one.password is not None}
            question["secrets"] = self.send(json.dumps(secrets).encode())
        answer = self.run_on_target("target_read", question)
        return asking.places(asked, {item["path"]: item for item in (*answer["files"], *answer["stores"])})


def _facts(
    server: Server | None, options: dict[str, Any], places: Sequence[Place], *, is_zos: bool, now: datetime
) -> Facts:
    """Return all that is known. Without AT-TLS said, there can be none where the system is not z/OS."""
    said = options["attls"]
    attls = said or {"ports": [], "targets": [], "policies": None}
    where = f"{options['prefix']}attls"
    policies = stack.read(attls["policies"], f"{where}.policies") if attls.get("policies") else None
    release = statements.release(attls.get("zos_release"), f"{where}.zos_release") if policies else ""
    subject = None
    if server is not None:
        covered = attls_cover.cover(server.effective(), attls, where)
        subject = Subject(
            server.effective(),
            server.files,
            server.facts,
            server.places.server,
            covered.ports,
            frozenset(attls.get("targets") or ()),
            None,
            covered.doubts,
        )
    return Facts(subject, now, places, said is not None or not is_zos, policies, release)
