# SPDX-FileCopyrightText: 2026 The zosconnect.security contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""What names of z/OS look like: jobs, user IDs, data sets, key rings, labels. One grammar for all who take them.

Sources: z/OS MVS JCL Reference (names: 1 to 8 of A-Z, 0-9 and the national characters @, # and $, not beginning with a
digit; names of data sets: up to 44); z/OS Security Server RACF Command Language Reference (user IDs of 1 to 8, which
may begin with a digit; labels of 1 to 32; ring names of up to 237); IBM z/OS Communications Server IP Configuration
Reference, TTLSRule (an asterisk may end a job name or user ID) and TTLSKeyringParms (the ring of the connection's own
user, or of ``owner/ring``).
"""

from __future__ import annotations

import re
from dataclasses import dataclass

LABEL_LENGTH, RING_LENGTH = 32, 237


@dataclass(frozen=True)
class Grammar:
    """One kind of names: a pattern that a name matches whole, and what that is in words that follow "must be"."""

    pattern: str
    words: str

    def fits(self, name: str) -> bool:
        return re.fullmatch(self.pattern, name) is not None


_FIRST, _NEXT = "A-Z@#$", "A-Z0-9@#$"
_CHARACTERS = "1 to 8 of A-Z, 0-9, @, # and $"
JOB = Grammar(f"[{_FIRST}][{_NEXT}]{{0,7}}", f"a z/OS name: {_CHARACTERS}, not beginning with a digit")
USER = Grammar(f"[{_NEXT}]{{1,8}}", f"a user ID of {_CHARACTERS}")
JOB_MASK = Grammar(rf"{JOB.pattern}|(?:[{_FIRST}][{_NEXT}]{{0,6}})?\*", f"{JOB.words}; an asterisk may end it")
USER_MASK = Grammar(rf"{USER.pattern}|[{_NEXT}]{{0,7}}\*", f"{USER.words}; an asterisk may end it")
# Fully qualified; of at most 44 characters.
DATA_SET = Grammar(
    r"(?=.{1,44}\Z)[A-Z$#@][A-Z0-9$#@-]{0,7}(?:\.[A-Z$#@][A-Z0-9$#@-]{0,7})+",
    "the fully qualified name of a data set, such as HLQ.CERT.PEM",
)
# As people ask about jobs and users, in any case.
ASKED = Grammar("[A-Za-z0-9@#$]{1,8}", "a name of 1 to 8 letters, digits, @, # and $")
RING = Grammar(
    f"[A-Za-z0-9$#@._-]{{1,{RING_LENGTH}}}",
    f"the name of a key ring: 1 to {RING_LENGTH} letters, digits, and the signs $ # @ . _ - without blanks",
)
# *AUTH*/* and *SITE*/* are all certificates of CERTAUTH and SITE.
KEY_RING = Grammar(
    rf"(?:{USER.pattern}/)?{RING.pattern}|\*(?:AUTH|SITE)\*/\*",
    "a key ring, as RING or OWNER/RING: letters, digits, and the signs $ # @ . _ - without blanks",
)
LABEL = Grammar(
    rf"(?!-)\S(?:[^\r\n\t]{{0,{LABEL_LENGTH - 2}}}\S)?",
    f"a certificate label: 1 to {LABEL_LENGTH} characters, no line end, no blank at either end, not beginning with -",
)
