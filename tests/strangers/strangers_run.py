# SPDX-FileCopyrightText: 2026 The zosconnect.security contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Look at what strangers published, and write into docs/STRANGERS.md what was seen.

python tests/strangers/strangers_run.py             # gets the repositories that the page lists
python tests/strangers/strangers_run.py FOLDER      # looks at this folder, and writes nothing
"""

from __future__ import annotations

import argparse
import re
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

sys.path.append(str(Path(__file__).parents[1] / "differential"))

from corpus import found
from look import Seen, look

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs" / "STRANGERS.md"
CLONES = ROOT / ".build" / "strangers"
BEGIN, END = "<!-- seen: written by tests/strangers/strangers_run.py -->\n", "<!-- end of seen -->\n"
LISTED = re.compile(r"^\* `([\w.-]+/[\w.-]+)`", re.MULTILINE)
HOST = "https://github.com"
MOST_UNKNOWN = 30


def say(line: str) -> None:
    print(line, flush=True)


def get(page: str) -> Path:
    """Clone what the page lists, unless it is there; a repository that cannot be had ends the run.

    Raises:
        SystemExit: with the name of the repository.
    """
    names = LISTED.findall(page)
    for number, name in enumerate(names, 1):
        target = CLONES / name.replace("/", "+")
        if target.exists():
            continue
        say(f"[{number}/{len(names)}] {name}")
        command = ["git", "clone", "--quiet", "--depth", "1", "--", f"{HOST}/{name}", str(target)]
        if subprocess.run(command, check=False).returncode:
            raise SystemExit(f"{name}: could not be had. Without it the figures would be those of something else.")
    return CLONES


def lines(seen: Seen) -> Iterator[str]:
    """What was seen, as Markdown."""
    yield f"{time.strftime('%Y-%m-%d')}, with {_counted(seen)}. Promises that were not kept: **{len(seen.broken)}**."
    yield from ("", f"Refused with a sentence: {len(seen.refused)}.", "")
    yield from (f"* `{name}`: {text}" for name, text in sorted(seen.refused.items()))
    yield from ("", "| finding | severity | how often |", "|---|---|---|")
    for (name, severity), places in sorted(seen.findings.items(), key=lambda one: (one[0][1], -len(one[1]))):
        yield f"| [{name}](findings/{name}.md) | {severity} | {len(places)} |"
    yield from ("", "| of policies | what a change that brings it meets | how often |", "|---|---|---|")
    for (name, effect), places in sorted(seen.problems.items()):
        yield f"| {name} | {effect} | {len(places)} |"
    most = ", ".join(f"{name} {number}" for name, number in seen.unknown.most_common(MOST_UNKNOWN))
    yield from (
        "",
        f"Elements of which the catalogue knows nothing, {len(seen.unknown)}, the {MOST_UNKNOWN} most frequent:",
    )
    yield f"{most}."


def _counted(seen: Seen) -> str:
    return (
        f"{seen.servers} configurations of Liberty, {seen.policies} AT-TLS policies, {seen.answers} answers of a stack"
    )


def main() -> int:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path, nargs="?")
    parser.add_argument("--show", metavar="ID", help="show where this finding was found, and end")
    chosen = parser.parse_args()
    page = PAGE.read_text(encoding="utf-8")
    folder = chosen.folder or get(page)
    seen = look(found(folder), say)
    if not seen.servers + seen.policies + seen.answers:
        raise SystemExit(f"{folder}: has no configuration, no policy and no answer of a stack; correct DIR.")
    for (name, severity), places in {**seen.findings, **seen.problems}.items():
        if name == chosen.show:
            say("\n".join([f"{name}, {severity}:", *places]))
    told = "\n".join(lines(seen)) + "\n"
    say(told)
    if not chosen.folder and not chosen.show:
        before, _, rest = page.partition(BEGIN)
        PAGE.write_text(f"{before}{BEGIN}{told}{END}{rest.partition(END)[2]}", encoding="utf-8")
        say(f"Look at {PAGE.relative_to(ROOT)}.")
    for name, text in seen.broken.items():
        say(f"NOT KEPT: {name}\n{text}")
    return 1 if seen.broken else 0


if __name__ == "__main__":
    sys.exit(main())
