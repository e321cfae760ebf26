# SPDX-FileCopyrightText: 2026 The zosconnect.security contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a person sees of a run: at most six lines a host, one sentence where it failed, and a small summary."""

from __future__ import annotations

import posixpath
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from ansible_collections.zosconnect.security.plugins.plugin_utils.connections.outcome import (
    CHANGED,
    FAILED,
    LEFT,
    NOT_CONVERGED,
    PENDING,
    PUT_BACK,
    REFUSED,
    UNCHANGED,
    UNREACHABLE,
    WOULD_CHANGE,
)

Json = dict[str, Any]

MOST = 6
_MANY = 4
_NO_REASON = "The target did not say why."
_VERDICTS = {
    UNCHANGED: "unchanged",
    CHANGED: "changed",
    WOULD_CHANGE: "would change",
    PENDING: "changed",
    NOT_CONVERGED: "NOT CONVERGED",
    PUT_BACK: "PUT BACK",
    REFUSED: "REFUSED",
    LEFT: "LEFT HALF WAY",
}


@dataclass(frozen=True)
class Told:
    """What there is to tell: all of it is data, sentences are made here."""

    verdict: str
    connections: Sequence[Json] = ()
    endpoints: Sequence[Json] = ()
    files: Sequence[Json] = ()  # path, and what changed in it: a list of names
    effective: bool = False
    next: Sequence[str] = ()
    undo: str = ""
    warnings: Sequence[str] = ()
    findings: Sequence[Json] = ()
    waived: Sequence[Json] = ()
    applied: Json = field(default_factory=dict)  # what target_apply answered
    foretold: str = ""  # in check mode: what the server will say and open
    is_absent: bool = False  # they are taken away
    recovered: bool = False  # files of an interrupted run were put back first
    differences: Mapping[str, Sequence[Json]] = field(default_factory=dict)  # by connection: words, or that it is new


def lines(told: Told) -> list[str]:
    """Return at most six lines: what it is about, what changed where, whether it counts, and what undoes it."""
    found = [f"{_verdict(told)}  {_about(told)}"]
    if told.verdict in (PUT_BACK, REFUSED, LEFT):
        return [*found, *_failed(told)][:MOST]
    if told.files:
        found.append(f"files: {_some([_file(each) for each in told.files])}")
    found += [f"foretold: {told.foretold}"] if told.foretold else []
    found += [f"in force: {_force(told)}"] if told.verdict in (CHANGED, UNCHANGED) and told.effective else []
    found += [f"next: {step}" for step in _joined(told.next)]
    if attention := [*map(_finding, told.findings), *told.warnings]:
        found.append(f"note: {_most(attention)}")
    found += [f"undo: {told.undo}"] if told.undo else []
    return found[:MOST]


def _verdict(told: Told) -> str:
    """Return the verdict for a person: what waits for an operator may be the change of an earlier run."""
    waits = told.verdict == PENDING and not (told.files or told.recovered)
    return _VERDICTS[UNCHANGED if waits else told.verdict]


def _failed(told: Told) -> list[str]:
    found = [f"cause: {told.applied.get('message') or _NO_REASON}"]
    back, left = put_back(told), [each["path"] for each in _left(told)]
    found += [f"put back: {_some([posixpath.basename(path) for path in back])}"] if back else []
    found += [f"left: {_some(left)}"] if left else []
    return found if back or left else [*found, "nothing was changed"]


def put_back(told: Told) -> list[str]:
    """Return the files that are as they were before."""
    files = told.applied.get("files", ()) if told.verdict in (PUT_BACK, LEFT) else ()
    return [each["path"] for each in files if each["state"] == "old"]


def _left(told: Told) -> list[Json]:
    return [each for each in told.applied.get("files", ()) if each["state"] == "left"]


def outcome(told: Told) -> Json:
    """Return what the statistics keep of a run that failed on the target."""
    return {
        "failed": told.applied.get("message") or _NO_REASON,
        "put_back": put_back(told),
        "left": [each["path"] for each in _left(told)],
        "told": _told_back(told.applied.get("refresh_back") or {}),
    }


