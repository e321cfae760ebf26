# SPDX-FileCopyrightText: 2026 The zosconnect.security contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Write the CycloneDX of the execution environment, extensions/ee/sbom.cdx.json, from its pinned requirements.

python tests/utils/ee_sbom.py

It has no time and no random number, so that the same requirements give the same file.
"""

from __future__ import annotations

import json
import re
import uuid
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
REQUIREMENTS, SBOM = ROOT / "extensions/ee/requirements.txt", ROOT / "extensions/ee/sbom.cdx.json"
NAME = "zosconnect-security-ee"
_PIN = re.compile(r"^([a-z0-9-]+)==(\S+)((?: \\\n    --hash=sha256:[0-9a-f]{64})+)((?:\n +# .*)*)", re.MULTILINE)
_SPACE = uuid.UUID("6ba7b811-9dad-11d1-80b4-00c04fd430c8")  # for names that are addresses


def text(requirements: str) -> str:
    """Return the CycloneDX, as it must be for these requirements."""
    pins = [(name, version, hashes, via) for name, version, hashes, via in _PIN.findall(requirements)]
    purls = {name: f"pkg:pypi/{name}@{version}" for name, version, _hashes, _via in pins}
    bom: dict[str, Any] = {
        "$schema": "http://cyclonedx.org/schema/bom-1.6.schema.json",
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "serialNumber": f"urn:uuid:{uuid.uuid5(_SPACE, requirements)}",
        "version": 1,
        "metadata": {"component": {"type": "container", "name": NAME, "bom-ref": NAME}},
        "components": [
            {"type": "library", "name": name, "version": version, "purl": purls[name], "bom-ref": purls[name]}
            | {"externalReferences": [_files(name, version, hashes)]}
            for name, version, hashes, _via in pins
        ],
        "dependencies": [
            {"ref": ref, "dependsOn": sorted(purls[name] for name, _v, _h, via in pins if parent in _parents(via))}
            for parent, ref in [("-r requirements.in", NAME), *purls.items()]
        ],
    }
    return json.dumps(bom, indent=1) + "\n"


def _files(name: str, version: str, hashes: str) -> dict[str, Any]:
    """Name the files of a release by their checksums: one of them is installed."""
    found = re.findall(r"[0-9a-f]{64}", hashes)
    told = [{"alg": "SHA-256", "content": one} for one in found]
    return {"type": "distribution", "url": f"pkg:pypi/{name}@{version}", "hashes": told}


def _parents(via: str) -> set[str]:
    """Return what pip-compile says that a requirement comes from."""
    return {line.strip().removeprefix("#").strip().removeprefix("via").strip() for line in via.splitlines()} - {""}


if __name__ == "__main__":
    SBOM.write_text(text(REQUIREMENTS.read_text(encoding="utf-8")), encoding="utf-8")
