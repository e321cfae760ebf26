# SPDX-FileCopyrightText: 2026 The zosconnect.security contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Rules: what stands in the files without the effect that it seems to have, and what the server has not read yet."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

from ansible_collections.zosconnect.security.plugins.plugin_utils.hints import nearest, shortened
from ansible_collections.zosconnect.security.plugins.plugin_utils.liberty import elements, problems, values
from ansible_collections.zosconnect.security.plugins.plugin_utils.liberty.effective import Instance, walk
from ansible_collections.zosconnect.security.plugins.plugin_utils.liberty.problems import Problem
from ansible_collections.zosconnect.security.plugins.plugin_utils.liberty.variables import Origin
from ansible_collections.zosconnect.security.plugins.plugin_utils.posture import require_secure
from ansible_collections.zosconnect.security.plugins.plugin_utils.posture.rules.rule import (
    Fault,
    Rule,
    Subject,
    of,
    rule,
)
from ansible_collections.zosconnect.security.plugins.plugin_utils.posture.rules.secrets import REQUEST_BODY

_MOST_HINTS = 1000
# Defined by the Java or the installation that runs the server, and by the environment that starts it: not seen here.
_ELSEWHERE = ("wlp.", "java.", "user.", "os.", "env.")
_REJECTED = (problems.BAD_VALUE, problems.REJECTED, problems.REQUIRED, problems.VARIABLE_INCOMPLETE)
_OF_FILES = (
    *problems.NOT_READ,
    problems.DROPIN_BROKEN,
    problems.AFTER_THE_END,
    problems.WRONG_ROOT,
    problems.INCLUDE_CYCLE,
    problems.INCLUDE_OTHERS,
    problems.INCLUDE_WITHOUT_LOCATION,
    problems.INCLUDE_MODE,
)
_MEMBERS = tuple(side.member for side in require_secure.SIDES)
_OURS = " (So in a stand-in on a real Liberty; what z/OS Connect makes of it is not confirmed.)"


def _problem(*rules: str) -> Callable[[Subject], Iterator[Fault]]:
    """Return a function that yields the problems of these kinds, as the assembly found them."""

    def look(subject: Subject) -> Iterator[Fault]:
        for problem in subject.effective.problems:
            if problem.rule in rules:
                yield Fault(problem.origin, problem.message, about=_about(problem))

    return look


@rule("config-refused")
def refused(subject: Subject) -> Iterator[Fault]:
    if subject.effective.assembly.refused:
        yield Fault(Origin("configuration"), subject.effective.assembly.refused, about=("configuration",))


@rule("value-rejected")
def rejected(subject: Subject) -> Iterator[Fault]:
    for problem in subject.effective.problems:
        # What an unseen environment may define is another finding: variable-unresolved.
        if problem.rule in _REJECTED and not problem.root.unresolved:
            of_product = {str(problem.element), str(problem.root.element)}
            ours = any(name.startswith("zosconnect_") or name in _MEMBERS for name in of_product)
            yield Fault(problem.origin, problem.message + (_OURS if ours else ""), about=_about(problem))


@rule("attribute-unknown")
def unknown_names(subject: Subject) -> Iterator[Fault]:
    # To look for a name that may be meant takes long; whoever has so many unknown ones has not misspelt them.
    hints = iter(range(_MOST_HINTS))
    for name, instances in subject.effective.instances.items():
        entry = elements.CATALOGUE.get(name)
        for instance in instances if entry else ():
            yield from _unknown(instance, entry, hints)


def _unknown(instance: Instance, entry: elements.Element | None, hints: Iterator[int]) -> Iterator[Fault]:
    if entry is None or not entry.names:  # one of which the catalogue has nothing but the name
        return
    for name in [*instance.attributes, *instance.children]:
        if not _is_known(name.lower(), entry):
            near = (nearest(name, entry.names.values()) if next(hints, None) is not None else "") or "."
            text = f"{shortened(name)} of <{instance.element}> is not known here{near}"
            yield Fault(_place(instance, name), text, about=of(instance, name))
    for name, children in instance.children.items():
        for child in children:
            yield from _unknown(child, entry.children.get(name.lower()), hints)


def _is_known(name: str, entry: elements.Element) -> bool:
    """Whether the catalogue has an attribute or a child of this name; a reference may be nested by its name."""
    reference = entry.attributes.get(f"{name}ref")
    return name == "id" or name in entry.names or (reference is not None and reference.kind in ("ref", "refs"))


