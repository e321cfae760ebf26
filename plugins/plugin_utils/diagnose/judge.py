# SPDX-FileCopyrightText: 2026 The zosconnect.security contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Messages and facts in, diagnoses out; and the lines that people read."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import yaml

from ansible_collections.zosconnect.security.plugins.plugin_utils import redact
from ansible_collections.zosconnect.security.plugins.plugin_utils.diagnose import cards
from ansible_collections.zosconnect.security.plugins.plugin_utils.diagnose.card import (
    Card,
    Case,
    Cause,
    Excluded,
    Fact,
    Open,
    Shown,
    Verdict,
)
from ansible_collections.zosconnect.security.plugins.plugin_utils.diagnose.facts import Facts
from ansible_collections.zosconnect.security.plugins.plugin_utils.diagnose.messages import Message

Json = dict[str, Any]
# Of characters of a message in a result.
_SHOWN = 400
_UNKNOWN = "This message is not in the table of docs/DIAGNOSE.md; look it up in the documentation of its product."


@dataclass(frozen=True)
class Diagnosis:
    """What is known of one message. ``shown`` is the cause with what shows it; None where nothing is decided."""

    message: Message
    card: Card | None
    shown: tuple[Cause, Shown] | None = None
    possible: Sequence[tuple[Cause, Verdict]] = ()

    @property
    def is_news(self) -> bool:
        """Whether somebody who reads a log wants to know it."""
        return self.card is None or self.card.is_news or self.shown is not None

    @property
    def next(self) -> list[str]:
        """What to look at, where nothing is decided."""
        if self.shown:
            return []
        if self.card is None:
            return [_UNKNOWN]
        said = [verdict.next for _cause, verdict in self.possible if isinstance(verdict, Open) and verdict.next]
        return list(dict.fromkeys(said)) or [self.card.next]

    @property
    def because(self) -> list[Fact]:
        """The facts: those of the cause, else all that were found."""
        if self.shown:
            return list(self.shown[1].because)
        return list(dict.fromkeys(fact for _cause, verdict in self.possible for fact in verdict.because))


def diagnose(messages: Sequence[Message], facts: Facts, around: Sequence[Message] = ()) -> list[Diagnosis]:
    """Return a diagnosis of each message, in their order. ``around`` are all messages of the logs, those too."""
    known = around or messages
    others = [one for one in messages if one.source not in {each.source for each in around}] if around else []
    return [_diagnosed(Case(message, facts, [*others, *known])) for message in messages]


def _diagnosed(case: Case) -> Diagnosis:
    card = cards.find(case.message)
    if card is None:
        return Diagnosis(case.message, None)
    verdicts = [(cause, cause.look(case)) for cause in card.causes]
    shown = [(cause, verdict) for cause, verdict in verdicts if isinstance(verdict, Shown)]
    # Two causes that are both shown contradict each other, or both are there: people decide that.
    if len(shown) == 1:
        return Diagnosis(case.message, card, shown[0], verdicts)
    return Diagnosis(case.message, card, None, [one for one in verdicts if not isinstance(one[1], Excluded)])


def report(found: Diagnosis) -> Json:
    """Return a diagnosis as plain data."""
    message, card = found.message, found.card
    cause, shown = found.shown or (None, None)
    return {
        "id": message.id,
        "code": message.code,
        "count": message.count,
        "source": message.source,
        "line": message.line,
        "time": message.time,
        "text": _short(message.text),
        "known": card is not None,
        "means": card.means if card else None,
        "decided": shown is not None,
        "cause": cause.id if cause else None,
        "says": shown.says if shown else None,
        "because": [{"fact": fact.text, "place": fact.place} for fact in found.because],
        "team": (shown.team or cause.team) if cause and shown else None,
        "remedy": list(shown.remedy) if shown else [],
        "next": found.next,
        "possible": []
        if shown
        else [{"cause": one.id, "title": one.title, "team": one.team} for one, _why in found.possible],
        "documentation": card.source if card else None,
    }


def _short(text: str) -> str:
    first = redact.text(text).strip()
    return first if len(first) <= _SHOWN else f"{first[:_SHOWN]}…"


def lines(host: str, diagnosed: Sequence[Json]) -> list[str]:
    """Return what ``report`` returned as lines for people, what is decided first."""
    order = sorted(_alike(diagnosed), key=lambda one: (not one["decided"], not one["known"]))
    return [line for one in order for line in _lines(host, one)] or [
        f"{host}  no error, no warning and no message of the table was found"
    ]


def _alike(diagnosed: Sequence[Json]) -> list[Json]:
    """Return answers that differ in nothing that is shown once, with the number of all their messages."""
    found: dict[str, Json] = {}
    for one in diagnosed:
        shown = "\n".join(_lines("", {**one, "count": 1}))
        found[shown] = {**one, "count": one["count"] + found[shown]["count"]} if shown in found else one
    return list(found.values())


def _lines(host: str, one: Json) -> Iterator[str]:
    name = " ".join(filter(None, (one["id"], one["code"])))
    times = f" ({one['count']} times)" if one["count"] > 1 else ""
    if not one["known"]:
        yield f"{host}  {name}{times}  unknown: {one['text'].splitlines()[0]}"
        return
    yield f"{host}  {name}{times}  {one['says'] or 'the cause could not be decided: ' + str(one['means'])}"
    for fact in one["because"]:
        yield f"    because: {fact['fact']}{' (' + fact['place'] + ')' if fact['place'] else ''}"
    if one["team"]:
        yield f"    owner: {one['team']}"
    for remedy in one["remedy"]:
        yield f"    remedy: {remedy.get('do') or remedy.get('command') or _elements(remedy)}"
    for cause in one["possible"]:
        yield f"    possible: {cause['title']} ({cause['team']})"
    for step in one["next"]:
        yield f"    next: {step}"


def _elements(remedy: Json) -> str:
    """Return what module server_xml would be given, as it can be pasted into a task."""
    shown = yaml.safe_dump([remedy], default_flow_style=True, sort_keys=False, width=math.inf, allow_unicode=True)
    return f"server_xml with elements: {shown.strip()}"
