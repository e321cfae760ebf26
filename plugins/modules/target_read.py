#!/usr/bin/python
# Copyright (c) 2026, The zosconnect.security contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: target_read
short_description: "Internal: reads files on the target"
version_added: 1.0.0
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
  accounts:
    description: Users and groups of which it is told whether this host knows them.
    type: list
    elements: dict
    default: []
    suboptions:
      kind:
        description: What it is called as a file option.
        type: str
        choices: [owner, group]
        required: true
      name:
        description: The name.
        type: str
        required: true
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
      password:
        description: The name in O(secrets) of the store's password, instead of O(stores[].password_file).
        type: str
      java_home:
        description: The directory of the host's Java.
        type: path
      key_password_file:
        description: A file on the target that holds the password of keys that differs from the store's.
        type: path
      key_password:
        description: The name in O(secrets) of that password, instead of O(stores[].key_password_file).
        type: str
      known_sha256:
        description:
          - The checksum that the store had when it was listed before.
          - If it still has it, its own checksum shows that O(stores[].password) opens it, and the host's Java is still
            O(stores[].known_java), no Java is started.
        type: str
      known_java:
        description: The RV(stores[].java) that listed it before.
        type: str
      requests:
        description: Keys whose certificate signing request is wanted, each with alias, subject and extensions.
        type: list
        elements: dict
        default: []
  secrets:
    description: A file on the target that holds secrets by name, as JSON; it is removed when it was read.
    type: path
  follow:
    description: Servers whose files name others, which are brought too; so there is no call for each level of includes.
    type: list
    elements: dict
    default: []
    suboptions:
      server_dir:
        description: The directory of the server.
        type: path
        required: true
      server_xml:
        description: The file to start from, if it is not the server's own.
        type: path
      user_dir:
        description: Liberty's C(wlp.user.dir).
        type: path
      install_dir:
        description: Liberty's C(wlp.install.dir).
        type: path
      output_dir:
        description: Liberty's C(server.output.dir).
        type: path
      neighbours:
        description: Say which servers beside it include a file that it includes from outside of its directory.
        type: bool
        default: false
      stores:
        description: List the key stores in files that its elements name, as far as place and password are seen here.
        type: bool
        default: false
      java_home:
        description: The directory of the host's Java, for O(follow[].stores).
        type: path
  listeners:
    description: Ports to look at, side by side; it takes three seconds at most.
    type: list
    elements: dict
    default: []
    suboptions:
      host:
        description: The host, or V(*) for any address of the target.
        type: str
        required: true
      port:
        description: The port.
        type: int
        required: true
  commands:
    description: Programs to run once, without input.
    type: list
    elements: dict
    default: []
    suboptions:
      name:
        description: What the answer calls it.
        type: str
        required: true
      argv:
        description: The program and its arguments.
        type: list
        elements: str
        required: true
      timeout:
        description: Seconds after which it is ended.
        type: float
        default: 60
  journals:
    description:
      - Directories in which an interrupted M(zosconnect.security.target_apply) may have left its journal.
      - What lies beside a file of O(files) or O(stores) is told then, too.
    type: list
    elements: path
    default: []
  pending:
    description: The directory of a server of which it is told whether it waits for an operator command.
    type: path
  directories:
    description: Directories of which it is told whose they are.
    type: list
    elements: path
    default: []
  connector:
    description:
      - The name in O(secrets) of the options by which a running server is reached.
      - It is asked whether it could be told of changes.
    type: str
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
    java:
      description: What tells the host's Java from another one, and from itself after an upgrade; none without a Java.
      type: str
    requests:
      description: The certificate signing requests (PEM) that were asked for, by alias.
      type: dict
    entries:
      description: Alias, kind and certificates (PEM) of each entry.
      type: list
      elements: dict
    unchanged:
      description: Whether it was not listed, because it is known (O(stores[].known_sha256)) and the password opens it.
      type: bool
