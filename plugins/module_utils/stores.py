# SPDX-FileCopyrightText: 2026 The zosconnect.security contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Key stores on the target, through the ``keytool`` of the host's own Java. PRIVATE to this collection.

Standard library only, Python 3.9. Private keys never leave the host: what is read are aliases, kinds and certificates.
keytool works on private copies, never on the store itself, and gets passwords by files that only its user can read.
"""

from __future__ import annotations

import base64
import os
import re
import shutil
import stat
import subprocess
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from ansible_collections.zosconnect.security.plugins.module_utils import reading

PKCS12 = "PKCS12"
TIMEOUT_SECONDS = 300
_MAGIC = {b"\xfe\xed\xfe\xed": "JKS", b"\xce\xce\xce\xce": "JCEKS"}
# PFX: a SEQUENCE of any length form that begins with the version, INTEGER 3 (RFC 7292, section 4).
_PFX = re.compile(rb"\x30(?:[\x00-\x80]|\x81.|\x82..|\x83...|\x84....)\x02\x01\x03", re.DOTALL)
# 1.2.840.113549.1.12.10.1.*: bags; 1 and 2 are private keys. 1.2.840.113549.1.7.6: encrypted content, bags inside.
_KEY_BAG = re.compile(rb"\x06\x0b\x2a\x86\x48\x86\xf7\x0d\x01\x0c\x0a\x01[\x01\x02]")
_ANY_CONTENT = re.compile(
    rb"\x06\x0b\x2a\x86\x48\x86\xf7\x0d\x01\x0c\x0a\x01|\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x07\x06"
)

# English, and UTF-8 in and out, whatever the host's locale and code page are.
_SPEAK = [
    "-J-Duser.language=en",
    "-J-Dfile.encoding=UTF-8",
    "-J-Dstdout.encoding=UTF-8",
    "-J-Dsun.stdout.encoding=UTF-8",
]
# For half a second of life the second compiler is not worth while: without it half the processor time (JDK 17).
# A Java that does not know the option passes over it (OpenJ9 by default, HotSpot by the first one).
_BE_QUICK = ["-J-XX:+IgnoreUnrecognizedVMOptions", "-J-XX:TieredStopAtLevel=1"]
_COUNT = re.compile(r"contains (\d+) entr")
_BETWEEN = re.compile(r"\n+\*{20,}\n\*{20,}\n+(?=Alias name: )")
# The alias may hold anything, so the last lines that look like keytool's own are keytool's own.
_ENTRY = re.compile(
    r"Alias name: (?P<alias>.*)\nCreation date: [^\n]*\nEntry type: (?P<kind>\w+)\s*(?P<rest>.*)", re.DOTALL
)
_LENGTH = re.compile(r"Certificate chain length: (\d+)\n")
_PEM = re.compile(r"-----BEGIN CERTIFICATE-----\n[A-Za-z0-9+/=\r\n]+-----END CERTIFICATE-----")
_KINDS = {"keyEntry": "PrivateKeyEntry"}  # IBM's older keytool


class StoreError(Exception):
    """The store cannot be read or changed; the message is a sentence and the store is as it was."""


class KeytoolError(StoreError):
    """keytool refused; the message is what it printed."""


@dataclass(frozen=True)
class Place:
    """A store and what is needed to open it; ``folder`` is for private copies, only its user can enter it."""

    path: str
    password_file: str
    java_home: str | None
    folder: str


@dataclass(frozen=True)
class Tool:
    """The host's keytool, and the password file and the folder of ``Place``."""

    keytool: str
    password_file: str
    folder: str

    def run(self, *arguments: str) -> str:
        """Run keytool and return what it prints; its complaint is a KeytoolError."""
        try:
            done = subprocess.run(
                [self.keytool, *_SPEAK, *_BE_QUICK, *arguments],
                stdin=subprocess.DEVNULL,
                capture_output=True,
                env={**os.environ, "LC_ALL": "C.UTF-8"},
                timeout=TIMEOUT_SECONDS,
                check=False,
            )
        except OSError as e:
            raise StoreError(f"{self.keytool}: cannot be run: {e.strerror}; set java_home to a Java that works.") from e
        except subprocess.TimeoutExpired as e:
            raise StoreError(f"{self.keytool}: did not end within {TIMEOUT_SECONDS} s; nothing was changed.") from e
        if done.returncode != 0:
            raise self._failed(_text(done.stdout) + _text(done.stderr), done.returncode)
        return _text(done.stdout)

    def _failed(self, text: str, code: int) -> StoreError:
        lines = [line.strip() for line in text.splitlines() if line.strip()]
        for line in lines:
            if "keytool error: " in line:
                return KeytoolError(line.partition("keytool error: ")[2])
        what = f": {lines[0]}" if lines else ""
        return StoreError(f"{self.keytool}: ended with return code {code}{what}; set java_home to a Java that works.")

    def write(self, data: bytes) -> str:
        """Put ``data`` into a new private file and return its path."""
        fd, path = tempfile.mkstemp(dir=self.folder)
        with os.fdopen(fd, "wb") as stream:
            stream.write(data)
        return path


