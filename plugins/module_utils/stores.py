# SPDX-FileCopyrightText: 2026 The zosconnect.security contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Key stores on the target, through the ``keytool`` of the host's own Java. PRIVATE to this collection.

Standard library only, Python 3.9. Private keys never leave the host: what is read are aliases, kinds and certificates.
keytool works on private copies, never on the store itself, and gets passwords by files that only its user can read.
"""

from __future__ import annotations

import os
import re
import shutil
import stat
import subprocess
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from ansible_collections.zosconnect.security.plugins.module_utils import identity, reading, ways

PKCS12 = "PKCS12"
KINDS_OF_STORES = (PKCS12, "JKS", "JCEKS")
TIMEOUT_SECONDS = 300
MODERN, JAVA8 = "modern", "java8"
_MAGIC = {b"\xfe\xed\xfe\xed": "JKS", b"\xce\xce\xce\xce": "JCEKS"}
# PFX: a SEQUENCE of any length form that begins with the version, INTEGER 3 (RFC 7292, section 4).
_PFX = re.compile(rb"\x30(?:[\x00-\x80]|\x81.|\x82..|\x83...|\x84....)\x02\x01\x03", re.DOTALL)
# 1.2.840.113549.1.12.10.1.*: bags; 1 and 2 are private keys. 1.2.840.113549.1.7.6: encrypted content, bags inside.
_KEY_BAG = re.compile(rb"\x06\x0b\x2a\x86\x48\x86\xf7\x0d\x01\x0c\x0a\x01[\x01\x02]")
_ANY_CONTENT = re.compile(
    rb"\x06\x0b\x2a\x86\x48\x86\xf7\x0d\x01\x0c\x0a\x01|\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x07\x06"
)

# 1.2.840.113549.1.5.13 (PBES2), and 1.2.840.113549.1.12.1.* with SHA-1 (RFC 7292, appendix C).
_PBES2 = re.compile(re.escape(bytes.fromhex("06092a864886f70d01050d")))
_PBES1 = re.compile(rb"\x06\x0a\x2a\x86\x48\x86\xf7\x0d\x01\x0c\x01[\x01-\x06]")
_RARE = (
    (bytes.fromhex("06092a864886f70d01050e"), "a checksum by PBMAC1 (RFC 9579; OpenSSL in FIPS mode writes it)"),
    (bytes.fromhex("06092b06010401da47040b"), "keys derived by scrypt"),
    (bytes.fromhex("060b2a83088c9a4b3d010101"), "Camellia encryption"),
    (bytes.fromhex("060a2a83088c9a4b3d010101"), "Camellia encryption"),
    (bytes.fromhex("2a831a8c9a6e0101"), "ARIA encryption"),
    (bytes.fromhex("2a811ccf55"), "SM4 encryption"),
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
# From a thousand on it has a comma.
_COUNT = re.compile(r"contains ([\d,]+) entr")
# Of the line ends in a row only the first begins a match: a listing may have a hundred thousand of them.
_BETWEEN = re.compile(r"(?<!\n)\n+\*{20,}\n\*{20,}\n+(?=Alias name: )")
# The alias may hold anything, so the last lines that look like keytool's own are keytool's own.
_ENTRY = re.compile(
    r"Alias name: (?P<alias>.*)\nCreation date: [^\n]*\nEntry type: (?P<kind>\w+)\s*(?P<rest>.*)", re.DOTALL
)
_LENGTH = re.compile(r"Certificate chain length: (\d+)\r?\n")
# Java ends lines within the certificate with CR LF, from version 25 on also the first one, whatever the system's is.
_BEGIN = "-----BEGIN CERTIFICATE-----"
_PEM = re.compile(_BEGIN + r"\r?\n[A-Za-z0-9+/=\r\n]+-----END CERTIFICATE-----")
_REQUEST = re.compile(
    r"-----BEGIN NEW CERTIFICATE REQUEST-----[^-]+-----END NEW CERTIFICATE REQUEST-----"
    r"|-----BEGIN CERTIFICATE REQUEST-----[^-]+-----END CERTIFICATE REQUEST-----"
)
_KINDS = {"keyEntry": "PrivateKeyEntry"}  # IBM's older keytool


# What tells the directory of a Java (of 9 and later, of 8) from another one with a bin and a lib, such as /usr.
_MARKS_OF_A_JAVA = ("lib/jvm.cfg", "conf/security", "lib/rt.jar", "jre")
# What a Java runs, loads, and is told by, such as the providers of conf/security/java.security.
_PARTS_OF_A_JAVA = ("bin", "conf", "lib", "jre")
# Certificates that sites let others maintain; keytool does not ask them here.
_ONLY_DATA = frozenset({"cacerts", "jssecacerts"})


class StoreError(Exception):
    """The store cannot be read or changed; the message is a sentence and the store is as it was."""


class KeytoolError(StoreError):
    """keytool refused; the message is what it printed."""


@dataclass(frozen=True)
class Place:
    """A store and what is needed to open it; ``folder`` is for private copies, only its user can enter it.

    ``key_password_file`` is for a JKS or JCEKS store whose keys have another password than the store.
    """

    path: str
    password_file: str
    java_home: str | None
    folder: str
    key_password_file: str | None = None


# A line for each start of a Java: starting it is what a call costs.
STARTED: list[str] = []


@dataclass(frozen=True)
class Tool:
    """The host's keytool, and the password file and the folder of ``Place``."""

    keytool: str
    password_file: str
    folder: str
    key_password_file: str | None = None

    def open(self, path: str, kind: str) -> list[str]:
        """Return the arguments by which keytool opens a store."""
        return ["-keystore", path, "-storetype", kind, "-storepass:file", self.password_file]

    def key(self, kind: str) -> list[str]:
        """Return the arguments for the password of one key; in PKCS12 it is the store's."""
        return [] if kind == PKCS12 else ["-keypass:file", self.key_password_file or self.password_file]

    def run(self, *arguments: str) -> str:
        """Run keytool and return what it prints; its complaint is a KeytoolError."""
        STARTED.append(self.keytool)
        try:
            # Helpers know no AnsibleModule, and so no run_command.
            done = subprocess.run(  # pylint: disable=ansible-bad-function
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
            raise self._failed(decoded(done.stdout) + decoded(done.stderr), done.returncode)
        return decoded(done.stdout)

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


def decoded(raw: bytes) -> str:
    """Decode a program's output; one on z/OS that does not write UTF-8, as asked, ends lines with EBCDIC's 0x15."""
    ebcdic = b"\x15" in raw and b"\n" not in raw
    return raw.decode("cp037").replace("\x85", "\n") if ebcdic else raw.decode(errors="replace")


def format_of(data: bytes) -> str | None:
    """Return PKCS12, JKS or JCEKS by the first bytes, or None for anything else."""
    return PKCS12 if _PFX.match(data) else _MAGIC.get(data[:4])


def pem_parts(data: bytes) -> dict[str, Any]:
    """Return what is public of a PEM file: its certificates, and whether a private key is in it."""
    ebcdic = "-----BEGIN".encode("cp037") in data
    text = decoded(data) if not ebcdic else data.decode("cp037").replace("\x85", "\n")
    text = text.replace("\r\n", "\n")
    return {"certificates": _PEM.findall(text), "has_key": "PRIVATE KEY-----" in text}


def encryption_of(data: bytes) -> str | None:
    """Return how a PKCS12 file is encrypted: ``modern`` or ``java8``; None where nothing in it tells.

    A Java 8 of the first days reads a file only if all of it is in the old way.
    """
    return MODERN if _PBES2.search(data) else JAVA8 if _PBES1.search(data) else None


def unreadable(data: bytes) -> str:
    """Say what in a PKCS12 file not every Java reads, for the sentence about one that cannot be opened."""
    rare = [what for pattern, what in _RARE if pattern in data]
    return f" It has {' and '.join(rare)}, which not every Java reads." if rare else ""


def unseen(data: bytes, entries: Sequence[dict[str, Any]]) -> bool:
    """Say whether a PKCS12 file holds more than Java shows, as far as that can be told without its password."""
    if not entries:
        return bool(_ANY_CONTENT.search(data))
    keys = [entry for entry in entries if entry["kind"] != "trustedCertEntry"]
    return len(_KEY_BAG.findall(data)) > len(keys)


@dataclass(frozen=True)
class Wanted:
    """A store that is to be listed: its bytes (None: it is not there), and the tool where they are a store's."""

    place: Place
    data: bytes | None
    asked: tuple[dict[str, Any], ...]
    keytool: str | None
    tool: Tool | None


def prepare(place: Place, data: bytes | None, asked: Sequence[dict[str, Any]] = ()) -> Wanted:
    """Find the tool for the store whose bytes are ``data``; ``asked`` names keys whose request is wanted.

    What looks into files as somebody else is done here, because rights are lent to all threads of a process at once.
    """
    tool = None if data is None or format_of(data) is None else tool_for(place)
    keytool = tool.keytool if tool else find_keytool(place.java_home, place.path)
    return Wanted(place, data, tuple(asked), keytool, tool)


def read(wanted: Wanted) -> dict[str, Any]:
    """Return what is public of a store. It may be done in a thread."""
    data, tool = wanted.data, wanted.tool
    kind = None if data is None else format_of(data)
    answer: dict[str, Any] = {"format": kind, "entries": [], "unseen": False, "encryption": None, "requests": {}}
    if data is not None and tool is not None:
        answer["entries"] = listing(tool, data, wanted.place.path)
        keys = {entry["alias"] for entry in answer["entries"] if entry["kind"] == "PrivateKeyEntry"}
        answer["requests"] = requests(tool, data, [each for each in wanted.asked if each["alias"] in keys])
        if kind == PKCS12:
            answer["unseen"] = unseen(data, answer["entries"])
            answer["encryption"] = encryption_of(data)
    return {**answer, "keytool": wanted.keytool}


def requests(tool: Tool, data: bytes, asked: Sequence[dict[str, Any]]) -> dict[str, str]:
    """Return the certificate signing requests (PEM) of keys of the store ``data``, by alias."""
    if not asked:
        return {}
    copy = tool.write(data)
    try:
        return {each["alias"]: request(tool, copy, format_of(data) or PKCS12, each) for each in asked}
    except KeytoolError as e:
        raise StoreError(f"keytool could not make a certificate signing request: {e}; nothing was changed.") from e
    finally:
        os.unlink(copy)


def request(tool: Tool, copy: str, kind: str, key: dict[str, Any]) -> str:
    """Let keytool sign a request with the key ``alias``, for its ``subject`` and ``extensions``."""
    command = [
        "-certreq",
        "-alias",
        named(key["alias"]),
        "-dname",
        key["subject"],
        *tool.open(copy, kind),
        *tool.key(kind),
    ]
    text = tool.run(*command, *extensions(key))
    found = _REQUEST.search(text)
    if found is None:
        raise StoreError("What keytool prints for a certificate signing request is not understood.")
    return found[0].replace("\r\n", "\n") + "\n"


def named(alias: str) -> str:
    """Return an alias as an argument of keytool; StoreError for one that its launcher would take for an option.

    The launcher of every program of Java takes ``-J…`` for an option of the Java machine, wherever it stands.
    """
    if alias.startswith("-"):
        raise StoreError(
            f"The alias {alias[:60]!r} begins with -, which keytool takes for an option; nothing was changed. "
            "Give the entry another alias."
        )
    return alias


def extensions(key: dict[str, Any]) -> list[str]:
    """Return the arguments for the extensions of a key's certificate or request."""
    return [word for each in key["extensions"] for word in ("-ext", each)]


def tool_for(place: Place) -> Tool:
    """Return the host's keytool, ready to open it; StoreError without Java, or if others can read the password."""
    keytool = find_keytool(place.java_home, place.path)
    if keytool is None:
        raise StoreError(
            f"{place.path}: no Java was found on the host to open the key store with (looked at JAVA_HOME, the PATH "
            "and the Liberty around the store); nothing was changed. Set java_home to the Java of the server."
        )
    for file in (place.password_file, place.key_password_file):
        if file:
            check_private(file)
    return Tool(keytool, place.password_file, place.folder, place.key_password_file)


def listing(tool: Tool, data: bytes, path: str) -> list[dict[str, Any]]:
    """Return the entries of the store ``data``: alias, kind, certificates in PEM. ``path`` is for messages."""
    copy = tool.write(data)
    try:
        text = tool.run("-list", "-rfc", *tool.open(copy, format_of(data) or PKCS12))
    except KeytoolError as e:
        raise StoreError(
            f"{path}: the key store cannot be opened: its password is another one, or the file is damaged; "
            f"keytool does not tell which, it says: {e}{unreadable(data)}"
        ) from e
    finally:
        os.unlink(copy)
    return parse(text)


def parse(text: str) -> list[dict[str, Any]]:
    """Read the output of ``keytool -list -rfc``; anything that is not exactly understood is a StoreError."""
    count = _COUNT.search(text)
    start = text.find("\nAlias name: ")
    blocks = _BETWEEN.split(text[start + 1 :]) if start >= 0 else []
    if count is None or count.group(1).replace(",", "") != str(len(blocks)):
        raise StoreError("What keytool prints about the key store is not understood; nothing was changed.")
    return [_entry(block) for block in blocks]


def _entry(block: str) -> dict[str, Any]:
    match = _ENTRY.match(block)
    if match is None:
        raise StoreError("What keytool prints about one of the store's entries is not understood; nothing was changed.")
    certificates = [each.replace("\r\n", "\n") for each in _PEM.findall(match["rest"])]
    length = _LENGTH.search(match["rest"])
    # Which Java prints what is not foreseen: an entry must not look as if it had fewer certificates.
    number = length[1] if length else str(match["rest"].count(_BEGIN))
    if number != str(len(certificates)):
        raise StoreError(
            f"What keytool prints about the entry {match['alias']} is not understood; nothing was changed."
        )
    return {"alias": match["alias"], "kind": _KINDS.get(match["kind"], match["kind"]), "certificates": certificates}


def find_keytool(java_home: str | None, path: str) -> str | None:
    """Return the host's keytool: of ``java_home``, JAVA_HOME, the PATH, or the Java of the Liberty around ``path``.

    A program that others than root and we can change is never run: it is a StoreError if no other is found, and so is a
    ``java_home`` without keytool. Where none is named and none found, the answer is None.
    """
    if java_home:
        found = _keytool_in(java_home)
        if found is None:
            raise StoreError(
                f"java_home: {java_home} holds no program bin/keytool that can be run; name another directory."
            )
        return _ours_alone(found)
    refusal = None
    for home in (os.environ.get("JAVA_HOME"), None, *_liberty_homes(path)):
        found = shutil.which("keytool") if home is None else _keytool_in(home)
        try:
            if found:
                return _ours_alone(found)
        except StoreError as e:
            refusal = refusal or e
    if refusal:
        raise refusal
    return None


def java_of(keytool: str) -> str:
    """Return what tells this Java from another one, and from itself after an upgrade in place. Nothing is started.

    It is where keytool is, and the size and time of the program and of its Java's file ``release``.
    """
    program = os.path.realpath(keytool)
    home = os.path.dirname(os.path.dirname(program))
    # A Java 8 may have keytool in jre/bin, and its file release above that.
    files = (program, os.path.join(home, "release"), os.path.join(os.path.dirname(home), "release"))
    return " ".join([keytool, program, *map(_size_and_time, files)])


def _size_and_time(path: str) -> str:
    try:
        status = os.stat(path)
    except OSError:
        return "none"
    return f"{status.st_size}/{status.st_mtime_ns}"


def _ours_alone(keytool: str) -> str:
    """Return the program; a StoreError if others could exchange it, or anything that it loads or is told by."""
    homes = dict.fromkeys(os.path.dirname(os.path.dirname(each)) for each in (keytool, os.path.realpath(keytool)))
    changeable = ways.not_ours_alone(keytool)
    for home in homes:
        java = any(os.path.lexists(os.path.join(home, mark)) for mark in _MARKS_OF_A_JAVA)
        for part in _PARTS_OF_A_JAVA if java else ("lib",):
            place = os.path.join(home, part)
            if changeable is None and os.path.lexists(place):
                changeable = ways.not_ours_alone_below(place, _ONLY_DATA) if java else ways.not_ours_alone(place)
    if changeable:
        we = " and ".join(dict.fromkeys(map(identity.user_name, (identity.ROOT, os.geteuid()))))
        raise StoreError(
            f"{keytool}: is not run, because others than {we} can change {changeable}; nothing was changed. Set "
            "java_home to a Java that only they can change, or run as the user to whom this one belongs: "
            "become_user."
        )
    return keytool


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
