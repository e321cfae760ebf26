# SPDX-FileCopyrightText: 2026 The zosconnect.security contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Messages about files, elements and values (CWWKG). Observed on Open Liberty 26.0.0.3."""

from __future__ import annotations

from collections.abc import Iterator

from ansible_collections.zosconnect.security.plugins.plugin_utils.liberty import elements, problems
from ansible_collections.zosconnect.security.plugins.plugin_utils.liberty import raw as raws
from ansible_collections.zosconnect.security.plugins.plugin_utils.liberty.problems import Problem
from ansible_collections.zosconnect.security.plugins.plugin_utils.liberty.raw import Raw
from ansible_collections.zosconnect.security.plugins.plugin_utils.liberty.variables import Origin
from ansible_collections.zosconnect.security.plugins.plugin_utils.posture import element_features
from ansible_collections.zosconnect.security.plugins.plugin_utils.posture.predict import enabled
from ansible_collections.zosconnect.security.plugins.plugin_utils.posture.predict import prediction as kinds
from ansible_collections.zosconnect.security.plugins.plugin_utils.posture.predict.prediction import Prediction
from ansible_collections.zosconnect.security.plugins.plugin_utils.posture.predict.situation import Situation

# Of values and references of an element; all others are about files, and are said whenever Liberty reads them.
_OF_ELEMENTS = (problems.BAD_VALUE, problems.REJECTED, problems.REQUIRED, problems.DANGLING)


def told(situation: Situation) -> Iterator[Prediction]:
    """Yield what Liberty says of the configuration itself."""
    assembly = situation.effective.assembly
    if assembly.refused is not None:
        yield from (_of(problem) for problem in assembly.problems if problem.code)
        if assembly.refused_code:
            refused = Origin("configuration")
            yield Prediction(assembly.refused_code, kinds.REFUSED, refused, other=assembly.refused)
        return
    for problem in situation.effective.problems:
        if problem.rule not in _OF_ELEMENTS:
            if problem.code:
                yield _of(problem)
        elif _is_looked_at(situation, problem):
            yield from (_of(problem, identity) for identity in _ids(problem))
            if problem.rule == problems.REJECTED and situation.was_there(str(problem.element), problem.identity):
                yield _of(problem, "CWWKG0076W", kinds.KEPT)
    yield from _conflicts(situation)
    if situation.before is not None:
        code, kind = ("CWWKG0017I", kinds.UPDATED) if situation.is_changed else ("CWWKG0018I", kinds.UNCHANGED)
        yield Prediction(code, kind, Origin("configuration"))


def _of(problem: Problem, identity: str | None = None, kind: str = kinds.PROBLEM) -> Prediction:
    return Prediction(
        identity or str(problem.code),
        kind,
        problem.origin,
        problem.element,
        problem.identity,
        problem.root.attribute,
        problem=problem,
    )


def _ids(problem: Problem) -> tuple[str, ...]:
    """Return the messages about one value, element or reference."""
    if problem.rule == problems.BAD_VALUE:
        expected = (problem.cause and problem.cause.expected) or ""
        if expected.startswith("duration"):
            return ("CWWKG0075E",)
        return ("CWWKG0032W",) if problem.code == "CWWKG0032W" else ("CWWKG0011W", "CWWKG0083W")
    if problem.rule == problems.REJECTED and problem.root.rule == problems.LACKING:
        return ("CWWKG0058E",)
    return (problem.code,) if problem.code else ()


def _is_looked_at(situation: Situation, problem: Problem) -> bool:
    """Say whether Liberty looks at the element: its feature is on, and something about it changed."""
    name = str(problem.element)
    if element_features.is_without(situation.effective, name):
        return False
    if situation.before is None and enabled.loads(situation) == enabled.NOTHING:
        return False
    if situation.before is None or _key(problem) not in map(_key, situation.before.problems):
        return True
    return name in elements.CATALOGUE and situation.is_new(name, problem.identity)


def _key(problem: Problem) -> tuple[object, ...]:
    root = problem.root
    return problem.rule, problem.element, problem.identity, root.attribute, root.value, root.unresolved


def _conflicts(situation: Situation) -> Iterator[Prediction]:
    """Yield the elements of which one attribute stands in several places with several values (CWWKG0102I)."""
    for name, occurrences in situation.effective.assembly.elements.items():
        entry = elements.CATALOGUE.get(name)
        if entry is None or len(occurrences) < 2 or element_features.is_without(situation.effective, name):
            continue
        groups = raws.by_identity(occurrences, entry.default_id) if entry.by_id else {None: occurrences}
        for identity, group in groups.items():
            if len(group) > 1 and situation.is_new(name, identity):
                yield from _conflict(name, identity, group)


def _conflict(name: str, identity: str | None, group: list[Raw]) -> Iterator[Prediction]:
    values: dict[str, set[str]] = {}
    for raw in group:
        for attribute in raw.attributes.values():
            if attribute.scalar is not None and attribute.spelling != "id":
                values.setdefault(attribute.spelling, set()).add(attribute.scalar.text)
    several = [spelling for spelling, found in values.items() if len(found) > 1]
    if several:
        yield Prediction("CWWKG0102I", kinds.CONFLICT, group[-1].origin, name, identity, several[0])
