# SPDX-FileCopyrightText: 2026 The zosconnect.security contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Wishes that would have no effect: something else in the server's configuration overrules them."""

from __future__ import annotations

import posixpath
from collections.abc import Iterable, Iterator, Sequence

from ansible_collections.zosconnect.security.plugins.plugin_utils.liberty import values
from ansible_collections.zosconnect.security.plugins.plugin_utils.liberty.effective import BUILT_IN, Effective, Instance
from ansible_collections.zosconnect.security.plugins.plugin_utils.liberty.passwords import NO_KEYS, Keys
from ansible_collections.zosconnect.security.plugins.plugin_utils.liberty.wishes import Wish
from ansible_collections.zosconnect.security.plugins.plugin_utils.posture.server import Server


def judge(server: Server, path: str, data: bytes, wished: Iterable[Wish], keys: Keys = NO_KEYS) -> list[str]:
    """Return the sentences for wishes that would have no effect with ``data`` in the file ``path`` of ``server``.

    ``keys`` open passwords in {aes}.
    """
    effective = server.with_planned(path, data)
    if effective.assembly.refused is None and posixpath.normpath(path) not in effective.assembly.read:
        return [
            f"{path}: the server in {server.places.server} does not read this file, so the change would have no effect."
        ]
    return list(shadows(effective, wished, keys))


def shadows(effective: Effective, wished: Iterable[Wish], keys: Keys = NO_KEYS) -> Iterator[str]:
    """Yield a sentence for each wish that is not effective; ``effective`` is the configuration after the change.

    The sentence names the file and line that overrules it, or why Liberty drops the element.
    """
    if effective.assembly.refused:
        yield f"Nothing of the change would count: {effective.assembly.refused}"
        return
    for wish in wished:
        if wish.element == "variable":
            yield from _variable(effective, wish)
        elif wish.element != "include":
            yield from _element(effective, wish, effective.all(wish.element), keys)


def _element(effective: Effective, wish: Wish, candidates: Sequence[Instance], keys: Keys) -> Iterator[str]:
    found = _found(effective, wish, candidates)
    if wish.state == "absent":
        if found is not None and any(origin is not BUILT_IN for origin in found.places):
            yield f"{wish.path}: {wish.title} would still be there: {found.places[-1]} defines it too."
        return
    if found is None:
        yield f"{wish.path}: {wish.title} would have no effect: {_why_missing(effective, wish)}"
        return
    for name, text in wish.attributes.items():
        yield from _attribute(effective, wish, found, name, text, keys)
    for child in wish.children:
        if child.entry and child.entry.identity == "text":
            yield from _text(effective, child, found)
        else:
            yield from _element(effective, child, found.children.get(child.element, []), keys)


def _found(effective: Effective, wish: Wish, candidates: Sequence[Instance]) -> Instance | None:
    """Return the first of ``candidates`` that is the wished one."""
    if not candidates or (wish.identity is None and not (wish.entry and wish.entry.key)):
        return candidates[0] if candidates else None
    key = wish.entry.key if wish.entry else None
    # The list is that of one parent, and lives as long as the configuration.
    known = effective.once(
        ("wished", id(candidates), key), lambda: {i.get(key) if key else i.id: i for i in reversed(candidates)}
    )
    return known.get(wish.identity)


def _why_missing(effective: Effective, wish: Wish) -> str:
    return effective.once(("missing", wish.element), lambda: _last_reason(effective, f"<{wish.element}>"))


def _last_reason(effective: Effective, title: str) -> str:
    reasons = (p.message for p in reversed(effective.problems) if p.rule in ("rejected", "required"))
    return next((reason for reason in reasons if title in reason), "nothing of it is left after all files are merged.")


def _attribute(
    effective: Effective, wish: Wish, found: Instance, name: str, text: str | None, keys: Keys
) -> Iterator[str]:
    where = f"{wish.path}.attributes.{name}"
    value = found.attributes.get(name)
    if text is None:
        if value is not None and value.origin is not BUILT_IN:
            yield f"{where}: would still be set: {value.origin} sets {name} of {wish.title} too."
        return
    known = wish.entry.attributes.get(name.lower()) if wish.entry else None
    if value is None:
        yield f"{where}: would have no effect: {_why_dropped(effective, name)}"
        return
    wanted, _used = effective.assembly.variables.resolve(text)
    actual = ",".join(value.value) if isinstance(value.value, list) else values.to_text(value.value, where)
    if value.problem:
        yield f"{where}: would have no effect: {value.problem}"
    elif not values.same(known, actual, wanted, keys) and value.written != text:
        yield f"{where}: would have no effect: {value.origin} overrules {name} of {wish.title}."


def _why_dropped(effective: Effective, name: str) -> str:
    reasons = effective.once(
        "dangling reasons", lambda: {p.attribute: p.message for p in effective.problems if p.attribute}
    )
    return reasons.get(name, f"{name} is gone after all files are merged.")


def _texts(listed: object) -> frozenset[str]:
    texts = [text.strip() for text in listed] if isinstance(listed, list) else [str(listed)]
    return frozenset(text.casefold() for text in texts)


def _text(effective: Effective, child: Wish, found: Instance) -> Iterator[str]:
    listed = found.get(child.element)
    texts = effective.once(("texts", id(listed)), lambda: _texts(listed))
    there = (child.identity or "").casefold() in texts
    if there == (child.state == "absent"):
        what = "would still be there" if there else "would have no effect"
        yield f"{child.path}: {child.title} {what}: {found.origin(child.element)} overrules it."


def _variable(effective: Effective, wish: Wish) -> Iterator[str]:
    name = wish.identity or ""
    found = effective.assembly.variables.lookup(name)
    wanted = wish.attributes.get("value") or wish.attributes.get("defaultValue")
    if wish.state == "absent" or wanted is None:
        return
    if found is None or found[0] != wanted:
        overruler = found[1] if found else "nothing"
        yield f"{wish.path}: variable {name} would have no effect: {overruler} overrules it."
