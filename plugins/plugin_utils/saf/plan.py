# SPDX-FileCopyrightText: 2026 The zosconnect.security contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""From a wish and what RACF listed to the fewest commands, in the order in which nothing is missing meanwhile.

Trust is widened before keys change, the default moves last, what leaves the ring leaves after its successor came, and
the refresh stands at the end. Only on a ring of CICS a certificate leaves before its successor comes: CICS does not
support two certificates of one subject name there (CICS TS, RACF Security Guide, creating new RACF certificates).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace

from ansible_collections.zosconnect.security.plugins.plugin_utils.errors import SecurityError
from ansible_collections.zosconnect.security.plugins.plugin_utils.saf import access, clients, commands
from ansible_collections.zosconnect.security.plugins.plugin_utils.saf.commands import Command
from ansible_collections.zosconnect.security.plugins.plugin_utils.saf.racdcert import Connection, Listing, Ring
from ansible_collections.zosconnect.security.plugins.plugin_utils.saf.wishes import Wish, WishedConnection

Key = tuple[str, str]


@dataclass
class Plan:
    """What has to be done. ``before`` and ``after`` are the ring, None where there is none."""

    before: Ring | None
    after: Ring | None
    steps: list[Command] = field(default_factory=list)
    findings: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    @property
    def texts(self) -> list[str]:
        return commands.all_of(self.steps)

    @property
    def undo(self) -> list[str]:
        return commands.undo_of(self.steps)


def listing_commands(wish: Wish) -> list[str]:
    """Return the commands whose output has to be known before anything can be planned; they change nothing."""
    found = [commands.list_rings(wish.owner)]
    if wish.state != "absent":
        found += [commands.list_certificate(*one.key) for one in wish.connections]
        found += clients.listing_commands(wish)
        found += access.listing_commands(wish)
    return list(dict.fromkeys(found))


def further_listing_commands(wish: Wish, listing: Listing) -> list[str]:
    """Return what has to be known as well once the ring is: for CICS, the subjects of all certificates on it."""
    if not (wish.cics or wish.every) or wish.state == "absent":
        return []
    return [commands.list_certificate(*key) for key in _unlisted(_present(wish, listing), listing)]


def plan(wish: Wish, listing: Listing, *, complete: bool) -> Plan:
    """Plan the commands; raise SecurityError for what RACF or its users would not survive.

    ``complete`` says that all of ``listing_commands`` were answered. Otherwise what was not listed is taken for absent,
    and the notes say so.
    """
    before = listing.rings.get((wish.owner, wish.ring))
    _is_the_name_right(wish, listing)
    _is_the_listing_whole(wish, listing)
    planned = Plan(before, before)
    if complete and not _is_known(wish, listing):
        raise SecurityError(
            f"ring: RACF did not say what is on ring {wish.ring}; run {commands.list_rings(wish.owner)} by hand to see "
            f"why."
        )
    if not complete:
        _say_what_is_not_known(wish, listing, planned)
    _plan_ring(wish, planned, listing)
    if wish.state != "absent":
        after = planned.after or Ring(wish.owner, wish.ring)
        _judge_certificates(wish, after, listing, planned)
        for steps, findings, notes in (
            access.plan(wish, after, listing, complete=complete),
            clients.plan(wish, listing),
        ):
            planned.steps += steps
            planned.findings += findings
            planned.notes += notes
    return planned


def _present(wish: Wish, listing: Listing) -> list[Key]:
    ring = listing.rings.get((wish.owner, wish.ring))
    return [one.key for one in ring.connections] if ring else []


def _unlisted(keys: Iterable[Key], listing: Listing) -> list[Key]:
    return [key for key in keys if key not in listing.certificates and key not in listing.no_certificates]


def _is_the_name_right(wish: Wish, listing: Listing) -> None:
    """A ring that is missing while there is one whose name differs in case only is a slip, not a new ring."""
    if (wish.owner, wish.ring) in listing.rings:
        return
    for ring in listing.rings_of(wish.owner):
        if ring.name.upper() == wish.ring.upper():
            raise SecurityError(
                f"ring: {wish.owner} has no ring {wish.ring!r}, but {ring.name!r}. RACF's ring names are case "
                f"sensitive, and rings whose names differ only in case share one RDATALIB profile; write it as RACF "
                f"has it."
            )


