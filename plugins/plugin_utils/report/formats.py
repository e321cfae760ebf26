# SPDX-FileCopyrightText: 2026 The zosconnect.security contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""The formats of a report by name: how a file of each ends, and what makes its text of a site."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

from ansible_collections.zosconnect.security.plugins.plugin_utils.report import (
    cbom,
    evidence,
    html,
    junit,
    markdown,
    sarif,
    table,
)
from ansible_collections.zosconnect.security.plugins.plugin_utils.report.site import Site


@dataclass(frozen=True)
class Format:
    """``suffix`` comes behind the path of the report."""

    suffix: str
    render: Callable[[Site], str]


FORMATS: Mapping[str, Format] = MappingProxyType(
    {
        "html": Format(".html", html.render),
        "sarif": Format(".sarif", sarif.render),
        "junit": Format(".junit.xml", junit.render),
        "cbom": Format(".cdx.json", cbom.render),
        "csv": Format(".csv", table.render),
        "json": Format(".json", evidence.render),
        "markdown": Format(".md", markdown.render),
    }
)
