# SPDX-FileCopyrightText: 2026 The zosconnect.security contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""What pages show is so: each block of YAML is read and judged, each command is taken by the program that it names."""

from __future__ import annotations

import functools
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from ansible.cli.doc import DocCLI
from ansible.cli.galaxy import GalaxyCLI
from ansible.cli.playbook import PlaybookCLI

sys.path.insert(0, str(Path(__file__).parents[1] / "utils"))
import doc_blocks
import interface

from ansible_collections.zosconnect.security.plugins.filter.connection_plan import connection_plan
from ansible_collections.zosconnect.security.plugins.plugin_utils import variables
from ansible_collections.zosconnect.security.plugins.plugin_utils.connections import declaration, endpoint

ROOT = doc_blocks.ROOT
BLOCKS = doc_blocks.all_blocks()
YAML = [block for block in BLOCKS if block.language in ("yaml", "yml")]
COMMANDS = [block for block in BLOCKS if any(line.startswith("$ ") for line in block.text.splitlines())]
COLLECTION = "zosconnect.security."
# Programs of others that a page may show; what they are given is not looked at.
OTHERS = {
    "cat",
    "cd",
    "chtag",
    "cp",
    "export",
    "git",
    "gpg",
    "keytool",
    "ls",
    "mkdir",
    "openssl",
    "pasearch",
    "sed",
    "vi",
}
OTHERS |= {
    "ansible",
    "ansible-builder",
    "ansible-navigator",
    "ansible-rulebook",
    "awx",
    "curl",
    "echo",
    "podman",
    "python3",
}
OTHERS |= {"ansible-vault", "mv", "tsocmd", "netstat", "onetstat", "zowe", "diff", "grep", "pip", "chmod", "tail"}


# Groups of the inventory, not variables.
GROUPS = {"zosconnect_servers"}


class Loader(yaml.SafeLoader):
    """Takes Ansible's tags."""


for tag in ("!vault", "!unsafe"):
    Loader.add_constructor(tag, lambda loader, node: loader.construct_scalar(node))


def read(block: doc_blocks.Block) -> Any:
    # A block may show a part of a file, after three dots.
    return yaml.load(re.sub(r"^ *(- )?\.\.\.$", "", block.text, flags=re.MULTILINE), Loader)


def nodes(node: Any) -> Iterator[dict[str, Any]]:
    """Yield every mapping in a value."""
    if isinstance(node, dict):
        yield node
    for each in node.values() if isinstance(node, dict) else node if isinstance(node, list) else ():
        yield from nodes(each)


@functools.cache
def roles() -> dict[str, frozenset[str]]:
    return {name: frozenset(options) for name, options in interface._roles().items()}


@functools.cache
def names() -> frozenset[str]:
    """All that may stand behind the name of the collection."""
    playbooks = {path.stem for path in ROOT.glob("playbooks/*.yml")}
    return frozenset(
        {*interface.documented("module"), *interface.documented("filter"), *playbooks, *roles(), "security"}
    )


def complaints(block: doc_blocks.Block) -> Iterator[str]:
    for name in re.findall(r"\bzosconnect\.security\.(\w+)", block.text):
        if name not in names():
            yield f"zosconnect.security.{name} is not there"
    if block.language in ("yaml", "yml"):
        for node in nodes(read(block)):
            yield from variables.misspelt(set(map(str, node)) - GROUPS, roles())
            yield from task(node)
            yield from declared(node)


def task(node: dict[str, Any]) -> Iterator[str]:
    """Yield what is wrong with the options of a module, and with the name of a role."""
    for key, given in node.items():
        module = interface.documented("module").get(str(key).removeprefix(COLLECTION))
        if not (str(key).startswith(COLLECTION) and module and isinstance(given, dict)):
            continue
        options = module["doc"].get("options") or {}
        taken = {name for own, option in options.items() for name in (own, *option.get("aliases", ()))}
        yield from (f"{key} has no option {name}" for name in given if name not in taken)
        for name, value in given.items():
            choices = options.get(name, {}).get("choices")
            if choices and isinstance(value, str) and "{{" not in value and value not in choices:
                yield f"{key}: {name} cannot be {value}"


def declared(node: dict[str, Any]) -> Iterator[str]:
    """Yield what the engine says to a declaration."""
    for key in ("zosconnect_connections", "connections_declared", "connections"):
        for given in node.get(key) or () if isinstance(node.get(key), list) else ():
            if not isinstance(given, dict) or not {"port", "endpoint"} & set(given):
                continue
            try:
                one = endpoint.endpoint if endpoint.is_endpoint(given) else declaration.connection
                version = str(given.get("zosconnect_version") or ("3.0" if "web_applications" in given else "2.0"))
                one(given, version=version, server_dir="/var/zosconnect/servers/zceesrv1", ends=True)
            except Exception as e:
                yield str(e)


@pytest.mark.parametrize("block", YAML, ids=[block.name for block in YAML])
def test_yaml_is_read_and_judged(block: doc_blocks.Block) -> None:
    assert [*complaints(block)] == []