followed:
  description:
    - What was brought because of each O(follow), as RV(files) and RV(folders), in the same order.
    - Also C(neighbours), each with its server_dir and the files that it C(includes) too, and C(unseen), sentences about
      what could not be looked at for that.
    - Also C(stores), as RV(stores), for O(follow[].stores).
  type: list
  elements: dict
  returned: success
listeners:
  description: Each host and port, with the address that answers, or nothing.
  type: list
  elements: dict
  returned: success
commands:
  description: The name of each program, with its state, rc, stdout, stderr, and a message where it did not end well.
  type: list
  elements: dict
  returned: success
journals:
  description: For each directory what an interrupted run left there, with state, phase, files and a message.
  type: list
  elements: dict
  returned: success
pending:
  description:
    - What an earlier M(zosconnect.security.target_apply) noted for the server (path, state, kinds, log, message).
    - The state is V(none), V(pending), V(done) for a note that has nothing to say any more, or V(refused).
  type: dict
  returned: success
time:
  description: The time on the target, in seconds since 1970.
  type: float
  returned: success
accounts:
  description: Each of O(accounts), with C(is_known).
  type: list
  elements: dict
  returned: success
directories:
  description: Path, state, owner, group and mode of each directory.
  type: list
  elements: dict
  returned: success
connector:
  description: Whether the running server could be told of changes (state, message).
  type: dict
  returned: success
jvm_starts:
  description: How often a Java was started, which is what reading a store costs.
  type: int
  returned: success
"""

import base64
import contextlib
import os
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from ansible.module_utils.basic import AnsibleModule

from ansible_collections.zosconnect.security.plugins.module_utils import (
    leftovers,
    reading,
    returned,
    sent_secrets,
    stores,
)
from ansible_collections.zosconnect.security.plugins.module_utils.locks import PlaceError

# Bytes that one call may still bring.
LEFT = [reading.LARGEST]
# Java's starts take a processor each; so many at once.
AT_ONCE = 2
NO_STORE: dict[str, Any] = {
    "attributes": {},
    "key_password": None,
    "requests": [],
    "known_sha256": None,
    "known_java": None,
}

Json = dict[str, Any]


def namers(module: AnsibleModule, item: Json, more: tuple[str, ...] = ()) -> frozenset[int]:
    return reading.namers(item["server_dir"], (*module.params["known_files"], *more))


def describe(module: AnsibleModule, item: Json, more: tuple[str, ...] = ()) -> tuple[Json, bytes | None]:
    answer = reading.describe(item["path"], namers(module, item, more))
    data, status = answer.pop("data", None), answer.pop("status", None)
    if data is not None and item.get("backup_of"):
        answer.update(refusal(item))
    if data is not None and item["attributes"]:
        from ansible_collections.zosconnect.security.plugins.module_utils import looks, placing

        options = looks.FileOptions(module, item["attributes"])
        answer["attributes_differ"] = options.differ(answer["real_path"], placing.Look.of(status))
    return answer, data


def refusal(item: Json) -> Json:
    """Return what is wrong with a backup, as part of an answer; nothing if it can be restored."""
    from ansible_collections.zosconnect.security.plugins.module_utils import placing

    try:
        placing.read_backup(item["backup_of"], item["path"], item["checksum"])
    except PlaceError as e:
        return {"state": "refused", "message": str(e)}
    return {}


class Reader:
    """Reads what is asked for, and remembers the bytes of each server's files for who follows them."""

    def __init__(self, module: AnsibleModule) -> None:
        self.module = module
        self.content: dict[str, dict[str, bytes]] = {}
        self.listed: dict[str, set[str]] = {}
        # What is to be listed of the stores that a server's files name, and the files that name them.
        self.stores: list[tuple[Json, sent_secrets.Secrets, tuple[str, ...]]] = []

    def file(self, item: Json, more: tuple[str, ...] = ()) -> Json:
        answer, data = describe(self.module, item, more)
        if data is not None and item.get("pem"):
            answer.update(stores.pem_parts(data))
        elif data is not None and item["content"]:
            answer.update(brought(item["path"], data))
            if item["server_dir"]:
                self.content.setdefault(item["server_dir"], {})[os.path.normpath(item["path"])] = data
        return answer

    def folder(self, item: Json, more: tuple[str, ...] = ()) -> Json:
        suffixes, named_by = tuple(item["suffixes"]), namers(self.module, item, more)
        answer = reading.describe_folder(item["path"], suffixes=suffixes, depth=item["depth"], named_by=named_by)
        if item["server_dir"]:
            self.listed.setdefault(item["server_dir"], set()).add(os.path.normpath(item["path"]))
        own = {"attributes": {}, "content": True, "server_dir": item["server_dir"]}
        return {**answer, "files": [self.file({**own, "path": path}, more) for path in answer.pop("wanted")]}

    def follow(self, asked: Json) -> Json:
        """Return what the files of a server name; whoever owns one of them counts, as in a further call."""
        server = asked["server_dir"]
        content = self.content.setdefault(server, {})

        def file(path: str, known: tuple[str, ...]) -> Json:
            return self.file({"server_dir": server, "attributes": {}, "content": True, "path": path}, known)

        def folder(path: str, suffixes: list[str], known: tuple[str, ...]) -> Json:
            return self.folder({"server_dir": server, "path": path, "suffixes": suffixes, "depth": 0}, known)

        from ansible_collections.zosconnect.security.plugins.module_utils.following import Follower

        follower = Follower(asked, content, self.listed.get(server, ()), file, folder)
        answer = follower.follow()
        answer["stores"] = []
        for path, password in follower.stores().items() if asked["stores"] else ():
            item = {"path": path, "password": path, "server_dir": server, "java_home": asked["java_home"]}
            answer["stores"].append(path)
            self.stores.append(({**NO_STORE, **item}, sent_secrets.Secrets({path: password}), tuple(sorted(content))))
        items = [*answer["files"], *(item for each in answer["folders"] for item in each["files"])]
        outside = [item["path"] for item in items if item["state"] == "file" and not in_folder(item["path"], server)]
        return {**answer, **neighbours(asked, outside)}


