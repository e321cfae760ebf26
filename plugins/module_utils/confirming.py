# SPDX-FileCopyrightText: 2026 The zosconnect.security contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""The running server is told of a change, and its ports are looked at. PRIVATE to this collection.

Standard library only, Python 3.9.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from ansible_collections.zosconnect.security.plugins.module_utils import gates, notifying, reading
from ansible_collections.zosconnect.security.plugins.module_utils.outcomes import Outcome, Stopped

# Seconds for which ports must be as declared, by how the server is told: one that looks for changes itself is late.
_SETTLE = {"mbean": 1.0, "polled": 3.0}

# Bytes of the end of the server's log, and a number in it, which some languages divide.
_LOG_BYTES = 256 * 1024
_NUMBER = re.compile(r"\d[\d.,]*")

Json = dict[str, Any]


@dataclass(frozen=True)
class Server:
    """The server of an order; ``scratch`` is a private directory. Whoever needs no server, needs none of this."""

    order: Json
    scratch: str | None

    @property
    def is_told(self) -> bool:
        """Whether it is told of changes by its MBean."""
        return bool(self.order["refresh"]["kind"] == "mbean")

    def check(self) -> None:
        """Stop if it cannot be told, or its ports cannot be looked at, while nothing has been changed."""
        if wrong := gates.check(self._gates()):
            raise Stopped("gates", wrong)
        if self.is_told:
            asked = notifying.reachable(self.order["refresh"], self.scratch)
            if asked["state"] == "failed":
                raise Stopped("connector", f"{asked['message']} Nothing was changed.")

    def tell(self, modified: Sequence[str], *, created: Sequence[str] = (), deleted: Sequence[str] = ()) -> Json:
        """Tell it of files; say what came of that."""
        files = {"created": created, "modified": modified, "deleted": deleted}
        # Without the private directory, which is gone when nobody waits any more.
        return notifying.tell(self.order["refresh"], files, None)

    def confirm(self, outcome: Outcome, keys: Callable[[Json], list[str]]) -> None:
        """Look at the ports until they show what is declared; stop if they do not in time.

        ``keys`` returns the fingerprints of what a store of the order holds now, for a port that must serve that.
        """
        wanted = [self._with_keys(gate, keys) for gate in self._gates()]
        if not wanted:
            return
        settle = self.order.get("settle_seconds")
        settle = _SETTLE.get(self.order["refresh"]["kind"], 0.0) if settle is None else float(settle)
        seconds = float(self.order.get("verify_seconds") or 0)
        outcome.gates = gates.until_as_declared(wanted, seconds, settle)
        wrong = [(gate, seen) for gate, seen in zip(wanted, outcome.gates) if not seen["as_declared"]]
        if wrong:
            said = " ".join(gates.sentence(gate, seen) + self._listens(gate) for gate, seen in wrong[:3])
            raise Stopped("gates", said, titles=[gate["title"] for gate, _seen in wrong], seconds=seconds)

    def _listens(self, gate: Json) -> str:
        """Say on which port the server opened the endpoint of a gate, where its log shows another one than was asked.

        An https endpoint that was taken away with its ssl keeps its old port when it is made again, until the server is
        started anew (seen on Open Liberty 26.0.0.3).
        """
        asked = self.order.get("pending") or {}
        if not (gate.get("channel") and asked.get("log")):
            return ""
        named_by = reading.namers(asked["directory"], tuple(self.order.get("known_files") or ()))
        log = reading.describe_end(asked["log"], _LOG_BYTES, named_by)
        lines = log["data"].decode("utf-8", "replace").splitlines()
        opened = [line for line in lines if "CWWKO0219I" in line and gate["channel"] in line.split()]
        ports = [re.sub(r"\D", "", number) for number in _NUMBER.findall("".join(opened[-1:]))]
        if not ports or ports[-1] == str(gate["port"]):
            return ""
        return (
            f" The server's log says that {gate['channel']} listens on port {ports[-1]} (CWWKO0219I): the server keeps "
            "the port that the endpoint had when it was taken away with its ssl. Restart the server, and run again."
        )

    def _gates(self) -> list[Json]:
        return [{"plain": False, "fingerprints": [], **gate} for gate in self.order.get("gates") or ()]

    def _with_keys(self, gate: Json, keys: Callable[[Json], list[str]]) -> Json:
        intended = map(gates.spelled, [*(gate["fingerprints"] or ()), *keys(gate)])
        return {**gate, "fingerprints": list(dict.fromkeys(intended))}
