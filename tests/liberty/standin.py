# SPDX-FileCopyrightText: 2026 The zosconnect.security contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Builds the stand-in for z/OS Connect: a product extension of Liberty called `zosconnect`. See README.md."""

from __future__ import annotations

import hashlib
import shutil
import subprocess
from pathlib import Path

from testbed import TestBedError, cache_dir, jdk_program, locked, scratch_folder

SOURCES = Path(__file__).parent / "extension"
BUNDLE = "standin.zosconnect_1.0.0.jar"
# Elements of real sites, which only the feature zosconnect:sites-1.0 brings.
SITES = "standin.sites_1.0.0.jar"
API_JARS = (
    "dev/api/ibm/com.ibm.websphere.appserver.api.passwordUtil_1.0*.jar",
    "dev/api/ibm/com.ibm.websphere.appserver.api.ssl_1.*.jar",
    "dev/api/spec/com.ibm.websphere.javaee.servlet.3.1_*.jar",
    "dev/spi/spec/com.ibm.wsspi.org.osgi.core_*.jar",
    "dev/spi/spec/com.ibm.wsspi.org.osgi.service.cm_*.jar",
)


def standin_extension(install: Path) -> Path:
    """The folder to name in WLP_PRODUCT_EXT_DIR: a server started with it knows `zosconnect:` and `zosconnect_`.

    That variable, and not the installation's own etc/extensions, so that two checkouts with different stand-ins can
    share one installation. Built when the sources changed; safe when several processes call it at once.

    Raises:
        TestBedError: no JDK, or the sources do not compile.
    """
    name = f"standin-{_fingerprint()}"
    folder = cache_dir() / name
    if not folder.is_dir():
        with locked(name):
            if not folder.is_dir():
                _build(folder, install)
    return folder / "extensions"


def _fingerprint() -> str:
    """Changes with any source, with this builder and with the place, which the extension's own description names."""
    digest = hashlib.sha256(bytes(cache_dir()))
    for path in [Path(__file__), *sorted(path for path in SOURCES.rglob("*") if path.is_file())]:
        digest.update(path.name.encode() + b"\0" + path.read_bytes())
    return digest.hexdigest()[:16]


def _build(folder: Path, install: Path) -> None:
    with scratch_folder(folder) as scratch:
        built = scratch / "built"
        product = built / "product"
        (product / "lib").mkdir(parents=True)
        shutil.copytree(SOURCES / "features", product / "lib" / "features")
        _make_bundle(product / "lib" / BUNDLE, scratch / "classes", install)
        _make_sites(product / "lib" / SITES)
        # The name of this file is the prefix of the features and of the elements.
        (built / "extensions").mkdir()
        (built / "extensions" / "zosconnect.properties").write_text(
            f"com.ibm.websphere.productId=com.ibm.zosconnect\ncom.ibm.websphere.productInstall={folder / 'product'}\n",
            encoding="ascii",
        )
        built.rename(folder)


def _make_bundle(bundle: Path, classes: Path, install: Path) -> None:
    class_path = ":".join(str(next(install.glob(pattern))) for pattern in API_JARS)
    java_files = [str(path) for path in sorted(SOURCES.rglob("*.java"))]
    target = str(classes / "WEB-INF" / "classes")
    _run(jdk_program("javac"), "--release", "11", "-Xlint:all", "-d", target, "-classpath", class_path, *java_files)
    _run(
        *(jdk_program("jar"), "--create", "--file", str(bundle), "--manifest", str(SOURCES / "bundle.mf")),
        *("-C", str(SOURCES / "resources"), ".", "-C", str(classes), "."),
    )


def _make_sites(bundle: Path) -> None:
    sites = SOURCES / "sites"
    manifest = ("--create", "--file", str(bundle), "--manifest", str(sites / "bundle.mf"))
    _run(jdk_program("jar"), *manifest, "-C", str(sites), "OSGI-INF")


def _run(*command: str) -> None:
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        said = (done.stderr or done.stdout).strip()
        raise TestBedError(f"{Path(command[0]).name} could not build the stand-in: {said}")