def in_folder(path: str, folder: str) -> bool:
    return os.path.normpath(path).startswith(f"{os.path.normpath(folder)}/")


def neighbours(asked: Json, outside: list[str]) -> Json:
    """Return which servers include these files of a server too; without such files nobody looks."""
    if not outside or not asked["neighbours"]:
        return {"neighbours": [], "unseen": []}
    from ansible_collections.zosconnect.security.plugins.module_utils.neighbours import Search

    server, shared = os.path.normpath(asked["server_dir"]), list(dict.fromkeys(map(os.path.normpath, outside)))
    search = Search(server, asked["user_dir"], asked["install_dir"], shared)
    return {"neighbours": search.found(), "unseen": search.unseen}


def brought(path: str, data: bytes) -> Json:
    """Return the content for an answer; of too much in one call, the sentence that says so."""
    LEFT[0] -= len(data)
    if LEFT[0] < 0:
        most = f"more than {reading.LARGEST} bytes have been read with it"
        return {"state": "large", "message": f"{path}: is not read, because {most}; take files away."}
    return {"content": base64.b64encode(data).decode("ascii")}


def read_stores(module: AnsibleModule, items: list[tuple[Json, sent_secrets.Secrets, tuple[str, ...]]]) -> list[Json]:
    """List the stores: files are looked at one after the other, Java's starts go side by side."""
    with contextlib.ExitStack() as stack, ThreadPoolExecutor(AT_ONCE) as pool:
        prepared = [prepared_store(module, *item, stack) for item in items]
        listings = pool.map(listed_store, prepared) if len(prepared) > 1 else map(listed_store, prepared)
        return list(listings)


