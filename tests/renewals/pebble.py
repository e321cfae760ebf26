# SPDX-FileCopyrightText: 2026 The zosconnect.security contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Pebble, the test server for ACME: an authority of its own that finds every challenge answered."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from launcher import wait_for_port
from layout import free_port
from pki import Authority, write_private
from testbed import cache_dir, locked, program, say

VERSION = "v2.7.0"  # later ones offer a challenge that not every community.crypto can read
SECONDS_OF_VALIDITY = 40 * 24 * 3600


def pebble() -> Path:
    """The program, built once into the cache.

    Raises:
        TestBedError: there is no Go.
    """
    folder = cache_dir() / f"pebble-{VERSION}"
    with locked("pebble"):
        if not (folder / "pebble").exists():
            say(f"building pebble {VERSION}")
            go = program("go", remedy="install Go 1.24 or later; Pebble, the test server for ACME, is built with it.")
            source = f"github.com/letsencrypt/pebble/v2/cmd/pebble@{VERSION}"
            subprocess.run([go, "install", source], env=os.environ | {"GOBIN": str(folder)}, check=True)
    return folder / "pebble"


@contextmanager
def acme(folder: Path, authority: Authority) -> Iterator[str]:
    """Serve ACME with a certificate of this authority, until the block ends; yield the address of its directory."""
    identity = authority.issue("localhost", sans=["localhost"], key_type="ec", client=False)
    port = free_port()
    settings = {
        "listenAddress": f"127.0.0.1:{port}",
        "managementListenAddress": f"127.0.0.1:{free_port()}",
        "certificate": str(write_private(folder / "acme.pem", identity.certificate_pem)),
        "privateKey": str(write_private(folder / "acme.key", identity.key_pem())),
        "httpPort": 5002,
        "tlsPort": 5001,
        "keyAlgorithm": "ecdsa",
        "profiles": {"default": {"description": "of a test", "validityPeriod": SECONDS_OF_VALIDITY}},
    }
    (folder / "pebble.json").write_text(json.dumps({"pebble": settings}), encoding="utf-8")
    # By itself it is moody: it refuses some nonces, and takes some of the challenges that were answered before.
    moods = {"PEBBLE_WFE_NONCEREJECT": "0", "PEBBLE_AUTHZREUSE": "0"}
    environment = os.environ | {"PEBBLE_VA_ALWAYS_VALID": "1", "PEBBLE_VA_NOSLEEP": "1"} | moods
    with open(folder / "pebble.log", "wb") as log:
        process = subprocess.Popen(
            [str(pebble()), "-config", str(folder / "pebble.json")], env=environment, stdout=log, stderr=log
        )
        try:
            wait_for_port(port)
            yield f"https://localhost:{port}/dir"
        finally:
            process.kill()
            process.wait()
