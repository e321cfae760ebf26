# SPDX-FileCopyrightText: 2026 The zosconnect.security contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""RACF commands, each with those that undo it.

What no listing showed may have been there before. Then nothing undoes a command, and the script says so.

Sources: RACF Command Language Reference (RACDCERT ADDRING, DELRING, CONNECT, REMOVE, ADD, MAP, DELMAP, LIST, LISTRING,
LISTMAP; RDEFINE, RDELETE, PERMIT, RLIST, SETROPTS, LISTUSER, LISTGRP).
"""

from __future__ import annotations

import textwrap
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from ansible_collections.zosconnect.security.plugins.plugin_utils.saf.desired import ClientCertificate
from ansible_collections.zosconnect.security.plugins.plugin_utils.saf.names import LINE, fold, quoted
from ansible_collections.zosconnect.security.plugins.plugin_utils.saf.racdcert import KeyRing, RingConnection

# Messages that come with return code 4 (or 0) although all is well: self-signed certificate added, profiles count after
# a refresh, refresh complete, refresh of a class that is not RACLISTed.
HARMLESS = frozenset(
    {"IRRD113I", "IRRD175I", "IRRD199I"}
    | {"ICH06011I", "ICH10006I", "ICH11009I", "ICH12002I"}
    | {"ICH14063I", "ICH14070I"}
)


@dataclass(frozen=True)
class RacfCommand:
    """One command, what undoes it, and the classes that have to be refreshed after it.

    ``not_undone`` says why nothing undoes it; empty where ``undo`` does.
    """

    text: str
    undo: tuple[str, ...]
    classes: tuple[str, ...]
    not_undone: str = ""

    def on_unlisted(self, what: str) -> RacfCommand:
        """Return the command without its undo, because ``what`` was not listed before."""
        return replace(self, undo=(), not_undone=f"No listing shows {what} before, so nothing undoes:")


RING_CLASSES = ("DIGTCERT", "DIGTRING")


def add_ring(ring: KeyRing) -> RacfCommand:
    return RacfCommand(_add_ring(ring), (_delete_ring(ring),), RING_CLASSES)


def delete_ring(ring: KeyRing) -> RacfCommand:
    again = [_connect(ring, connection) for connection in ring.connections]
    return RacfCommand(_delete_ring(ring), (_add_ring(ring), *again), RING_CLASSES)


def connect(ring: KeyRing, wanted: RingConnection) -> RacfCommand:
    """Connect a certificate, or change how it is connected; ``ring`` is the ring as it is before."""
    before = next((one for one in ring.connections if one.key == wanted.key), None)
    undo = [_connect(ring, before) if before else _remove(ring, wanted)]
    robbed = next((one for one in ring.connections if one.default and one.key != wanted.key), None)
    if wanted.default and robbed:
        undo.insert(0, _connect(ring, robbed))
    return RacfCommand(_connect(ring, wanted), tuple(undo), RING_CLASSES)


def remove(ring: KeyRing, connection: RingConnection) -> RacfCommand:
    return RacfCommand(_remove(ring, connection), (_connect(ring, connection),), RING_CLASSES)


def add_certificate(client: ClientCertificate) -> RacfCommand:
    owner = f"RACDCERT {client.key[0]}"
    text = f"{owner} ADD({quoted(client.data_set)}) TRUST WITHLABEL({quoted(client.label)})"
    return RacfCommand(text, (f"{owner} DELETE(LABEL({quoted(client.label)}))",), ("DIGTCERT",))


def map_certificate(client: ClientCertificate) -> RacfCommand:
    owner = f"RACDCERT {client.key[0]}"
    filters = f" SDNFILTER({quoted(client.subject)})" if client.subject else ""
    filters += f" IDNFILTER({quoted(client.issuer)})" if client.issuer else ""
    text = f"{owner} MAP WITHLABEL({quoted(client.label)}) TRUST{filters}"
    return RacfCommand(text, (f"{owner} DELMAP(LABEL({quoted(client.label)}))",), ("DIGTNMAP",))


def define(kind: str, resource: str) -> RacfCommand:
    return RacfCommand(f"RDEFINE {kind} {resource} UACC(NONE)", (f"RDELETE {kind} {resource}",), (kind,))


def permit(kind: str, resource: str, user: str, level: str, before: str | None) -> RacfCommand:
    """Give ``user`` access; ``before`` is the access that it has in the profile's list, None if it is not in it."""
    head = f"PERMIT {resource} CLASS({kind}) ID({user})"
    undo = f"{head} ACCESS({before})" if before else f"{head} DELETE"
    return RacfCommand(f"{head} ACCESS({level})", (undo,), (kind,))


