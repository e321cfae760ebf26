# SPDX-FileCopyrightText: 2026 The zosconnect.security contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""RACF and operator commands by way of tsocmd. PRIVATE to this collection. Standard library only, Python 3.9.

Source: z/OS UNIX System Services Command Reference, tsocmd.
"""

from __future__ import annotations

import re
import subprocess
from typing import Any

LISTS = re.compile(
    r"RACDCERT (?:ID\([A-Z0-9$#@]+\)|CERTAUTH|SITE) LIST(?:RING|MAP)?(?:\(.*\))?|RLIST .*|SETROPTS LIST"
    r"|LIST(?:USER|GRP) [A-Z0-9$#@]+ OMVS"
)
CHANGES = re.compile(
    r"RACDCERT ID\([A-Z0-9$#@]+\) (?:ADDRING|DELRING|CONNECT|REMOVE|ADD|MAP)\b.*"
    r"|(?:RDEFINE|PERMIT) .*|SETROPTS RACLIST\(.*\) REFRESH|SETROPTS (?:CLASSACT\(DIGTNMAP\) )?RACLIST\(DIGTNMAP\)"
    # The operator commands of the collection, and no other.
    r"|CONSOLE SYSCMD\(F [A-Z0-9$#@]{1,8}\*?,(?:ZCON,(?:REFRESH|CLEARSAFCACHE)|CACHE,CLEAR,AUTH|UPDATE"
    r"|REFRESH,(?:CONFIG|KEYSTORE|APPS))\)(?: NAME\([A-Z0-9$#@]{2,8}\))?"
)
MESSAGE = re.compile(r"^\s*((?:IRR|ICH|IKJ)[A-Z0-9]{2,6}[A-Z])\s", re.MULTILINE)
WARNING = 4


def run(command: str, program: str, timeout: int) -> dict[str, Any]:
    """Run one command. Standard input is empty, because tsocmd would take it for further commands."""
    # Helpers know no AnsibleModule, and so no run_command.
    done = subprocess.run(  # pylint: disable=ansible-bad-function
        [program, command],
        check=False,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        timeout=timeout,
        text=True,
        errors="replace",
    )
    # tsocmd repeats the command on its standard error; messages may come on either.
    echo = " ".join(command.split())
    errors = [line for line in done.stderr.splitlines() if " ".join(line.split()) != echo]
    return {"command": command, "rc": done.returncode, "output": "\n".join([done.stdout.rstrip("\n"), *errors])}


def is_done(answer: dict[str, Any], harmless: list[str]) -> bool:
    """Say whether a command did its work: return code 0, or a warning of nothing but what is known as harmless."""
    messages = MESSAGE.findall(answer["output"])
    warned = answer["rc"] <= WARNING and bool(messages) and set(messages) <= set(harmless)
    return answer["rc"] == 0 or warned


def run_all(params: dict[str, Any]) -> list[dict[str, Any]]:
    answers = []
    for command in params["commands"]:
        answer = run(command, params["tsocmd"], params["timeout"])
        answer["done"] = is_done(answer, params["harmless"])
        answers.append(answer)
        if params["changes"] and not answer["done"]:
            break
    return answers


def refused(params: dict[str, Any], *, check_mode: bool) -> str:
    """Say what is wrong with the commands; nothing if all may be run."""
    if params["changes"] and check_mode:
        return "Check mode runs no command that changes something."
    form = CHANGES if params["changes"] else LISTS
    for command in params["commands"]:
        if not form.fullmatch(command) or not command.isprintable():
            return f"{command!r} is not a command that this module runs."
    return ""