def prepared_store(
    module: AnsibleModule, item: Json, sent: sent_secrets.Secrets, named: tuple[str, ...], stack: contextlib.ExitStack
) -> tuple[Json, stores.Wanted | None]:
    answer, data = describe(module, item, named)
    answer.update(unchanged=False, java=None)
    try:
        if data is not None and answer["sha256"] == item["known_sha256"] and is_known(data, item, sent):
            unread = {"format": None, "encryption": None, "keytool": None, "unseen": False}
            return {**answer, **unread, "unchanged": True, "entries": [], "requests": {}}, None
        folder = stack.enter_context(tempfile.TemporaryDirectory(dir=module.tmpdir))
        passwords = [sent.file(item, option, folder) for option in ("password", "key_password")]
        place = stores.Place(item["path"], passwords[0] or "", item["java_home"], folder, passwords[1])
        wanted = stores.prepare(place, data, item["requests"])
        # Before it is listed, so that of an upgrade meanwhile the next call knows.
        answer["java"] = stores.java_of(wanted.keytool) if wanted.keytool else None
        return answer, wanted
    except stores.StoreError as e:
        answer.update(state="store", message=str(e))
    except OSError as e:
        answer.update(state="store", message=not_looked_at(item["path"], e))
    return answer, None


def is_known(data: bytes, item: Json, sent: sent_secrets.Secrets) -> bool:
    """Say whether a store may stay closed: the password opens it, and the Java that listed it is here, and the same."""
    if not item["known_java"] or not opens(data, item, sent):
        return False
    keytool = stores.find_keytool(item["java_home"], item["path"])
    return keytool is not None and stores.java_of(keytool) == item["known_java"]


def opens(data: bytes, item: Json, sent: sent_secrets.Secrets) -> bool:
    """Say whether the password that was sent surely opens a store; with another one nobody is told what is in it."""
    from ansible_collections.zosconnect.security.plugins.module_utils import store_passwords

    return store_passwords.opens(data, str(sent.value(item["password"]) or ""))


def listed_store(prepared: tuple[Json, stores.Wanted | None]) -> Json:
    answer, wanted = prepared
    try:
        if wanted is not None:
            answer.update(stores.read(wanted))
    except stores.StoreError as e:
        answer.update(state="store", message=str(e))
    except OSError as e:
        answer.update(state="store", message=not_looked_at(answer["path"], e))
    return answer


def not_looked_at(path: str, e: OSError) -> str:
    return f"{path}: the store cannot be looked at: {e.strerror}."


def answers(module: AnsibleModule, sent: sent_secrets.Secrets) -> Json:
    params, reader = module.params, Reader(module)
    found: Json = {
        "files": [reader.file(item) for item in params["files"]],
        "folders": [reader.folder(item) for item in params["folders"]],
    }
    found["followed"] = [reader.follow(asked) for asked in params["follow"]]
    found["directories"] = [reading.describe_directory(path) for path in params["directories"]]
    # Listing stores starts threads, which lent rights would reach too; journals are read when these have ended.
    listed = read_stores(module, [*((item, sent, ()) for item in params["stores"]), *reader.stores])
    found["stores"], named = listed[: len(params["stores"])], iter(listed[len(params["stores"]) :])
    for answer in found["followed"]:
        answer["stores"] = [next(named) for _path in answer["stores"]]
    beside = [item for name in ("files", "stores") for item in found[name]]
    beside += [item for answer in found["followed"] for item in answer["files"]]
    found["journals"] = journals(params["journals"], beside)
    found["pending"] = waiting(params["pending"])
    found["accounts"] = known_accounts(params["accounts"])
    return {**found, "time": time.time(), **around(module, sent), "jvm_starts": len(stores.STARTED)}


# What most calls do not ask for is loaded when it is: on the target all code is compiled in each call.
def journals(directories: list[str], beside: list[Json]) -> list[Json]:
    """Return what lies in these directories, and what lies beside files that were asked for."""
    if not directories:
        return []
    more = dict.fromkeys(os.path.dirname(item["real_path"]) for item in beside)
    found = [journal_of(directory) for directory in more if directory not in directories]
    return [*map(journal_of, directories), *(each for each in found if each["state"] != "none")]


def journal_of(directory: str) -> Json:
    if not leftovers.is_there(leftovers.journal_in(directory)):
        return leftovers.no_journal(directory)
    from ansible_collections.zosconnect.security.plugins.module_utils import journal

    return journal.found(directory)


