# SPDX-FileCopyrightText: 2026 The zosconnect.security contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Gets a real Open Liberty, once: Maven downloads it, the checksum below is what we trust, the cache keeps it."""

from __future__ import annotations

import hashlib
import os
import re
import shutil
import subprocess
import time
import zipfile
from pathlib import Path

from testbed import TestBedError, cache_dir, jdk_program, locked, program, say, scratch_folder

# The newest, one before verifyHostname became true, and one of the month in which z/OS Connect 3.0 came out.
CHECKSUMS = {
    "26.0.0.3": "bf394f83897a5aa4d0564604637e934c8f64b9fcb06a8dfcec2a49feed951778",
    "24.0.0.6": "7ab548fe3bb78d1283bad1a474390a3ada544204bf7f7a2a92e5748debcc56a1",
    "22.0.0.3": "40fa60ce33245f74476eac0f5f31ca2d4101ade3af96f30ccd1ac7ffb70e278c",
}
VERSION = os.environ.get("ZCS_LIBERTY") or "26.0.0.3"
SHA256 = CHECKSUMS.get(VERSION, "")
MAVEN_GOAL = "org.apache.maven.plugins:maven-dependency-plugin:3.8.1:copy"
SECONDS_BETWEEN_LINES = 3.0


def liberty_install() -> Path:
    """The folder `wlp` of the cached Open Liberty; the first call downloads 350 MB and unpacks them.

    Safe when several processes call it at once, and after any of them was killed: the folder appears by one rename.

    Raises:
        TestBedError: Java or Maven is missing, the download failed, its checksum is not the pinned one, or ZCS_LIBERTY
            names a version that has none.
    """
    if VERSION not in CHECKSUMS:
        raise TestBedError(
            f"ZCS_LIBERTY: there is no checksum of Open Liberty {VERSION}; take {_either([*CHECKSUMS])}."
        )
    home = cache_dir() / f"openliberty-{VERSION}"
    if not home.is_dir():
        jdk_program("java")  # Maven's own complaint about a missing Java is long and unclear
        with locked(f"openliberty-{VERSION}"):
            if not home.is_dir():
                _install(home)
    return home / "wlp"


def _either(names: list[str]) -> str:
    return f"{', '.join(names[:-1])} or {names[-1]}"


def _install(home: Path) -> None:
    with scratch_folder(home) as scratch:
        archive = _download(scratch)
        check_sha256(archive, SHA256)
        say(f"unpacking Open Liberty {VERSION} into {home}")
        _unpack(archive, scratch / "unpacked")
        (scratch / "unpacked").rename(home)


def _download(folder: Path) -> Path:
    """Let Maven resolve the archive, strictly (-C) against the checksum its repository names, and copy it here."""
    maven = program("mvn", remedy="install Maven (Debian: apt-get install maven).")
    artifact = f"io.openliberty:openliberty-runtime:{VERSION}:zip"
    say(f"getting {artifact} (350 MB) with Maven")
    log = folder / "maven.log"
    command = [maven, "-C", "-Dstyle.color=never", MAVEN_GOAL, f"-Dartifact={artifact}", f"-DoutputDirectory={folder}"]
    with log.open("wb") as output:
        maven_run = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=output, stderr=output, cwd=folder)
        try:
            _show_progress(maven_run, log)
        finally:
            maven_run.kill()
            maven_run.wait()
    if maven_run.returncode:
        raise TestBedError(f"Maven could not get {artifact}: {_first_error(log)}")
    return folder / f"openliberty-runtime-{VERSION}.zip"


def _show_progress(maven_run: subprocess.Popen[bytes], log: Path) -> None:
    begin = time.monotonic()
    while True:
        try:
            maven_run.wait(timeout=SECONDS_BETWEEN_LINES)
            return
        except subprocess.TimeoutExpired:
            seconds = time.monotonic() - begin
            say(f"{seconds:3.0f} s, {downloaded_megabytes(log.read_text(errors='replace'))} of 352 MB")


def downloaded_megabytes(maven_output: str) -> int:
    """How far Maven says it is; its plug-ins, which come first, are small and count in kB."""
    seen: list[str] = re.findall(r"Progress \(\d+\): (?:[^\r\n]*\| )?(\d+)(?:\.\d+)?(?:/\d+)? MB", maven_output)
    return int(seen[-1]) if seen else 0


def _first_error(log: Path) -> str:
    errors = [line for line in log.read_text(errors="replace").splitlines() if line.startswith("[ERROR]")]
    return errors[0].removeprefix("[ERROR] ") if errors else "it ended without saying why."


def check_sha256(path: Path, expected: str) -> None:
    """Compare a file with the checksum that was pinned when this version was chosen."""
    with path.open("rb") as handle:
        found = hashlib.file_digest(handle, "sha256").hexdigest()
    if found != expected:
        raise TestBedError(
            f"{path.name} has the SHA-256 {found}, but {expected} was expected: it was damaged or exchanged. "
            "Remove it from Maven's local repository and try again."
        )


def _unpack(archive: Path, folder: Path) -> None:
    with zipfile.ZipFile(archive) as content:
        content.extractall(folder)
        for item in content.infolist():
            if item.external_attr >> 16 & 0o111:  # zipfile drops the execute bits
                (folder / item.filename).chmod(0o755)
    if not (folder / "wlp" / "bin" / "server").is_file():
        shutil.rmtree(folder)
        raise TestBedError(f"{archive.name} holds no wlp/bin/server, so it is no Liberty.")
