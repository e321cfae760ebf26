# SPDX-FileCopyrightText: 2026 The zosconnect.security contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""RACF commands, each with those that undo it.

Sources: RACF Command Language Reference (RACDCERT ADDRING, DELRING, CONNECT, REMOVE, ADD, MAP, DELMAP, LIST, LISTRING,
LISTMAP; RDEFINE, RDELETE, PERMIT, RLIST, SETROPTS).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from ansible_collections.zosconnect.security.plugins.plugin_utils.saf.names import fold, quoted
from ansible_collections.zosconnect.security.plugins.plugin_utils.saf.racdcert import Connection, Ring
from ansible_collections.zosconnect.security.plugins.plugin_utils.saf.wishes import Client

# Messages that come with return code 4 (or 0) although all is well: self-signed certificate added, profiles count after
# a refresh, refresh complete, refresh of a class that is not RACLISTed.
HARMLESS = frozenset(
    {"IRRD113I", "IRRD175I", "IRRD199I"}
    | {"ICH06011I", "ICH10006I", "ICH11009I", "ICH12002I"}
    | {"ICH14063I", "ICH14070I"}
)


@dataclass(frozen=True)
class Command:
    """One command, what undoes it, and the classes that have to be refreshed after it."""

    text: str
    undo: tuple[str, ...]
    classes: tuple[str, ...]


_RINGS = ("DIGTCERT", "DIGTRING")


def add_ring(ring: Ring) -> Command:
    return Command(_add_ring(ring), (_delete_ring(ring),), _RINGS)


def delete_ring(ring: Ring) -> Command:
    again = [_connect(ring, connection) for connection in ring.connections]
    return Command(_delete_ring(ring), (_add_ring(ring), *again), _RINGS)


def connect(ring: Ring, wished: Connection) -> Command:
    """Connect a certificate, or change how it is connected; ``ring`` is the ring as it is before."""
    before = next((one for one in ring.connections if one.key == wished.key), None)
    undo = [_connect(ring, before) if before else _remove(ring, wished)]
    robbed = next((one for one in ring.connections if one.default and one.key != wished.key), None)
    if wished.default and robbed:
        undo.insert(0, _connect(ring, robbed))
    return Command(_connect(ring, wished), tuple(undo), _RINGS)


def remove(ring: Ring, connection: Connection) -> Command:
    return Command(_remove(ring, connection), (_connect(ring, connection),), _RINGS)


def add_certificate(client: Client) -> Command:
    owner = f"RACDCERT {client.key[0]}"
    text = f"{owner} ADD({quoted(client.data_set)}) TRUST WITHLABEL({quoted(client.label)})"
    return Command(text, (f"{owner} DELETE(LABEL({quoted(client.label)}))",), ("DIGTCERT",))


def map_certificate(client: Client) -> Command:
    owner = f"RACDCERT {client.key[0]}"
    filters = f" SDNFILTER({quoted(client.subject)})" if client.subject else ""
    filters += f" IDNFILTER({quoted(client.issuer)})" if client.issuer else ""
    text = f"{owner} MAP WITHLABEL({quoted(client.label)}) TRUST{filters}"
    return Command(text, (f"{owner} DELMAP(LABEL({quoted(client.label)}))",), ("DIGTNMAP",))


def define(kind: str, resource: str) -> Command:
    return Command(f"RDEFINE {kind} {resource} UACC(NONE)", (f"RDELETE {kind} {resource}",), (kind,))


def permit(kind: str, resource: str, user: str, level: str, before: str | None) -> Command:
    """Give ``user`` access; ``before`` is the access that it has in the profile's list, None if it is not in it."""
    head = f"PERMIT {resource} CLASS({kind}) ID({user})"
    return Command(f"{head} ACCESS({level})", (f"{head} ACCESS({before})" if before else f"{head} DELETE",), (kind,))


def refresh(classes: Iterable[str]) -> list[str]:
    """Return the command that makes changes of RACLISTed classes count; nothing if nothing changed."""
    unique = sorted(set(classes))
    return [f"SETROPTS RACLIST({' '.join(unique)}) REFRESH"] if unique else []


def all_of(commands: Sequence[Command]) -> list[str]:
    """Return the texts of commands, and of the refresh that they need."""
    return [command.text for command in commands] + refresh(kind for command in commands for kind in command.classes)


def undo_of(commands: Sequence[Command]) -> list[str]:
    """Return what undoes commands, the last one first, and the refresh that this needs."""
    undo = [text for command in reversed(commands) for text in command.undo]
    return undo + refresh(kind for command in commands for kind in command.classes)


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


LIST_OPTIONS = "SETROPTS LIST"


def _add_ring(ring: Ring) -> str:
    return f"RACDCERT ID({ring.owner}) ADDRING({ring.name})"


def _delete_ring(ring: Ring) -> str:
    return f"RACDCERT ID({ring.owner}) DELRING({ring.name})"


def _connect(ring: Ring, connection: Connection) -> str:
    default = " DEFAULT" if connection.default else ""
    return (
        f"RACDCERT ID({ring.owner}) CONNECT({connection.owner} LABEL({quoted(connection.label)}) RING({ring.name}) "
        f"USAGE({connection.usage}){default})"
    )


def _remove(ring: Ring, connection: Connection) -> str:
    return f"RACDCERT ID({ring.owner}) REMOVE({connection.owner} LABEL({quoted(connection.label)}) RING({ring.name}))"
