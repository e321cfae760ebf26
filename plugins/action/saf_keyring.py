# Copyright (c) 2026, The zosconnect.security contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The action saf_keyring: have RACF list what there is, plan, run what changes, list again."""

from __future__ import annotations

from typing import Any

from ansible_collections.zosconnect.security.plugins.plugin_utils.action_base import SecurityAction
from ansible_collections.zosconnect.security.plugins.plugin_utils.errors import SecurityError
from ansible_collections.zosconnect.security.plugins.plugin_utils.saf import (
    commands,
    denials,
    desired,
    plan,
    racdcert,
    report,
    server_access,
)
from ansible_collections.zosconnect.security.plugins.plugin_utils.saf.desired import DesiredAccess
from ansible_collections.zosconnect.security.plugins.plugin_utils.saf.plan import RacfPlan
from ansible_collections.zosconnect.security.plugins.plugin_utils.saf.racdcert import RacfListing

_CERTIFICATE = {
    "label": {"type": "str", "required": True},
    "owner": {"type": "str"},
    "usage": {"type": "str", "choices": list(desired.USAGES)},
    "default": {"type": "bool"},
    "replaces": {"type": "str"},
}
_USER = {"user": {"type": "str", "required": True}, "private_keys": {"type": "bool", "default": False}}
_CLIENT = {
    "user": {"type": "str", "required": True},
    "label": {"type": "str", "required": True},
    **{name: {"type": "str"} for name in ("subject", "issuer", "data_set")},
}
_ASSERTION = {
    "link_users": {"type": "list", "elements": "str", "required": True},
    "asserted_users": {"type": "list", "elements": "str", "required": True},
    "surrogate_profile": {"type": "str", "default": server_access.SURROGATE_PROFILE},
}
_ACCESS = {
    "version": {"type": "str"},
    "profile_prefix": {"type": "str", "default": "BBGZDFLT"},
    "profile_pattern": {"type": "str", "default": server_access.PATTERN},
    "to_upper_case": {"type": "bool", "default": False},
    "web_applications": {"type": "list", "elements": "str"},
    "users": {"type": "list", "elements": "str", "default": []},
    "unauthenticated_user": {"type": "str", "default": "WSGUEST"},
    "server_user": {"type": "str"},
    "angel_name": {"type": "str"},
    "identity_assertion": {"type": "dict", "options": _ASSERTION},
    "job_name": {"type": "str"},
}


def _items(options: dict[str, Any]) -> dict[str, Any]:
    return {"type": "list", "elements": "dict", "options": options}


def _denials(options: dict[str, Any], want: DesiredAccess | None, listing: RacfListing) -> dict[str, Any]:
    """Return what the messages say that RACF denied; nothing where no messages were given."""
    if options["messages"] is None:
        return {}
    return {"denials": denials.shown(denials.read(options["messages"]), want.server if want else None, listing)}


class ActionModule(SecurityAction):
    """Make a RACF key ring, and the authorities around it, what they shall be."""

    ARGUMENTS = {
        "state": {"type": "str", "choices": [*desired.STATES, "rendered", "parsed"], "default": "merged"},
        "rendered_state": {"type": "str", "choices": list(desired.STATES), "default": "merged"},
        "owner": {"type": "str"},
        "ring": {"type": "str"},
        "certificates": _items(_CERTIFICATE),
        "used_by_cics": {"type": "bool", "default": False},
        "list_certificates": {"type": "bool", "default": False},
        "authority": {"type": "str", "choices": ["facility", "rdatalib"]},
        "users": {**_items(_USER), "default": []},
        "present_users": _items(_USER),
        "clients": {**_items(_CLIENT), "default": []},
        "zosconnect_access": {"type": "dict", "options": _ACCESS},
        "listing": {"type": "str"},
        "messages": {"type": "str"},
        "tsocmd": {"type": "str", "default": "/bin/tsocmd"},
        "timeout": {"type": "int", "default": 60},
    }
    RULES = {
        "required_if": [
            ("state", "parsed", ["listing", "messages"], True),
        ]
    }

    def work(self, options: dict[str, Any]) -> dict[str, Any]:
        state, text = options["state"], options["listing"]
        if state == "parsed":
            listing = racdcert.parse(text or "")
            return {"changed": False, **racdcert.shown(listing), **_denials(options, None, listing)}
        if state == "rendered":
            return self._render(options)
        for name in ("listing", "messages"):
            if options[name] is not None:
                raise SecurityError(
                    f"{name}: is for states rendered and parsed; the other ones ask RACF themselves. Leave it out, or "
                    "take state rendered."
                )
        want = desired.check(options, state)
        text = self._list(want, options)
        planned = plan.plan(want, racdcert.parse(text), complete=True)
        result = {"changed": bool(planned.steps), **report.result(planned), "listing": text}
        if self._task.diff and planned.steps:
            result["diff"] = [report.diff(planned)]
        if planned.steps and not self._task.check_mode:
            result.update(self._run(want, planned, options))
        return result

    def _render(self, options: dict[str, Any]) -> dict[str, Any]:
        """Plan without a host, for those who may run RACF commands."""
        want = desired.check(options, options["rendered_state"])
        listing = racdcert.parse(options["listing"] or "")
        planned = plan.plan(want, listing, complete=False)
        asks = [*plan.listing_commands(want), *plan.further_listing_commands(want, listing)]
        return {
            "changed": False,
            **report.result(planned),
            "script": commands.script(planned.texts),
            "undo_script": commands.undo_script(planned.steps),
            "listing_script": commands.script(asks),
            **_denials(options, want, listing),
        }

    def _list(self, want: DesiredAccess, options: dict[str, Any]) -> str:
        """Have RACF list what the plan needs to know, in one call; in a second one what else is on the ring."""
        text = ""
        asks = plan.listing_commands(want)
        while asks:
            answer = self._tso(asks, options, changes=False)
            text += report.listing_text(answer["answers"])
            asks = plan.further_listing_commands(want, racdcert.parse(text))
        return text

    def _tso(self, texts: list[str], options: dict[str, Any], *, changes: bool) -> dict[str, Any]:
        arguments = {
            "commands": texts,
            "changes": changes,
            "harmless": sorted(commands.HARMLESS),
            "tsocmd": options["tsocmd"],
            "timeout": options["timeout"],
        }
        return self.run_on_target("target_tso", arguments)

    def _run(self, want: DesiredAccess, planned: RacfPlan, options: dict[str, Any]) -> dict[str, Any]:
        """Run the commands; RACF has no transaction, so a failure says what was done and what undoes it."""
        answers = self._tso(planned.texts, options, changes=True)["answers"]
        failure = report.failure(planned, answers)
        if not failure:
            again = plan.plan(want, racdcert.parse(self._list(want, options)), complete=True)
            failure = report.not_as_planned(planned, again)
        return failure
