# SPDX-FileCopyrightText: 2026 The zosconnect.security contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Operator commands that an action has given to a console after its change, by the module operator_command."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ansible_collections.zosconnect.security.plugins.plugin_utils import operator_commands
from ansible_collections.zosconnect.security.plugins.plugin_utils.action_base import COLLECTION, SecurityAction
from ansible_collections.zosconnect.security.plugins.plugin_utils.errors import SecurityError

Json = dict[str, Any]

ZOS_OPERATOR = "ibm.ibm_zos_core.zos_operator"
OPTIONS: dict[str, dict[str, Any]] = {
    "operator": {"type": "str", "choices": ["", *operator_commands.BY], "default": ""},
    "tsocmd": {"type": "str", "default": "/bin/tsocmd"},
}


@dataclass(frozen=True)
class Given:
    """What came of commands: the ``answers`` as operator_command returns them, and what there is to be warned of."""

    answers: tuple[Json, ...]
    warnings: tuple[str, ...]

    @property
    def commands(self) -> list[str]:
        return [one["command"] for one in self.answers]

    @property
    def confirmed(self) -> bool:
        """Whether messages say of each command that it was carried out."""
        return all(one["confirmed"] for one in self.answers)


def check(action: SecurityAction, by: str, job_name: str, *, option: str = "by", job_option: str = "job_name") -> None:
    """Raise SecurityError for a way to a console that is not there, before anything is changed.

    ``option`` and ``job_option`` are what the user calls ``by`` and ``job_name``.
    """
    if by != operator_commands.ZOS_OPERATOR:
        return
    instead = f"take {option} {operator_commands.TSOCMD}"
    if "$" in job_name:
        raise SecurityError(
            f"{job_option}: {job_name} has a $, which {ZOS_OPERATOR} takes for a variable of a shell; {instead}."
        )
    if not action._shared_loader_obj.module_loader.has_plugin(ZOS_OPERATOR):
        raise SecurityError(
            f"{option}: {ZOS_OPERATOR} is not there; install the collection ibm.ibm_zos_core on the controller, or "
            f"{instead}."
        )


def check_options(action: SecurityAction, options: Mapping[str, Any]) -> None:
    """Raise SecurityError as ``check`` does, for an action with ``OPTIONS``, ``job_name`` and ``prefix``."""
    prefix = options["prefix"]
    check(
        action,
        options["operator"],
        options["job_name"] or operator_commands.JOB_NAME,
        option=f"{prefix}operator",
        job_option=f"{prefix}job_name",
    )


def give(action: SecurityAction, changed: Sequence[str], options: Mapping[str, Any], version: str | None) -> Given:
    """Give the commands for some of ``operator_commands.TOLD``; SecurityError where one was refused.

    ``options`` are those of an action with ``OPTIONS`` and ``job_name``.
    """
    arguments = {
        "changed": list(changed),
        "by": options["operator"],
        "job_name": options["job_name"] or operator_commands.JOB_NAME,
        "zosconnect_version": version or "2.0",
        "tsocmd": options["tsocmd"],
    }
    # Of a lost connection it says ``unreachable`` alone, as each action does.
    result = action.run_task(f"{COLLECTION}.operator_command", arguments, check_mode=False)
    if result.get("failed") or result.get("unreachable"):
        raise SecurityError(result["msg"])
    return Given(tuple(result["answers"]), tuple(result.get("warnings") or ()))
