# Copyright (c) 2026, The zosconnect.security contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The action keystore_info: read what is public of stores, PEM files and ring listings, say what is wrong with it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from ansible_collections.zosconnect.security.plugins.plugin_utils.action_base import SecurityAction
from ansible_collections.zosconnect.security.plugins.plugin_utils.errors import SecurityError
from ansible_collections.zosconnect.security.plugins.plugin_utils.liberty.aes import Keys
from ansible_collections.zosconnect.security.plugins.plugin_utils.liberty.passwords import check_desired
from ansible_collections.zosconnect.security.plugins.plugin_utils.libraries import ahead, require
from ansible_collections.zosconnect.security.plugins.plugin_utils.posture import findings, report
from ansible_collections.zosconnect.security.plugins.plugin_utils.posture import server as servers
from ansible_collections.zosconnect.security.plugins.plugin_utils.posture.keys import answers as key_answers
from ansible_collections.zosconnect.security.plugins.plugin_utils.posture.keys import asking
from ansible_collections.zosconnect.security.plugins.plugin_utils.posture.keys import references as key_references
from ansible_collections.zosconnect.security.plugins.plugin_utils.posture.rules import asked as asked_by_standards
from ansible_collections.zosconnect.security.plugins.plugin_utils.posture.rules import keys as rules_keys

if TYPE_CHECKING:
    from ansible_collections.zosconnect.security.plugins.plugin_utils.posture.keys.asking import Asked
    from ansible_collections.zosconnect.security.plugins.plugin_utils.posture.keys.places import Place
    from ansible_collections.zosconnect.security.plugins.plugin_utils.posture.keys.references import StoreReference

ahead("cryptography.x509")

_SECRET = {"type": "str", "no_log": True}
_ROLE = {"type": "str", "choices": ["key", "trust"]}
_HOSTS = {"type": "list", "elements": "str", "default": []}
# Empty lists are no question: what a task looks at nothing for would always be found in order.
_WHAT = ("stores", "files", "listings", "server_dir")
_STORE: dict[str, dict[str, Any]] = {
    "path": {"type": "str", "required": True},
    "password": {**_SECRET, "required": True},
    "role": _ROLE,
    "hosts": _HOSTS,
}


class ActionModule(SecurityAction):
    """Tell what key stores hold."""

    ARGUMENTS = {
        "stores": {"type": "list", "elements": "dict", "options": _STORE, "default": []},
        "files": {"type": "list", "elements": "str", "default": []},
        "listings": {"type": "list", "elements": "str", "default": []},
        "server_dir": {"type": "str"},
        "install_dir": {"type": "str"},
        "user_dir": {"type": "str"},
        "variables": {"type": "dict", "default": {}},
        "env": {"type": "dict", "default": {}},
        "password_key": _SECRET,
        "password_base64_key": _SECRET,
        "hosts": _HOSTS,
        "days": {"type": "int", "default": 30},
        "java_home": {"type": "str"},
        "waivers": {"type": "list", "elements": "dict", "default": []},
        "severities": {"type": "dict", "default": {}},
        "prefix": {"type": "str", "default": ""},
    }

    def work(self, options: dict[str, Any]) -> dict[str, Any]:
        require("cryptography.x509", "cryptography")
        if not any(options[name] for name in _WHAT):
            raise SecurityError(f"there is nothing to look at; give at least one of {', '.join(_WHAT)}.")
        for number, store in enumerate(options["stores"]):
            check_desired(store["password"], f"stores[{number}].password")
        named = self._references(options)
        asked = asking.asked(options["stores"], named, hosts=options["hosts"], server_dir=options["server_dir"])
        places = self._read(asked, options) + asking.rings(options["listings"], f"{options['prefix']}listings")
        now = datetime.now(UTC)
        accepted = {key: options[key] for key in ("waivers", "severities", "prefix")}
        keys = rules_keys.Keys(places, now, options["days"])
        found = findings.judge(keys, rules=rules_keys.RULES, **accepted)
        by_standards = findings.judge(keys, rules=asked_by_standards.OF_KEYS, **accepted)
        return {
            "changed": False,
            "places": [place.shown(now) for place in places],
            "findings": [finding.shown() for finding in found],
            "asked_by_standards": [finding.shown() for finding in by_standards],
            "invocation": {"module_args": report.options(options)},
        }

    # The files of the configuration that were read: who owns them has named what is read next.
    _known_files: Sequence[str] = ()

    def _references(self, options: dict[str, Any]) -> list[StoreReference]:
        """Return the stores that the configuration in ``server_dir`` names."""
        if not options["server_dir"]:
            return []
        server = servers.from_options(options)
        servers.gather(server, lambda question: self.run_on_target("target_read", question))
        self._known_files = sorted(server.facts)
        if server.server_xml not in server.content:
            named = f"{options['prefix']}server_dir"
            raise SecurityError(f"{server.server_xml}: does not exist or cannot be read; correct {named}.")
        given = Keys(options["password_key"], options["password_base64_key"])
        return key_references.references(server.effective(), server.places.server, given)

    def _read(self, asked: list[Asked], options: dict[str, Any]) -> list[Place]:
        """Ask for all stores and files in one call."""
        question = asking.question(asked, lambda one: {"password": one.path}, java_home=options["java_home"])
        pems = [{"path": path, "pem": True} for path in options["files"]]
        question = {**question, "files": [*pems, *question["files"]], "known_files": self._known_files}
        secrets = {one.path: one.password for one in asked if one.password is not None}
        answer = self.ask(question, secrets if question["stores"] else {})
        told, others = answer["files"][: len(pems)], answer["files"][len(pems) :]
        places = asking.places(asked, {item["path"]: item for item in (*others, *answer["stores"])}, told)
        return [*places, *(key_answers.of_pem(item, options["hosts"]) for item in told)]
