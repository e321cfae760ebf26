# SPDX-FileCopyrightText: 2026 The zosconnect.security contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""The archive for Galaxy: the same bytes twice, what users need and no more, and a signature that can be verified offline."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tarfile
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).parents[2]
PACKAGE = ROOT / "tests" / "utils" / "package.py"
pytestmark = pytest.mark.ansible
# Whatever else lies in the root of the archive is a decision that somebody made.
TOP = {
    "CHANGELOG.md",
    "CODE_OF_CONDUCT.md",
    "CONTRIBUTING.md",
    "COPYING",
    "FILES.json",
    "LICENSES",
    "MANIFEST.json",
    "README.md",
    "changelogs",
    "docs",
    "extensions",
    "meta",
    "playbooks",
    "plugins",
    "roles",
}


def run(*command: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(command, capture_output=True, text=True, env={**os.environ, **environment}, check=False)


@pytest.fixture(scope="module")
def keys(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """Where GnuPG has a key of its own."""
    home = tmp_path_factory.mktemp("gnupg")
    home.chmod(0o700)
    generate = ("gpg", "--batch", "--passphrase", "", "--quick-gen-key", "release@example.com", "ed25519", "sign")
    made = run(*generate, GNUPGHOME=str(home))
    assert made.returncode == 0, made.stderr
    return {"GNUPGHOME": str(home)}


@pytest.fixture(scope="module")
def archive(tmp_path_factory: pytest.TempPathFactory, keys: dict[str, str]) -> Path:
    folder = tmp_path_factory.mktemp("package")
    built = run(sys.executable, str(PACKAGE), str(folder), "release@example.com", **keys)
    assert built.returncode == 0, built.stderr
    return Path(built.stdout.splitlines()[0])


def test_two_builds_are_one(archive: Path, tmp_path: Path) -> None:
    again = run(sys.executable, str(PACKAGE), str(tmp_path))
    assert Path(again.stdout.strip()).read_bytes() == archive.read_bytes()


@pytest.mark.chosen
def test_there_is_what_users_need_and_no_more(archive: Path) -> None:
    with tarfile.open(archive) as packed:
        names = packed.getnames()
    assert {name.partition("/")[0] for name in names} == TOP
    assert not [name for name in names if "molecule" in name or name.startswith("changelogs/fragments")]
    # A page that leads out of the archive would be a dead link on Galaxy; README leads to the project's own pages.
    assert "docs/picture.svg" in names


def installed(archive: Path, folder: Path) -> None:
    install = (
        "ansible-galaxy",
        "collection",
        "install",
        str(archive),
        "-p",
        str(folder),
        "--offline",
        "--no-deps",
        "--force",
    )
    done = run(*install)
    assert done.returncode == 0, done.stderr


def verified(archive: Path, folder: Path, keys: dict[str, str]) -> subprocess.CompletedProcess[str]:
    keyring = folder / "keyring.gpg"
    exported = run("gpg", "--batch", "--yes", "--output", str(keyring), "--export", "release@example.com", **keys)
    assert exported.returncode == 0, exported.stderr
    signature = archive.with_name("MANIFEST.json.asc").as_uri()
    verify = ("ansible-galaxy", "collection", "verify", "zosconnect.security", "-p", str(folder), "--offline")
    return run(*verify, "--keyring", str(keyring), "--signature", signature, **keys)


def test_the_signature_is_verified_offline(archive: Path, tmp_path: Path, keys: dict[str, str]) -> None:
    installed(archive, tmp_path)
    done = verified(archive, tmp_path, keys)
    assert done.returncode == 0, done.stdout + done.stderr


def test_a_manifest_that_somebody_changed_is_refused(archive: Path, tmp_path: Path, keys: dict[str, str]) -> None:
    installed(archive, tmp_path)
    manifest = tmp_path / "ansible_collections" / "zosconnect" / "security" / "MANIFEST.json"
    manifest.write_text(manifest.read_text(encoding="utf-8") + "\n", encoding="utf-8")
    done = verified(archive, tmp_path, keys)
    assert done.returncode != 0
    assert "Signature verification failed for 'zosconnect.security'" in done.stdout + done.stderr


def test_the_archive_says_what_galaxy_shows(archive: Path) -> None:
    with tarfile.open(archive) as packed:
        content = packed.extractfile("MANIFEST.json")
        assert content is not None
        told = json.load(content)["collection_info"]
    galaxy = yaml.safe_load((ROOT / "galaxy.yml").read_text(encoding="utf-8"))
    keys = "namespace name version authors description license tags repository documentation homepage issues readme"
    assert {key: told[key] for key in keys.split()} == {key: galaxy[key] for key in keys.split()}