def known_accounts(asked: list[Json]) -> list[Json]:
    """Return which users and groups the target knows."""
    if not asked:
        return []
    from ansible_collections.zosconnect.security.plugins.module_utils import looks

    return [{**one, "is_known": looks.is_known(one["kind"], one["name"])} for one in asked]


def waiting(server: str | None) -> Json:
    """Return what a server was not told of."""
    if server is None:
        return {"state": "none"}
    if not leftovers.is_there(leftovers.note_in(server)):
        return leftovers.no_note(server)
    from ansible_collections.zosconnect.security.plugins.module_utils import pending

    return pending.found(server)


def around(module: AnsibleModule, sent: sent_secrets.Secrets) -> Json:
    params = module.params
    answer: Json = {"listeners": [], "commands": [], "connector": {"state": "none", "message": ""}}
    if params["connector"]:
        from ansible_collections.zosconnect.security.plugins.module_utils import notifying

        answer["connector"] = notifying.reachable(sent.value(params["connector"]), module.tmpdir)
    if params["listeners"] or params["commands"]:
        from ansible_collections.zosconnect.security.plugins.module_utils import surroundings

        answer["listeners"] = surroundings.listeners(params["listeners"])
        answer["commands"] = [surroundings.command(**asked) for asked in params["commands"]]
    return answer


def argument_spec() -> Json:
    def listing(**options: Any) -> Json:
        return {"type": "list", "elements": "dict", "default": [], "options": options}

    path, text, paths = {"type": "path"}, {"type": "str"}, {"type": "list", "elements": "path", "default": []}
    needed = {"type": "path", "required": True}
    named = {"path": needed, "server_dir": path}
    looked = {**named, "attributes": {"type": "dict", "default": {}}}
    # They are the names of files and of secrets, no secrets.
    password_file, password = {**path, "no_log": False}, {**text, "no_log": False}
    return {
        "accounts": listing(
            kind={"type": "str", "choices": ["owner", "group"], "required": True},
            name={"type": "str", "required": True},
        ),
        "files": listing(
            **looked,
            content={"type": "bool", "default": True},
            pem={"type": "bool", "default": False},
            backup_of=path,
            checksum={"type": "str", "default": ""},
        ),
        "folders": listing(
            **named,
            suffixes={"type": "list", "elements": "str", "default": []},
            depth={"type": "int", "default": 0},
        ),
        "stores": {
            "required_one_of": [("password_file", "password")],
            **listing(
                **looked,
                password_file=password_file,
                password=password,
                key_password_file=password_file,
                key_password=password,
                java_home=path,
                requests={"type": "list", "elements": "dict", "default": []},
                known_sha256=text,
                known_java=text,
            ),
        },
        "known_files": paths,
        "secrets": {"type": "path", "no_log": False},
        "follow": listing(
            server_dir=needed,
            server_xml=path,
            user_dir=path,
            install_dir=path,
            output_dir=path,
            neighbours={"type": "bool", "default": False},
            stores={"type": "bool", "default": False},
            java_home=path,
        ),
        "listeners": listing(host={"type": "str", "required": True}, port={"type": "int", "required": True}),
        "commands": listing(
            name={"type": "str", "required": True},
            argv={"type": "list", "elements": "str", "required": True},
            timeout={"type": "float", "default": 60},
        ),
        "journals": paths,
        "pending": path,
        "directories": paths,
        "connector": text,
    }


def main() -> None:
    module = AnsibleModule(argument_spec=argument_spec(), supports_check_mode=True)
    # Comparing file options is asked of Ansible's own code in its check mode: this module never changes anything.
    module.check_mode = True
    try:
        found = answers(module, sent_secrets.read(module.params["secrets"]))
        module.exit_json(changed=False, **returned.utf8(found))
    except (PlaceError, stores.StoreError) as e:
        module.fail_json(msg=returned.utf8(str(e)))


if __name__ == "__main__":
    main()
