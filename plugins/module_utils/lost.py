# SPDX-FileCopyrightText: 2026 The zosconnect.security contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""What stands where a secret was lost: one list for all who take secrets, on the controller and on the target.

PRIVATE to this collection. Standard library only, Python 3.9.
"""

from __future__ import annotations

import re

LOST_SECRETS: tuple[str, ...] = (
    # AWX, in place of a secret survey answer that it does not know (REPLACE_STR in awx/main/redact.py).
    "$encrypted$",
    # ansible-core inside of longer texts, and this collection; ansible-core in place of a whole value with no_log
    # (both: remove_values in module_utils/common/parameters.py).
    "********",
    "VALUE_SPECIFIED_IN_NO_LOG_PARAMETER",
    # Liberty, for its protected strings in messages and traces.
    "*****",
)
# Others hide by another number of them (Liberty's REST connector by six); one or two can be meant, as in host="*".
_MASK = re.compile(r"\*{3,}")


def is_lost(text: str) -> bool:
    """Say whether ``text``, blanks around it aside, is what is left of a secret and not one itself."""
    return text.strip() in LOST_SECRETS or _MASK.fullmatch(text.strip()) is not None


def sentence(text: str) -> str:
    """Say of a lost secret (see ``is_lost``) what it is and what to do; the caller names the option before it."""
    bare = text.strip()
    if bare == LOST_SECRETS[0]:
        # Without that text: where it is the value of an option, ansible-core would hide it in the sentence.
        return "the secret is the text that AWX leaves where a password was lost on import; enter the password again."
    return f"the secret is a redaction mark ({bare}), so it comes from an output; give the real one."
