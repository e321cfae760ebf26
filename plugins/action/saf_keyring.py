# Copyright: (c) 2026, The zosconnect.security contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Face of saf_keyring: have RACF list what there is, plan with the brain, run what changes, list again."""

from __future__ import annotations

from typing import Any

from ansible_collections.zosconnect.security.plugins.plugin_utils.errors import SecurityError
from ansible_collections.zosconnect.security.plugins.plugin_utils.face import Face
from ansible_collections.zosconnect.security.plugins.plugin_utils.saf import commands, plan, racdcert, report, wishes
from ansible_collections.zosconnect.security.plugins.plugin_utils.saf.plan import Plan
from ansible_collections.zosconnect.security.plugins.plugin_utils.saf.wishes import Wish

_CERTIFICATE = {
    "label": {"type": "str", "required": True},
    "owner": {"type": "str"},
    "usage": {"type": "str", "choices": list(wishes.USAGES)},
    "default": {"type": "bool"},
    "replaces": {"type": "str"},
}
_USER = {"user": {"type": "str", "required": True}, "private_keys": {"type": "bool", "default": False}}
_CLIENT = {
    "user": {"type": "str", "required": True},
    "label": {"type": "str", "required": True},
    **{name: {"type": "str"} for name in ("subject", "issuer", "data_set")},
}
_ACCESS = {
    "profile_prefix": {"type": "str", "default": "BBGZDFLT"},
    "users": {"type": "list", "elements": "str", "required": True},
}


def _items(options: dict[str, Any]) -> dict[str, Any]:
    return {"type": "list", "elements": "dict", "options": options}


class ActionModule(Face):
    """Make a RACF key ring, and the authorities around it, what they shall be."""

    ARGUMENTS = {
        "state": {"type": "str", "choices": [*wishes.STATES, "rendered", "parsed"], "default": "merged"},
        "rendered_state": {"type": "str", "choices": list(wishes.STATES), "default": "merged"},
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
        "tsocmd": {"type": "str", "default": "/bin/tsocmd"},
        "timeout": {"type": "int", "default": 60},
    }
    RULES = {
        "required_if": [
            *(("state", state, ["owner", "ring"]) for state in (*wishes.STATES, "rendered")),
            ("state", "parsed", ["listing"]),
        ]
    }

    def work(self, options: dict[str, Any]) -> dict[str, Any]:
        state, text = options["state"], options["listing"]
        if state == "parsed":
            return {"changed": False, **racdcert.shown(racdcert.parse(text))}
        if state == "rendered":
            return self._render(options)
        if text is not None:
            raise SecurityError(
                "listing: is for states rendered and parsed; the other ones ask RACF themselves. Leave it out, or take "
                "state rendered."
            )
        wish = wishes.check(options, state)
        text = self._list(wish, options)
        planned = plan.plan(wish, racdcert.parse(text), complete=True)
        result = {"changed": bool(planned.steps), **report.result(planned), "listing": text}
        if self._task.diff and planned.steps:
            result["diff"] = [report.diff(planned)]
        if planned.steps and not self._task.check_mode:
            result.update(self._run(wish, planned, options))
        return result

    def _render(self, options: dict[str, Any]) -> dict[str, Any]:
        """Plan without a host, for those who may run RACF commands."""
        wish = wishes.check(options, options["rendered_state"])
        listing = racdcert.parse(options["listing"] or "")
        planned = plan.plan(wish, listing, complete=False)
        asks = [*plan.listing_commands(wish), *plan.further_listing_commands(wish, listing)]
        return {
            "changed": False,
            **report.result(planned),
            "script": commands.script(planned.texts),
            "undo_script": commands.script(planned.undo),
            "listing_script": commands.script(asks),
        }

    def _list(self, wish: Wish, options: dict[str, Any]) -> str:
        """Have RACF list what the plan needs to know, in one call; in a second one what else is on the ring."""
        text = ""
        asks = plan.listing_commands(wish)
        while asks:
            answer = self._tso(asks, options, changes=False)
            text += report.listing_text(answer["answers"])
            asks = plan.further_listing_commands(wish, racdcert.parse(text))
        return text

    def _tso(self, texts: list[str], options: dict[str, Any], *, changes: bool) -> dict[str, Any]:
        arguments = {
            "commands": texts,
            "changes": changes,
            "harmless": sorted(commands.HARMLESS),
            "tsocmd": options["tsocmd"],
            "timeout": options["timeout"],
        }
        return self.hand("target_tso", arguments)

    def _run(self, wish: Wish, planned: Plan, options: dict[str, Any]) -> dict[str, Any]:
        """Run the commands; RACF has no transaction, so a failure says what was done and what undoes it."""
        answers = self._tso(planned.texts, options, changes=True)["answers"]
        failure = report.failure(planned, answers)
        if not failure:
            again = plan.plan(wish, racdcert.parse(self._list(wish, options)), complete=True)
            failure = report.not_as_planned(planned, again)
        return failure
