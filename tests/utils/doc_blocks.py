# SPDX-FileCopyrightText: 2026 The zosconnect.security contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Every block of every page: YAML, and commands as somebody types them. New pages are found by themselves."""

from __future__ import annotations

import re
import shlex
import textwrap
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).resolve().parents[2]
PAGES = ("*.md", "docs/**/*.md", "docs/docsite/rst/*.rst", "roles/*/README.md", "extensions/**/*.md")
_MARKDOWN = re.compile(r"^( *)```(\w*)\n(.*?)^\1```", re.MULTILINE | re.DOTALL)
_RST = re.compile(r"^\.\. code-block:: (\w+)\n(?: +:.*\n)*\n((?:(?: +.*)?\n)+)", re.MULTILINE)
_COMMENT = re.compile(r"\s+# .*$")


class Block(NamedTuple):
    """A block of a page: where it begins, its language, its text."""

    page: str
    line: int
    language: str
    text: str

    @property
    def name(self) -> str:
        return f"{self.page}:{self.line}"

    def commands(self) -> Iterator[list[str]]:
        """Yield the words of each command: what stands behind $, with the lines that it goes on in."""
        text = self.text.replace("\\\n", " ")
        for line in text.splitlines():
            if line.startswith("$ "):
                yield shlex.split(_COMMENT.sub("", line[2:]))


def pages() -> list[Path]:
    found = {path for pattern in PAGES for path in ROOT.glob(pattern)}
    return sorted(path for path in found if path.name != "CHANGELOG.md")


def blocks(path: Path) -> list[Block]:
    """Return the blocks of a page, in their order."""
    text, name = path.read_text(encoding="utf-8"), str(path.relative_to(ROOT))
    if path.suffix == ".rst":
        found = [(match.start(), match[1], match[2]) for match in _RST.finditer(text)]
    else:
        found = [(match.start(), match[2], match[3]) for match in _MARKDOWN.finditer(text)]
    return [Block(name, text.count("\n", 0, at) + 1, kind, textwrap.dedent(body)) for at, kind, body in found]


def all_blocks() -> list[Block]:
    return [block for path in pages() for block in blocks(path)]
