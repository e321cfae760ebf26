# SPDX-FileCopyrightText: 2026 The zosconnect.security contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Build the collection's archive so that the same commit gives the same bytes, whoever builds it, and when.

    python package.py FOLDER [KEY]     FOLDER/zosconnect-security-VERSION.tar.gz; with KEY also MANIFEST.json.asc,
                                       the signature of its manifest by that key of GnuPG

ansible-galaxy lists files in the order of the file system and dates them with the time of the build. So what it built
is packed again: files by name, with the date of the commit (or SOURCE_DATE_EPOCH).
"""

from __future__ import annotations

import gzip
import hashlib
import io
import json
import os
import subprocess
import sys
import tarfile
import tempfile
from pathlib import Path
from typing import Any

import tree

MANIFEST, FILES = "MANIFEST.json", "FILES.json"


def build(folder: Path) -> Path:
    """Build the archive from what git tracks, and return its path."""
    with tempfile.TemporaryDirectory() as scratch:
        source, built = Path(scratch, "tree"), Path(scratch, "built")
        tree.copy(source)
        command = ["ansible-galaxy", "collection", "build", str(source), "--output-path", str(built)]
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
        (archive,) = built.glob("*.tar.gz")
        folder.mkdir(parents=True, exist_ok=True)
        again(archive, folder / archive.name, epoch())
        return folder / archive.name


def epoch() -> int:
    """Return the date that all files get."""
    told = os.environ.get("SOURCE_DATE_EPOCH")
    command = ["git", "-C", str(tree.ROOT), "log", "-1", "--format=%ct"]
    return int(told or subprocess.run(command, capture_output=True, text=True, check=True).stdout)


def again(source: Path, target: Path, date: int) -> None:
    """Pack an archive again, with its files by name and of one date."""
    with tarfile.open(source) as old:
        members = {member.name: member for member in old.getmembers()}
        held = {name: b"" if it.isdir() else _read(old, it) for name, it in members.items()}
    listing = json.loads(held[FILES])
    listing["files"].sort(key=lambda entry: entry["name"])
    held[FILES] = _json(listing)
    manifest = json.loads(held[MANIFEST])
    manifest["file_manifest_file"]["chksum_sha256"] = hashlib.sha256(held[FILES]).hexdigest()
    held[MANIFEST] = _json(manifest)
    names = [MANIFEST, FILES, *sorted(set(held) - {MANIFEST, FILES})]
    with (
        target.open("wb") as raw,
        gzip.GzipFile("", "wb", fileobj=raw, mtime=0) as packed,
        tarfile.open(fileobj=packed, mode="w", format=tarfile.PAX_FORMAT) as new,
    ):
        for name in names:
            member = members[name]
            member.mtime, member.size = date, len(held[name])
            member.pax_headers = {}
            new.addfile(member, io.BytesIO(held[name]))


def sign(archive: Path, key: str) -> Path:
    """Sign the manifest of an archive, as `ansible-galaxy collection install --signature` takes it."""
    signature = archive.with_name(f"{MANIFEST}.asc")
    with tarfile.open(archive) as packed:
        manifest = _read(packed, packed.getmember(MANIFEST))
    command = ["gpg", "--batch", "--yes", "--local-user", key, "--armor", "--detach-sign", "--output", str(signature)]
    subprocess.run(command, check=True, input=manifest)
    return signature


def _read(archive: tarfile.TarFile, member: tarfile.TarInfo) -> bytes:
    content = archive.extractfile(member)
    if content is None:
        raise ValueError(f"{member.name}: is no file")
    return content.read()


def _json(value: Any) -> bytes:
    """Return it as ansible-galaxy writes it."""
    return json.dumps(value, indent=True).encode()


if __name__ == "__main__":
    made = build(Path(sys.argv[1]))
    print(made)
    if len(sys.argv) > 2:
        print(sign(made, sys.argv[2]))
