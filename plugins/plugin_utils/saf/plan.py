# SPDX-FileCopyrightText: 2026 The zosconnect.security contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""From what is desired and what RACF listed to the fewest commands, in an order in which nothing is missing meanwhile.

Trust is widened before keys change, the default moves last, what leaves the ring leaves after its successor came, and
the refresh stands at the end. Only on a ring of CICS a certificate leaves before its successor comes: CICS does not
support two certificates of one subject name there (CICS TS, RACF Security Guide, creating new RACF certificates).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace

from ansible_collections.zosconnect.security.plugins.plugin_utils.errors import SecurityError
from ansible_collections.zosconnect.security.plugins.plugin_utils.saf import access, clients, commands, server_needs
from ansible_collections.zosconnect.security.plugins.plugin_utils.saf.commands import RacfCommand
from ansible_collections.zosconnect.security.plugins.plugin_utils.saf.desired import DesiredAccess, DesiredConnection
from ansible_collections.zosconnect.security.plugins.plugin_utils.saf.racdcert import (
    KeyRing,
    RacfListing,
    RingConnection,
)

Key = tuple[str, str]


@dataclass
class RacfPlan:
    """What has to be done. ``before`` and ``after`` are the ring, None where there is none."""

    before: KeyRing | None
    after: KeyRing | None
    steps: list[RacfCommand] = field(default_factory=list)
    findings: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    # What an operator enters afterwards.
    operator_commands: list[str] = field(default_factory=list)

    @property
    def texts(self) -> list[str]:
        return commands.all_of(self.steps)

    @property
    def undo(self) -> list[str]:
        return commands.undo_of(self.steps)


def listing_commands(want: DesiredAccess) -> list[str]:
    """Return the commands whose output has to be known before anything can be planned; they change nothing."""
    found = [commands.list_rings(want.owner)] if want.ring else []
    if want.state != "absent":
        found += [commands.list_certificate(*one.key) for one in want.connections]
        found += clients.listing_commands(want)
        found += access.listing_commands(want)
    return list(dict.fromkeys(found))


def further_listing_commands(want: DesiredAccess, listing: RacfListing) -> list[str]:
    """Return what has to be listed as well once the ring and the user IDs are known.

    These are all certificates on the ring (CICS must not meet one subject name twice), and the groups of callers.
    """
    if want.state == "absent":
        return []
    found = []
    if want.used_by_cics or want.list_certificates:
        found = [commands.list_certificate(*key) for key in _unlisted(_present(want, listing), listing)]
    return found + (server_needs.further_listing_commands(want.server, listing) if want.server else [])


def plan(want: DesiredAccess, listing: RacfListing, *, complete: bool) -> RacfPlan:
    """Plan the commands; raise SecurityError for what would harm RACF or its users.

    ``complete`` says that all of ``listing_commands`` were answered. Otherwise what was not listed is taken for absent,
    and the notes say so.
    """
    before = listing.rings.get((want.owner, want.ring))
    _is_the_name_right(want, listing)
    _is_the_listing_whole(want, listing)
    planned = RacfPlan(before, before)
    if complete and want.ring and not _is_known(want, listing):
        raise SecurityError(
            f"ring: RACF did not say what is on ring {want.ring}; run {commands.list_rings(want.owner)} by hand to see "
            "why."
        )
    if want.ring:
        if not complete:
            _say_what_is_not_known(want, listing, planned)
        _plan_ring(want, planned, listing)
        if not _is_known(want, listing):
            planned.steps = [step.on_unlisted(f"ring {want.ring} of {want.owner}") for step in planned.steps]
    if want.state != "absent":
        after = planned.after or KeyRing(want.owner, want.ring)
        _judge_certificates(want, after, listing, planned)
        for steps, findings, notes in (
            access.plan(want, after, listing, complete=complete),
            clients.plan(want, listing),
        ):
            planned.steps += steps
            planned.findings += findings
            planned.notes += notes
        planned.operator_commands = access.after_the_commands(want, planned.steps)
    return planned


def _present(want: DesiredAccess, listing: RacfListing) -> list[Key]:
    ring = listing.rings.get((want.owner, want.ring))
    return [one.key for one in ring.connections] if ring else []


