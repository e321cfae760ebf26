# SPDX-FileCopyrightText: 2026 The zosconnect.security contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""What an interrupted run left on the target, and the order that finishes or undoes it before anything else is done."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from ansible_collections.zosconnect.security.plugins.plugin_utils.errors import SecurityError

Json = dict[str, Any]


def directories(journals: Sequence[Mapping[str, Any]]) -> list[str]:
    """Return where something is left, as target_read tells of ``journals``; SecurityError where a run goes on."""
    for journal in journals:
        if journal["state"] in ("running", "refused"):
            raise SecurityError(journal["message"])
    return [journal["directory"] for journal in journals if journal["state"] != "none"]


def goes_back(journals: Sequence[Mapping[str, Any]]) -> bool:
    """Whether a run has changed files that nobody confirmed, so the next one puts them back first."""
    return any(journal["phase"] == "placing" and journal["state"] in ("new", "mixed") for journal in journals)


def check(answer: Mapping[str, Any]) -> None:
    """Raise SecurityError unless target_apply has finished or undone all that was left."""
    if answer["outcome"] not in ("applied", "put_back"):
        raise SecurityError(answer["message"])


def order(where: Sequence[str], connector: Mapping[str, Any] | None) -> Json:
    """Return what target_apply is told; by ``connector`` the server learns of what was put back."""
    refresh = {"kind": "operator"} if connector is None else {"kind": "mbean", **connector}
    return {"version": 1, "recover": list(where), "refresh": refresh}
