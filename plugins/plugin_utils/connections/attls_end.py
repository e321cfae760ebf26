# SPDX-FileCopyrightText: 2026 The zosconnect.security contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""One end of a connection on z/OS: by which key ring and for which jobs TLS is done, and by which AT-TLS rule."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from ansible_collections.zosconnect.security.plugins.plugin_utils.declared import (
    Reader,
    address,
    boolean,
    key_ring,
    label,
    like,
    mapped,
    mvs_name,
    priority,
)

_rule = like(r"[!\"$-z|~]{1,32}", "the name of an AT-TLS rule: 1 to 32 characters without blank, # and brace")


@dataclass(frozen=True, kw_only=True)
class AttlsEnd:
    """Whom an AT-TLS rule counts for (job name, user ID, addresses of this system or of the partner), and with what.

    An asterisk may end a job name or user ID. Where CICS does TLS itself, ring and label are those of its region and
    the rest says which region is meant. ``rule`` is the name of the rule, if it has another one than ours. ``said`` are
    the keys that have a value; the others are as they are there.
    """

    rule: str | None = None
    key_ring: str | None = None
    certificate_label: str | None = None
    job_name: str | None = None
    user_id: str | None = None
    local_address: str | None = None
    address: str | None = None
    saf_check: bool = False
    priority: int = 255
    said: frozenset[str] = frozenset()


NOTHING = AttlsEnd()


def common(reader: Reader, there: AttlsEnd = NOTHING) -> dict[str, Any]:
    """Take the keys that every end may have; ``there`` is what counts where nothing is said."""
    return {
        "rule": reader.take("rule", _rule, there.rule),
        "certificate_label": reader.take("certificate_label", label, there.certificate_label),
        "job_name": reader.take("job_name", mvs_name, there.job_name),
        "user_id": reader.take("user_id", mvs_name, there.user_id),
        "priority": reader.take("priority", priority, there.priority),
    }


@mapped
def answering(reader: Reader) -> AttlsEnd:
    """Return the end at which AT-TLS answers."""
    ring, check = reader.need("key_ring", key_ring), reader.take("saf_check", boolean, False)
    return AttlsEnd(key_ring=ring, saf_check=check, said=reader.said, **common(reader))


def answering_as(there: AttlsEnd) -> Callable[[object, str], AttlsEnd]:
    """Return the reader of an end at which AT-TLS answers already; what is not said stays as it is ``there``."""

    @mapped
    def read(reader: Reader) -> AttlsEnd:
        ring, check = (
            reader.take("key_ring", key_ring, there.key_ring),
            reader.take("saf_check", boolean, there.saf_check),
        )
        return AttlsEnd(key_ring=ring, saf_check=check, said=reader.said, **common(reader, there))

    return read


@mapped
def calling(reader: Reader) -> AttlsEnd:
    """Return the end from which AT-TLS calls; without the partner's address a rule would catch calls to any host."""
    return AttlsEnd(
        address=reader.need("address", address),
        key_ring=reader.need("key_ring", key_ring),
        local_address=reader.take("local_address", address),
        said=reader.said,
        **common(reader),
    )


def calling_as(there: AttlsEnd) -> Callable[[object, str], AttlsEnd]:
    """Return the reader of an end from which AT-TLS calls already; what is not said stays as it is ``there``."""

    @mapped
    def read(reader: Reader) -> AttlsEnd:
        return AttlsEnd(
            address=reader.take("address", address, there.address),
            key_ring=reader.take("key_ring", key_ring, there.key_ring),
            local_address=reader.take("local_address", address, there.local_address),
            said=reader.said,
            **common(reader, there),
        )

    return read
