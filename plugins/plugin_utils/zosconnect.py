# SPDX-FileCopyrightText: 2026 The zosconnect.security contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""The two z/OS Connects: by the feature ``zosConnect-2.0`` API requesters are archives, by 3.0 web applications."""

from __future__ import annotations

from collections.abc import Iterable

from ansible_collections.zosconnect.security.plugins.plugin_utils.declared import one_of
from ansible_collections.zosconnect.security.plugins.plugin_utils.errors import SecurityError

VERSIONS = (OAS2, OAS3) = ("2.0", "3.0")
# What 3.0 needs for the role of a web application to count; 2.0 loads it itself. Any later level does as well.
APPLICATION_SECURITY = "appSecurity-2.0"
# The role that the web application of an API requester wants of its callers.
ROLE = "invoke"
# The property of a web application that names its connection.
CONNECTION_PROPERTY = "connectionRef"


def read_version(given: object, where: str) -> str:
    """Return the version that a user gives; YAML makes numbers of ``2.0`` and ``3``. Others raise SecurityError."""
    text = str(given).strip()
    return one_of(VERSIONS)(f"{text}.0" if f"{text}.0" in VERSIONS else text, where)


def version(declared: Iterable[tuple[str, str]], seen: str | None, origin: str | None) -> str:
    """Return which z/OS Connect a server is: what its features say, else what is declared, else 2.0.

    ``declared`` are places with what is said there, ``seen`` is what the features at ``origin`` say, None where they
    say nothing or nobody looked. Raises SecurityError where two of them say different things.
    """
    known: tuple[str, str] | None = None
    for where, said in declared:
        if known and known[1] != said:
            raise SecurityError(
                f"{where}: {said} contradicts {known[0]}, which is {known[1]}; a server is one of them."
            )
        known = known or (where, said)
    if known and seen not in (None, known[1]):
        raise SecurityError(
            f"{known[0]}: {known[1]} is declared, but the features at {origin} make the server a z/OS Connect {seen}. "
            "Correct the one or the other."
        )
    return seen or (known[1] if known else OAS2)