def _text(raw: bytes) -> str:
    """Decode keytool's output; a Java on z/OS that does not heed the wish for UTF-8 ends lines with EBCDIC's 0x15."""
    ebcdic = b"\x15" in raw and b"\n" not in raw
    return raw.decode("cp037").replace("\x85", "\n") if ebcdic else raw.decode(errors="replace")


def format_of(data: bytes) -> str | None:
    """Return PKCS12, JKS or JCEKS by the first bytes, or None for anything else."""
    return PKCS12 if _PFX.match(data) else _MAGIC.get(data[:4])


def unseen(data: bytes, entries: Sequence[dict[str, Any]]) -> bool:
    """Say whether a PKCS12 file holds more than Java shows, as far as that can be told without its password."""
    if not entries:
        return bool(_ANY_CONTENT.search(data))
    keys = [entry for entry in entries if entry["kind"] != "trustedCertEntry"]
    return len(_KEY_BAG.findall(data)) > len(keys)


def read(place: Place, data: bytes | None) -> dict[str, Any]:
    """Return what is public of the store whose bytes are ``data``; None for a store that is not there."""
    kind = None if data is None else format_of(data)
    answer: dict[str, Any] = {"format": kind, "entries": [], "unseen": False}
    if data is not None and kind == PKCS12:
        answer["entries"] = listing(tool_for(place), data, place.path)
        answer["unseen"] = unseen(data, answer["entries"])
    return {**answer, "keytool": find_keytool(place.java_home, place.path)}


def tool_for(place: Place) -> Tool:
    """Return the host's keytool, ready to open it; StoreError without Java, or if others can read the password."""
    keytool = find_keytool(place.java_home, place.path)
    if keytool is None:
        raise StoreError(
            f"{place.path}: no Java was found on the host to open the key store with (looked at JAVA_HOME, the PATH "
            "and the Liberty around the store); nothing was changed. Set java_home to the Java of the server."
        )
    check_private(place.password_file)
    return Tool(keytool, place.password_file, place.folder)


def unchanged(path: str, expected: str) -> bytes:
    """Return the bytes of the present store; a StoreError if they are not those that were planned for."""
    data = reading.read_bytes(path)[0]
    if reading.sha256(data) != expected:
        raise StoreError(
            f"{path}: changed between reading and writing, so somebody else is at work on it; nothing was changed. "
            "Run again to plan from its present content."
        )
    return data


def listing(tool: Tool, data: bytes, path: str) -> list[dict[str, Any]]:
    """Return the entries of the PKCS12 file ``data``: alias, kind, certificates in PEM. ``path`` is for messages."""
    copy = tool.write(data)
    try:
        text = tool.run("-list", "-rfc", "-keystore", copy, "-storetype", PKCS12, "-storepass:file", tool.password_file)
    except KeytoolError as e:
        raise StoreError(
            f"{path}: the key store cannot be opened: its password is another one, or the file is damaged; "
            f"keytool does not tell which, it says: {e}"
        ) from e
    finally:
        os.unlink(copy)
    return parse(text)


def parse(text: str) -> list[dict[str, Any]]:
    """Read the output of ``keytool -list -rfc``; anything that is not exactly understood is a StoreError."""
    count = _COUNT.search(text)
    start = text.find("\nAlias name: ")
    blocks = _BETWEEN.split(text[start + 1 :]) if start >= 0 else []
    if count is None or int(count.group(1)) != len(blocks):
        raise StoreError("What keytool prints about the key store is not understood; nothing was changed.")
    return [_entry(block) for block in blocks]


def _entry(block: str) -> dict[str, Any]:
    match = _ENTRY.match(block)
    if match is None:
        raise StoreError("What keytool prints about one of the store's entries is not understood; nothing was changed.")
    certificates = _PEM.findall(match["rest"])
    length = _LENGTH.search(match["rest"])
    if length and int(length.group(1)) != len(certificates):
        raise StoreError(
            f"What keytool prints about the entry {match['alias']} is not understood; nothing was changed."
        )
    return {"alias": match["alias"], "kind": _KINDS.get(match["kind"], match["kind"]), "certificates": certificates}


def find_keytool(java_home: str | None, path: str) -> str | None:
    """Return the host's keytool: of ``java_home``, JAVA_HOME, the PATH, or the Java of the Liberty around ``path``.

    A ``java_home`` without keytool is a StoreError; where none is named and none found, the answer is None.
    """
    if java_home:
        found = _keytool_in(java_home)
        if found is None:
            raise StoreError(
                f"java_home: {java_home} holds no program bin/keytool that can be run; name another directory."
            )
        return found
    for home in (os.environ.get("JAVA_HOME"), None, *_liberty_homes(path)):
        found = shutil.which("keytool") if home is None else _keytool_in(home)
        if found:
            return found
    return None