def _is_the_listing_whole(wish: Wish, listing: Listing) -> None:
    """RACDCERT LIST says on which rings a certificate is; then the ring's listing must show it."""
    ring = listing.rings.get((wish.owner, wish.ring))
    keys = {one.key for one in ring.connections} if ring else set()
    for found in listing.certificates.values() if ring else ():
        if (wish.owner, wish.ring) in found.rings and found.key not in keys:
            raise SecurityError(
                f"listing: certificate {found.label!r} of {found.owner} is on ring {wish.ring} by RACDCERT LIST, but "
                f"the ring's listing does not show it, so it was cut or is older; make both listings anew."
            )


def _say_what_is_not_known(wish: Wish, listing: Listing, planned: Plan) -> None:
    if not _is_known(wish, listing):
        if wish.state == "overridden":
            raise SecurityError(
                f"listing: overridden needs to know what is on ring {wish.ring}; give the output of "
                f"{commands.list_rings(wish.owner)}."
            )
        planned.notes.append(
            f"No listing says whether {wish.owner} has ring {wish.ring}. The commands are for a ring that is "
            f"{'as named' if wish.state == 'absent' else 'not there yet'}: run {commands.list_rings(wish.owner)} first."
        )
    if wish.state != "absent":
        planned.notes += [
            f"No listing says whether {owner} has a certificate {label!r}: {commands.list_certificate(owner, label)}"
            for owner, label in _unlisted((one.key for one in wish.connections), listing)
            if (owner, label) not in _present(wish, listing)
        ]


def _is_known(wish: Wish, listing: Listing) -> bool:
    """Say whether it was listed what is on the ring, or that there is none."""
    ring = (wish.owner, wish.ring)
    return (
        ring in listing.rings or wish.owner in listing.ring_owners or bool({ring, ("", wish.ring)} & listing.no_rings)
    )


def _plan_ring(wish: Wish, planned: Plan, listing: Listing) -> None:
    if wish.state == "absent":
        _plan_removal(wish, planned, listing)
        return
    ring = planned.before
    if ring is None:
        ring = Ring(wish.owner, wish.ring)
        planned.steps.append(commands.add_ring(ring))
        if wish.ring != wish.ring.upper():
            planned.notes.append(
                f"RACF keeps the case of the ring name {wish.ring}: Liberty, AT-TLS and CICS must spell it just so."
            )
    present = {one.key: one for one in ring.connections}
    wanted = [_wanted(wish, one, present) for one in wish.connections]
    leaving = _leaving(wish, present)
    moved = any(one.default for one in wanted)
    for one in sorted(wanted, key=lambda one: (one.default, one.usage == "PERSONAL")):
        if _as_wished(present.get(one.key), one, moved=moved):
            continue
        _exists(wish, one, listing)
        for old in [old for old in leaving if wish.cics and _succeeds(wish, one, old, listing)]:
            leaving.remove(old)
            ring = _step(planned, commands.remove(ring, old), without(ring, old))
        ring = _step(planned, commands.connect(ring, one), joined(ring, one))
    for old in leaving:
        ring = _step(planned, commands.remove(ring, old), without(ring, old))
    planned.after = ring


def _plan_removal(wish: Wish, planned: Plan, listing: Listing) -> None:
    ring = planned.before
    known = _is_known(wish, listing)
    if not wish.connections:
        if ring or not known:
            planned.steps.append(commands.delete_ring(ring or Ring(wish.owner, wish.ring)))
            planned.after = None
        return
    present = {one.key: one for one in ring.connections} if ring else {}
    ring = ring or Ring(wish.owner, wish.ring)
    for one in wish.connections:
        old = present.get(one.key) or (
            None if known else Connection(one.owner, one.label, one.own_usage, default=False)
        )
        if old:
            ring = _step(planned, commands.remove(ring, old), without(ring, old))


def _step(planned: Plan, command: Command, after: Ring) -> Ring:
    planned.steps.append(command)
    planned.after = after
    return after


def without(ring: Ring, old: Connection) -> Ring:
    """Return the ring without a certificate."""
    return replace(ring, connections=tuple(one for one in ring.connections if one.key != old.key))


