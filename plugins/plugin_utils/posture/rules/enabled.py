# SPDX-FileCopyrightText: 2026 The zosconnect.security contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Rules: features that nobody knows, that Liberty does not load together, and elements without their feature."""

from __future__ import annotations

from collections.abc import Iterator

from ansible_collections.zosconnect.security.plugins.plugin_utils.hints import nearest, several, shortened
from ansible_collections.zosconnect.security.plugins.plugin_utils.liberty.variables import Origin
from ansible_collections.zosconnect.security.plugins.plugin_utils.posture import (
    element_features,
    feature_list,
    features,
)
from ansible_collections.zosconnect.security.plugins.plugin_utils.posture.rules.rule import (
    Fault,
    Rule,
    Subject,
    rule,
)


@rule("feature-unknown")
def unknown(subject: Subject) -> Iterator[Fault]:
    for name, origin in features.written(subject.effective).items():
        if "${" not in name and not feature_list.is_known(name) and not feature_list.newest_known(name):
            hint = nearest(name, feature_list.like(name)) or "."
            text = f"No list of features known here has {shortened(name)!r}{hint}"
            yield Fault(origin, text, about=("feature", name))


@rule("feature-newer")
def newer(subject: Subject) -> Iterator[Fault]:
    for name, origin in features.written(subject.effective).items():
        known = None if feature_list.is_known(name) else feature_list.newest_known(name)
        if known:
            text = f"{shortened(name)} is newer than all that is known here, {known}: nobody here knows what it brings."
            yield Fault(origin, text, about=("feature", name))


@rule("feature-clash")
def clash(subject: Subject) -> Iterator[Fault]:
    written = features.written(subject.effective)
    for one, other, why in feature_list.clashes([*written]):
        yield _together(written, one, other, f"Liberty does not load {one} and {other} together: {why}.")


@rule("feature-twice")
def twice(subject: Subject) -> Iterator[Fault]:
    written = features.written(subject.effective)
    for one, other in feature_list.twice([*written]):
        yield _together(written, one, other, f"Two versions of one feature are enabled, {one} and {other}.")


@rule("element-without-feature")
def without_feature(subject: Subject) -> Iterator[Fault]:
    effective = subject.effective
    for name, occurrences in effective.assembly.elements.items():
        if element_features.is_known(name) and element_features.is_without(effective, name):
            wanted = several(element_features.that_bring(name), " or ")
            text = f"<{name}> has no effect: no enabled feature brings it. It needs {wanted}."
            yield Fault(occurrences[0].origin, text, about=("element", name))


def _together(written: dict[str, Origin], one: str, other: str, text: str) -> Fault:
    return Fault(written[other], text, about=("feature", *sorted((one, other))))


RULES = tuple(entry for entry in list(globals().values()) if isinstance(entry, Rule))
