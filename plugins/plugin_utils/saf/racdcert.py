# SPDX-FileCopyrightText: 2026 The zosconnect.security contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""What RACF prints, as data, in any order: RACDCERT LISTRING, LIST and LISTMAP, RLIST … AUTHUSER, LISTUSER … OMVS,
LISTGRP … OMVS, SETROPTS LIST.

The text is that of one command or of many, with or without the commands themselves between the answers (as a batch
job's SYSTSPRT has them). What cannot be read for sure is refused with the line: a listing that was cut or wrapped must
never look like a ring with fewer certificates.

Sources: RACF Command Language Reference and Security Administrator's Guide (samples of the listings), RACF Messages
and Codes (IRRD101I, IRRD105I, IRRD107I, IRRD114I, IRRD115I, ICH13003I, ICH30001I, ICH51003I).
"""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

from ansible_collections.zosconnect.security.plugins.plugin_utils.errors import SecurityError

ACCESS = ("NONE", "EXECUTE", "READ", "UPDATE", "CONTROL", "ALTER")

_COMMAND = re.compile(r"(?:RACDCERT|RLIST|SETROPTS|LISTUSER|LISTGRP)\s.*", re.IGNORECASE)
_NOISE = re.compile(r"READY|END|\*{3}|--More--")
_MESSAGE = re.compile(r"((?:IRR|ICH|IKJ)[A-Z0-9]{2,6}[A-Z])\s+(.*)")
_HEADERS = {
    "ring": re.compile(r"Digital ring information for user ([A-Z0-9$#@]+)\s*:"),
    "certificate": re.compile(r"Digital certificate information for (CERTAUTH|SITE|user [A-Z0-9$#@]+)\s*:"),
    "mapping": re.compile(r"Mapping information for (MULTIID|user [A-Z0-9$#@]+)\s*:"),
    "profile": re.compile(r"(CLASS)\s+NAME"),
    "user": re.compile(r"USER=([A-Z0-9$#@]+)(?:\s+NAME=.*)?"),
    "group": re.compile(r"INFORMATION FOR GROUP ([A-Z0-9$#@]+)"),
    # LISTUSER has lines ATTRIBUTES=NONE, without blanks.
    "options": re.compile(r"(ATTRIBUTES|ACTIVE CLASSES|SETR RACLIST CLASSES)\s+=.*"),
}
_OTHERS = {
    "Top Secret": re.compile(r"\s*(?:TSS\d{4}[A-Z]\b|ACCESSORID\s*=)"),
    "ACF2": re.compile(r"\s*(?:ACF[0-9A-Z]{5}\s|KEYRING / \S+\.?\S* LAST CHANGED)"),
}
# What only says that there is nothing to show.
_NOTHING = {"IRRD105I", "IRRD107I", "IRRD114I", "IRRD115I", "ICH13003I", "ICH30001I", "ICH51003I"}
_NO_MAPPING = re.compile(r"\bno\b.{0,200}\bmapping", re.IGNORECASE)
# Commands come as people type them; TSO takes any case.
_LABEL = re.compile(r"LIST\s*\(LABEL\('((?:[^']|'')*)'\)\)", re.IGNORECASE)
_OWNER = re.compile(r"\b(CERTAUTH|SITE|ID\([A-Z0-9$#@]+\))", re.IGNORECASE)
_USER = re.compile(r"\bID\(([A-Z0-9$#@]+)\)", re.IGNORECASE)
_FUNCTION = re.compile(r"\b(LISTRING|LISTMAP|LIST)\b", re.IGNORECASE)
_RLIST = re.compile(r"RLIST\s+(\S+)\s+(\S+)", re.IGNORECASE)
_LISTGRP = re.compile(r"LISTGRP\s+([A-Z0-9$#@]+)", re.IGNORECASE)
_NO_USER = re.compile(r"ENTRY\s+([A-Z0-9$#@]+)")
_ATTRIBUTES = re.compile(r"ATTRIBUTES=(.*)")
_DEFAULT_GROUP = re.compile(r"DEFAULT-GROUP=([A-Z0-9$#@]+)")
_UNIX_ID = re.compile(r"[UG]ID=\s*(\S+)")

_ROW = re.compile(r"\s*(\S.{0,31}?)\s+(ID\([A-Z0-9$#@]{1,8}\)|CERTAUTH|SITE)\s+(PERSONAL|CERTAUTH|SITE)\s+(YES|NO)\s*")
_COLUMNS = re.compile(r"Certificate Label Name\s+Cert Owner\s+USAGE\s+DEFAULT")
_DASHES = re.compile(r"-{32}\s+-{12}\s+-{8}\s+-{7}")
_VALUE = re.compile(r">(.*)<")
_NAME = re.compile(r"(\S+)\s+(\S+)(\s+\(G\))?")
_PERMITTED = re.compile(r"([A-Z0-9$#@*]{1,8})\s+(" + "|".join(ACCESS) + r")(?:\s+\d+)?")
# Lines whose first word others than RACF have chosen.
_TABLES = {"ring": _ROW, "profile": _PERMITTED}
# What never stands in a message: it would be lost with all that comes behind it.
_NOT_IN_A_MESSAGE = re.compile(
    r"Ring:|Label:.*|>.*|-{12,}.*|Certificate Label Name\s.*|.*\s(?:PERSONAL|CERTAUTH|SITE)\s+(?:YES|NO)"
)
_MOST_LINES_OF_A_MESSAGE = 4
_CLASSES_LINE = re.compile(r"[A-Z0-9$#@ ]+")


@dataclass(frozen=True)
class RingConnection:
    """A certificate on a ring; ``owner`` is CERTAUTH, SITE or ID(user)."""

    owner: str
    label: str
    usage: str
    default: bool

    @property
    def key(self) -> tuple[str, str]:
        return self.owner, self.label


@dataclass(frozen=True)
class KeyRing:
    """A key ring with its certificates in the order of the listing."""

    owner: str
    name: str
    connections: tuple[RingConnection, ...] = ()


@dataclass(frozen=True)
class RacfCertificate:
    """What RACDCERT LIST says of a certificate; dates are local time, names dotted and most specific part first."""

    owner: str
    label: str
    status: str
    start: str
    end: str
    serial: str
    issuer: str
    subject: str
    algorithm: str
    key_type: str
    key_size: int
    private_key: bool
    rings: tuple[tuple[str, str], ...] = ()

    @property
    def key(self) -> tuple[str, str]:
        return self.owner, self.label


@dataclass(frozen=True)
class NameFilter:
    """A certificate name filter (RACDCERT MAP); ``user`` is empty for MULTIID."""

    user: str
    label: str
    status: str
    issuer: str
    subject: str


@dataclass(frozen=True)
class RacfProfile:
    """A profile and who is in its access list; ``generic`` if its name is a pattern."""

    name: str
    generic: bool
    access: Mapping[str, str]


@dataclass(frozen=True)
class RacfUser:
    """A user ID with attributes (RESTRICTED, PROTECTED, REVOKED …), default group, and UID (None: no OMVS segment)."""

    name: str
    attributes: frozenset[str]
    default_group: str
    uid: str | None


@dataclass
class RacfListing:
    """All that the listings show. What nobody listed is in none of the fields."""

    rings: dict[tuple[str, str], KeyRing] = field(default_factory=dict)
    # Users whose rings were all listed, and rings that do not exist according to RACF.
    ring_owners: set[str] = field(default_factory=set)
    no_rings: set[tuple[str, str]] = field(default_factory=set)
    certificates: dict[tuple[str, str], RacfCertificate] = field(default_factory=dict)
    no_certificates: set[tuple[str, str]] = field(default_factory=set)
    filters: list[NameFilter] = field(default_factory=list)
    filter_users: set[str] = field(default_factory=set)
    # By class and the resource that was asked for; None if no profile covers it.
    profiles: dict[tuple[str, str], RacfProfile | None] = field(default_factory=dict)
    # By user ID and by group (its GID, None without OMVS segment); and names that RACF does not know.
    users: dict[str, RacfUser] = field(default_factory=dict)
    groups: dict[str, str | None] = field(default_factory=dict)
    no_users: set[str] = field(default_factory=set)
    no_groups: set[str] = field(default_factory=set)
    # Classes that are active, and that are RACLISTed; None if nobody listed them.
    active: frozenset[str] | None = None
    raclisted: frozenset[str] | None = None

    def rings_of(self, owner: str) -> list[KeyRing]:
        """Return the rings of one user."""
        return [ring for ring in self.rings.values() if ring.owner == owner]


@dataclass
class _Part:
    """Lines that belong together: the command they answer (or nothing), what they are of whom, and the first line."""

    command: str
    kind: str
    whose: str
    number: int
    lines: list[tuple[int, str]]

    def holds(self, line: str) -> bool:
        """Whether a line is one of a table in this part, even where its first word looks like something else.

        A certificate may have the label ``IRRD114I MY CA`` or ``RLIST MY CA``, and a user the name IRRD114I.
        """
        form = _TABLES.get(self.kind)
        return form is not None and (form.fullmatch(line.strip()) is not None or self._is_cut_row(line))

    def _is_cut_row(self, line: str) -> bool:
        """Whether a line stands where the next row of a ring is due; a command begins further to the left."""
        last = self.lines[-1][1] if self.kind == "ring" else ""
        if not (_ROW.fullmatch(last) or _DASHES.fullmatch(last.strip())) or _indent(last) != _indent(line):
            return False
        return _indent(line) > 0 or _MESSAGE.fullmatch(line) is not None

    def cut(self, what: str) -> SecurityError:
        last = self.lines[-1][0] if self.lines else self.number
        return SecurityError(
            f"listing line {last}: {what}, so it was cut or wrapped; give all that RACF printed, in lines of at least "
            "80 columns."
        )


def _indent(line: str) -> int:
    return len(line) - len(line.lstrip())


def parse(text: str) -> RacfListing:
    """Read what RACF printed; raise SecurityError for what is cut, refused by RACF, or not of RACF."""
    listing = RacfListing()
    for part in _parts(text):
        _READERS[part.kind](part, listing)
    return listing


def shown(listing: RacfListing) -> dict[str, Any]:
    """Return a listing as plain data, for a result."""
    return {
        "rings": [ring_shown(ring) for ring in listing.rings.values()],
        "certificates": [
            {**asdict(found), "rings": [{"owner": owner, "name": name} for owner, name in found.rings]}
            for found in listing.certificates.values()
        ],
        "filters": [asdict(found) for found in listing.filters],
        "profiles": [
            {"class": kind, "resource": resource, "profile": asdict(found) if found else None}
            for (kind, resource), found in listing.profiles.items()
        ],
        "users": [{**asdict(found), "attributes": sorted(found.attributes)} for found in listing.users.values()],
        "groups": [{"name": name, "gid": gid} for name, gid in listing.groups.items()],
        "active_classes": sorted(listing.active) if listing.active is not None else None,
        "raclisted": sorted(listing.raclisted) if listing.raclisted is not None else None,
    }


def ring_shown(ring: KeyRing) -> dict[str, Any]:
    """Return a ring as plain data."""
    return {**asdict(ring), "connections": [asdict(one) for one in ring.connections]}


def entries(listing_text: str, list_texts: Sequence[str]) -> list[dict[str, Any]]:
    """Return what is on the rings of a listing, with what RACDCERT LIST says of each certificate (null: not listed).

    For findings on expiry; dates are ``yyyy-mm-dd hh:mm:ss`` in the system's local time.
    """
    listing = parse("\n".join([listing_text, *list_texts]))
    return [
        _entry(ring, connection, listing.certificates.get(connection.key))
        for ring in listing.rings.values()
        for connection in ring.connections
    ]


def _entry(ring: KeyRing, connection: RingConnection, found: RacfCertificate | None) -> dict[str, Any]:
    names = (
        "status",
        "start",
        "end",
        "serial",
        "issuer",
        "subject",
        "algorithm",
        "key_type",
        "key_size",
        "private_key",
    )
    return {
        "ring_owner": ring.owner,
        "ring": ring.name,
        **asdict(connection),
        **{name: getattr(found, name, None) for name in names},
    }


def _parts(text: str) -> Iterator[_Part]:
    """Split at commands, headers and messages."""
    part, command = _Part("", "start", "", 0, []), ""
    for number, line in _lines(text):
        stripped = line.strip()
        kind, whose = ("", "") if part.holds(line) else _heading(stripped)
        if kind == "command":
            yield part
            command, part = stripped, _Part(stripped, "start", "", number, [])
        elif kind and not kind == part.kind == "options":
            yield part
            part = _Part(command, kind, whose.removeprefix("user "), number, [(number, line)])
        else:
            part.lines.append((number, line))
    yield part


def _heading(line: str) -> tuple[str, str]:
    """Return what begins with a line, and of whom it is; nothing for any other line."""
    if _COMMAND.fullmatch(line):
        return "command", ""
    if message := _MESSAGE.fullmatch(line):
        return "message", message[1]
    for kind, form in _HEADERS.items():
        if header := form.fullmatch(line):
            return kind, header[1]
    return "", ""


def _lines(text: str) -> Iterator[tuple[int, str]]:
    """Give the lines that say something, commands whole, with their numbers; refuse what another product printed."""
    held = ""
    for number, line in enumerate(text.splitlines(), 1):
        for product, form in _OTHERS.items():
            if form.match(line) and not _ROW.fullmatch(line):
                raise SecurityError(
                    f"listing line {number}: this is the output of {product}; only RACF is supported. Have the ring "
                    f"made with {product}'s own commands."
                )
        whole = held + line.strip() if held else line
        if _COMMAND.fullmatch(whole.strip()) and whole.rstrip().endswith("-"):
            held = whole.rstrip()[:-1]
            continue
        held = ""
        # A blank line between rows means nothing; one in an access list ends it.
        if not _NOISE.fullmatch(whole.strip()):
            yield number, whole.rstrip()


def _start(part: _Part, _listing: RacfListing) -> None:
    """What stands before any header must be nothing: else it is no listing."""
    wrong = next(((number, line) for number, line in part.lines if line.strip()), None)
    if wrong:
        raise SecurityError(
            f"listing line {wrong[0]}: {wrong[1].strip()[:60]!r} is not part of any listing; give the output of "
            "RACDCERT LISTRING, LIST, LISTMAP, RLIST, LISTUSER, LISTGRP or SETROPTS LIST from its first line."
        )


def _message(part: _Part, listing: RacfListing) -> None:
    """A message that says there is nothing is an answer; any other means that the listing failed."""
    lines = [(number, line.strip()) for number, line in part.lines if line.strip()]
    words = " ".join(line for _number, line in lines)
    if part.whose == "IRRD101I":
        raise SecurityError(_not_authorised(part, words))
    no_mapping = _NO_MAPPING.search(words)
    if part.whose not in _NOTHING and not no_mapping:
        raise SecurityError(f"listing line {part.number}: RACF answered {part.command or 'a command'} with {words}")
    _is_whole(part.whose, lines)
    if no_mapping:
        listing.filter_users |= {_user(part.command)}
        return
    if found := re.search(r"User ([A-Z0-9$#@]+) has no\s+rings", words):
        listing.ring_owners.add(found[1])
    if found := re.search(r"Ring\s+(\S+)\s+does not\s+exist", words):
        listing.no_rings.add((_user(part.command), found[1]))
    if found := _LABEL.search(part.command):
        owner = _OWNER.search(part.command.replace(found[0], ""))
        if owner and part.whose in ("IRRD105I", "IRRD107I"):
            listing.no_certificates.add((owner[1].upper(), found[1].replace("''", "'")))
    if part.whose == "ICH13003I" and (found := _RLIST.match(part.command)):
        listing.profiles[found[1].upper(), found[2]] = None
    if part.whose == "ICH30001I" and (found := _NO_USER.search(words)):
        listing.no_users.add(found[1])
    if part.whose == "ICH51003I" and (found := _LISTGRP.match(part.command)):
        listing.no_groups.add(found[1].upper())


def _is_whole(message: str, lines: Sequence[tuple[int, str]]) -> None:
    """Refuse what cannot be a message's own lines: it would be lost."""
    for at, (number, line) in enumerate(lines):
        if at and (at >= _MOST_LINES_OF_A_MESSAGE or _NOT_IN_A_MESSAGE.fullmatch(line)):
            raise SecurityError(
                f"listing line {number}: {line[:60]!r} stands behind the message {message} and is not part of it; give "
                "all that RACF printed, each answer from its first line."
            )


def _not_authorised(part: _Part, words: str) -> str:
    function = _FUNCTION.search(part.command)
    name = function[1].upper() if function else "LISTRING"
    return (
        f"listing line {part.number}: RACF answered {part.command or 'a command'} with {words} The user needs READ "
        f"(for what is its own) or UPDATE (for what is another's) to IRR.DIGTCERT.{name} in class FACILITY, CONTROL "
        "to IRR.DIGTCERT.LIST for certificates of CERTAUTH and SITE, or the attribute SPECIAL."
    )


def _user(command: str) -> str:
    found = _USER.search(command)
    return found[1].upper() if found else ""


def _body(part: _Part) -> deque[tuple[int, str]]:
    """The lines of a part after its header, without blank ones."""
    return deque((number, line) for number, line in part.lines[1:] if line.strip())


def _values(lines: deque[tuple[int, str]], part: _Part) -> str:
    """Take the lines ``>…<`` from the front; RACF breaks a long value into several."""
    value, any_found = "", False
    while lines and (found := _VALUE.fullmatch(lines[0][1].strip())):
        value, any_found = value + found[1], True
        lines.popleft()
    if not any_found or (lines and lines[0][1].lstrip().startswith(">")):
        raise part.cut("a value between > and < is missing or not whole")
    return value


def _rings(part: _Part, listing: RacfListing) -> None:
    lines = _body(part)
    if not lines:
        raise part.cut("no ring follows the heading of a ring listing")
    while lines:
        number, line = lines.popleft()
        if line.strip() != "Ring:":
            raise SecurityError(
                f"listing line {number}: {line.strip()[:60]!r} is no row of a ring listing (label, owner, usage, "
                "default), so it was cut or wrapped; give all that RACF printed, in lines of at least 80 columns."
            )
        name = _values(lines, part)
        listing.rings[part.whose, name] = KeyRing(part.whose, name, tuple(_connections(lines, part, name)))
    if not part.command or "LISTRING(*)" in part.command.upper():
        listing.ring_owners.add(part.whose)


def _connections(lines: deque[tuple[int, str]], part: _Part, name: str) -> Iterator[RingConnection]:
    """Take the rows of one ring from the front."""
    if lines and "No certificates connected" in lines[0][1]:
        lines.popleft()
        return
    if not (len(lines) > 2 and _COLUMNS.fullmatch(lines[0][1].strip()) and _DASHES.fullmatch(lines[1][1].strip())):
        raise part.cut(f"the certificates of ring {name} are missing")
    lines.popleft()
    lines.popleft()
    while lines and (row := _ROW.fullmatch(lines[0][1])):
        lines.popleft()
        yield RingConnection(row[2], row[1], row[3], row[4] == "YES")


_FIELDS = {
    "Label": "label",
    "Status": "status",
    "Start Date": "start",
    "End Date": "end",
    "Serial Number": "serial",
    "Issuer's Name": "issuer",
    "Subject's Name": "subject",
    "Signing Algorithm": "algorithm",
    "Key Type": "key_type",
    "Key Size": "key_size",
    "Private Key": "private_key",
    "Ring Owner": "ring_owner",
    "Ring": "ring",
    "Issuer's Name Filter": "issuer",
    "Subject's Name Filter": "subject",
}
_ON_NEXT_LINE = {"serial", "issuer", "subject", "ring"}


def _blocks(part: _Part) -> list[list[tuple[str, str]]]:
    """Return the fields of each item of a listing; an item begins with its label."""
    blocks: list[list[tuple[str, str]]] = []
    lines = _body(part)
    while lines:
        word, _colon, value = lines.popleft()[1].strip().partition(":")
        name = _FIELDS.get(word)
        if name == "label":
            blocks.append([])
        if name and blocks:
            blocks[-1].append((name, _values(lines, part) if name in _ON_NEXT_LINE else value.strip()))
    return blocks


def _certificates(part: _Part, listing: RacfListing) -> None:
    owner = part.whose if part.whose in ("CERTAUTH", "SITE") else f"ID({part.whose})"
    blocks = _blocks(part)
    if not blocks or part.lines[-1][1].strip() == "Ring Associations:":
        raise part.cut("a certificate's listing is not complete")
    for block in blocks:
        values = dict(block)
        if missing := [
            word for word, name in _FIELDS.items() if name not in values and name not in ("ring_owner", "ring")
        ]:
            raise part.cut(f"{missing[0]} of certificate {values['label']!r} is missing")
        owners = [value for name, value in block if name == "ring_owner"]
        rings = [value for name, value in block if name == "ring"]
        if len(owners) != len(rings):
            raise part.cut(f"a ring of certificate {values['label']!r} is missing")
        found = _certificate(owner, values, tuple(zip(owners, rings, strict=True)))
        listing.certificates[found.key] = found


def _certificate(owner: str, values: Mapping[str, str], rings: tuple[tuple[str, str], ...]) -> RacfCertificate:
    return RacfCertificate(
        owner=owner,
        label=values["label"],
        status=values["status"],
        serial=values["serial"],
        issuer=values["issuer"],
        subject=values["subject"],
        start=values["start"].replace("/", "-"),
        end=values["end"].replace("/", "-"),
        algorithm=values["algorithm"],
        key_type=values["key_type"],
        key_size=int(values["key_size"]) if re.fullmatch("[0-9]{1,6}", values["key_size"]) else 0,
        private_key=values["private_key"].startswith("YES"),
        rings=rings,
    )


def _filters(part: _Part, listing: RacfListing) -> None:
    user = "" if part.whose == "MULTIID" else part.whose
    blocks = [dict(block) for block in _blocks(part)]
    if not blocks or any(not {"status", "issuer", "subject"} <= block.keys() for block in blocks):
        raise part.cut("a mapping's listing is not complete")
    for block in blocks:
        values = {name: block[name] for name in ("label", "status", "issuer", "subject")}
        listing.filters.append(NameFilter(user, **values))
    listing.filter_users.add(user)


def _profiles(part: _Part, listing: RacfListing) -> None:
    """Read the answer of RLIST class resource AUTHUSER, whose access list ends with a blank line."""
    lines = [line.strip() for _number, line in part.lines]
    named = _NAME.fullmatch(lines[2]) if len(lines) > 2 else None
    start = next((at for at, line in enumerate(lines) if re.fullmatch(r"USER\s+ACCESS(?:\s+ACCESS COUNT)?", line)), 0)
    if not named or not start:
        raise part.cut("the access list of a profile is missing (RLIST needs AUTHUSER)")
    access: dict[str, str] = {}
    for line in lines[start + 2 :]:
        if not (row := _PERMITTED.fullmatch(line)):
            break
        access[row[1]] = row[2]
    asked = _RLIST.match(part.command)
    resource = asked[2] if asked else named[2]
    listing.profiles[named[1], resource] = RacfProfile(named[2], bool(named[3]), access)


def _users(part: _Part, listing: RacfListing) -> None:
    """Read the answer of LISTUSER user OMVS."""
    lines = [line.strip() for _number, line in part.lines]
    attributes = {word for line in lines if (found := _ATTRIBUTES.fullmatch(line)) for word in found[1].split()}
    group = next((found[1] for line in lines if (found := _DEFAULT_GROUP.match(line))), "")
    user = RacfUser(part.whose, frozenset(attributes - {"NONE"}), group, _unix_id(part, lines))
    listing.users[user.name] = user


def _groups(part: _Part, listing: RacfListing) -> None:
    """Read the answer of LISTGRP group OMVS."""
    listing.groups[part.whose] = _unix_id(part, [line.strip() for _number, line in part.lines])


def _unix_id(part: _Part, lines: Sequence[str]) -> str | None:
    """Return the UID or GID of an OMVS segment, None if there is none; a listing that says neither is cut."""
    if "NO OMVS INFORMATION" in lines:
        return None
    after = lines[lines.index("OMVS INFORMATION") :] if "OMVS INFORMATION" in lines else []
    if not (found := next((found for line in after if (found := _UNIX_ID.fullmatch(line))), None)):
        raise part.cut(f"the OMVS segment of {part.whose} is missing (the command needs OMVS)")
    return None if found[1] == "NONE" else found[1]


def _options(part: _Part, listing: RacfListing) -> None:
    """Read which classes are active, and which are RACLISTed."""
    listing.active = _classes(part, "ACTIVE CLASSES")
    listing.raclisted = _classes(part, "SETR RACLIST CLASSES")


def _classes(part: _Part, heading: str) -> frozenset[str]:
    """Return the classes behind a heading; the list goes on in lines that are indented further."""
    for at, (_number, line) in enumerate(part.lines):
        head, equals, rest = line.partition("=")
        if equals and head.strip() == heading:
            indent = _indent(line)
            classes = rest.split()
            for _next, more in part.lines[at + 1 :]:
                if _indent(more) <= indent + 8 or not _CLASSES_LINE.fullmatch(more):
                    break
                classes += more.split()
            return frozenset(classes) - {"NONE"}
    raise part.cut(f"{heading} is missing in the output of SETROPTS LIST")


_READERS = {
    "start": _start,
    "message": _message,
    "ring": _rings,
    "certificate": _certificates,
    "mapping": _filters,
    "profile": _profiles,
    "user": _users,
    "group": _groups,
    "options": _options,
}