def _about(told: Told) -> str:
    """Name ports and calls; where only some become others, these, and what becomes other."""
    ports = [f"{one['connection']} on {one['port']}" for one in told.connections]
    calls = [one["connection"] for one in told.endpoints]
    parts = [_some(ports)] if ports else []
    if _verdict(told) != _VERDICTS[UNCHANGED] and told.differences:
        # Of a store or a policy nobody knows whose it is alone.
        some = told.differences if all(each.get("kind", "server") == "server" for each in told.files) else None
        has_words = any(map(_words, told.differences.values()))
        concerned = [
            f"{title}{_difference(told.differences.get(one['connection'], ()))}"
            for one, title in zip(told.connections, ports, strict=True)
            if some is None or one["connection"] in some
        ]
        if has_words or len(concerned) < len(ports):
            count = f"{len(concerned)} of {len(ports)} connections: " if some is not None else ""
            parts = [f"{count}{_some(concerned)}"] if concerned else []
        calls = [name for name in calls if some is None or name in some]
    parts += [f"calls of {_some(calls)}"] if calls else []
    return f"{'absent: ' if told.is_absent else ''}{'; '.join(parts)}" if parts else "nothing declared"


def _words(differences: Sequence[Json]) -> list[str]:
    return [f"{one['word']} {one['is']}, was {one['was']}" for one in differences if one["word"]]


def _difference(differences: Sequence[Json]) -> str:
    return f" ({'; '.join(_words(differences)) or 'new'})" if differences else ""


def _file(each: Mapping[str, Any]) -> str:
    what = list(dict.fromkeys(each["what"]))
    return f"{posixpath.basename(each['path'])}{f' ({_some(what)})' if what else ''}"


def _some(names: Sequence[str]) -> str:
    """Name things, of many the first."""
    more = len(names) - _MANY
    return ", ".join(names) if more <= 0 else f"{', '.join(names[:_MANY])} and {more} more"


def _force(told: Told) -> str:
    looked = [gate for gate in told.applied.get("gates", ()) if gate["as_declared"]]
    if looked:
        return f"{'the port was' if len(looked) == 1 else f'{len(looked)} ports were'} asked, as declared"
    return "nothing was to be done" if told.verdict == UNCHANGED else "the server was told"


def _joined(steps: Sequence[str]) -> list[str]:
    """Return at most two of them, of sentences that end."""
    return list(steps) if len(steps) <= 2 else [steps[0], sentences(steps[1:])]


def sentences(steps: Sequence[str]) -> str:
    """Return steps that follow each other, each of which ends as a sentence does."""
    return " ".join(step if step.endswith(".") else f"{step}." for step in steps)


def _finding(one: Json) -> str:
    return f"{one['id']}: {one['message']} ({one['origin']})"


def _most(said: Sequence[str]) -> str:
    more = len(said) - 1
    return said[0] if not more else f"{said[0]} ({more} more among the task's findings and warnings)"


def failure(told: Told) -> str:
    """Return the sentence of a run that failed: the cause, what was put back, what is as it is now."""
    applied, back = told.applied, put_back(told)
    said = [applied.get("message") or _NO_REASON]
    said += [f"Put back: {', '.join(back)}."] if back else []
    said += [each["message"] or f"{each['path']}: is as the run left it." for each in _left(told)]
    told_back = applied.get("refresh_back") or {}
    said += [_told_back(told_back)] if told_back else []
    said += ["Nothing was changed."] if told.verdict == REFUSED else []
    return " ".join(said)


def _told_back(answer: Mapping[str, Any]) -> str:
    if not answer:
        return "The server was not told of anything."
    if answer["state"] == "failed":
        return f"The server could not be told of that: {answer['message']}"
    words = {"mbean": "The server was told of that.", "polled": "The server looks for changes itself."}
    return words.get(answer["kind"], _told_back({}))


def summary(told: Told, sentence: str = "") -> Json:
    """Return the small summary for statistics: verdict, counts, the three worst, one sentence."""
    severities = Counter(one["severity"] for one in told.findings)
    worst = list(map(_finding, told.findings))
    return {
        "verdict": told.verdict,
        "effective": told.effective,
        "counts": {
            "connections": len(told.connections),
            "endpoints": len(told.endpoints),
            "files": len(told.files),
            "warnings": len(told.warnings),
            "findings": dict(severities),
            "waived": len(told.waived),
        },
        "worst": [*worst, *told.warnings][:3],
        "sentence": sentence or f"{_verdict(told)}: {_about(told)}",
    }


def of_failure(result: Mapping[str, Any]) -> Json:
    """Return what the statistics keep of a task that failed, or reached nobody, before there was anything to tell."""
    verdict = UNREACHABLE if result.get("unreachable") else FAILED
    why = str(result.get("msg") or _NO_REASON)
    return summary(Told(verdict), why)


def of_restore(result: Mapping[str, Any], *, check_mode: bool) -> Json:
    """Return the small summary of files that were put back."""
    done = WOULD_CHANGE if check_mode else CHANGED
    told = Told(done if result["changed"] else UNCHANGED, files=result["restored"])
    return summary(told, "; ".join(result["lines"]))
