# SPDX-FileCopyrightText: 2026 The zosconnect.security contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a user gives to be diagnosed, and what logs hold."""

from __future__ import annotations

import base64
import posixpath
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from ansible_collections.zosconnect.security.plugins.plugin_utils import survey
from ansible_collections.zosconnect.security.plugins.plugin_utils.declared import described
from ansible_collections.zosconnect.security.plugins.plugin_utils.diagnose import messages, text
from ansible_collections.zosconnect.security.plugins.plugin_utils.diagnose.cards import find
from ansible_collections.zosconnect.security.plugins.plugin_utils.diagnose.cards.probed import PROBE
from ansible_collections.zosconnect.security.plugins.plugin_utils.diagnose.messages import Message
from ansible_collections.zosconnect.security.plugins.plugin_utils.errors import SecurityError

Json = dict[str, Any]
WHERE = "messages"


def lines(given: object, where: str = WHERE) -> str:
    """Return ``messages`` as one text. A line with a colon that YAML made a mapping of is that line again.

    Raises SecurityError for what is no text.
    """
    held = survey.held(given, list)
    if held is None or isinstance(held, str):
        return held or ""
    if not isinstance(held, Sequence):
        raise SecurityError(f"{where}: is {described(held)}; give lines as a list, or one text.")
    return "\n".join(_line(item, f"{where}[{number}]") for number, item in enumerate(held))


def _line(item: object, where: str) -> str:
    if isinstance(item, (str, int)) and not isinstance(item, bool):
        return str(item)
    if isinstance(item, Mapping) and len(item) == 1:
        (name, said), *_others = item.items()
        return f"{name}: {'' if said is None else said}"
    raise SecurityError(f"{where}: is {described(item)}, no line of a log; put it between quotes.")


def incidents(log: str) -> str:
    """Return the directory of FFDC incidents beside a log."""
    return posixpath.join(posixpath.dirname(log), "ffdc")


def of_answer(answers: Sequence[Mapping[str, Any]]) -> tuple[list[Message], list[Json]]:
    """Return the messages of the logs that target_tail brought, and what was read or could not be."""
    found: list[Message] = []
    for item in answers:
        data = base64.b64decode(item["content"])
        cut = bool(item["is_cut"])
        whole = text.decoded(data, item["tag"], is_cut=cut)
        found += messages.read(whole, item["path"], first_line=None if cut else 1)
    return found, [{key: item[key] for key in ("path", "state", "message", "size", "is_cut")} for item in answers]


def not_seen(
    lines: object, said: Sequence[Message], path: str | None, logs: Sequence[Json], prefix: str = ""
) -> list[str]:
    """Say what nobody could read: lines without a message, and logs. ``path`` is the log that was to be read.

    ``prefix`` is what the names of options begin with for users.

    A log that was renamed a moment ago is absent, and the one before it is read.
    """
    unread = [str(log["message"]) for log in logs if log["state"] not in ("file", "absent")]
    if lines and not said:
        unread.append(
            f"{prefix}{WHERE}: hold no identifier such as CWPKI0022E or BAQ-STATUS-CODE 302; give whole lines."
        )
    folder = posixpath.dirname(path or "")
    if path and not any(log["state"] != "absent" and posixpath.dirname(log["path"]) == folder for log in logs):
        unread.append(f"{path}: does not exist; give in {prefix}log where the log is.")
    return unread


def chosen(given: Sequence[Message], logged: Sequence[Message]) -> tuple[list[Message], int]:
    """Return what to diagnose, redacted, and how many more there are: of logs what is known, or serious.

    Of very many the last ones: what happened last is what people ask about.
    """
    told = [one for one in logged if find(one) or messages.is_serious(one)]
    found = [*given, *told]
    kept = found[-messages.MOST :]
    return [messages.redacted(one) for one in kept], len(found) - len(kept)


def probe(host: str, port: int, report: Mapping[str, Any], now: datetime) -> Message:
    """Return what a port did as a message; a certificate that has ended is an outcome of its own."""
    code = str(report["outcome"])
    shown = report.get("peer_certificates") or []
    ends = str(shown[0].get("not_after") or "") if shown else ""
    if (
        code in ("ok", "closed_after_handshake", "no_reply", "not_http")
        and ends
        and ends < now.strftime("%Y-%m-%dT%H:%M:%SZ")
    ):
        code = "expired"
    return Message(PROBE, str(report["msg"]), code, source=host, line=port)