def words(command: list[str]) -> Iterator[str]:
    """Yield what is wrong with a command."""
    program, *arguments = command[0].rpartition("/")[2], *command[1:]
    known = {"ansible-playbook": PlaybookCLI, "ansible-galaxy": GalaxyCLI, "ansible-doc": DocCLI}
    if program in known:
        cli = known[program]([program, *arguments])
        cli.init_parser()
        try:
            options = cli.parser.parse_args(arguments)
        except SystemExit:
            yield f"{program} does not take these arguments"
            return
        if program == "ansible-playbook":
            yield from playbook(options)
        if program == "ansible-doc":
            kind = interface.documented("filter" if options.type == "filter" else "module")
            yield from (f"{one} is not there" for one in options.args if one.removeprefix(COLLECTION) not in kind)
    elif program == "make":
        targets = re.findall(r"^([\w-]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE)
        yield from (f"make {one} is not there" for one in arguments if "=" not in one and one not in targets)
    elif program == "python":
        yield from () if (ROOT / arguments[0]).exists() else (f"{arguments[0]} is not there",)
    elif program not in OTHERS:
        yield f"{program}: nobody knows whether this is taken; say so in test_docs.py"


def playbook(options: Any) -> Iterator[str]:
    """Yield what is wrong with a call of a playbook: its name, and variables that no playbook or role has."""
    for name in options.args:
        if name.startswith(COLLECTION) and not (ROOT / "playbooks" / f"{name.removeprefix(COLLECTION)}.yml").exists():
            yield f"{name} is not there"
    said = [one for one in options.extra_vars or () if not one.startswith("@")]
    given = {pair.partition("=")[0] for one in said for pair in ([one] if "{" in one else one.split())}
    yield from variables.misspelt(given, roles())


@pytest.mark.parametrize("block", COMMANDS, ids=[block.name for block in COMMANDS])
def test_commands_are_taken(block: doc_blocks.Block) -> None:
    wrong = [f"{' '.join(command)}: {one}" for command in block.commands() for one in words(command)]
    assert wrong == []


GUIDES = [block for block in YAML if block.page.startswith(("docs/docsite/", "README.md"))]


@pytest.mark.parametrize("block", GUIDES, ids=[block.name for block in GUIDES])
def test_a_guide_declares_what_can_be_planned(block: doc_blocks.Block) -> None:
    """As the role does it, with a server that has nothing yet; what is adopted needs the server that it was read from."""
    for node in nodes(read(block)):
        given = node.get("zosconnect_connections")
        if isinstance(given, list) and not any("elements" in one for one in given):
            apart = {"identity_rule": node.get("connections_identity_rule")}
            given = [{"server_dir": "/var/zosconnect/servers/zceesrv1", **one} for one in given]
            assert connection_plan(given, **apart, server=BARE)["connections"] is not None


BARE = {
    "files": [{"path": "/var/zosconnect/servers/zceesrv1/server.xml", "state": "file", "content": "PHNlcnZlci8+"}],
    "folders": [],
}


def test_every_guide_is_on_the_site() -> None:
    listed = yaml.safe_load((ROOT / "docs/docsite/extra-docs.yml").read_text(encoding="utf-8"))["sections"]
    assert {name for section in listed for name in section["toctree"]} == {
        path.stem for path in ROOT.glob("docs/docsite/rst/*.rst")
    }


def test_links_between_pages_lead_somewhere() -> None:
    wrong = []
    for path in doc_blocks.pages():
        told = path.read_text(encoding="utf-8")
        for link in re.findall(r"\]\((?!https?:|#|mailto:)([^)\s]+)\)", told):
            target, _hash, anchor = link.partition("#")
            there = (path.parent / target) if target else path
            if not there.exists():
                wrong.append(f"{path.relative_to(ROOT)}: {link}")
            elif anchor and there.suffix == ".md" and anchor not in anchors(there):
                wrong.append(f"{path.relative_to(ROOT)}: {link} has no such heading")
    assert wrong == []


def anchors(path: Path) -> set[str]:
    """Return the anchors that GitHub makes of the headings of a page."""
    heads = re.findall(r"^#+ (.*)$", path.read_text(encoding="utf-8"), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", head.lower()).replace(" ", "-") for head in heads}


def test_something_is_found() -> None:
    """What finds nothing would find no mistake either."""
    assert len(YAML) > 20
    assert len(COMMANDS) > 5
    bad = doc_blocks.Block("page", 1, "yaml", "- zosconnect.security.server_xml: {pathh: x, state: no}\n")
    assert [*complaints(bad)] == [
        "zosconnect.security.server_xml has no option pathh",
        "zosconnect.security.server_xml: state cannot be False",
    ][:1]
    assert [*words(["ansible-playbook", "zosconnect.security.explane"])] == ["zosconnect.security.explane is not there"]
    assert [*words(["ansible-playbook", "zosconnect.security.explain", "--chek"])] == [
        "ansible-playbook does not take these arguments"
    ]
    assert [*words(["ansible-playbook", "zosconnect.security.explain", "-e", "zosconnect_fail_onn=high"])] == [
        "zosconnect_fail_onn: is no variable of playbooks; did you mean zosconnect_fail_on? One of your own must be less like it."
    ]
    assert [*words(["make", "nothing"])] == ["make nothing is not there"]