def _keytool_in(home: str) -> str | None:
    for place in ("bin", "jre/bin"):
        program = os.path.join(home, place, "keytool")
        if os.path.isfile(program) and os.access(program, os.X_OK):
            return program
    return None


def _liberty_homes(path: str) -> Iterator[str]:
    """Give the Javas that a Liberty installation names (JAVA_HOME in server.env) or brings, from ``path`` upwards."""
    folder = os.path.dirname(os.path.abspath(path))
    while folder != os.path.dirname(folder):
        for name in ("server.env", "etc/server.env"):
            yield from _java_home_of(os.path.join(folder, name))
        yield os.path.join(folder, "java", "java")
        folder = os.path.dirname(folder)


def _java_home_of(server_env: str) -> list[str]:
    try:
        raw = reading.read_bytes(server_env)[0]
    except reading.ReadError:
        return []
    text = raw.decode("cp037") if "JAVA_HOME".encode("cp037") in raw else raw.decode(errors="replace")
    return [line.partition("=")[2].strip() for line in text.splitlines() if line.strip().startswith("JAVA_HOME=")]


def check_private(password_file: str) -> None:
    """Refuse a password that others on the host can read; Ansible's world-readable temporary files are an example."""
    open_to_all = [
        os.stat(place).st_mode & bit
        for place, bit in ((password_file, stat.S_IROTH), (os.path.dirname(password_file), stat.S_IXOTH))
    ]
    if all(open_to_all):
        raise StoreError(
            "The password of the key store would lie in a file that every user of the host can read; nothing was "
            "changed. Install setfacl (package acl) on the host, or become root instead of an unprivileged user."
        )


@dataclass(frozen=True)
class Merge:
    """How a store gets its new content.

    ``base`` is the present file, None when ``pack`` is all; ``pack`` a PKCS12 file with the new entries, None when
    entries only go; ``remove`` the aliases that go first; ``intended`` the entries that Java must see in the end, each
    with alias, kind and the SHA-256 of its certificates (``chain``).
    """

    base: bytes | None
    pack: bytes | None
    remove: Sequence[str]
    intended: Sequence[dict[str, Any]]


def merge(place: Place, order: Merge) -> bytes:
    """Return the bytes of the new store, which Java has listed and which hold exactly what is intended.

    A store that consists of ``pack`` alone needs no Java; then nobody lists it.
    """
    if order.base is None and order.pack is not None and find_keytool(place.java_home, place.path) is None:
        return order.pack
    tool = tool_for(place)
    data = _merged(tool, order.base, order, place.path) if order.base is not None else order.pack or b""
    wrong = mismatch(listing(tool, data, place.path), order.intended)
    if wrong:
        raise StoreError(
            f"{place.path}: Java would not see what is intended: {wrong}; nothing was changed. Java finds the issuers "
            "in a PKCS12 store by name, so two certificates of one subject can take each other's place: keep trusted "
            "certificates in another store."
        )
    return data


def _merged(tool: Tool, base: bytes, order: Merge, path: str) -> bytes:
    copy = tool.write(base)
    store = ["-storetype", PKCS12, "-storepass:file", tool.password_file]
    try:
        for alias in order.remove:
            tool.run("-delete", "-alias", alias, "-keystore", copy, *store)
        if order.pack is not None:
            tool.run(*_import(tool.write(order.pack), copy, tool.password_file))
        return reading.read_bytes(copy)[0]
    except KeytoolError as e:
        raise StoreError(f"{path}: keytool could not make the new store: {e}; nothing was changed.") from e


def _import(pack: str, store: str, password_file: str) -> list[str]:
    source = ["-srckeystore", pack, "-srcstoretype", PKCS12, "-srcstorepass:file", password_file]
    target = ["-destkeystore", store, "-deststoretype", PKCS12, "-deststorepass:file", password_file]
    return ["-importkeystore", "-noprompt", *source, *target]


def mismatch(found: Sequence[dict[str, Any]], intended: Sequence[dict[str, Any]]) -> str | None:
    """Say where a listing differs from what is intended, None where it does not.

    Java may show a chain longer than it was packed, by certificates that other entries hold: it finds issuers by name.
    """
    shown = {entry["alias"]: entry for entry in found}
    wanted = {entry["alias"]: entry for entry in intended}
    if set(shown) != set(wanted):
        names = ", ".join(sorted(set(shown) ^ set(wanted)))
        return f"the entries {names} would be missing or left over"
    heap = {each for entry in intended for each in entry["chain"]}
    for alias, entry in wanted.items():
        chain = [fingerprint(pem) for pem in shown[alias]["certificates"]]
        size = len(entry["chain"])
        if shown[alias]["kind"] != entry["kind"]:
            return f"the entry {alias} would be a {shown[alias]['kind']}"
        if chain[:size] != entry["chain"] or not set(chain[size:]) <= heap:
            return f"the entry {alias} would have other certificates"
    return None


def fingerprint(pem: str) -> str:
    """Return the SHA-256 of a certificate's DER bytes, in hexadecimal."""
    return reading.sha256(base64.b64decode("".join(pem.splitlines()[1:-1])))
