# Copyright (c) 2026, The zosconnect.security contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from ansible.errors import AnsibleFilterError

from ansible_collections.zosconnect.security.plugins.plugin_utils.errors import SecurityError
from ansible_collections.zosconnect.security.plugins.plugin_utils.posture import require_secure, texts


def effective_require_secure(given: Any, requester: str | None = None, default: Any = None) -> Any:
    """Return the effective requireSecure of one requester, or of all; see effective_require_secure.yml."""
    try:
        report = _report(given)
        return report if requester is None else _one(report, requester, default)
    except SecurityError as e:
        raise AnsibleFilterError(f"effective_require_secure: {e}") from e


def _report(given: Any) -> dict[str, Any]:
    if isinstance(given, Mapping) and isinstance(given.get("require_secure"), Mapping):
        return dict(given["require_secure"])
    effective, files = texts.effective(given)
    report: dict[str, Any] = require_secure.report(effective, files, ".")
    return {**report, "complete": report["complete"] and not report["unseen"]}


def _one(report: dict[str, Any], requester: str, default: Any) -> bool:
    if default is not None and not isinstance(default, bool):
        raise SecurityError(f"default must be true or false, not {default!r}.")
    try:
        found = require_secure.of_requester(report, requester)
    except SecurityError:
        if default is None or report.get("version") != "3.0" or report.get("refused"):
            raise
        found = None
    if found is not None or default is not None:
        return bool(default if found is None else found)
    known = ", ".join(r["name"] for r in report["requesters"]) or "none"
    elsewhere = "".join(f" Or it is in what was not seen: {sentence}" for sentence in report["unseen"])
    raise SecurityError(
        f"no apiRequester {requester!r} is known (known: {known}). Correct the name, or give a default.{elsewhere}"
    )


class FilterModule:
    """Filters of zosconnect.security."""

    def filters(self) -> dict[str, Callable[..., Any]]:
        return {"effective_require_secure": effective_require_secure}
