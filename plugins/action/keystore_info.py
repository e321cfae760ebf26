# Copyright: (c) 2026, The zosconnect.security contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Face of keystore_info: read what is public of stores, PEM files and ring listings, and say what is wrong with it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from ansible_collections.zosconnect.security.plugins.plugin_utils.errors import SecurityError
from ansible_collections.zosconnect.security.plugins.plugin_utils.face import Face
from ansible_collections.zosconnect.security.plugins.plugin_utils.liberty.passwords import Keys, check_wished
from ansible_collections.zosconnect.security.plugins.plugin_utils.libraries import require
from ansible_collections.zosconnect.security.plugins.plugin_utils.posture import (
    findings,
    key_answers,
    key_places,
    key_references,
    report,
    rules_keys,
)
from ansible_collections.zosconnect.security.plugins.plugin_utils.posture import server as servers
from ansible_collections.zosconnect.security.plugins.plugin_utils.saf import racdcert

if TYPE_CHECKING:
    from ansible_collections.zosconnect.security.plugins.plugin_utils.posture.key_places import Place
    from ansible_collections.zosconnect.security.plugins.plugin_utils.posture.key_references import Reference

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


@dataclass(frozen=True)
class _Question:
    """One store to read: by which password, what is known of it beforehand, and whose configuration names it."""

    path: str
    password: str | None
    facts: Mapping[str, Any]
    server_dir: str | None = None


class ActionModule(Face):
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
    }

    def work(self, options: dict[str, Any]) -> dict[str, Any]:
        require("cryptography.x509", "cryptography")
        if not any(options[name] for name in _WHAT):
            raise SecurityError(f"there is nothing to look at; give at least one of {', '.join(_WHAT)}.")
        for number, store in enumerate(options["stores"]):
            check_wished(store["password"], f"stores[{number}].password")
        places = self._read(_questions(options, self._references(options)), options)
        if options["listings"]:
            places += _rings(options["listings"])
        now = datetime.now(UTC)
        found = findings.judge(
            rules_keys.Keys(places, now, options["days"]),
            rules=rules_keys.RULES,
            waivers=options["waivers"],
            severities=options["severities"],
        )
        return {
            "changed": False,
            "places": [place.shown(now) for place in places],
            "findings": [finding.shown() for finding in found],
            "invocation": {"module_args": report.options(options)},
        }

    # The files of the configuration that were read: who owns them has named what is read next.
    _known_files: Sequence[str] = ()

    def _references(self, options: dict[str, Any]) -> list[Reference]:
        """Return the stores that the configuration in ``server_dir`` names."""
        if not options["server_dir"]:
            return []
        server = servers.of(options)
        servers.gather(server, lambda question: self.hand("target_read", question))
        self._known_files = sorted(server.facts)
        if server.server_xml not in server.content:
            raise SecurityError(f"{server.server_xml}: does not exist or cannot be read; correct server_dir.")
        given = Keys(options["password_key"], options["password_base64_key"])
        return key_references.references(server.effective(), server.places.server, given)

    def _read(self, questions: list[_Question], options: dict[str, Any]) -> list[Place]:
        """Ask for all stores and files in one call."""
        stores = [question for question in questions if question.password is not None]
        closed = [question for question in questions if question.password is None]
        sent = {password: self.send(password.encode()) for password in {q.password for q in stores} if password}
        answer = self.hand(
            "target_read",
            {
                "stores": [
                    {
                        "path": question.path,
                        "server_dir": question.server_dir,
                        "password_file": sent[question.password or ""],
                        "java_home": options["java_home"],
                    }
                    for question in stores
                ],
                "files": [{"path": path, "pem": True} for path in options["files"]]
                + [{"path": q.path, "server_dir": q.server_dir, "content": False} for q in closed],
                "known_files": self._known_files,
            },
        )
        pems, others = answer["files"][: len(options["files"])], answer["files"][len(options["files"]) :]
        told = [*zip(stores, answer["stores"], strict=True), *zip(closed, others, strict=True)]
        places = key_answers.chosen([key_answers.of_store(item, question.facts) for question, item in told])
        return [*places, *(key_answers.of_pem(item, options["hosts"]) for item in pems)]


def _rings(listings: list[str]) -> list[Place]:
    listed = racdcert.entries("", listings)
    if not listed:
        raise SecurityError(
            "listings: no certificate is on a ring there; give what RACDCERT LISTRING printed, and for dates and keys "
            "what RACDCERT LIST printed."
        )
    return key_places.of_rings(listed)


def _questions(options: dict[str, Any], references: list[Reference]) -> list[_Question]:
    """Return the stores to ask for; of one that ``stores`` and the configuration name, each knows something."""
    given = {store["path"]: store for store in options["stores"]}
    named = [(path, one) for one in references for path in one.paths]
    asked = [
        _Question(path, one["password"], _known(one, options))
        for path, one in given.items()
        if path not in {path for path, _one in named}
    ]
    for path, one in named:
        own = given.get(path, {"hosts": [], "role": None, "password": None})
        password = own["password"] or one.password
        facts = {
            **_known({**own, "role": own["role"] or one.role}, options),
            "elements": ((one.id, one.origin),),
            "wanted_type": one.type,
            "problem": None if password else one.problem,
            "paths": one.paths,
        }
        asked.append(_Question(path, password, facts, None if path in given else options["server_dir"]))
    return asked


def _known(store: dict[str, Any], options: dict[str, Any]) -> dict[str, Any]:
    return {"hosts": store["hosts"] or options["hosts"], "role": store["role"]}