def _place(instance: Instance, name: str) -> Origin:
    children = instance.children.get(name)
    return children[0].places[-1] if children else instance.origin(name)


@rule("variable-elsewhere")
def unresolved_elsewhere(subject: Subject) -> Iterator[Fault]:
    yield from _unresolved(one for one in _all(subject) if elements.find(one.element, None) is None)


def _unresolved(tops: Iterable[Instance]) -> Iterator[Fault]:
    for instance in walk(tops):
        for name, value in instance.attributes.items():
            texts = value.value if isinstance(value.value, list) else [value.value]
            missing = [v for text in texts if isinstance(text, str) for v in values.variables(text)]
            missing = [v for v in missing if not v.startswith(_ELSEWHERE)]
            # What a body of a request has is filled in at each call.
            if missing and value.origin.line is not None and name.lower() != REQUEST_BODY:
                text = f"{name} of <{instance.element}> uses ${{{missing[0]}}}, which nothing seen here defines."
                yield Fault(value.origin, text, about=of(instance, name), detail=frozenset(missing))


@rule("variable-unresolved")
def unresolved(subject: Subject) -> Iterator[Fault]:
    yield from _unresolved(one for one in _all(subject) if elements.find(one.element, None))
    for problem in subject.effective.problems:
        root = problem.root
        if root.unresolved:
            uses = f"{root.attribute} of <{root.element}> uses ${{{root.unresolved}}}"
            about = (root.element, root.identity, root.attribute)
            text = f"{uses}, {_then(problem)}"
            yield Fault(problem.origin, text, about=about, detail=frozenset({root.unresolved}))


def _about(problem: Problem) -> tuple[object, ...]:
    """What a problem is about: a file and what is named in it, or an element."""
    if problem.rule in _OF_FILES:
        return problem.rule, problem.origin.source, problem.value, problem.attribute
    return problem.element, problem.identity, problem.attribute, problem.root.attribute, problem.value


def _then(problem: Problem) -> str:
    """Say what is judged here instead of a number or boolean that nobody knows."""
    missing = "which nothing seen here defines; give it in env or variables"
    if problem.rule == problems.REJECTED:
        return f"{missing}: without it <{problem.element}> is not judged."
    instead = "nothing" if problem.instead is None else f"the default {problem.instead}"
    return f"{missing}: without it {instead} is judged."


@rule("value-overruled")
def overruled(subject: Subject) -> Iterator[Fault]:
    for instance in walk(_all(subject)):
        for name, value in instance.attributes.items():
            for lost in value.lost:
                if lost.text != value.written and lost.origin.line is not None:
                    text = f"{name} of <{instance.element}> is set here, but {value.origin} overrules it."
                    yield Fault(lost.origin, text, about=(*of(instance, name), lost.origin.source))


@rule("refresh-operator")
def operator_refresh(subject: Subject) -> Iterator[Fault]:
    config = subject.effective.one("config")
    if config and config.get("updateTrigger") in ("mbean", "disabled"):
        trigger = config.get("updateTrigger")
        text = f"updateTrigger is {trigger}: a changed file counts only after an operator command or a restart."
        yield Fault(config.origin("updateTrigger"), text, about=of(config))


@rule("refresh-pending")
def pending(subject: Subject) -> Iterator[Fault]:
    for difference in subject.running.differences if subject.running else ():
        yield Fault(difference.origin, str(difference), about=(difference.path, difference.attribute))


def _all(subject: Subject) -> list[Instance]:
    return [instance for instances in subject.effective.instances.values() for instance in instances]


RULES = (
    *(entry for entry in list(globals().values()) if isinstance(entry, Rule)),
    rule("dropin-broken")(_problem(problems.DROPIN_BROKEN)),
    rule("root-wrong")(_problem(problems.WRONG_ROOT)),
    rule("text-after-end")(_problem(problems.AFTER_THE_END)),
    rule("doctype")(_problem(problems.DOCTYPE)),
    rule("include-missing")(_problem(problems.INCLUDE_MISSING)),
    rule("include-others")(_problem(problems.INCLUDE_OTHERS)),
    rule("include-odd")(_problem(problems.INCLUDE_CYCLE, problems.INCLUDE_WITHOUT_LOCATION, problems.INCLUDE_MODE)),
    rule("reference-dangling")(_problem(problems.DANGLING)),
    rule("order-decides")(_problem(problems.ORDER)),
    rule("not-seen")(_problem(problems.UNSEEN, problems.SHELL)),
)
