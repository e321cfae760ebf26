# SPDX-FileCopyrightText: 2026 The zosconnect.security contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Hosts of policies and texts that could not be asked, or written to: what that leaves open, and what to do."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from ansible_collections.zosconnect.security.plugins.plugin_utils.connections import declaration, summary
from ansible_collections.zosconnect.security.plugins.plugin_utils.connections.outcome import FAILED, UNREACHABLE
from ansible_collections.zosconnect.security.plugins.plugin_utils.connections.reading import SIDES, Places
from ansible_collections.zosconnect.security.plugins.plugin_utils.hints import several

Json = dict[str, Any]

_HANDOVER = "handover"
# Which key of a connection says that AT-TLS of a side is its own.
_TLS = {"inbound": "server_tls", "outbound": "caller_tls"}


@dataclass(frozen=True)
class Row:
    """One host: what it has of the declaration (by the options that name it), and the connections that need it."""

    host: str
    status: str
    has: tuple[str, ...]
    unproven: tuple[str, ...]
    reason: str
    next: str

    @property
    def sentence(self) -> str:
        """Say all of it, the reason first."""
        reason = self.reason if self.reason.endswith(".") else f"{self.reason}."
        if self.status == FAILED:
            return reason
        return f"{reason} {self.host} has {' and '.join(self.has)}, so unproven: {several(self.unproven)}. {self.next}"


def rows(results: Sequence[Mapping[str, Any]], declared: Sequence[object], places: Places, prefix: str) -> list[Row]:
    """Return a row for each host that failed; ``results`` are those of a loop over hosts, ``item`` is the host."""
    return [_row(each, declared, places, prefix) for each in results]


def _row(result: Mapping[str, Any], declared: Sequence[object], places: Places, prefix: str) -> Row:
    host = str(result.get("item"))
    kinds = [
        kind for kind in (*SIDES, _HANDOVER) if _option(kind) in places.options and places.holder(_option(kind)) == host
    ]
    has = [what for kind, what in _titles().items() if kind in kinds]
    options = [f"{prefix}{_option(kind)}" for kind in kinds]
    status = UNREACHABLE if result.get("unreachable") else FAILED
    return Row(
        host,
        status,
        tuple(has),
        tuple(dict.fromkeys(name for kind in kinds for name in _names(kind, declared))),
        str(result.get("msg") or "The host did not say why."),
        f"Make {host} reachable or correct {' and '.join(options)}, then run this again."
        if status == UNREACHABLE
        else "",
    )


def _titles() -> dict[str, str]:
    return {**{side: f"the {side} AT-TLS policy" for side in SIDES}, _HANDOVER: "the texts for other teams"}


def _option(kind: str) -> str:
    return f"{kind}_host" if kind == _HANDOVER else f"{kind}_policy_host"


def _names(kind: str, declared: Sequence[object]) -> Iterator[str]:
    """Give the connections that a host's part is about: by who does TLS, and all where texts are handed over."""
    for number, item in enumerate(declared):
        said = item if isinstance(item, Mapping) else {}
        if kind == _HANDOVER or said.get(_TLS[kind]) == "attls" or kind in said:
            yield declaration.place(declared, number)


def result(found: Sequence[Row], before: Mapping[str, Any] | None = None) -> Json:
    """Return the result of a task that fails for these hosts; ``before`` is that of the part that was carried out."""
    sentence = " ".join(row.sentence for row in found)
    verdict = UNREACHABLE if any(row.status == UNREACHABLE for row in found) else FAILED
    told = (before or {}).get("summary") or summary.of_failure({})
    new = {**told, "verdict": verdict, "sentence": sentence, "hosts": [asdict(row) for row in found]}
    done: Json = {"changed": False, **(before or {}), "failed": True, "msg": sentence, "summary": new}
    if before:
        done["report"] = {**before["report"], "verdict": verdict, "next": [row.next for row in found if row.next]}
        done["lines"] = [f"UNREACHABLE  {row.host}: {row.sentence}" for row in found] + list(before["lines"])
    return done
