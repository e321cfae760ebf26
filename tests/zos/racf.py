# SPDX-FileCopyrightText: 2026 The zosconnect.security contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""RACF as its books describe it, as far as rings need it: commands in, what it prints and its return code out.

It is the model that the laws are tested against, and the inside of the fake ``tsocmd``. It knows nothing of the code
that it tests. What is documented: message identifiers and texts, the layout of listings, that DEFAULT moves, that a
label has 32 characters, that a ring's name is case sensitive. Return codes other than 0 are ours (IBM's samples show 4
for a missing ring).
"""

from __future__ import annotations

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


@dataclass
class Racf:
    """The database. Rings: owner → name → list of [owner, label, usage, default]."""

    rings: dict[str, dict[str, list[list[Any]]]] = field(default_factory=dict)
    certificates: dict[str, dict[str, dict[str, str]]] = field(default_factory=dict)
    filters: list[dict[str, str]] = field(default_factory=list)
    profiles: dict[str, dict[str, dict[str, str]]] = field(default_factory=dict)
    raclisted: list[str] = field(default_factory=lambda: ["DIGTCERT", "DIGTRING", "FACILITY", "RDATALIB"])
    denied: list[str] = field(default_factory=list)
    ignored: list[str] = field(default_factory=list)
    log: list[str] = field(default_factory=list)

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
            return verb(rest)
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
        return getattr(self, f"_do_{function.lower()}")(owner, given)

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
        of = next((name for name in ("CERTAUTH", "SITE") if name in given), None)
        of = of or (f"ID({given['ID'].upper()})" if "ID" in given else owner)
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
        generic = (
            one
            for one in sorted(profiles, reverse=True)
            if "*" in one and re.fullmatch(re.escape(one).replace(r"\*", ".*"), name)
        )
        found = name if name in profiles else next(generic, None)
        if found is None:
            raise Refusal(4, "ICH13003I", name)
        return 0, profile_listing(kind, found, profiles[found])

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
            return 0, options_listing(self.raclisted)
        classes = dict(operands(rest))["RACLIST"] or ""
        idle = [kind for kind in classes.split() if kind not in self.raclisted]
        return (4 if idle else 0), "\n".join([say("ICH14063I"), *(say("ICH14070I", kind) for kind in idle)])


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


def options_listing(raclisted: list[str]) -> str:
    classes = textwrap.wrap(" ".join(raclisted), 40)
    lines = [
        "ATTRIBUTES = INITSTATS NOCMDVIOL SAUDIT OPERAUDIT",
        "ACTIVE CLASSES = DATASET USER GROUP FACILITY RDATALIB",
    ]
    lines += [
        f"SETR RACLIST CLASSES = {classes[0] if classes else 'NONE'}",
        *(f"{'':23}{more}" for more in classes[1:]),
    ]
    return "\n".join([*lines, "GLOBAL=YES RACLIST ONLY = NONE", "AUTOMATIC DATASET PROTECTION IS NOT IN EFFECT"])


def wrapped(value: str, indent: int) -> list[str]:
    """A value as RACF prints it: between > and <, a long one in several lines."""
    parts = [value[at : at + 60] for at in range(0, len(value), 60)] or [""]
    return [f"{'':{indent}}>{part}<" for part in parts]