def _unlisted(keys: Iterable[Key], listing: RacfListing) -> list[Key]:
    return [key for key in keys if key not in listing.certificates and key not in listing.no_certificates]


def _is_the_name_right(want: DesiredAccess, listing: RacfListing) -> None:
    """A ring that is missing while there is one whose name differs in case only is a slip, not a new ring."""
    if (want.owner, want.ring) in listing.rings:
        return
    for ring in listing.rings_of(want.owner):
        if ring.name.upper() == want.ring.upper():
            raise SecurityError(
                f"ring: {want.owner} has no ring {want.ring!r}, but {ring.name!r}. RACF's ring names are case "
                "sensitive, and rings whose names differ only in case share one RDATALIB profile; write it as RACF "
                "has it."
            )


def _is_the_listing_whole(want: DesiredAccess, listing: RacfListing) -> None:
    """RACDCERT LIST says on which rings a certificate is; then the ring's listing must show it."""
    ring = listing.rings.get((want.owner, want.ring))
    keys = {one.key for one in ring.connections} if ring else set()
    for found in listing.certificates.values() if ring else ():
        if (want.owner, want.ring) in found.rings and found.key not in keys:
            raise SecurityError(
                f"listing: certificate {found.label!r} of {found.owner} is on ring {want.ring} by RACDCERT LIST, but "
                "the ring's listing does not show it, so it was cut or is older; make both listings anew."
            )


def _say_what_is_not_known(want: DesiredAccess, listing: RacfListing, planned: RacfPlan) -> None:
    if not _is_known(want, listing):
        if want.state == "overridden":
            raise SecurityError(
                f"listing: overridden needs to know what is on ring {want.ring}; give the output of "
                f"{commands.list_rings(want.owner)}."
            )
        planned.notes.append(
            f"No listing shows whether {want.owner} has ring {want.ring}. The commands are for a ring that is "
            f"{'as named' if want.state == 'absent' else 'not there yet'}: run {commands.list_rings(want.owner)} first."
        )
    if want.state != "absent":
        planned.notes += [
            f"No listing shows whether {owner} has a certificate {label!r}: {commands.list_certificate(owner, label)}"
            for owner, label in _unlisted((one.key for one in want.connections), listing)
            if (owner, label) not in _present(want, listing)
        ]


def _is_known(want: DesiredAccess, listing: RacfListing) -> bool:
    """Say whether it was listed what is on the ring, or that there is none."""
    ring = (want.owner, want.ring)
    return (
        ring in listing.rings or want.owner in listing.ring_owners or bool({ring, ("", want.ring)} & listing.no_rings)
    )


def _plan_ring(want: DesiredAccess, planned: RacfPlan, listing: RacfListing) -> None:
    if want.state == "absent":
        _plan_removal(want, planned, listing)
        return
    ring = planned.before
    if ring is None:
        ring = KeyRing(want.owner, want.ring)
        planned.steps.append(commands.add_ring(ring))
        if want.ring != want.ring.upper():
            planned.notes.append(
                f"RACF keeps the case of the ring name {want.ring}: Liberty, AT-TLS and CICS must spell it just so."
            )
    present = {one.key: one for one in ring.connections}
    wanted = [_wanted(want, one, present) for one in want.connections]
    leaving = _leaving(want, present)
    moved = any(one.default for one in wanted)
    for one in sorted(wanted, key=lambda one: (one.default, one.usage == "PERSONAL")):
        if _as_desired(present.get(one.key), one, moved=moved):
            continue
        _exists(want, one, listing)
        for old in [old for old in leaving if want.used_by_cics and _succeeds(want, one, old, listing)]:
            leaving.remove(old)
            ring = _step(planned, commands.remove(ring, old), without(ring, old))
        ring = _step(planned, commands.connect(ring, one), joined(ring, one))
    for old in leaving:
        ring = _step(planned, commands.remove(ring, old), without(ring, old))
    planned.after = ring


def _plan_removal(want: DesiredAccess, planned: RacfPlan, listing: RacfListing) -> None:
    ring = planned.before
    known = _is_known(want, listing)
    if not want.connections:
        if ring or not known:
            planned.steps.append(commands.delete_ring(ring or KeyRing(want.owner, want.ring)))
            planned.after = None
        return
    present = {one.key: one for one in ring.connections} if ring else {}
    ring = ring or KeyRing(want.owner, want.ring)
    for one in want.connections:
        old = present.get(one.key) or (
            None if known else RingConnection(one.owner, one.label, one.own_usage, default=False)
        )
        if old:
            ring = _step(planned, commands.remove(ring, old), without(ring, old))


