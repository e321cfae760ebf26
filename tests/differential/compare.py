# SPDX-FileCopyrightText: 2026 The zosconnect.security contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the model computes and what `GET /ibm/api/config` reports, compared as a whole: every attribute counts.

But for the id of a singleton, which means nothing: on reload Liberty shows it only where something else changed as well.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from probe import CATALOGUE

from ansible_collections.zosconnect.security.plugins.plugin_utils.liberty import problems
from ansible_collections.zosconnect.security.plugins.plugin_utils.liberty.effective import Effective, walk
from ansible_collections.zosconnect.security.plugins.plugin_utils.liberty.elements import Element
from ansible_collections.zosconnect.security.plugins.plugin_utils.liberty.running import Form, Forms

FORMS = Forms()


def of_model(effective: Effective, names: Iterable[str]) -> dict[str, list[Form]]:
    """Return the forms of the effective instances of these elements."""
    return {name: _sorted(FORMS.of_files(one, CATALOGUE.get(name)) for one in effective.all(name)) for name in names}


def of_server(report: list[dict[str, Any]], names: Iterable[str]) -> dict[str, list[Form]]:
    """Return the forms of the reported instances of these elements."""
    found: dict[str, list[dict[str, Any]]] = {name: [] for name in names}
    for entry in report:
        found.get(entry["configElementName"], []).append(entry)
    return {name: _sorted(FORMS.of_server(one, CATALOGUE.get(name)) for one in found[name]) for name in found}


@dataclass(frozen=True)
class Difference:
    """One thing that differs: in which element, and a line that says what; "" where it is in none."""

    element: str
    text: str

    def __str__(self) -> str:
        return f"{self.element}: {self.text}" if self.element else self.text


def differences(model: Mapping[str, list[Form]], server: Mapping[str, list[Form]]) -> list[Difference]:
    """Return what differs."""
    found: list[Difference] = []
    for name in model:
        ours = [json.dumps(form, sort_keys=True, ensure_ascii=False) for form in model[name]]
        theirs = [json.dumps(form, sort_keys=True, ensure_ascii=False) for form in server[name]]
        found += [Difference(name, f"only the model has  {form}") for form in ours if form not in theirs]
        found += [Difference(name, f"only the server has {form}") for form in theirs if form not in ours]
        if not found and ours != theirs:
            found.append(Difference(name, f"the model has {len(ours)} instances, the server {len(theirs)}"))
    return found


def unsure(effective: Effective, rules: Collection[str]) -> Collection[str] | None:
    """Return the elements of which the model cannot say what they are, after problems of these kinds; None: of any.

    A problem may name a nested element; then it is about each element that has one of that name. What refers to an
    element that is not certain is not certain either.
    """
    about = [problem for problem in effective.problems if problem.rule in rules]
    if any(problem.element is None or problem.value == problems.NO_DEFAULT for problem in about):
        return None
    named = {str(problem.element).lower() for problem in about}
    found = {name for name in {*CATALOGUE, *effective.instances} if name.lower() in named}
    found |= {name for name, entry in CATALOGUE.items() if named & {inner.name.lower() for inner in _within(entry)}}
    for name, instances in effective.instances.items():
        if named & {one.element.lower() for one in walk(instances)}:
            found.add(name)
    before: set[str] = set()
    while before != found:
        before = {*found}
        found |= {name for name, entry in CATALOGUE.items() if found & {*_targets(entry)}}
    return found


def _within(entry: Element) -> Iterator[Element]:
    for inner in entry.children.values():
        yield inner
        yield from _within(inner)


def _targets(entry: Element) -> Iterator[str | None]:
    for one in (entry, *_within(entry)):
        yield from (attribute.target for attribute in one.references)


def _sorted(forms: Iterable[Form]) -> list[Form]:
    forms = [form if "#id" in form else {name: form[name] for name in form if name != "id"} for form in forms]
    return sorted(forms, key=lambda form: json.dumps(form, sort_keys=True))