def joined(ring: Ring, new: Connection) -> Ring:
    """Return the ring with a certificate, as RACF connects it: in its old place, and the only default if it is one."""
    keys = [one.key for one in ring.connections]
    others = (replace(one, default=one.default and not new.default) for one in ring.connections)
    kept = tuple(new if one.key == new.key else one for one in others)
    return replace(ring, connections=kept if new.key in keys else (*kept, new))


def _wanted(wish: Wish, wished: WishedConnection, present: Mapping[Key, Connection]) -> Connection:
    """Return how a certificate shall be connected; what was not said stays, or comes from what it replaces."""
    keys = [wished.key] if wish.state == "merged" or wished.replaces else []
    keys += [(wished.owner, wished.replaces)] if wished.replaces else []
    kept = [present[key] for key in keys if key in present]
    usage = wished.usage or (kept[0].usage if kept else wished.own_usage)
    default = wished.default
    if default is None:
        default = any(one.default for one in kept) and not any(one.default for one in wish.connections)
    return Connection(wished.owner, wished.label, usage, default)


def _leaving(wish: Wish, present: Mapping[Key, Connection]) -> list[Connection]:
    if wish.state == "overridden":
        kept = {one.key for one in wish.connections}
        return [one for key, one in present.items() if key not in kept]
    replaced = [(one.owner, one.replaces) for one in wish.connections if one.replaces]
    return [present[key] for key in dict.fromkeys(replaced) if key in present]


def _as_wished(present: Connection | None, wanted: Connection, *, moved: bool) -> bool:
    """Say whether nothing has to be done; RACF itself takes DEFAULT away when another certificate gets it."""
    if present is None or present.usage != wanted.usage:
        return False
    return present.default == wanted.default or (present.default and moved)


def _succeeds(wish: Wish, new: Connection, old: Connection, listing: Listing) -> bool:
    """Say whether both have one subject name; where it is not known, whether ``new`` replaces ``old``."""
    subjects = [found.subject for key in (new.key, old.key) if (found := listing.certificates.get(key))]
    if len(subjects) == 2:
        return subjects[0] == subjects[1]
    return any(one.key == new.key and (one.owner, one.replaces) == old.key for one in wish.connections)


def _exists(wish: Wish, wanted: Connection, listing: Listing) -> None:
    where = next(one.where for one in wish.connections if one.key == wanted.key)
    if wanted.key in listing.certificates:
        return
    on_ring = {one.key for ring in listing.rings.values() for one in ring.connections}
    near = next(
        (
            label
            for owner, label in [*listing.certificates, *on_ring]
            if owner == wanted.owner and label != wanted.label and label.upper() == wanted.label.upper()
        ),
        None,
    )
    if near:
        raise SecurityError(
            f"{where}.label: {wanted.owner} has a certificate {near!r}, but none is known as {wanted.label!r}; labels "
            f"are case sensitive, write it as RACF has it."
        )
    if wanted.key in listing.no_certificates:
        raise SecurityError(
            f"{where}.label: {wanted.owner} has no certificate {wanted.label!r} (labels are case sensitive); add it to "
            f"RACF first, or correct label and owner."
        )


def _judge_certificates(wish: Wish, after: Ring, listing: Listing, planned: Plan) -> None:
    on_ring = {one.key: listing.certificates.get(one.key) for one in after.connections}
    planned.findings += [
        f"Certificate {found.label!r} of {found.owner} on ring {after.name} has status {found.status}: RACF does not "
        f"let it be used."
        for found in on_ring.values()
        if found and found.status == "NOTRUST"
    ]
    if not wish.cics:
        return
    subjects: dict[str, Key] = {}
    for key, found in on_ring.items():
        if found is None:
            raise SecurityError(
                f"used_by_cics: the subject of certificate {key[1]!r} is not known; add the output of "
                f"{commands.list_certificate(*key)} to listing."
            )
        first = subjects.setdefault(found.subject, key)
        if first != key:
            raise SecurityError(
                f"used_by_cics: {first[1]!r} and {key[1]!r} would be on ring {after.name} with the same subject name "
                f"{found.subject}, and CICS does not support that. Let the new certificate replace the old one "
                f"(replaces), after all partners trust its issuer."
            )
    if planned.steps:
        planned.notes.append(
            f"CICS uses its old copy of ring {after.name} until PERFORM SSL REBUILD; with AT-TLS, until "
            f"EnvironmentUserInstance is raised and Policy Agent is told."
        )
