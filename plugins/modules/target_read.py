#!/usr/bin/python
# Copyright: (c) 2026, The zosconnect.security contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: target_read
short_description: The hand that reads files on the target
version_added: 0.1.0
author:
  - The zosconnect.security contributors (@zosconnect)
description:
  - Used by the other modules of this collection; there is no need to call it in a playbook.
  - Brings many files in one call, with checksum, mode, owner and z/OS tag.
  - Of a key store it brings what is public, as the host's keytool shows it, and never its bytes.
  - The content of files is part of its result. Callers keep that result out of every log.
attributes:
  check_mode:
    support: full
    description: Reads only, so it does the same in check mode.
  diff_mode:
    support: none
    description: Changes nothing.
options:
  known_files:
    description:
      - Files of a server that were read already, and may name others.
      - Where the server's directory is root's, it counts who owns them.
    type: list
    elements: path
    default: []
  files:
    description: The files to read.
    type: list
    elements: dict
    default: []
    suboptions:
      path:
        description: The file's path.
        type: path
        required: true
      server_dir:
        description:
          - The directory of the server whose configuration names it.
          - Root reads of it what the owner of that directory may read, and no more.
        type: path
      attributes:
        description: File options (mode, owner, group and so on) that the file is to be compared with.
        type: dict
        default: {}
      content:
        description: Bring the content too. Without it only checksum and status are told.
        type: bool
        default: true
      backup_of:
        description: The file of which O(files[].path) is said to be a backup; anything else is refused.
        type: path
      checksum:
        description: The sha256 of what was saved in the backup.
        type: str
        default: ""
      pem:
        description: Bring no content but the certificates of a PEM file, and whether a private key is in it.
        type: bool
        default: false
  folders:
    description: Directories to read.
    type: list
    elements: dict
    default: []
    suboptions:
      path:
        description: The directory's path.
        type: path
        required: true
      server_dir:
        description:
          - The directory of the server whose configuration names it.
          - Root reads of it what the owner of that directory may read, and no more.
        type: path
      suffixes:
        description: The ends (in lower case) of the names of files whose content is wanted. An empty text means all.
        type: list
        elements: str
        default: []
      depth:
        description: How many levels of sub-directories to read.
        type: int
        default: 0
  stores:
    description: The key stores to read.
    type: list
    elements: dict
    default: []
    suboptions:
      path:
        description: The store's path.
        type: path
        required: true
      server_dir:
        description:
          - The directory of the server whose configuration names it.
          - Root reads of it what the owner of that directory may read, and no more.
        type: path
      attributes:
        description: File options (mode, owner, group and so on) that the file is to be compared with.
        type: dict
        default: {}
      password_file:
        description: A file on the target that holds the store's password.
        type: path
        required: true
      java_home:
        description: The directory of the host's Java.
        type: path
      key_password_file:
        description: A file on the target that holds the password of keys that differs from the store's.
        type: path
      requests:
        description: Keys whose certificate signing request is wanted, each with alias, subject and extensions.
        type: list
        elements: dict
        default: []
"""

EXAMPLES = r"""
- name: Read one file
  zosconnect.security.target_read:
    files:
      - path: /var/zosconnect/servers/zceesrv1/server.xml
  no_log: true
"""

RETURN = r"""
files:
  description: One entry for each file asked for, in the same order.
  type: list
  elements: dict
  returned: success
  contains:
    path:
      description: The path asked for.
      type: str
    real_path:
      description: The path with symbolic links followed.
      type: str
    state:
      description: V(file), V(absent), or what hinders reading.
      type: str
    message:
      description: A sentence where O(files) could not be read.
      type: str
    content:
      description: The bytes, in Base64.
      type: str
    certificates:
      description: The certificates (PEM) of a file asked for as O(files[].pem).
      type: list
      elements: str
    has_key:
      description: Whether there is a private key in it.
      type: bool
    sha256:
      description: Their checksum.
      type: str
    mode:
      description: Permission bits, four octal digits.
      type: str
    tag:
      description: The z/OS file tag.
      type: str
    attributes_differ:
      description: Whether the file options asked for differ from what the file has.
      type: bool
    obstacle:
      description: A sentence where the file cannot be replaced.
      type: str
    is_led:
      description: Whether root, if it writes, is led there by somebody else, and acts with that user's rights.
      type: bool
    hard_links:
      description: How many names the file has.
      type: int
folders:
  description: One entry for each directory asked for, in the same order.
  type: list
  elements: dict
  returned: success
  contains:
    path:
      description: The path asked for.
      type: str
    state:
      description: V(directory), V(absent), or what hinders reading.
      type: str
    message:
      description: A sentence where it could not be read.
      type: str
    names:
      description: The files in it, relative to it.
      type: list
      elements: str
    files:
      description: The files whose content was wanted, with the keys of RV(files).
      type: list
      elements: dict
