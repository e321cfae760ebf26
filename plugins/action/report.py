# Copyright (c) 2026, The zosconnect.security contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The action report: results of servers in, files on the host of the task out, in one call to look and one for each."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from ansible_collections.zosconnect.security.plugins.plugin_utils.action_base import SecurityAction
from ansible_collections.zosconnect.security.plugins.plugin_utils.errors import SecurityError
from ansible_collections.zosconnect.security.plugins.plugin_utils.found import Found, can_place, found
from ansible_collections.zosconnect.security.plugins.plugin_utils.hints import clean
from ansible_collections.zosconnect.security.plugins.plugin_utils.libraries import ahead
from ansible_collections.zosconnect.security.plugins.plugin_utils.posture.cards import STANDARDS
from ansible_collections.zosconnect.security.plugins.plugin_utils.report import declared, summary
from ansible_collections.zosconnect.security.plugins.plugin_utils.report import site as sites
from ansible_collections.zosconnect.security.plugins.plugin_utils.report.formats import FORMATS
from ansible_collections.zosconnect.security.plugins.plugin_utils.report.site import Site

ahead("lxml.etree")

_NEW_MODE = "0640"
# The first one in a file of ours is when it was made.
_TIME = re.compile(rb"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ")
_AS_IT_IS = {"backup": False, "unsafe_writes": False}


class ActionModule(SecurityAction):
    """Write a report on servers."""

    ARGUMENTS = {
        "results": {"type": "dict", "required": True},
        "keys": {"type": "dict", "default": {}, "no_log": False},
        "probes": {"type": "dict", "default": {}},
        "connections": {"type": "dict", "default": {}},
        "path": {"type": "str", "default": ""},
        "formats": {"type": "list", "elements": "str", "choices": list(FORMATS), "default": list(FORMATS)},
        "baseline": {"type": "str", "default": ""},
        "standard": {"type": "str", "choices": list(STANDARDS)},
        "time": {"type": "str", "default": ""},
        "prefix": {"type": "str", "default": ""},
    }

    def work(self, options: dict[str, Any]) -> dict[str, Any]:
        options["path"] = _without_suffix(options["path"])
        path, baseline = (self._whole(name, options[name], options["prefix"]) for name in ("path", "baseline"))
        names = list(dict.fromkeys(options["formats"])) if path else []
        suffixes = [FORMATS[name].suffix for name in names]
        there = self._look([f"{path}{suffix}" for suffix in suffixes], baseline, options["prefix"])
        before = [there[f"{path}{suffix}"] for suffix in suffixes]
        site, made = _rendered(_site(options, there.get(baseline)), names, before, keep=not options["time"])
        changed = [self._write(file, data) for file, data in zip(before, made, strict=True)]
        return {
            "changed": any(changed),
            "files": [file.path for file in before],
            "summary": summary.lines(site) + ([self._named(options["path"], suffixes)] if path else []),
            "verdicts": {server.host: {"safe": server.safe, "verdict": server.verdict} for server in site.servers},
            "markdown": summary.cut(FORMATS["markdown"].render(site)),
            **_warnings(options["keys"]),
        }

    def _named(self, path: str, suffixes: Sequence[str]) -> str:
        return summary.named(path, suffixes, check_mode=self._task.check_mode)

    def _whole(self, name: str, path: str, prefix: str = "") -> str:
        """Return a path from the root; on the controller it may be given from where Ansible was started."""
        if path.endswith("/"):
            raise SecurityError(
                f"{prefix}{name}: {path} ends in a slash; give the name of a file, and for {prefix}path without .html "
                "and so on."
            )
        if not path or os.path.isabs(path) or path.startswith("~"):
            return path
        if self._connection.transport != "local":
            raise SecurityError(
                f"{prefix}{name}: {path} is relative; on another host than the controller it begins with a slash."
            )
        return str(Path.cwd() / path)

    def _look(self, paths: list[str], baseline: str, prefix: str = "") -> dict[str, Found]:
        """Read what is there: the files of the last report, and the one to compare with; by path."""
        if not paths and not baseline:
            return {}
        asked = [{"path": path} for path in dict.fromkeys([*paths, *filter(None, [baseline])])]
        answer = self.run_on_target("target_read", {"files": asked})
        there = {one["path"]: found(item) for one, item in zip(asked, answer["files"], strict=True)}
        for path in paths:
            can_place(there[path], _AS_IT_IS)
        if baseline and there[baseline].data is None:
            raise SecurityError(
                f"{prefix}baseline: {baseline} does not exist; give the PATH.json of an earlier report."
            )
        return there

    def _write(self, file: Found, data: bytes) -> bool:
        if file.data == data:
            return False
        if not self._task.check_mode:
            self.place(file, data, _AS_IT_IS, new_mode=_NEW_MODE)
        return True


def _without_suffix(path: str) -> str:
    """Return the path without what the name of a report's file ends in: whoever gives x.html means x.html."""
    longest = sorted((one.suffix for one in FORMATS.values()), key=len, reverse=True)
    return path.removesuffix(next((suffix for suffix in longest if path.endswith(suffix)), ""))


def _rendered(site: Site, names: Sequence[str], before: Sequence[Found], *, keep: bool) -> tuple[Site, list[bytes]]:
    """Return the site and its files; where nothing but the time would differ, ``keep`` lets them be as they were."""
    told = list(dict.fromkeys(match[0] for file in before if (match := _TIME.search(file.data or b""))))
    for time in told if keep else ():
        earlier = replace(site, time=time.decode())
        # One file after the other: most often the first one differs.
        if all(file.data == FORMATS[name].render(earlier).encode() for name, file in zip(names, before, strict=True)):
            return earlier, [file.data or b"" for file in before]
    return site, [FORMATS[name].render(site).encode() for name in names]


def _site(options: Mapping[str, Any], baseline: Found | None) -> Site:
    earlier = None if baseline is None or baseline.data is None else baseline.data.decode("utf-8", "replace")
    time = options["time"] or f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%SZ}"
    site = sites.read(
        options["results"],
        time=time,
        keys=options["keys"],
        probes=options["probes"],
        baseline=earlier,
        standard=options["standard"],
        prefix=options["prefix"],
    )
    return declared.joined(site, options["connections"])


def _warnings(keys: Mapping[str, Any]) -> dict[str, list[str]]:
    """Say why the key stores of a host could not be looked at."""
    said = [
        f"{host}: its key stores were not looked at: {clean(one.get('msg', ''))}"
        for host, one in sorted(keys.items())
        if isinstance(one, Mapping) and one.get("failed")
    ]
    return {"warnings": said} if said else {}
