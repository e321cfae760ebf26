# SPDX-FileCopyrightText: 2026 The zosconnect.security contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a plan, and the run of its commands, look like in a result."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from ansible_collections.zosconnect.security.plugins.plugin_utils.errors import SecurityError
from ansible_collections.zosconnect.security.plugins.plugin_utils.saf import commands
from ansible_collections.zosconnect.security.plugins.plugin_utils.saf.plan import RacfPlan
from ansible_collections.zosconnect.security.plugins.plugin_utils.saf.racdcert import KeyRing, ring_shown


def result(planned: RacfPlan) -> dict[str, Any]:
    """Return a plan as plain data."""
    return {
        "commands": planned.texts,
        "undo": planned.undo,
        "before": ring_shown(planned.before) if planned.before else None,
        "after": ring_shown(planned.after) if planned.after else None,
        "findings": planned.findings,
        "notes": planned.notes,
        "operator_commands": planned.operator_commands,
    }


def diff(planned: RacfPlan) -> dict[str, str]:
    """Return the ring before and after, a line for each certificate, and the other commands as what comes."""
    others = [step.text for step in planned.steps if step.classes != commands.RING_CLASSES]
    return {"before": _lines(planned.before), "after": _lines(planned.after) + "".join(f"{text}\n" for text in others)}


def _lines(ring: KeyRing | None) -> str:
    if ring is None:
        return ""
    rows = [
        f"  {one.owner} {one.label!r} {one.usage}{' DEFAULT' if one.default else ''}\n"
        for one in sorted(ring.connections, key=lambda one: one.key)
    ]
    return f"ring {ring.owner}/{ring.name}\n" + "".join(rows)


def listing_text(answers: Sequence[Mapping[str, Any]]) -> str:
    """Return answers as one text that names the command before each; raise SecurityError for one that says nothing."""
    for answer in answers:
        if answer["rc"] != 0 and not answer["output"].strip():
            raise SecurityError(
                f"{answer['command']}: ended with return code {answer['rc']} and printed nothing; run it by hand to "
                "see why."
            )
    return "".join(f"{answer['command']}\n{answer['output']}\n" for answer in answers)


def failure(planned: RacfPlan, answers: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """Return what a result says of commands that were stopped at a failure; nothing if all did their work."""
    texts = planned.texts
    done = sum(bool(answer["done"]) for answer in answers)
    if done == len(texts):
        return {}
    failed = answers[-1]
    printed = " ".join(failed["output"].split()) or "no message"
    undo = commands.undo_of(planned.steps[:done])
    what = "Nothing was changed."
    if done:
        what = (
            f"{done} of {len(texts)} commands were done before and stay, because RACF has no transaction: take them "
            "back with the commands in undo, or run the task again when the cause is gone."
        )
    return {
        "failed": True,
        "changed": done > 0,
        "msg": f"{failed['command']}: failed with return code {failed['rc']}: {printed} {what}",
        "done": texts[:done],
        "failed_command": failed["command"],
        "not_done": texts[done + 1 :],
        "undo": undo,
    }


def not_as_planned(planned: RacfPlan, again: RacfPlan) -> dict[str, Any]:
    """Return what a result says when RACF, asked again, does not have what the commands should have brought."""
    if not again.steps:
        return {}
    return {
        "failed": True,
        "changed": True,
        "msg": (
            f"RACF took all commands, but asked again it still lacks: {'; '.join(step.text for step in again.steps)}. "
            "Look for exits or automatic direction that change commands."
        ),
        "done": planned.texts,
        "not_done": [],
    }
