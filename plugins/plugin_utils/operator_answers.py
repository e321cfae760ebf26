# SPDX-FileCopyrightText: 2026 The zosconnect.security contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a console answered to an operator command: refused, carried out, or neither said.

Sources: z/OS MVS System Messages (IEE305I, IEE341I, IEE342I, IEE345I), RACF Messages and Codes (ICH408I), Open
Liberty's command processor of z/OS (CWWKB0006W, CWWKB0007E, and how it says that a command ended), z/OS Communications
Server IP Messages (EZZ8438I, EZZ8771I). A message that is none of them is shown, and taken for neither.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from ansible_collections.zosconnect.security.plugins.plugin_utils import operator_commands
from ansible_collections.zosconnect.security.plugins.plugin_utils.errors import SecurityError

_PERMIT = (
    "permit the user of the connection to control it (class OPERCMDS, MVS.MODIFY.STC.*), or let an operator give the "
    "command"
)
_FEATURE = (
    f"the server does not know it: look at zosconnect_version, and for 2.0 at the feature {operator_commands.FEATURE}"
)
_REFUSED: Mapping[str, str] = {
    "IEE305I": "the system does not know it; look at job_name",
    "IEE341I": "start the job, or give its name in job_name",
    "IEE342I": "the job is busy with another command; give it again",
    "IEE345I": _PERMIT,
    "ICH408I": _PERMIT,
    "CWWKB0006W": _FEATURE,
    "CWWKB0007E": "look into the server's messages.log",
    "EZZ8438I": "look into the log of the Policy Agent, and mend the policy",
}
_DONE = re.compile(r"COMPLETED SUCCESSFULLY|\bEZZ8771I\b")
_FAILED = re.compile(r"COMPLETED UNSUCCESSFULLY")
_MESSAGE = re.compile(r"\b(" + "|".join(_REFUSED) + r")\b")
_LONGEST = 200


@dataclass(frozen=True)
class Answer:
    """``confirmed``: a message says that it was carried out."""

    command: str
    output: str
    confirmed: bool

    def shown(self) -> dict[str, Any]:
        return asdict(self)

    @property
    def doubt(self) -> str | None:
        """What a person must know, None where all is known."""
        if self.confirmed:
            return None
        return f"{self.command}: nothing in the answer says that it was carried out; look into the job's log."


def read(command: str, output: str, rc: int, program: str) -> Answer:
    """Return what was answered; SecurityError where the command was refused or ended badly."""
    for line in output.splitlines():
        known = _MESSAGE.search(line)
        if known:
            raise SecurityError(f"{command} was refused: {line.strip()[:_LONGEST]}; {_REFUSED[known[1]]}.")
        if _FAILED.search(line):
            raise SecurityError(f"{command} failed: {line.strip()[:_LONGEST]}; look into the server's messages.log.")
    if rc:
        last = next((line.strip() for line in reversed(output.splitlines()) if line.strip()), "it printed nothing")
        raise SecurityError(
            f"{command} was not taken: {program} ended with return code {rc}: {last[:_LONGEST].rstrip('.')}."
        )
    return Answer(command, output, bool(_DONE.search(output)))
