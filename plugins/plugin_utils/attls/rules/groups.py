# SPDX-FileCopyrightText: 2026 The zosconnect.security contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Rules about the groups of the key exchange that a policy allows.

Defaults: z/OS 2.5, TTLSSignatureParms, as in ``statements``; of clients those of GSK_CLIENT_ECURVE_LIST, as IBM MQ 9.2
tells them. Groups of fewer than 256 bits (0019, 0021) are no loss. Key shares of a client are only what it sends first.
"""

from __future__ import annotations

from collections.abc import Iterator

from ansible_collections.zosconnect.security.plugins.module_utils.named_groups import NAMES
from ansible_collections.zosconnect.security.plugins.plugin_utils.attls import values
from ansible_collections.zosconnect.security.plugins.plugin_utils.attls.hits import Hit, hit
from ansible_collections.zosconnect.security.plugins.plugin_utils.attls.policy import Parameter
from ansible_collections.zosconnect.security.plugins.plugin_utils.attls.problems import (
    Effect,
    Examined,
    Rule,
    rule,
)

_PARAMETERS = ("ClientECurves", "ServerKexECurves", "ServerKeyShareGroups")
_OF_CLIENTS = "00210023002400250019"


@rule("attls-key-groups", Effect.IGNORED)
def key_groups(examined: Examined) -> Iterator[Hit]:
    form = "{title} allows by {parameter} only {codes}, and leaves out {left}, which System SSL takes by default."
    for block in examined.all:
        if block.kind != "TTLSSignatureParms":
            continue
        for keyword in _PARAMETERS:
            items = [item for item in block.parameters if item.type and item.type.name == keyword]
            codes = [code for item in items for code in values.codes("codes", item.value)]
            left = [code for code in _usual(items, examined.level.release) if code not in codes]
            # Any, and names, are no codes.
            if left and all(map(str.isdigit, codes)):
                shown = ", ".join(f"{NAMES[int(code)]} ({code})" for code in left)
                yield hit(items[0], form, left, codes=", ".join(codes), left=shown)


def _usual(items: list[Parameter], release: str | None) -> list[str]:
    """Return the codes that are taken where the parameter is not written; none where there is no such parameter."""
    known = items[0].type if items else None
    usual = (known.default(release) or _OF_CLIENTS) if known else ""
    return [code for code in values.codes("codes", usual) if code.isdigit() and int(code) in NAMES]


RULES = tuple(entry for entry in list(globals().values()) if isinstance(entry, Rule))
