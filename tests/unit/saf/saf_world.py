# SPDX-FileCopyrightText: 2026 The zosconnect.security contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the tests of this room share: options as the module takes them, what RACF lists for them, and plans."""

from __future__ import annotations

import copy
from pathlib import Path
from typing import Any

import yaml
from ansible.module_utils.common.arg_spec import ArgumentSpecValidator
from racf import Racf

from ansible_collections.zosconnect.security.plugins.action.saf_keyring import ActionModule
from ansible_collections.zosconnect.security.plugins.plugin_utils.saf import desired, plan, racdcert
from ansible_collections.zosconnect.security.plugins.plugin_utils.saf.desired import DesiredAccess
from ansible_collections.zosconnect.security.plugins.plugin_utils.saf.plan import RacfPlan
from ansible_collections.zosconnect.security.plugins.plugin_utils.saf.racdcert import RacfListing

Json = dict[str, Any]


def cases(name: str) -> list[Json]:
    rows: list[Json] = yaml.safe_load((Path(__file__).parent / "cases" / f"{name}.yml").read_text(encoding="utf-8"))
    return rows


def want(given: Json) -> DesiredAccess:
    """Return what is desired from options as a user writes them; for a ring, if they name none."""
    return without_ring({"owner": "LIBSERV", "ring": "Zcee", **given})


def without_ring(given: Json) -> DesiredAccess:
    """Return what is desired from options that are complete."""
    checked = ArgumentSpecValidator(ActionModule.ARGUMENTS).validate(given)
    assert not checked.error_messages, checked.error_messages
    return desired.check(checked.validated_parameters, checked.validated_parameters["state"])


def racf(given: Json | None) -> Racf:
    return Racf(**copy.deepcopy(given or {}))


def listed(commands: list[str], system: Racf) -> str:
    return "".join(f"{command}\n{system.run(command)[1]}\n" for command in commands)


def known(wanted: DesiredAccess, system: Racf) -> RacfListing:
    """Return all that the plan wants to know."""
    asks = plan.listing_commands(wanted)
    text = ""
    while asks:
        text += listed(asks, system)
        found = racdcert.parse(text)
        asks = plan.further_listing_commands(wanted, found)
    return found


def planned(wanted: DesiredAccess, system: Racf) -> RacfPlan:
    return plan.plan(wanted, known(wanted, system), complete=True)
