# SPDX-FileCopyrightText: 2026 The zosconnect.security contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the tests of rings share: options as the module takes them, RACF's listings for a wish, and plans."""

from __future__ import annotations

import copy
from pathlib import Path
from typing import Any

import yaml
from ansible.module_utils.common.arg_spec import ArgumentSpecValidator
from racf import Racf

from ansible_collections.zosconnect.security.plugins.action.saf_keyring import ActionModule
from ansible_collections.zosconnect.security.plugins.plugin_utils.saf import plan, racdcert, wishes
from ansible_collections.zosconnect.security.plugins.plugin_utils.saf.plan import Plan
from ansible_collections.zosconnect.security.plugins.plugin_utils.saf.racdcert import Listing
from ansible_collections.zosconnect.security.plugins.plugin_utils.saf.wishes import Wish

Json = dict[str, Any]


def cases(name: str) -> list[Json]:
    rows: list[Json] = yaml.safe_load((Path(__file__).parent / "cases" / f"{name}.yml").read_text(encoding="utf-8"))
    return rows


def wish(given: Json) -> Wish:
    """Return a wish from options as a user writes them."""
    checked = ArgumentSpecValidator(ActionModule.ARGUMENTS).validate({"owner": "LIBSERV", "ring": "Zcee", **given})
    assert not checked.error_messages, checked.error_messages
    return wishes.check(checked.validated_parameters, checked.validated_parameters["state"])


def racf(given: Json | None) -> Racf:
    return Racf(**copy.deepcopy(given or {}))


def listed(commands: list[str], system: Racf) -> str:
    return "".join(f"{command}\n{system.run(command)[1]}\n" for command in commands)


def known(wished: Wish, system: Racf) -> Listing:
    """Return all that the plan wants to know."""
    asks = plan.listing_commands(wished)
    text = ""
    while asks:
        text += listed(asks, system)
        found = racdcert.parse(text)
        asks = plan.further_listing_commands(wished, found)
    return found


def planned(wished: Wish, system: Racf) -> Plan:
    return plan.plan(wished, known(wished, system), complete=True)
