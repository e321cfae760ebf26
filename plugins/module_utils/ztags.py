# SPDX-FileCopyrightText: 2026 The zosconnect.security contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""z/OS UNIX file tags. PRIVATE to this collection. Standard library only, Python 3.9.

A tag is the text that ``chtag -p`` prints before the path, for example ``t IBM-1047 T=on``: the kind (``t`` text,
``m`` mixed, ``b`` binary, ``-`` untagged), the coded character set, and whether the file is converted automatically.
Source: IBM z/OS UNIX System Services Command Reference, chtag. Everywhere else files have no tag.
"""

from __future__ import annotations

import errno
import os
import struct
import subprocess

# fcntl request and command of z/OS (BPXYFCTL): the bytes are wanted as they are, whatever _BPXK_AUTOCVT says.
F_CONTROL_CVT = 13
SETCVTOFF = 0


def on_zos() -> bool:
    """Say whether this is z/OS UNIX."""
    return os.uname().sysname in ("OS/390", "z/OS")


def no_conversion(fd: int) -> None:
    """Switch off automatic conversion for one open file."""
    if on_zos():
        import fcntl

        fcntl.fcntl(fd, F_CONTROL_CVT, struct.pack("ihh", SETCVTOFF, 0, 0))


def read(path: str) -> str | None:
    """Return the tag of ``path``, for example ``t IBM-1047 T=on``; None where there are no tags."""
    if not on_zos():
        return None
    return " ".join(_chtag("-p", path).split()[:3])


def write(path: str, tag: str | None) -> None:
    """Give ``path`` the tag that ``read`` returned for another file."""
    if tag is None or not on_zos():
        return
    kind, charset, converts = tag.split()
    if charset in ("untagged", "binary"):
        options = ["-b"] if kind == "b" else ["-r"]
    else:
        options = ["-t" if converts == "T=on" else "-m", "-c", charset]
    _chtag(*options, path)


def _chtag(*arguments: str) -> str:
    # Helpers know no AnsibleModule, and so no run_command.
    done = subprocess.run(  # pylint: disable=ansible-bad-function
        ["chtag", *arguments], check=False, capture_output=True, text=True
    )
    if done.returncode != 0:
        raise OSError(errno.EIO, f"chtag ended with return code {done.returncode}")
    return done.stdout
