# Copyright (c) 2026, The zosconnect.security contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Makes of one event an event for each server whose certificates end.

What comes in was sent by somebody: every field is checked before it counts, and only a host's name goes on to a job.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import datetime, timezone
from typing import Any

DOCUMENTATION = r"""
---
short_description: Make of a report an event for each server whose certificates end.
description:
  - The event is, or has as C(payload), the report of the collection zosconnect.security in JSON, or a mapping with
    C(host) and C(not_after), as a monitor sends it.
  - Of each host an event comes out with C(ending), a mapping of C(host), C(days_left) of the certificate that ends
    first, and C(certificates), each with C(store), C(alias), C(not_after) and C(days_left). The days are counted from
    now, not from the day of the report.
  - What is neither becomes an event with C(problem), one sentence.
options: {}
"""

EXAMPLES = r"""
- eda.builtin.webhook:
    port: 5000
    token: "{{ zosconnect_webhook_token }}"
  filters:
    - zosconnect.security.certificates:
"""

Json = dict[str, Any]
FORMAT, VERSION = "zosconnect.security report", 1
_HOST = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.-]{0,252}")
_NOBODY = "This event renews nothing: "


class _WrongEventError(Exception):
    """The event cannot be meant; the text says why."""


def main(event: Json) -> list[Json]:
    """Return the events for one event."""
    try:
        return [{"ending": one} for one in _endings(event.get("payload", event), datetime.now(timezone.utc))]
    except _WrongEventError as problem:
        return [{"problem": f"{_NOBODY}{problem}"}]


def _endings(given: object, now: datetime) -> list[Json]:
    """One for each host that has certificates with an end."""
    if not isinstance(given, dict):
        raise _WrongEventError("it is no mapping; send a report, or a mapping with host and not_after.")
    if isinstance(given.get("problem"), str):  # of the source report_file
        raise _WrongEventError(given["problem"])
    found: dict[str, list[Json]] = {}
    for host, certificate in _of_report(given) if "format" in given else [(_host(given, "host"), given)]:
        found.setdefault(host, []).append(_certificate(host, certificate, now))
    return [_ending(host, certificates) for host, certificates in found.items()]


def _ending(host: str, certificates: list[Json]) -> Json:
    ordered = sorted(certificates, key=lambda one: (one["days_left"], one["store"], one["alias"]))
    return {"host": host, "days_left": ordered[0]["days_left"], "certificates": ordered}


def _of_report(report: Json) -> Iterator[tuple[str, Json]]:
    if report["format"] != FORMAT:
        raise _WrongEventError(f"its format is {_shown(report['format'])}, and not {FORMAT!r}.")
    if report.get("format_version") != VERSION:
        raise _WrongEventError(
            f"the report has format_version {_shown(report.get('format_version'))}, and {VERSION} is read here; "
            "let one version of the collection write and read it."
        )
    for number, host in enumerate(_list(report, "hosts", "the report")):
        where = f"hosts[{number}] of the report"
        if not isinstance(host, dict):
            raise _WrongEventError(f"{where} is no mapping.")
        name = _host(host, where)
        for certificate in _list(host, "certificates", where) if host.get("state") == "explained" else []:
            if not isinstance(certificate, dict):
                raise _WrongEventError(f"a certificate of {where} is no mapping.")
            if certificate.get("not_after") is not None:
                yield name, certificate


def _list(of: Json, name: str, where: str) -> list[Any]:
    value = of.get(name)
    if not isinstance(value, list):
        raise _WrongEventError(f"{name} of {where} is no list.")
    return value


def _host(of: Json, where: str) -> str:
    """A name of the inventory: no pattern of several hosts, no template."""
    name = of.get("host")
    if not isinstance(name, str) or not _HOST.fullmatch(name):
        raise _WrongEventError(f"{where} is {_shown(name)}, and must be the name of a host in the inventory.")
    return name


def _certificate(host: str, given: Json, now: datetime) -> Json:
    when = given.get("not_after")
    try:
        ends = datetime.strptime(when, "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=timezone.utc)
    except (TypeError, ValueError):
        raise _WrongEventError(
            f"not_after of {host} is {_shown(when)}, and must be a time in UTC, such as 2027-01-15T00:00:00Z."
        ) from None
    names = {name: given.get(name) if isinstance(given.get(name), str) else "" for name in ("store", "alias")}
    return {**names, "not_after": when, "days_left": (ends - now).days}


def _shown(value: object) -> str:
    """A short text of what was sent, for a log: of simple values only."""
    if value is None:
        return "missing"
    return repr(value)[:60] if isinstance(value, (str, int, float)) else f"a {type(value).__name__}"
