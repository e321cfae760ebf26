# SPDX-FileCopyrightText: 2026 The zosconnect.security contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""An earlier report in JSON, to compare with: it is input as any other, and may be of another version or site."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

from ansible_collections.zosconnect.security.plugins.plugin_utils.declared import described
from ansible_collections.zosconnect.security.plugins.plugin_utils.errors import SecurityError
from ansible_collections.zosconnect.security.plugins.plugin_utils.hints import several
from ansible_collections.zosconnect.security.plugins.plugin_utils.posture.cards.card import SEVERITIES

# What a report in JSON says that it is; the number grows when a program that reads an older one would misread it.
FORMAT, FORMAT_VERSION = "zosconnect.security report", 1
_MAKE = "give the PATH.json that the playbook report wrote"
Json = Mapping[str, Any]


@dataclass(frozen=True)
class Baseline:
    """When the earlier report was made, and its servers that were explained by host and directory."""

    time: str
    servers: Mapping[tuple[str, str], Json]
    where: str = "baseline"

    def check(self, servers: Collection[tuple[str, str]]) -> None:
        """Raise SecurityError where none of these servers is in it."""
        if servers and not any(server in self.servers for server in servers):
            theirs = several(sorted(f"{host} {folder}" for host, folder in self.servers)) or "no server"
            raise SecurityError(
                f"{self.where}: is of another site: it tells of {theirs}, and of none of the servers of this report; "
                "give the report of the same servers."
            )


def read(given: object, where: str = "baseline") -> Baseline:
    """Return an earlier report, given as text or as what JSON makes of it; ``where`` is what it is called for users.

    Raises SecurityError for what is none, and for another version.
    """
    report = _parsed(given, where) if isinstance(given, str) else given
    if not isinstance(report, Mapping) or report.get("format") != FORMAT:
        raise SecurityError(f"{where}: is not a report of this collection; {_MAKE}.")
    version = report.get("format_version")
    if version != FORMAT_VERSION:
        raise SecurityError(
            f"{where}: has format_version {version if isinstance(version, int) else described(version)}, and this "
            f"collection compares with {FORMAT_VERSION} only; leave the baseline out once, and compare with the report "
            "of this run."
        )
    try:
        explained = [host for host in report["hosts"] if host["state"] == "explained"]
        for finding in (finding for host in explained for finding in host["findings"]):
            _check(finding)
        servers = {(str(host["host"]), str(host["server_dir"])): host for host in explained}
        return Baseline(str(report["time"]), servers, where)
    except (KeyError, TypeError, ValueError, AttributeError) as e:
        raise SecurityError(f"{where}: is damaged; {_MAKE}.") from e


def _parsed(text: str, where: str) -> object:
    try:
        return json.loads(text)
    except (ValueError, RecursionError) as e:
        raise SecurityError(f"{where}: is not JSON; {_MAKE}.") from e


def _check(finding: Json) -> None:
    """Raise ValueError for what is no finding of a report."""
    place = finding["place"]
    texts = [finding[name] for name in ("id", "message", "part")]
    texts += [place[name] for name in ("source", "via", "entry")]
    counts = finding["number"], place["line"] or 0
    right = all(isinstance(text, str) for text in (*texts, *finding["about"]))
    if not right or not all(isinstance(count, int) for count in counts) or finding["severity"] not in SEVERITIES:
        raise ValueError
