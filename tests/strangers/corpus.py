# SPDX-FileCopyrightText: 2026 The zosconnect.security contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""What strangers published: configurations of Liberty, AT-TLS policies, answers of the stack; out of folders."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

SMALL = 2_000_000
SERVER = re.compile(rb"<(?:server|client)(?=[\s>/])")
ROOT = re.compile(
    rb"\s*(?:<\?.*?\?>\s*|<!--.*?-->\s*|<!DOCTYPE[^>\[]*(?:\[.*?\])?\s*>\s*)*<(?:server|client)(?=[\s>/])", re.DOTALL
)
POLICY = re.compile(r"^\s*TTLS(?:Rule|GroupAction|EnvironmentAction|ConnectionAction)\b", re.MULTILINE | re.IGNORECASE)
ANSWER = re.compile(r"pasearch CS|MVS TCP/IP NETSTAT CS")
# A block of code: of Markdown between three backticks or tildes, of AsciiDoc between four dashes or dots.
BLOCK = re.compile(r"^ *(```+|~~~+|----+|\.\.\.\.+)[^\n]*\n(.*?)^ *\1 *$", re.MULTILINE | re.DOTALL)
PAGES = (".md", ".adoc", ".asciidoc", ".markdown", ".rst")
# What stands beside server.xml and changes what it means.
BESIDE = ("bootstrap.properties", "server.env", "jvm.options")


@dataclass(frozen=True)
class Stranger:
    """A server's directory as a stranger published it; ``files`` by their paths below it, server.xml is one of them."""

    name: str
    files: dict[str, bytes]


@dataclass(frozen=True)
class Corpus:
    """All that was found; ``policies`` and ``answers`` are texts by where they stand."""

    servers: list[Stranger] = field(default_factory=list)
    policies: dict[str, str] = field(default_factory=dict)
    answers: dict[str, str] = field(default_factory=dict)


def found(folder: Path) -> Corpus:
    """Look through a folder, each file once, in the order of names; links are not followed."""
    corpus = Corpus()
    taken: set[Path] = set()
    for path in _files(folder):
        data = path.read_bytes()
        name = str(path.relative_to(folder))
        if path.suffix == ".xml" and ROOT.match(data.removeprefix(b"\xef\xbb\xbf")):
            if path not in taken:
                files = _directory(path)
                taken.update(path.parent / one for one in files)
                corpus.servers.append(Stranger(name, files))
        elif b"\0" not in data:
            _texts(corpus, name, path, data.decode("utf-8", "replace"))
    return corpus


def _files(folder: Path) -> Iterator[Path]:
    for path in sorted(folder.rglob("*"), key=lambda one: (one.name != "server.xml", one)):
        if ".git" not in path.parts and path.is_file() and not path.is_symlink() and path.stat().st_size <= SMALL:
            yield path


def _directory(path: Path) -> dict[str, bytes]:
    """Return a server's directory: beside a server.xml all that Liberty reads, of another XML file that alone."""
    files = {"server.xml": path.read_bytes()}
    if path.name != "server.xml":
        return files
    for other in sorted(path.parent.rglob("*")):
        name = str(other.relative_to(path.parent))
        if other.is_symlink() or not other.is_file() or other.stat().st_size > SMALL or name == "server.xml":
            continue
        if name in BESIDE or name.startswith("variables/") or other.suffix == ".xml":
            files[name] = other.read_bytes()
    return files


def _texts(corpus: Corpus, name: str, path: Path, text: str) -> None:
    blocks = {name: text}
    if path.suffix in PAGES:
        blocks = {f"{name}#{number}": one[1] for number, one in enumerate(BLOCK.findall(text), 1)}
    for where, block in blocks.items():
        if ROOT.match(block.encode()):
            corpus.servers.append(Stranger(where, {"server.xml": block.encode()}))
        elif POLICY.search(block):
            corpus.policies[where] = block
        elif ANSWER.search(block):
            corpus.answers[where] = block
