# SPDX-FileCopyrightText: 2026 The zosconnect.security contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""A fake tsocmd: ``tsocmd.py STATE COMMAND`` runs the command on the RACF model whose state is in the file STATE.

As the real one (z/OS UNIX System Services Command Reference) it repeats the command on standard error, prints what the
command prints, and ends with its return code; and it would take standard input for further commands.
"""

from __future__ import annotations

import json
import sys
from dataclasses import asdict
from pathlib import Path

from racf import Racf


def install(folder: Path, racf: Racf) -> Path:
    """Put a program ``tsocmd`` into ``folder`` that runs commands on ``racf``; return its path."""
    program = folder / "tsocmd"
    program.write_text(
        f'#!/bin/sh\nexec "{sys.executable}" -ES "{__file__}" "{folder}/racf.json" "$@"\n', encoding="utf-8"
    )
    program.chmod(0o700)
    save(folder, racf)
    return program


def save(folder: Path, racf: Racf) -> None:
    (folder / "racf.json").write_text(json.dumps(asdict(racf)), encoding="utf-8")


def load(folder: Path) -> Racf:
    return Racf(**json.loads((folder / "racf.json").read_text(encoding="utf-8")))


def main(state: str, *words: str) -> int:
    if sys.stdin.read():
        raise SystemExit("standard input would be taken for commands")
    folder = Path(state).parent
    racf, command = load(folder), " ".join(words)
    rc, output = racf.run(command)
    save(folder, racf)
    print(command, file=sys.stderr)
    print(output)
    return rc


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
