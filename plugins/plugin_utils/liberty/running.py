# SPDX-FileCopyrightText: 2026 The zosconnect.security contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""What ``GET /ibm/api/config`` of a running server reports, and what the files say, brought to one form.

The form of an instance is a mapping: ``#id``, ``#explicit``, attributes by their name, ``@NAME`` for the ids that a
reference names, ``/NAME`` for the forms of nested elements. What is set right, and why:

* durations become whole milliseconds, or the unit that the metatype says: the server converts, files have text;
* references: the server shows the element that one leads to, here its id counts; it shows nested elements under the
  name of the reference (``peerRef``), here they stand under their own (``peer``);
* a nested element that Liberty dropped, and a reference to something that is no longer there, stay in the server's
  lists as bare pids, here they are left out; an empty list counts as none;
* of locations the slashes are made one and forward;
* ``configElementName``, ``error`` (which says that no feature knows the element) and passwords are left out;
* ``uid`` tells the id that Liberty gave; what an attribute ``ID`` would do to it is not compared.

Rules: Open Liberty, observed (25.0.0.6, 26.0.0.3), and compared with generated configurations.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ansible_collections.zosconnect.security.plugins.plugin_utils.errors import SecurityError
from ansible_collections.zosconnect.security.plugins.plugin_utils.liberty.attributes import Value
from ansible_collections.zosconnect.security.plugins.plugin_utils.liberty.effective import Instance
from ansible_collections.zosconnect.security.plugins.plugin_utils.liberty.elements import Attribute, Element
from ansible_collections.zosconnect.security.plugins.plugin_utils.liberty.values import duration

Form = dict[str, Any]
Report = Sequence[Mapping[str, Any]]
PATH = "/ibm/api/config"
# Levels of nesting in an answer; the deepest elements of Liberty stand in ten others.
_DEEPEST = 50
_NO_ATTRIBUTES = ("configElementName", "uid", "error")


def parse(answer: str) -> list[dict[str, Any]]:
    """Return what the server reported; raise SecurityError for anything else than a list of elements."""
    try:
        report = json.loads(answer)
    except (ValueError, RecursionError):
        report = None
    whole = isinstance(report, list) and all(isinstance(e, dict) and "configElementName" in e for e in report)
    if not isinstance(report, list) or not whole or not _well_formed(report):
        raise SecurityError(f"what answers there is no Liberty that reports its configuration at {PATH}; correct url.")
    return report


def _well_formed(report: Sequence[object]) -> bool:
    """Say whether names and ids are texts wherever they stand, and nothing is nested deeper than elements can be."""
    todo = [(item, 0) for item in report]
    while todo:
        item, depth = todo.pop()
        inner = list(item.values()) if isinstance(item, dict) else item if isinstance(item, list) else []
        names = [item.get(key, "") for key in ("configElementName", "uid")] if isinstance(item, dict) else []
        if depth > _DEEPEST or not all(isinstance(name, str) for name in names):
            return False
        todo += [(one, depth + 1) for one in inner]
    return True


@dataclass(frozen=True)
class Forms:
    """Makes forms of elements, each with its entry of a catalogue."""

    def of_files(self, instance: Instance, entry: Element | None) -> Form:
        """Return the form of an effective element."""
        form: Form = {} if instance.id is None else {"#id": instance.id, "#explicit": instance.explicit}
        for name, value in instance.attributes.items():
            known = entry.attributes.get(name.lower()) if entry else None
            if known and known.secret:
                continue
            if known and known.kind in ("ref", "refs"):
                ids = value.value if isinstance(value.value, list) else [value.value]
                if ids:
                    form[f"@{known.name}"] = ids
            else:
                form[name] = self._value(value, known)
        for name, children in instance.children.items():
            inner = entry.children.get(name.lower()) if entry else None
            for child in children:
                form.setdefault(f"/{child.element}", []).append(self.of_files(child, inner))
        return form

    def of_server(self, reported: Mapping[str, Any], entry: Element | None) -> Form:
        """Return the form of a reported element."""
        form: Form = {}
        if "uid" in reported:
            form = {"#id": _id(reported["uid"], reported["configElementName"]), "#explicit": "id" in reported}
        for name in reported:
            known = entry.attributes.get(name.lower()) if entry else None
            hidden = name in _NO_ATTRIBUTES or (name == "id" and "uid" in reported)
            if not hidden and not (known and known.secret):
                self._take(form, reported, name, entry)
        return form

    def _value(self, value: Value, known: Attribute | None) -> object:
        if known and known.kind == "duration":
            return duration(str(value.value), known.unit)
        return location(value.value) if known and known.kind == "location" else value.value

    def _take(self, form: Form, reported: Mapping[str, Any], name: str, entry: Element | None) -> None:
        """Put one reported attribute into the form."""
        value, known = reported[name], entry.attributes.get(name.lower()) if entry else None
        items = value if isinstance(value, list) else [value]
        nested = [item for item in items if isinstance(item, dict)]
        for item in nested:
            # Those that are kept within their parent (flat ones) are shown without a name and a uid of their own.
            self._take_nested(form, {"configElementName": name, **item}, reported, known, entry)
        if nested:
            texts = [item for item in items if not isinstance(item, dict)]
            if texts and not (known or _bare_pids(entry, name)):
                form[name] = texts
        elif not (known and known.kind == "ref") and not (
            isinstance(value, list) and (value == [] or _bare_pids(entry, name))
        ):
            form[name] = location(value) if known and known.kind == "location" else value

    def _take_nested(
        self,
        form: Form,
        item: Mapping[str, Any],
        reported: Mapping[str, Any],
        known: Attribute | None,
        entry: Element | None,
    ) -> None:
        name = item["configElementName"]
        if known and known.target in (name, "*") and "uid" in item and not _stands_in(item, reported):
            form.setdefault(f"@{known.name}", []).append(_id(item["uid"], name))
        else:
            inner = entry.children.get(name.lower()) if entry else None
            form.setdefault(f"/{inner.name if inner else name}", []).append(self.of_server(item, inner))


def is_nested(reported: Mapping[str, Any]) -> bool:
    """Whether an element of the report stands in another one: those that no feature knows are listed once more."""
    name = re.escape(reported["configElementName"])
    return re.fullmatch(rf".+/{name}(\[.*\])?", str(reported.get("uid", "")), re.DOTALL) is not None


def location(text: object) -> object:
    """Return a path in one spelling: predefined variables end in a slash, and the server does not always tidy up."""
    return re.sub("/+", "/", text.replace("\\", "/")) if isinstance(text, str) else text


def _bare_pids(known: Element | None, name: str) -> bool:
    """Whether an attribute of this name leads to elements, so that mere texts in it are internal names."""
    attribute = known.attributes.get(name.lower()) if known else None
    child = known.children.get(name.lower()) if known else None
    return bool(child and child.identity != "text") or bool(attribute and attribute.kind in ("ref", "refs"))


def _stands_in(item: Mapping[str, Any], entry: Mapping[str, Any]) -> bool:
    """Whether an element that is shown in another one is nested in it, and not referred to."""
    parent = re.escape(str(entry["configElementName"]))
    return (
        re.search(rf"(^|/){parent}(\[.*\])?/{re.escape(item['configElementName'])}(\[|$)", item.get("uid", ""))
        is not None
    )


def _id(uid: str, name: str) -> str:
    start = uid.rfind(f"/{name}[") + 1 if "/" in uid else 0
    opened = f"{name}["
    return uid[start + len(opened) : -1] if uid.startswith(opened, start) and uid.endswith("]") else uid
