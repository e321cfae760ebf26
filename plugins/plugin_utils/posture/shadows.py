# SPDX-FileCopyrightText: 2026 The zosconnect.security contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""What is desired and would have no effect, because something else in the server's configuration overrules it."""

from __future__ import annotations

import posixpath
from collections.abc import Iterable, Iterator, Sequence

from ansible_collections.zosconnect.security.plugins.plugin_utils.liberty import problems, values
from ansible_collections.zosconnect.security.plugins.plugin_utils.liberty.aes import Keys
from ansible_collections.zosconnect.security.plugins.plugin_utils.liberty.attributes import BUILT_IN
from ansible_collections.zosconnect.security.plugins.plugin_utils.liberty.desired import DesiredElement
from ansible_collections.zosconnect.security.plugins.plugin_utils.liberty.effective import Effective, Instance
from ansible_collections.zosconnect.security.plugins.plugin_utils.liberty.passwords import NO_KEYS
from ansible_collections.zosconnect.security.plugins.plugin_utils.posture.server import Server


def judge(server: Server, path: str, data: bytes, wanted: Iterable[DesiredElement], keys: Keys = NO_KEYS) -> list[str]:
    """Return a sentence for each desired thing that would have no effect with ``data`` in the file ``path``.

    ``keys`` open passwords in {aes}.
    """
    effective = server.with_planned(path, data)
    if effective.assembly.refused is None and posixpath.normpath(path) not in effective.assembly.read:
        return [
            f"{path}: the server in {server.places.server} does not read this file, so the change would have no effect."
        ]
    return list(shadows(effective, wanted, keys))


def shadows(effective: Effective, wanted: Iterable[DesiredElement], keys: Keys = NO_KEYS) -> Iterator[str]:
    """Yield a sentence for each desired thing without effect; ``effective`` is the configuration after the change.

    The sentence names the file and line that overrules it, or why Liberty drops the element.
    """
    if effective.assembly.refused:
        yield f"Nothing of the change would count: {effective.assembly.refused}"
        return
    for want in wanted:
        if want.element == "variable":
            yield from _variable(effective, want)
        elif want.element != "include":
            yield from _element(effective, want, effective.all(want.element), keys)


def _element(effective: Effective, want: DesiredElement, candidates: Sequence[Instance], keys: Keys) -> Iterator[str]:
    if want.identity is None and want.entry and want.entry.by_id:
        yield from _without_id(effective, want, [one for one in candidates if not one.explicit], keys)
        return
    yield from _of(effective, want, _found(effective, want, candidates), keys)


def _without_id(
    effective: Effective, want: DesiredElement, candidates: Sequence[Instance], keys: Keys
) -> Iterator[str]:
    """Yield what is wrong with each of several elements without id, if it is with all of them."""
    if want.state == "absent":
        return  # those of other files are other elements
    faults = [list(_of(effective, want, candidate, keys)) for candidate in candidates]
    if all(faults):
        yield from faults[0] if faults else _of(effective, want, None, keys)


def _of(effective: Effective, want: DesiredElement, found: Instance | None, keys: Keys) -> Iterator[str]:
    if want.state == "absent":
        if found is not None and any(origin is not BUILT_IN for origin in found.places):
            yield f"{want.path}: {want.title} would still be there: {found.places[-1]} defines it too."
        return
    if found is None:
        yield f"{want.path}: {want.title} would have no effect: {_why_missing(effective, want)}"
        return
    for name, text in want.attributes.items():
        yield from _attribute(effective, want, found, name, text, keys)
    for child in want.children:
        if child.entry and child.entry.identity == "text":
            yield from _text(effective, child, found)
        else:
            yield from _element(effective, child, found.children.get(child.element, []), keys)


def _found(effective: Effective, want: DesiredElement, candidates: Sequence[Instance]) -> Instance | None:
    """Return the first of ``candidates`` that is the desired one."""
    if not candidates or (want.identity is None and not (want.entry and want.entry.key)):
        return candidates[0] if candidates else None
    key = want.entry.key if want.entry else None
    # The list is that of one parent, and lives as long as the configuration.
    known = effective.once(
        ("desired", id(candidates), key), lambda: {i.get(key) if key else i.id: i for i in reversed(candidates)}
    )
    return known.get(want.identity)


def _why_missing(effective: Effective, want: DesiredElement) -> str:
    def index() -> dict[tuple[str | None, str | None], str]:
        dropped = [p for p in effective.problems if p.rule in (problems.REJECTED, problems.REQUIRED)]
        by_element = {(p.element, None): p.message for p in dropped}
        return by_element | {(p.element, p.identity): p.message for p in dropped}

    # What people mean by a nested element that is known by an attribute is not its id.
    identity = None if want.entry and want.entry.key else want.identity
    reasons = effective.once("dropped", index)
    return reasons.get((want.element, identity), "nothing of it is left after all files are merged.")


def _attribute(
    effective: Effective, want: DesiredElement, found: Instance, name: str, text: str | None, keys: Keys
) -> Iterator[str]:
    where = f"{want.path}.attributes.{name}"
    value = found.attributes.get(name)
    if text is None:
        if value is not None and value.origin is not BUILT_IN:
            yield f"{where}: would still be set: {value.origin} sets {name} of {want.title} too."
        return
    known = want.entry.attributes.get(name.lower()) if want.entry else None
    if value is None:
        dangling = effective.dangling(found, name)
        reason = dangling.message if dangling else f"{name} is gone after all files are merged."
        yield f"{where}: would have no effect: {reason}"
        return
    wanted, _used = effective.assembly.variables.resolve(text)
    actual = ",".join(value.value) if isinstance(value.value, list) else values.to_text(value.value, where)
    if value.problem:
        yield f"{where}: would have no effect: {value.problem.message}"
    elif not values.same(known, actual, wanted, keys) and value.written != text:
        yield f"{where}: would have no effect: {value.origin} overrules {name} of {want.title}."


def _texts(listed: object) -> frozenset[str]:
    texts = [text.strip() for text in listed] if isinstance(listed, list) else [str(listed)]
    return frozenset(text.casefold() for text in texts)


def _text(effective: Effective, child: DesiredElement, found: Instance) -> Iterator[str]:
    listed = found.get(child.element)
    texts = effective.once(("texts", id(listed)), lambda: _texts(listed))
    there = (child.identity or "").casefold() in texts
    if there == (child.state == "absent"):
        what = "would still be there" if there else "would have no effect"
        yield f"{child.path}: {child.title} {what}: {found.origin(child.element)} overrules it."


def _variable(effective: Effective, want: DesiredElement) -> Iterator[str]:
    name = want.identity or ""
    found = effective.assembly.variables.lookup(name)
    wanted = want.attributes.get("value") or want.attributes.get("defaultValue")
    if want.state == "absent" or wanted is None:
        return
    if found is None or found[0] != wanted:
        overruler = found[1] if found else "nothing"
        yield f"{want.path}: variable {name} would have no effect: {overruler} overrules it."