stores:
  description: One entry for each store asked for, in the same order; it has the keys of RV(files) but for the content.
  type: list
  elements: dict
  returned: success
  contains:
    format:
      description: V(PKCS12), V(JKS), V(JCEKS), or nothing for a file that is no key store.
      type: str
    keytool:
      description: The keytool found on the host, or nothing.
      type: str
    unseen:
      description: Whether the store seems to hold more than Java shows.
      type: bool
    encryption:
      description: How a PKCS12 store is encrypted, V(modern) or V(java8), or nothing where it does not tell.
      type: str
    requests:
      description: The certificate signing requests (PEM) that were asked for, by alias.
      type: dict
    entries:
      description: Alias, kind and certificates (PEM) of each entry.
      type: list
      elements: dict
"""

import base64
import tempfile

from ansible.module_utils.basic import AnsibleModule

from ansible_collections.zosconnect.security.plugins.module_utils import looks, placing, reading, stores

# Bytes that one call may still bring.
LEFT = [reading.LARGEST]


def namers(module: AnsibleModule, item: dict) -> frozenset:
    return reading.namers(item["server_dir"], tuple(module.params["known_files"]))


def describe(module: AnsibleModule, item: dict) -> tuple:
    answer = reading.describe(item["path"], namers(module, item))
    data, status = answer.pop("data", None), answer.pop("status", None)
    if data is not None and item.get("backup_of"):
        answer.update(refusal(item))
    if data is not None and item["attributes"]:
        options = looks.Options(module, item["attributes"])
        answer["attributes_differ"] = options.differ(answer["real_path"], placing.Look.of(status))
    return answer, data


def refusal(item: dict) -> dict:
    """Return what is wrong with a backup, as part of an answer; nothing if it can be restored."""
    try:
        placing.read_backup(item["backup_of"], item["path"], item["checksum"])
    except placing.PlaceError as e:
        return {"state": "refused", "message": str(e)}
    return {}


def read(module: AnsibleModule, item: dict) -> dict:
    answer, data = describe(module, item)
    if data is not None and item.get("pem"):
        answer.update(stores.pem_parts(data))
    elif data is not None and item["content"]:
        answer.update(brought(item["path"], data))
    return answer


def brought(path: str, data: bytes) -> dict:
    """Return the content for an answer; of too much in one call, the sentence that says so."""
    LEFT[0] -= len(data)
    if LEFT[0] < 0:
        most = f"more than {reading.LARGEST} bytes have been read with it"
        return {"state": "large", "message": f"{path}: is not read, because {most}; take files away."}
    return {"content": base64.b64encode(data).decode("ascii")}


def read_folder(module: AnsibleModule, item: dict) -> dict:
    suffixes, named_by = tuple(item["suffixes"]), namers(module, item)
    answer = reading.describe_folder(item["path"], suffixes=suffixes, depth=item["depth"], named_by=named_by)
    own = {"attributes": {}, "content": True, "server_dir": item["server_dir"]}
    return {**answer, "files": [read(module, {**own, "path": path}) for path in answer.pop("wanted")]}


def read_store(module: AnsibleModule, item: dict) -> dict:
    answer, data = describe(module, item)
    try:
        with tempfile.TemporaryDirectory(dir=module.tmpdir) as folder:
            place = stores.Place(
                item["path"], item["password_file"], item["java_home"], folder, item["key_password_file"]
            )
            answer.update(stores.read(place, data, item["requests"]))
    except stores.StoreError as e:
        answer.update(state="store", message=str(e))
    except OSError as e:
        answer.update(state="store", message=f"{item['path']}: the store cannot be looked at: {e.strerror}.")
    return answer


def main() -> None:
    named = {"path": {"type": "path", "required": True}, "server_dir": {"type": "path"}}
    spec = {**named, "attributes": {"type": "dict", "default": {}}}
    file_spec = {
        **spec,
        "content": {"type": "bool", "default": True},
        "pem": {"type": "bool", "default": False},
        "backup_of": {"type": "path"},
        "checksum": {"type": "str", "default": ""},
    }
    folder_spec = {
        **named,
        "suffixes": {"type": "list", "elements": "str", "default": []},
        "depth": {"type": "int", "default": 0},
    }
    # It is the name of a file, no secret.
    password_file = {"type": "path", "required": True, "no_log": False}
    store_spec = {
        **spec,
        "password_file": password_file,
        "key_password_file": {**password_file, "required": False},
        "java_home": {"type": "path"},
        "requests": {"type": "list", "elements": "dict", "default": []},
    }
    module = AnsibleModule(
        argument_spec={
            "files": {"type": "list", "elements": "dict", "default": [], "options": file_spec},
            "folders": {"type": "list", "elements": "dict", "default": [], "options": folder_spec},
            "stores": {"type": "list", "elements": "dict", "default": [], "options": store_spec},
            "known_files": {"type": "list", "elements": "path", "default": []},
        },
        supports_check_mode=True,
    )
    # Comparing file options is asked of Ansible's own code in its check mode: this hand never changes anything.
    module.check_mode = True
    try:
        module.exit_json(
            changed=False,
            files=[read(module, item) for item in module.params["files"]],
            folders=[read_folder(module, item) for item in module.params["folders"]],
            stores=[read_store(module, item) for item in module.params["stores"]],
        )
    except placing.PlaceError as e:
        module.fail_json(msg=str(e))


if __name__ == "__main__":
    main()
