# SPDX-FileCopyrightText: 2026 The zosconnect.security contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the model computes and what `GET /ibm/api/config` reports, compared as a whole: every attribute counts.

But for the id of a singleton, which means nothing: on reload Liberty shows it only where something else changed as well.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Any

from probe import CATALOGUE

from ansible_collections.zosconnect.security.plugins.plugin_utils.liberty.effective import Effective
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
    forms = [form if "#id" in form else {name: form[name] for name in form if name != "id"} for form in forms]
    return sorted(forms, key=lambda form: json.dumps(form, sort_keys=True))