def activate(kind: str, *, active: bool) -> RacfCommand:
    """Make RACF look at a class, and RACLIST it; ``active`` says that it is active, and only the second is lacking."""
    if active:
        return RacfCommand(f"SETROPTS RACLIST({kind})", (f"SETROPTS NORACLIST({kind})",), (kind,))
    return RacfCommand(
        f"SETROPTS CLASSACT({kind}) RACLIST({kind})", (f"SETROPTS NORACLIST({kind}) NOCLASSACT({kind})",), (kind,)
    )


def refresh(classes: Iterable[str]) -> list[str]:
    """Return the command that makes changes of RACLISTed classes count; nothing if nothing changed."""
    unique = sorted(set(classes))
    return [f"SETROPTS RACLIST({' '.join(unique)}) REFRESH"] if unique else []


def all_of(commands: Sequence[RacfCommand]) -> list[str]:
    """Return the texts of commands, and of the refresh that they need."""
    return [command.text for command in commands] + refresh(kind for command in commands for kind in command.classes)


def undo_of(commands: Sequence[RacfCommand]) -> list[str]:
    """Return what undoes commands, the last one first, and the refresh that this needs."""
    undo = [text for command in reversed(commands) for text in command.undo]
    return undo + refresh(kind for command in commands if command.undo for kind in command.classes)


def undo_script(commands: Sequence[RacfCommand]) -> str:
    """Return what undoes commands as the input of a batch job, with a comment for each command that nothing undoes."""
    lines: list[str] = []
    for command in reversed(commands):
        if command.not_undone:
            lines += [line for text in (command.not_undone, command.text) for line in _comment(text)]
        lines += [line for text in command.undo for line in fold(text)]
    needed = refresh(kind for command in commands if command.undo for kind in command.classes)
    return "".join(f"{line}\n" for line in lines) + script(needed)


def _comment(text: str) -> list[str]:
    """Return lines of comment. They begin with a blank, since ``/*`` in column 1 would end the input of a job."""
    parts = textwrap.wrap(text.replace("*/", "* /"), LINE - 8, break_on_hyphens=False)
    return [f" /* {part} */" for part in parts]


def script(texts: Iterable[str]) -> str:
    """Return commands as the input of a batch job (SYSTSIN), long ones continued."""
    return "".join(f"{line}\n" for text in texts for line in fold(text))


def list_rings(owner: str) -> str:
    return f"RACDCERT ID({owner}) LISTRING(*)"


def list_certificate(owner: str, label: str) -> str:
    return f"RACDCERT {owner} LIST(LABEL({quoted(label)}))"


def list_filters(user: str) -> str:
    return f"RACDCERT ID({user}) LISTMAP"


def list_profile(kind: str, resource: str) -> str:
    return f"RLIST {kind} {resource} AUTHUSER"


def list_user(user: str) -> str:
    return f"LISTUSER {user} OMVS"


def list_group(group: str) -> str:
    return f"LISTGRP {group} OMVS"


LIST_OPTIONS = "SETROPTS LIST"


def _add_ring(ring: KeyRing) -> str:
    return f"RACDCERT ID({ring.owner}) ADDRING({ring.name})"


def _delete_ring(ring: KeyRing) -> str:
    return f"RACDCERT ID({ring.owner}) DELRING({ring.name})"


def _connect(ring: KeyRing, connection: RingConnection) -> str:
    default = " DEFAULT" if connection.default else ""
    return (
        f"RACDCERT ID({ring.owner}) CONNECT({connection.owner} LABEL({quoted(connection.label)}) RING({ring.name}) "
        f"USAGE({connection.usage}){default})"
    )


def _remove(ring: KeyRing, connection: RingConnection) -> str:
    return f"RACDCERT ID({ring.owner}) REMOVE({connection.owner} LABEL({quoted(connection.label)}) RING({ring.name}))"
