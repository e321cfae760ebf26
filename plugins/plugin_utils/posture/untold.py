# SPDX-FileCopyrightText: 2026 The zosconnect.security contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a server was not told of yet: what the target is to note of this run, and what it noted of earlier ones."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ansible_collections.zosconnect.security.plugins.plugin_utils import operator_commands
from ansible_collections.zosconnect.security.plugins.plugin_utils.liberty.effective import Effective
from ansible_collections.zosconnect.security.plugins.plugin_utils.operator_commands import CHANGED
from ansible_collections.zosconnect.security.plugins.plugin_utils.posture.log import messages_log
from ansible_collections.zosconnect.security.plugins.plugin_utils.posture.server import Server

Json = dict[str, Any]


@dataclass(frozen=True)
class Untold:
    """What target_read found in the server's directory; ``kinds`` are of ``operator_commands.CHANGED``."""

    state: str = "none"
    kinds: tuple[str, ...] = ()
    path: str = ""
    log: str = ""
    message: str = ""

    @classmethod
    def of(cls, answer: Mapping[str, Any]) -> Untold:
        """Return what target_read said."""
        if answer.get("state", "none") == "none":
            return cls()
        kinds = tuple(kind for kind in CHANGED if kind in answer["kinds"])
        return cls(answer["state"], kinds, answer["path"], answer["log"] or "", answer["message"])

    @property
    def is_over(self) -> bool:
        """Whether the note has nothing to say any more, and goes in the next run that is no check."""
        return self.state == "done"

    @property
    def warnings(self) -> list[str]:
        """What is wrong with the note itself."""
        return [self.message] if self.state == "refused" else []

    def told(self, host: str, job_name: object, version: str) -> str:
        """Say what the server of ``host`` waits for, by the commands of a ``version``; nothing where it does not."""
        commands = [one for kind in self.kinds for one in operator_commands.asked(kind, job_name or "", version)]
        return self.sentence(host, ", then ".join(dict.fromkeys(commands))) if commands else ""

    def sentence(self, host: str, command: str, *, polls: bool = False) -> str:
        """Say which operator command the server of ``host`` waits for, and how that is known.

        ``polls`` says that it reads its configuration by itself (see ``reads_by_itself``).
        """
        after = "when it has looked for changes" if polls else f"after the operator command {command}"
        waits = f"An earlier run changed files of {host}, and the server uses them {after}"
        if self.message:
            did = ("it did", "it did") if polls else ("it was given", "it was")
            return f"{waits}. Whether {did[0]} cannot be seen: {self.message} If {did[1]}, remove {self.path}."
        return f"{waits}: {self.log} shows neither a refresh nor a start since."


def reads_by_itself(effective: Effective | None) -> bool:
    """Whether a server takes changed files of its configuration without being told; False also where nobody knows.

    Rule: Open Liberty, element config: updateTrigger is polled by default. A file that nobody could read may say else.
    """
    if effective is None or not effective.all_read:
        return False
    config = effective.one("config")
    return (config.get("updateTrigger") if config else None) in (None, "polled")


def order(server: Server, told: str, kinds: Mapping[str, str] | None = None) -> Json:
    """Return what target_apply notes of files by path and kind, and that it takes away what is over."""
    return {"directory": server.places.server, "log": messages_log(server), "told": told, "kinds": dict(kinds or {})}
