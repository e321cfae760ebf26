#!/usr/bin/python
# Copyright (c) 2026, The zosconnect.security contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: target_place
short_description: "Internal: places a file on the target"
version_added: 1.0.0
author:
  - The zosconnect.security contributors (@zosconnect)
description:
  - Used by the other modules of this collection; there is no need to call it in a playbook.
  - Replaces a file whole or not at all, and only while it still is what was read.
extends_documentation_fragment:
  - ansible.builtin.files
attributes:
  check_mode:
    support: none
    description: Its callers do not call it in check mode.
  diff_mode:
    support: none
    description: Its callers show the difference.
options:
  path:
    description: The file to replace.
    type: path
    required: true
  real_path:
    description: Where O(path) led when it was read.
    type: str
  server_dir:
    description:
      - The directory of the server whose configuration names O(path).
      - Root changes then what the owner of that directory could replace, and no more.
    type: path
  src:
    description:
      - A file in the task's own temporary directory that holds the new content.
      - Without it, and without O(restore), only the file options are applied.
    type: path
  restore:
    description: A backup that holds the new content.
    type: dict
    suboptions:
      path:
        description: The backup's path.
        type: path
        required: true
      checksum:
        description: The sha256 of what was saved in it.
        type: str
        required: true
  remove:
    description: Remove the file, if it is the one that O(expected) says, instead of replacing it.
    type: bool
    default: false
  expected:
    description: The sha256 of what was read. Empty when no file may be there.
    type: str
    default: ""
  judged:
    description: Other files that must not have changed either, because the change was judged by them.
    type: list
    elements: dict
    default: []
    suboptions:
      path:
        description: The file's path.
        type: path
        required: true
      expected:
        description: The sha256 of what was read.
        type: str
        required: true
  new_mode:
    description: The permission bits of a file that did not exist.
    type: str
    default: "0600"
  backup:
    description: Keep a copy of the old file.
    type: bool
    default: false
  validate:
    description: A command that must accept the new file, named by C(%s).
    type: str
  pending:
    description:
      - What is noted for a server that nobody told of the file (its C(directory), C(log), how it is C(told), and the
        file's path with its kind in C(kinds)), as M(zosconnect.security.target_apply) does.
    type: dict
  store:
    description:
      - The file is a key store, and O(src), where given, is a PKCS12 file with the entries that come.
      - The host's keytool makes the new store in a private copy and must then list what is intended.
    type: dict
    suboptions:
      password_file:
        description: A file on the target that holds the store's password and that of O(src).
        type: path
        required: true
      java_home:
        description: The directory of the host's Java.
        type: path
      on_top:
        description: Whether the new store is made from the present one, rather than from O(src) alone.
        type: bool
        default: false
      key_password_file:
        description: A file on the target that holds the password of keys that differs from the store's.
        type: path
      kind:
        description: The format of the new store.
        type: str
        default: PKCS12
      encryption:
        description: How a PKCS12 store is encrypted.
        type: str
      convert:
        description: Whether the present store has another format or encryption.
        type: bool
        default: false
      certify:
        description: New chains for keys that stay, each with its alias and the certificates (PEM) as chain.
        type: list
        elements: dict
        default: []
      generate:
        description: Keys that are made on the target, each with alias, algorithm, size, subject, extensions and days.
        type: list
        elements: dict
        default: []
      remove:
        description: Aliases that are removed before others come.
        type: list
        elements: str
        default: []
      intended:
        description:
          - What Java must see in the end.
          - Each entry has its alias, its kind, and as chain the SHA-256 of its certificates.
        type: list
        elements: dict
        default: []
"""

EXAMPLES = r"""
- name: Place a file that is on the target already
  zosconnect.security.target_place:
    path: /var/zosconnect/servers/zceesrv1/server.xml
    src: /tmp/new.xml
    expected: 9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08
"""

RETURN = r"""
sha256:
  description: The checksum of the file as it is now.
  type: str
  returned: when O(src) or O(store) was given
backup_file:
  description: The copy of the old file.
  type: str
  returned: when O(backup) was asked for and there was an old file
requests:
  description: The certificate signing requests (PEM) of keys that were made, by alias.
  type: dict
  returned: when O(store) was given
pending:
  description: Why it could not be noted that the server was not told of the file, or an empty text.
  type: str
  returned: when O(pending) was given
unsafe:
  description: Whether the file was written in place because it could not be renamed over.
  type: bool
  returned: when O(src) or O(store) was given
"""

import tempfile
from typing import Any

from ansible.module_utils.basic import AnsibleModule

from ansible_collections.zosconnect.security.plugins.module_utils import (
    looks,
    merging,
    placing,
    reading,
    returned,
    stores,
)
from ansible_collections.zosconnect.security.plugins.module_utils.locks import PlaceError

RESTORE_SPEC = {"path": {"type": "path", "required": True}, "checksum": {"type": "str", "required": True}}
STORE_SPEC = {
    "password_file": {"type": "path", "required": True, "no_log": False},
    "key_password_file": {"type": "path", "no_log": False},
    "java_home": {"type": "path"},
    "on_top": {"type": "bool", "default": False},
    "remove": {"type": "list", "elements": "str", "default": []},
    "intended": {"type": "list", "elements": "dict", "default": []},
    "certify": {"type": "list", "elements": "dict", "default": []},
    "generate": {"type": "list", "elements": "dict", "default": []},
    "kind": {"type": "str", "default": "PKCS12"},
    "encryption": {"type": "str"},
    "convert": {"type": "bool", "default": False},
}
_STEPS = ("remove", "intended", "certify", "generate", "kind", "encryption", "convert")


def made_store(module: AnsibleModule, pack: bytes | None) -> merging.Made:
    params, store = module.params, module.params["store"]
    with tempfile.TemporaryDirectory(dir=module.tmpdir) as folder:
        place = stores.Place(
            params["path"], store["password_file"], store["java_home"], folder, store["key_password_file"]
        )
        base = merging.unchanged(params["path"], params["expected"]) if store["on_top"] else None
        return merging.merge(place, merging.Merge(base, pack, **{step: store[step] for step in _STEPS}))


def refused(path: str, e: OSError) -> stores.StoreError:
    return stores.StoreError(f"{path}: the new store cannot be made: {e.strerror}; nothing was changed.")


def content(module: AnsibleModule) -> tuple[bytes | None, dict[str, object]]:
    """Return the new bytes, and for a key store what else goes into the result."""
    src, restore = module.params["src"], module.params["restore"]
    if restore:
        return placing.read_backup(module.params["path"], restore["path"], restore["checksum"]), {}
    data = reading.read_private(src) if src else None
    if not module.params["store"]:
        return data, {}
    try:
        made = made_store(module, data)
    except OSError as e:
        raise refused(module.params["path"], e) from e
    return made.data, {"requests": made.requests}


def place(module: AnsibleModule) -> dict[str, object]:
    params = module.params
    options = looks.FileOptions(module, params)
    data, more = content(module)
    order = placing.Order(
        path=params["path"],
        real_path=params["real_path"],
        data=data or b"",
        expected=params["expected"] or None,
        look=options.look,
        prepare=options.prepare,
        backup=params["backup"],
        validate=params["validate"],
        unsafe_writes=params["unsafe_writes"],
        new_mode=int(params["new_mode"], 8),
        named_by=reading.namers(params["server_dir"]),
        judged=tuple((other["path"], other["expected"]) for other in params["judged"]),
    )
    if params["remove"]:
        return placing.remove(order)
    if data is None:
        placing.change_look(order)
        return {}
    placed = {**placing.place(order), **more}
    if params["pending"]:
        placed["pending"] = noted(order, params["pending"])
    return placed


def noted(order: placing.Order, asked: dict[str, Any]) -> str:
    """Note that the server was not told of a file; say why that was not possible."""
    # Most calls do not need it, and on the target all code is compiled in each call.
    from ansible_collections.zosconnect.security.plugins.module_utils import pending

    (kind,) = asked["kinds"].values()
    changed = pending.Changed(order.path, kind, order.expected)
    return pending.note(asked, [changed] if reading.sha256(order.data) != order.expected else [])


def main() -> None:
    module = AnsibleModule(
        argument_spec={
            "path": {"type": "path", "required": True},
            "real_path": {"type": "str"},
            "server_dir": {"type": "path"},
            "src": {"type": "path"},
            "restore": {"type": "dict", "options": RESTORE_SPEC},
            "remove": {"type": "bool", "default": False},
            "expected": {"type": "str", "default": ""},
            "judged": {
                "type": "list",
                "elements": "dict",
                "default": [],
                "options": {
                    "path": {"type": "path", "required": True},
                    "expected": {"type": "str", "required": True},
                },
            },
            "new_mode": {"type": "str", "default": "0600"},
            "backup": {"type": "bool", "default": False},
            "validate": {"type": "str"},
            "pending": {"type": "dict"},
            "store": {"type": "dict", "options": STORE_SPEC},
        },
        add_file_common_args=True,
    )
    try:
        module.exit_json(changed=True, **returned.utf8(place(module)))
    except (PlaceError, reading.ReadError, stores.StoreError) as e:
        module.fail_json(msg=returned.utf8(str(e)))


if __name__ == "__main__":
    main()
