# SPDX-FileCopyrightText: 2026 The zosconnect.security contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the model computes and what `GET /ibm/api/config` reports, brought to one form.

The form of an instance is a mapping: ``#id``, ``#explicit``, attributes by their name, ``@NAME`` for the ids that a reference
names, ``/NAME`` for nested elements. What is set right, and why:

* durations become whole milliseconds, or seconds where the metatype says so: the server converts, the model keeps the text;
* references: the server shows the element that one leads to, here its id counts; it shows nested elements under the name
  of the reference (``peerRef``), here they stand under their own (``peer``);
* a nested element that Liberty dropped, and a reference to something that an earlier case had, stay in the lists of the
  REST view as bare pids, here they are left out; an empty list counts as none;
* of locations the slashes are made one and forward;
* ``configElementName``, ``error`` (which says that no feature knows the element) and passwords are left out;
* ``uid`` tells the id that Liberty gave; what an attribute ``ID`` would do to it is not compared.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from typing import Any

from probe import CATALOGUE, SECONDS

from ansible_collections.zosconnect.security.plugins.plugin_utils.liberty.effective import Effective, Instance, Value
from ansible_collections.zosconnect.security.plugins.plugin_utils.liberty.elements import Attribute, Element

Form = dict[str, Any]
UNITS = {"d": 86_400_000, "h": 3_600_000, "m": 60_000, "s": 1000, "ms": 1}
IN_SECONDS = re.compile(r"(\d+)\s*(ms|[dhms])", re.IGNORECASE)


def of_model(effective: Effective, names: Iterable[str]) -> dict[str, list[Form]]:
    """Return the forms of the effective instances of these elements."""
    return {
        name: _sorted(_instance(instance, CATALOGUE.get(name)) for instance in effective.all(name)) for name in names
    }


def of_server(report: list[dict[str, Any]], names: Iterable[str]) -> dict[str, list[Form]]:
    """Return the forms of the reported instances of these elements."""
    return {
        name: _sorted(_reported(entry, CATALOGUE.get(name)) for entry in report if entry["configElementName"] == name)
        for name in names
    }


def differences(model: Mapping[str, list[Form]], server: Mapping[str, list[Form]]) -> list[str]:
    """Say in lines what differs."""
    lines = []
    for name in model:
        ours = [json.dumps(form, sort_keys=True, ensure_ascii=False) for form in model[name]]
        theirs = [json.dumps(form, sort_keys=True, ensure_ascii=False) for form in server[name]]
        lines += [f"{name}: only the model has  {form}" for form in ours if form not in theirs]
        lines += [f"{name}: only the server has {form}" for form in theirs if form not in ours]
        if not lines and ours != theirs:
            lines.append(f"{name}: the model has {len(ours)} instances, the server {len(theirs)}")
    return lines


def _sorted(forms: Iterable[Form]) -> list[Form]:
    return sorted(forms, key=lambda form: json.dumps(form, sort_keys=True))


def _instance(instance: Instance, entry: Element | None) -> Form:
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
            form[name] = _value(value, known)
    for name, children in instance.children.items():
        inner = entry.children.get(name.lower()) if entry else None
        for child in children:
            form.setdefault(f"/{child.element}", []).append(_instance(child, inner))
    return form


def _value(value: Value, known: Attribute | None) -> object:
    if known and known.kind == "duration":
        return duration(str(value.value), seconds=known.name in SECONDS)
    return location(str(value.value)) if known and known.kind == "location" else value.value


def location(text: str) -> str:
    """Return a path in one spelling: predefined variables end in a slash, and the server does not always tidy up."""
    return re.sub("/+", "/", text.replace("\\", "/"))


def duration(text: str, *, seconds: bool) -> int:
    """Return a duration as a number of milliseconds, or of seconds."""
    if re.fullmatch(r"-?\d+", text.strip()):
        return int(text)
    total = sum(int(number) * UNITS[unit.lower()] for number, unit in IN_SECONDS.findall(text))
    return total // 1000 if seconds else total


def _reported(entry: dict[str, Any], known: Element | None) -> Form:
    form: Form = {}
    if "uid" in entry:
        form = {"#id": _id(entry["uid"], entry["configElementName"]), "#explicit": "id" in entry}
    for name, value in entry.items():
        if name in ("configElementName", "uid", "error") or (name == "id" and "uid" in entry):
            continue
        attribute = known.attributes.get(name.lower()) if known else None
        if attribute and attribute.secret:
            continue
        if isinstance(value, dict) or (isinstance(value, list) and any(isinstance(item, dict) for item in value)):
            items = value if isinstance(value, list) else [value]
            _nested(form, attribute, items, known)
            texts = [item for item in items if not isinstance(item, dict)]
            if texts and not (attribute or _bare_pids(texts, known, name)):
                form[name] = texts
        elif attribute and attribute.kind == "ref":
            continue
        elif not (isinstance(value, list) and (value == [] or _bare_pids(value, known, name))):
            form[name] = location(value) if attribute and attribute.kind == "location" else value
    return form


def _bare_pids(values: list[object], known: Element | None, name: str) -> bool:
    attribute = known.attributes.get(name.lower()) if known else None
    return bool(known and name.lower() in known.children) or bool(attribute and attribute.target)


def _nested(form: Form, attribute: Attribute | None, values: list[Any], known: Element | None) -> None:
    for item in values:
        if not isinstance(item, dict):
            continue
        name = item["configElementName"]
        if attribute and attribute.target in (name, "*"):
            form.setdefault(f"@{attribute.name}", []).append(_id(item["uid"], name))
        else:
            inner = known.children.get(name.lower()) if known else None
            form.setdefault(f"/{inner.name if inner else name}", []).append(_reported(item, inner))


def _id(uid: str, name: str) -> str:
    start = uid.rfind(f"/{name}[") + 1 if "/" in uid else 0
    opened = f"{name}["
    return uid[start + len(opened) : -1] if uid.startswith(opened, start) and uid.endswith("]") else uid
