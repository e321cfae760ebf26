# SPDX-FileCopyrightText: 2026 The zosconnect.security contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""RACF as its books describe it, as far as rings and callers need it: commands in, what it prints and return codes out.

It is the model that the laws are tested against, and the inside of the fake ``tsocmd``. It knows nothing of the code
that it tests. What is documented: message identifiers and texts, the layout of listings, that DEFAULT moves, that a
label has 32 characters, that a ring's name is case sensitive. Return codes other than 0 are ours (IBM's samples show 4
for a missing ring).
"""

from __future__ import annotations

import copy
import re
import textwrap
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

MESSAGES = {
    "IRRD101I": "You are not authorized to issue the RACDCERT command.",
    "IRRD105I": "No certificate information was found for user {0}.",
    "IRRD107I": "No matching certificate was found for this user.",
    "IRRD114I": "Ring {0} does not exist.",
    "IRRD115I": "User {0} has no rings.",
    "IRRD116I": "Label {0} does not exist in ring {1} for user {2}.",
    "IRRD122I": "Ring {0} already exists.",
    "IRRD199I": "Certificate with label '{0}' is added for user {1}.",
    "ICH13003I": "{0} NOT FOUND",
    "ICH30001I": "UNABLE TO LOCATE USER    ENTRY {0}",
    "ICH51003I": "NAME NOT FOUND IN RACF DATA SET",
    "ICH10102I": "{0} ALREADY DEFINED TO CLASS {1}.",
    "ICH06004I": "{0} NOT DEFINED TO RACF",
    "ICH10006I": "RACLISTED PROFILES FOR {0} WILL NOT REFLECT THE ADDITION(S) UNTIL A SETROPTS REFRESH IS ISSUED.",
    "ICH06011I": "RACLISTED PROFILES FOR {0} WILL NOT REFLECT THE UPDATE(S) UNTIL A SETROPTS REFRESH IS ISSUED.",
    "ICH14063I": "SETROPTS COMMAND COMPLETE.",
    "ICH14070I": "SETROPTS RACLIST REFRESH HAD NO EFFECT ON CLASS {0}.",
    "IKJ56702I": "INVALID {0}",
    "IKJ56500I": "COMMAND {0} NOT FOUND",
}
RINGS = {"LISTRING", "ADDRING", "DELRING", "CONNECT", "REMOVE"}


class Refusal(Exception):
    """A command that ends with a message and a return code."""

    def __init__(self, rc: int, message: str, *values: str) -> None:
        super().__init__(say(message, *values))
        self.rc = rc


def say(message: str, *values: str) -> str:
    """A message as it comes on a terminal of 80 columns."""
    return textwrap.fill(f"{message} {MESSAGES[message].format(*values)}", 79, break_on_hyphens=False)


def operands(text: str) -> Iterator[tuple[str, str | None]]:
    """Read ``KEYWORD(value) KEYWORD``; a quoted string stands for itself, and may hold anything."""
    token = re.compile(r"\s*(?:([^\s()']+)|'((?:[^']|'')*)')")
    at = 0
    while at < len(text.rstrip()):
        found = token.match(text, at)
        if not found:
            raise Refusal(12, "IKJ56702I", text[at:].strip())
        at = found.end()
        word = found[1] if found[1] is not None else found[2].replace("''", "'")
        value = None
        if at < len(text) and text[at] == "(":
            end = closing(text, at)
            value, at = text[at + 1 : end], end + 1
        yield word, value


def closing(text: str, at: int) -> int:
    """Where the parenthesis that opens at ``at`` is closed."""
    depth, quoted = 0, False
    for here in range(at, len(text)):
        char = text[here]
        quoted ^= char == "'"
        depth += (char == "(") - (char == ")") if not quoted else 0
        if depth == 0:
            return here
    raise Refusal(12, "IKJ56702I", text[at:])


def plain(value: str | None) -> str:
    """A value without its quotation marks."""
    return next(operands(value or ""))[0] if value and value.strip() else ""


CLASSES = ("APPL", "DIGTCERT", "DIGTNMAP", "DIGTRING", "EJBROLE", "FACILITY", "RDATALIB", "SERVER", "SURROGAT")
LEVELS = ("NONE", "EXECUTE", "READ", "UPDATE", "CONTROL", "ALTER")


@dataclass
class Racf:
    """The database. Rings: owner → name → list of [owner, label, usage, default]."""

    rings: dict[str, dict[str, list[list[Any]]]] = field(default_factory=dict)
    certificates: dict[str, dict[str, dict[str, str]]] = field(default_factory=dict)
    filters: list[dict[str, str]] = field(default_factory=list)
    profiles: dict[str, dict[str, dict[str, str]]] = field(default_factory=dict)
    # By user ID: uid (empty: no OMVS segment), group, attributes. By group: its gid.
    users: dict[str, dict[str, str]] = field(default_factory=dict)
    groups: dict[str, str] = field(default_factory=dict)
    active: list[str] = field(default_factory=lambda: [*CLASSES])
    raclisted: list[str] = field(default_factory=lambda: [*CLASSES])
    # Profiles of RACLISTed classes as they were at the last refresh: these are what counts.
    in_storage: dict[str, dict[str, dict[str, str]]] = field(default_factory=dict)
    denied: list[str] = field(default_factory=list)
    ignored: list[str] = field(default_factory=list)
    log: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        if not self.in_storage:
            self.in_storage = {kind: copy.deepcopy(self.profiles.get(kind, {})) for kind in self.raclisted}

    def allowed(self, kind: str, resource: str, user: str) -> str | None:
        """The access of a user ID to a resource (RACROUTE REQUEST=AUTH); None if the class or a profile is missing."""
        profiles = self.in_storage.get(kind, {}) if kind in self.raclisted else self.profiles.get(kind, {})
        name = covering(profiles, resource) if kind in self.active else None
        if name is None:
            return None
        group = self.users.get(user, {}).get("group", "")
        return max((profiles[name].get(one, "NONE") for one in (user, group)), key=LEVELS.index)

    def run(self, command: str) -> tuple[int, str]:
        """Carry out one command; return its return code and what it prints."""
        self.log.append(command)
        try:
            word, _, rest = command.partition(" ")
            verb = getattr(self, f"_{word.lower()}", None)
            if verb is None:
                raise Refusal(12, "IKJ56500I", word)
            if any(part in command for part in self.ignored):
                return 0, ""
            answer: tuple[int, str] = verb(rest)
            return answer
        except Refusal as e:
            return e.rc, str(e)

    def _racdcert(self, rest: str) -> tuple[int, str]:
        given = dict(operands(rest))
        owner = next((name for name in ("CERTAUTH", "SITE") if name in given), "")
        owner = owner or f"ID({(given.get('ID') or '').upper()})"
        functions = (*RINGS, "LISTMAP", "LIST", "ADD", "MAP", "DELMAP", "DELETE")
        function = next((name for name in functions if name in given), None)
        if function is None:
            raise Refusal(12, "IKJ56702I", rest)
        if function in self.denied:
            raise Refusal(8, "IRRD101I")
        answer: tuple[int, str] = getattr(self, f"_do_{function.lower()}")(owner, given)
        return answer

    def _ring(self, owner: str, name: str) -> list[list[Any]]:
        ring = self.rings.get(owner[3:-1], {}).get(name)
        if ring is None:
            raise Refusal(4, "IRRD114I", name)
        return ring

    def _do_listring(self, owner: str, given: dict[str, Any]) -> tuple[int, str]:
        user, name = owner[3:-1], plain(given["LISTRING"])
        rings = self.rings.get(user, {})
        if name != "*":
            rings = {name: self._ring(owner, name)}
        if not rings:
            raise Refusal(4, "IRRD115I", user)
        return 0, ring_listing(user, rings)

    def _do_addring(self, owner: str, given: dict[str, Any]) -> tuple[int, str]:
        rings, name = self.rings.setdefault(owner[3:-1], {}), plain(given["ADDRING"])
        if name in rings:
            raise Refusal(8, "IRRD122I", name)
        rings[name] = []
        return 0, ""

    def _do_delring(self, owner: str, given: dict[str, Any]) -> tuple[int, str]:
        self._ring(owner, plain(given["DELRING"]))
        del self.rings[owner[3:-1]][plain(given["DELRING"])]
        return 0, ""

    def _certificate(self, owner: str, label: str) -> dict[str, str]:
        if not 1 <= len(label) <= 32:
            raise Refusal(12, "IKJ56702I", f"LABEL, {label}")
        found = self.certificates.get(owner, {}).get(label)
        if found is None:
            raise Refusal(8, "IRRD107I")
        return found

    def _on_ring(self, owner: str, value: str) -> tuple[list[list[Any]], str, str, dict[str, Any]]:
        given = dict(operands(value))
        named = f"ID({(given['ID'] or '').upper()})" if "ID" in given else owner
        of = next((name for name in ("CERTAUTH", "SITE") if name in given), named)
        return self._ring(owner, plain(given.get("RING"))), of, plain(given.get("LABEL")), given

    def _do_connect(self, owner: str, given: dict[str, Any]) -> tuple[int, str]:
        ring, of, label, how = self._on_ring(owner, given["CONNECT"])
        self._certificate(of, label)
        usage = plain(how.get("USAGE")) or (of if of in ("CERTAUTH", "SITE") else "PERSONAL")
        if usage not in ("PERSONAL", "CERTAUTH", "SITE"):
            raise Refusal(12, "IKJ56702I", f"USAGE, {usage}")
        new = [of, label, usage, "DEFAULT" in how]
        if new[3]:
            for row in ring:
                row[3] = False
        for at, row in enumerate(ring):
            if row[:2] == new[:2]:
                ring[at] = new
                return 0, ""
        ring.append(new)
        return 0, ""

    def _do_remove(self, owner: str, given: dict[str, Any]) -> tuple[int, str]:
        ring, of, label, how = self._on_ring(owner, given["REMOVE"])
        row = next((row for row in ring if row[:2] == [of, label]), None)
        if row is None:
            raise Refusal(8, "IRRD116I", label, plain(how["RING"]), owner[3:-1])
        ring.remove(row)
        return 0, ""

    def _do_list(self, owner: str, given: dict[str, Any]) -> tuple[int, str]:
        label = plain(dict(operands(given["LIST"]))["LABEL"])
        return 0, certificate_listing(owner, label, self._certificate(owner, label), self.rings)

    def _do_add(self, owner: str, given: dict[str, Any]) -> tuple[int, str]:
        label = plain(given["WITHLABEL"])
        self.certificates.setdefault(owner, {})[label] = {"subject": f"CN={plain(given['ADD'])}", "issuer": "CN=CA"}
        return 0, say("IRRD199I", label, owner[3:-1])

    def _do_map(self, owner: str, given: dict[str, Any]) -> tuple[int, str]:
        subject, issuer = plain(given.get("SDNFILTER")), plain(given.get("IDNFILTER"))
        self.filters.append(
            {"user": owner[3:-1], "label": plain(given["WITHLABEL"]), "subject": subject, "issuer": issuer}
        )
        return 0, ""

    def _do_listmap(self, owner: str, given: dict[str, Any]) -> tuple[int, str]:
        mine = [one for one in self.filters if one["user"] == owner[3:-1]]
        return (0, filter_listing(owner[3:-1], mine)) if mine else (4, NO_FILTER.format(owner[3:-1]))

    def _do_delmap(self, owner: str, given: dict[str, Any]) -> tuple[int, str]:
        label = plain(dict(operands(given["DELMAP"]))["LABEL"])
        self.filters = [one for one in self.filters if (one["user"], one["label"]) != (owner[3:-1], label)]
        return 0, ""

    def _do_delete(self, owner: str, given: dict[str, Any]) -> tuple[int, str]:
        label = plain(dict(operands(given["DELETE"]))["LABEL"])
        self._certificate(owner, label)
        del self.certificates[owner][label]
        return 0, ""

    def _rlist(self, rest: str) -> tuple[int, str]:
        kind, name, _authuser = rest.split()
        profiles = self.profiles.get(kind, {})
        found = covering(profiles, name)
        if found is None:
            raise Refusal(4, "ICH13003I", name)
        return 0, profile_listing(kind, found, profiles[found])

    def _listuser(self, rest: str) -> tuple[int, str]:
        user, _omvs = rest.split()
        if user not in self.users:
            raise Refusal(4, "ICH30001I", user)
        return 0, user_listing(user, self.users[user])

    def _listgrp(self, rest: str) -> tuple[int, str]:
        group, _omvs = rest.split()
        if group not in self.groups:
            raise Refusal(4, "ICH51003I")
        return 0, group_listing(group, self.groups[group])

    def _rdefine(self, rest: str) -> tuple[int, str]:
        kind, name, _uacc = rest.split()
        if name in self.profiles.setdefault(kind, {}):
            raise Refusal(8, "ICH10102I", name, kind)
        self.profiles[kind][name] = {}
        return 0, say("ICH10006I", kind)

    def _rdelete(self, rest: str) -> tuple[int, str]:
        kind, name = rest.split()
        self.profiles[kind].pop(name)
        return 0, ""

    def _permit(self, rest: str) -> tuple[int, str]:
        name, _, more = rest.partition(" ")
        given = dict(operands(more))
        profile = self.profiles.get(given["CLASS"] or "", {}).get(name)
        if profile is None:
            raise Refusal(8, "ICH06004I", name)
        if "DELETE" in given:
            del profile[given["ID"] or ""]
        else:
            profile[given["ID"] or ""] = given["ACCESS"] or ""
        return 4, say("ICH06011I", given["CLASS"] or "")

    def _setropts(self, rest: str) -> tuple[int, str]:
        if rest == "LIST":
            return 0, options_listing(self.active, self.raclisted)
        given = dict(operands(rest))
        named = {word: (value or "").split() for word, value in given.items()}
        self.active = sorted({*self.active, *named.get("CLASSACT", [])} - {*named.get("NOCLASSACT", [])})
        self.raclisted = [kind for kind in self.raclisted if kind not in named.get("NORACLIST", [])]
        if "REFRESH" not in given:
            self.raclisted = sorted({*self.raclisted, *named.get("RACLIST", [])})
        idle = [kind for kind in named.get("RACLIST", []) if kind not in self.raclisted]
        for kind in named.get("RACLIST", []):
            self.in_storage[kind] = copy.deepcopy(self.profiles.get(kind, {}))
        return (4 if idle else 0), "\n".join([say("ICH14063I"), *(say("ICH14070I", kind) for kind in idle)])


def covering(profiles: dict[str, Any], name: str) -> str | None:
    """The profile that covers a resource: the discrete one, else the most specific generic one."""
    generic = (
        one
        for one in sorted(profiles, reverse=True)
        if "*" in one and re.fullmatch(re.escape(one).replace(r"\*", ".*"), name)
    )
    return name if name in profiles else next(generic, None)


# The identifier of this message is not known to us; the code goes by its words.
NO_FILTER = "IRRD117I No mapping information was found for user {0}."


def ring_listing(user: str, rings: dict[str, list[list[Any]]]) -> str:
    lines = [f"Digital ring information for user {user}:", ""]
    for name, rows in rings.items():
        lines += ["  Ring:", *wrapped(name, 7)]
        if not rows:
            lines += ["", "*** No certificates connected ***", ""]
            continue
        lines.append("  Certificate Label Name             Cert Owner     USAGE      DEFAULT")
        lines.append("  --------------------------------   ------------   --------   -------")
        for owner, label, usage, default in rows:
            lines += [f"  {label:<32}   {owner:<12}   {usage:<8}     {'YES' if default else 'NO'}", ""]
    return "\n".join(lines)


def certificate_listing(owner: str, label: str, found: dict[str, str], rings: dict[str, Any]) -> str:
    whose = f"user {owner[3:-1]}" if owner.startswith("ID(") else owner
    on = [
        (user, name)
        for user, all_of in rings.items()
        for name, rows in all_of.items()
        if [owner, label] in [row[:2] for row in rows]
    ]
    lines = [
        f"Digital certificate information for {whose}:",
        "",
        f"  Label: {label}",
        "  Certificate ID: 2QiJmZmDhZmjgQ==",
    ]
    lines += [
        f"  Status: {found.get('status', 'TRUST')}",
        "  Start Date: 2026/01/01 00:00:00",
        f"  End Date:   {found.get('end', '2027/01/01')} 23:59:59",
    ]
    lines += ["  Serial Number:", *wrapped(found.get("serial", "01"), 7)]
    lines += [
        "  Issuer's Name:",
        *wrapped(found.get("issuer", "CN=CA"), 7),
        "  Subject's Name:",
        *wrapped(found["subject"], 7),
    ]
    lines += [
        "  Signing Algorithm: sha256RSA",
        "  Key Type: RSA",
        "  Key Size: 2048",
        f"  Private Key: {found.get('private', 'YES')}",
    ]
    lines += [
        "  Certificate Fingerprint (SHA256):",
        "       A3:F2:E0:6F:09:94:E4:9D:68:00:48:8F:3F:4B:EF:9F:",
        "       9F:C8:B1:50:0A:DE:57:23:AB:DC:B1:02:0B:A4:33:07",
    ]
    lines.append("  Ring Associations:")
    for user, name in on:
        lines += [f"    Ring Owner: {user}", "    Ring:", *wrapped(name, 7)]
    return "\n".join([*lines, *([] if on else ["    *** No rings associated ***"]), ""])


def filter_listing(user: str, filters: list[dict[str, str]]) -> str:
    lines = [f"Mapping information for user {user}:", ""]
    for one in filters:
        lines += [f"  Label: {one['label']}", "  Status: TRUST", "  Issuer's Name Filter:", *wrapped(one["issuer"], 7)]
        lines += ["  Subject's Name Filter:", *wrapped(one["subject"], 7), ""]
    return "\n".join(lines)


def profile_listing(kind: str, name: str, access: dict[str, str]) -> str:
    lines = ["CLASS      NAME", "-----      ----", f"{kind:<10} {name}{' (G)' if '*' in name else ''}", ""]
    lines += [
        "LEVEL  OWNER      UNIVERSAL ACCESS  YOUR ACCESS  WARNING",
        "-----  --------   ----------------  -----------  -------",
    ]
    lines += [
        " 00    SYS1            NONE              NONE    NO",
        "",
        "INSTALLATION DATA",
        "-----------------",
        "NONE",
        "",
    ]
    lines += ["USER      ACCESS   ACCESS COUNT", "----      ------   ------ -----"]
    lines += [f"{user:<9} {level:<8}    000000" for user, level in access.items()] or ["NO USERS IN ACCESS LIST"]
    lines += ["", "  ID     ACCESS   ACCESS COUNT   CLASS                ENTITY NAME"]
    lines += [
        "-------- ------- ------------ -------- ---------------------------------------",
        "NO ENTRIES IN CONDITIONAL ACCESS LIST",
    ]
    return "\n".join(lines)


def user_listing(user: str, found: dict[str, str]) -> str:
    lines = [
        f"USER={user}  NAME=UNKNOWN  OWNER=SYS1      CREATED=26.001",
        f" DEFAULT-GROUP={found.get('group', 'SYS1'):<8} PASSDATE=N/A    PASS-INTERVAL=N/A PHRASEDATE=N/A",
        *(f" ATTRIBUTES={word}" for word in found.get("attributes", "NONE").split()),
        " REVOKE DATE=NONE   RESUME DATE=NONE",
        " LAST-ACCESS=26.300/10:00:00",
        " CLASS AUTHORIZATIONS=NONE",
        " LOGON ALLOWED   (DAYS)          (TIME)",
        " ---------------------------------------------",
        " ANYDAY                          ANYTIME",
        f"  GROUP={found.get('group', 'SYS1'):<8} AUTH=USE       CONNECT-OWNER=SYS1      CONNECT-DATE=26.001",
        "    CONNECT ATTRIBUTES=NONE",
        "SECURITY-LABEL=NONE SPECIFIED",
        "",
    ]
    if not found.get("uid"):
        return "\n".join([*lines, "NO OMVS INFORMATION", ""])
    lines += ["OMVS INFORMATION", "----------------", f"UID= {found['uid']:0>10}", f"HOME= /u/{user.lower()}"]
    return "\n".join([*lines, "PROGRAM= /bin/sh", "CPUTIMEMAX= NONE", ""])


def group_listing(group: str, gid: str) -> str:
    lines = [
        f"INFORMATION FOR GROUP {group}",
        "    SUPERIOR GROUP=SYS1         OWNER=SYS1      CREATED=26.001",
        "    NO INSTALLATION DATA",
        "    NO MODEL DATA SET",
        "    TERMUACC",
        "    NO SUBGROUPS",
        "    NO USERS",
    ]
    omvs = ["OMVS INFORMATION", "----------------", f"GID= {gid:0>10}"] if gid else ["NO OMVS INFORMATION"]
    return "\n".join([*lines, *omvs, ""])


def options_listing(active: list[str], raclisted: list[str]) -> str:
    lines = ["ATTRIBUTES = INITSTATS NOCMDVIOL SAUDIT OPERAUDIT"]
    lines += [
        *class_lines("ACTIVE CLASSES", ["DATASET", "USER", "GROUP", *active]),
        "GENERIC PROFILE CLASSES = DATASET",
    ]
    lines += class_lines("SETR RACLIST CLASSES", raclisted)
    return "\n".join([*lines, "GLOBAL=YES RACLIST ONLY = NONE", "AUTOMATIC DATASET PROTECTION IS NOT IN EFFECT"])


def class_lines(head: str, classes: list[str]) -> list[str]:
    rows = textwrap.wrap(" ".join(classes), 40) or ["NONE"]
    return [f"{head} = {rows[0]}", *(f"{'':{len(head) + 3}}{more}" for more in rows[1:])]


def wrapped(value: str, indent: int) -> list[str]:
    """A value as RACF prints it: between > and <, a long one in several lines."""
    parts = [value[at : at + 60] for at in range(0, len(value), 60)] or [""]
    return [f"{'':{indent}}>{part}<" for part in parts]