def _step(planned: RacfPlan, command: RacfCommand, after: KeyRing) -> KeyRing:
    planned.steps.append(command)
    planned.after = after
    return after


def without(ring: KeyRing, old: RingConnection) -> KeyRing:
    """Return the ring without a certificate."""
    return replace(ring, connections=tuple(one for one in ring.connections if one.key != old.key))


def joined(ring: KeyRing, new: RingConnection) -> KeyRing:
    """Return the ring with a certificate, as RACF connects it: in its old place, and the only default if it is one."""
    keys = [one.key for one in ring.connections]
    others = (replace(one, default=one.default and not new.default) for one in ring.connections)
    kept = tuple(new if one.key == new.key else one for one in others)
    return replace(ring, connections=kept if new.key in keys else (*kept, new))


def _wanted(want: DesiredAccess, wanted: DesiredConnection, present: Mapping[Key, RingConnection]) -> RingConnection:
    """Return how a certificate shall be connected; what no option sets stays, or comes from what it replaces."""
    keys = [wanted.key] if want.state == "merged" or wanted.replaces else []
    keys += [(wanted.owner, wanted.replaces)] if wanted.replaces else []
    kept = [present[key] for key in keys if key in present]
    usage = wanted.usage or (kept[0].usage if kept else wanted.own_usage)
    default = wanted.default
    if default is None:
        default = any(one.default for one in kept) and not any(one.default for one in want.connections)
    return RingConnection(wanted.owner, wanted.label, usage, default)


def _leaving(want: DesiredAccess, present: Mapping[Key, RingConnection]) -> list[RingConnection]:
    if want.state == "overridden":
        kept = {one.key for one in want.connections}
        return [one for key, one in present.items() if key not in kept]
    replaced = [(one.owner, one.replaces) for one in want.connections if one.replaces]
    return [present[key] for key in dict.fromkeys(replaced) if key in present]


def _as_desired(present: RingConnection | None, wanted: RingConnection, *, moved: bool) -> bool:
    """Say whether nothing has to be done; RACF itself takes DEFAULT away when another certificate gets it."""
    if present is None or present.usage != wanted.usage:
        return False
    return present.default == wanted.default or (present.default and moved)


def _succeeds(want: DesiredAccess, new: RingConnection, old: RingConnection, listing: RacfListing) -> bool:
    """Say whether both have one subject name; where it is not known, whether ``new`` replaces ``old``."""
    subjects = [found.subject for key in (new.key, old.key) if (found := listing.certificates.get(key))]
    if len(subjects) == 2:
        return subjects[0] == subjects[1]
    return any(one.key == new.key and (one.owner, one.replaces) == old.key for one in want.connections)


def _exists(want: DesiredAccess, wanted: RingConnection, listing: RacfListing) -> None:
    where = next(one.where for one in want.connections if one.key == wanted.key)
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
            "are case sensitive, write it as RACF has it."
        )
    if wanted.key in listing.no_certificates:
        raise SecurityError(
            f"{where}.label: {wanted.owner} has no certificate {wanted.label!r} (labels are case sensitive); add it to "
            "RACF first, or correct label and owner."
        )


def _judge_certificates(want: DesiredAccess, after: KeyRing, listing: RacfListing, planned: RacfPlan) -> None:
    on_ring = {one.key: listing.certificates.get(one.key) for one in after.connections}
    planned.findings += [
        f"Certificate {found.label!r} of {found.owner} on ring {after.name} has status {found.status}: RACF does not "
        "let it be used."
        for found in on_ring.values()
        if found and found.status == "NOTRUST"
    ]
    if not want.used_by_cics:
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
                "(replaces), after all partners trust its issuer."
            )
    if planned.steps:
        planned.notes.append(
            f"CICS uses its old copy of ring {after.name} until PERFORM SSL REBUILD; with AT-TLS, until "
            "EnvironmentUserInstance is raised and Policy Agent is told."
        )
