# SPDX-FileCopyrightText: 2026 The zosconnect.security contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Behaves like chtag of z/OS UNIX (Command Reference, chtag), as far as the target modules use it.

Tags belong to the file, not to its name, so they are kept by inode, in the file that FAKE_TAGS names.
"""

from __future__ import annotations

import json
import os
import sys

tags_file = os.environ["FAKE_TAGS"]
*options, path = sys.argv[1:]
inode = str(os.stat(path).st_ino)
with open(tags_file) as stream:
    tags = json.load(stream)
if options == ["-p"]:
    kind, charset = tags.get(inode, ["-", "untagged"])
    print(f"{kind} {charset:<11} T={'on' if kind == 't' else 'off'}  {path}")
    sys.exit(0)
if options == ["-r"]:
    tags.pop(inode, None)
elif options == ["-b"]:
    tags[inode] = ["b", "binary"]
elif options[0] in ("-t", "-m") and options[1] == "-c" and len(options) == 3:
    tags[inode] = [options[0][1], options[2]]
else:
    sys.exit("usage: chtag")
with open(tags_file, "w") as stream:
    json.dump(tags, stream)
