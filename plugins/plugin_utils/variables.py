# SPDX-FileCopyrightText: 2026 The zosconnect.security contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Variables of a role, judged by its argument specification, in sentences that show no value.

ansible-core's own check of a role's arguments is no help here: where one of them is wrong it prints that value, and
where a template in one fails it prints the whole variable around it (until 2.18), or the lines before it in the user's
file (from 2.19).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from ansible.module_utils.common.arg_spec import ArgumentSpecValidator
from ansible.module_utils.common.validation import check_type_list
from jinja2 import Environment, TemplateSyntaxError, nodes

from ansible_collections.zosconnect.security.plugins.module_utils import lost
from ansible_collections.zosconnect.security.plugins.plugin_utils import survey
from ansible_collections.zosconnect.security.plugins.plugin_utils.declared import described, refuse_unknown
from ansible_collections.zosconnect.security.plugins.plugin_utils.errors import SecurityError
from ansible_collections.zosconnect.security.plugins.plugin_utils.hints import nearest, shortened

_KINDS = {
    "bool": "true or false",
    "dict": "a mapping",
    "float": "a number",
    "int": "a whole number",
    "list": "a list",
    "path": "text",
    "str": "text",
}
# What Ansible puts into every template, besides Jinja's own.
_GLOBALS = {*Environment().globals, "lookup", "now", "q", "query", "undef"}

# A lookup of a file whose path is text and not absolute.
_FILE = re.compile(
    r"""(?:lookup|query|q)\(\s*(['"])(?:ansible\.builtin\.)?file\1\s*,\s*(['"])(?P<path>(?![/~])[^'"{}]+)\2\s*[,)]"""
)

# The role to which the others hand over, or look where something is not given.
COMMON = "connections"
_PLAYBOOK = "zosconnect"
# What playbooks of this collection take, and what they leave: statistics come back as variables within a workflow.
PLAYBOOKS = frozenset(
    f"{_PLAYBOOK}_{name}"
    for name in (
        *("hosts", "server_dir", "install_dir", "user_dir", "variables", "env", "attls", "waivers", "severities"),
        *(
            "standard",
            "running",
            "fail_on",
            "report_path",
            "explained",
            "connections",
            "restore",
            "renewed",
            "security",
        ),
        *("security_restored", "security_verified", "security_unproved", "summary"),
        *("adopted", "adopted_files", "adopted_path", "adopted_profile_path", "adopted_proof", "adopted_replace"),
        *("report_formats", "report_baseline", "report_time", "report_host", "reported", "keys", "probes", "probed"),
        *("messages", "log", "log_bytes", "probe_host", "probe_port", "probe_plain", "listings", "diagnosed"),
        *("csd_listing", "ring_listing", "user_id", "java"),
        # What credentials of AWX give (extensions/awx/pack): one for connections, verify, renew and restore alike.
        *("key_store_password", "trust_store_password", "private_key", "private_key_passphrase", "password_key"),
        *("certificate", "certificate_chain", "admin_url", "admin_username", "admin_password", "admin_ca"),
        *(f"caller_{name}" for name in ("certificate", "key", "key_passphrase", "username", "password")),
        *(f"endpoint_{name}" for name in ("username", "password", "key_store_password", "trust_store_password")),
        *(f"endpoint_{name}" for name in ("private_key", "private_key_passphrase", "certificate", "certificate_chain")),
    )
)
_TOLD = 5


@dataclass(frozen=True)
class Variables:
    """Variables of a host as they stand, and ``evaluate``, which raises any exception for a template that fails."""

    raw: Mapping[str, Any] = field(repr=False)
    evaluate: Callable[[Any], Any] = field(repr=False)

    def complaints(self, options: Mapping[str, Mapping[str, Any]]) -> list[str]:
        """Return a sentence for each option that is missing, cannot be evaluated, or has not the value that it must."""
        return [complaint for name, option in options.items() if (complaint := self._complaint(name, option))]

    def refuse(self, names: Sequence[str]) -> None:
        """Raise the SecurityError for which one of these variables cannot be evaluated, without what is around it."""
        for name in names:
            try:
                self.evaluate(self.raw[name])
            except Exception as e:
                for cause in _causes(e):
                    if isinstance(cause, SecurityError):
                        raise cause from None
                raise

    def _complaint(self, name: str, option: Mapping[str, Any]) -> str | None:
        if name not in self.raw:
            return f"{name}: is missing; it has no default." if option.get("required") else None
        try:
            value = self.evaluate(self.raw[name])
        except Exception:  # templates may fail in any way, and what they say may hold values
            return self._blame(name, {name}) or f"{name}: cannot be evaluated."
        others = sorted(references(self.raw[name])[1] & self.raw.keys())
        return wrong(f"{name} (from {', '.join(others)})" if others else name, option, value)

    def _blame(self, name: str, seen: set[str]) -> str | None:
        """Say which part of a variable, or of one that it refers to, cannot be evaluated."""
        for where, leaf in leaves(self.raw[name], name):
            kind = self._failure(leaf)
            if kind is None:
                continue
            named, missing = references(leaf)
            for other in sorted(named & self.raw.keys() - seen):
                if complaint := self._blame(other, seen | {other}):
                    return complaint
            unknown = sorted(missing - self.raw.keys())
            if unknown:
                are = "variable {} is" if len(unknown) == 1 else "variables {} are"
                return f"{where}: the {are.format(', '.join(unknown))} not defined."
            return f"{where}: its template cannot be evaluated ({kind}); try that alone to see why.{_not_sought(leaf)}"
        return None

    def _failure(self, leaf: Any) -> str | None:
        """Return the kind of the exception at the bottom; its text may hold values."""
        try:
            self.evaluate(leaf)
        except Exception as e:  # see above
            return type([*_causes(e)][-1]).__name__
        return None


def _not_sought(leaf: object) -> str:
    """Say of a file that a template reads where it is not sought: a collection's playbook is in no folder of a user."""
    found = _FILE.search(leaf) if isinstance(leaf, str) else None
    if not found:
        return ""
    path = shortened(found["path"])
    return f" The path {path} is not sought beside the inventory; for a file there write inventory_dir ~ '/{path}'."


def misspelt(names: Iterable[str], roles: Mapping[str, Collection[str]], others: Iterable[str] = ()) -> list[str]:
    """Return sentences for the names that begin like the variables of a role and are none of them.

    ``roles`` have all their variables by name, ``others`` are roles of others, whose names may begin alike. Names with
    two underscores are internal. Of the names of playbooks only what is near one of them is none of somebody's own.
    """
    known = {**roles, _PLAYBOOK: PLAYBOOKS}
    own = tuple(f"{role}_" for role in known)
    innocent = (*(f"{prefix}_" for prefix in own), *(f"{role}_" for role in others if role not in known))
    innocent = tuple(prefix for prefix in innocent if prefix.startswith(own))
    strange = sorted(name for name in names if name.startswith(own) and not name.startswith(innocent))
    found = [sentence for name in strange if (sentence := _strange(name, known))]
    more = [f"{len(found) - _TOLD:,} more variables are unknown likewise."] if len(found) > _TOLD else []
    return [*found[:_TOLD], *more]


def _strange(name: str, known: Mapping[str, Collection[str]]) -> str | None:
    role = max((role for role in known if name.startswith(f"{role}_")), key=len)
    # Whoever puts more behind a name of a playbook does not misspell it.
    if name in known[role] or (role == _PLAYBOOK and name.startswith(tuple(f"{one}_" for one in PLAYBOOKS))):
        return None
    near, said = nearest(name, known[role], prefix=f"{role}_"), f"{shortened(name)}: is no variable of"
    common = f"{COMMON}{name.removeprefix(role)}"
    if common in known.get(COMMON, ()):
        near = f"; did you mean {common}?"
    if role != _PLAYBOOK:
        return f"{said} role {role}{near or '.'} One of your own must not begin with {role}_."
    return f"{said} playbooks{near} One of your own must be less like it." if near else None


def chosen(
    options: Mapping[str, Mapping[str, Any]], only: Sequence[str] | None, skip: Sequence[str] = ()
) -> dict[str, Mapping[str, Any]]:
    """Return those of a role's options that ``only`` names, or all but ``skip``; SecurityError for other names."""
    for option, names in {"only": only or (), "skip": skip}.items():
        unknown = [name for name in names if name not in options]
        if unknown:
            raise SecurityError(f"{option}: {unknown[0]} is no variable of the role; correct the name.")
    return {name: option for name, option in options.items() if name not in skip and (only is None or name in only)}


def wrong(where: str, option: Mapping[str, Any], value: Any) -> str | None:
    """Say what is wrong with a value that could be evaluated: its type, the choice, a secret that was lost."""
    if option.get("no_log") and isinstance(value, str) and lost.is_lost(value):
        return f"{where}: {lost.sentence(value)}"
    if option.get("required") and isinstance(value, str) and not value.strip():
        return f"{where}: is empty; it has no default."  # the answer of a survey, for example
    kind = option.get("type", "str")
    # In a survey it is text.
    if kind == "dict":
        value = survey.held(value, Mapping)
    if kind == "list" and option.get("elements") == "dict":
        value = survey.held(value, list)
    if not _fits(value, kind):
        return f"{where}: must be {_KINDS[kind]}, not {described(value)}."
    if kind == "list" and option.get("elements") == "dict" and isinstance(value, str):
        return f"{where}: must be a list of mappings, or text that is one in YAML or JSON."
    if kind == "list" and "elements" in option:
        for number, item in enumerate(check_type_list(value) if value != "" else ()):
            if not _fits(item, option["elements"]):
                return f"{where}[{number}]: must be {_KINDS[option['elements']]}, not {described(item)}."
    if kind == "list" and option.get("choices"):
        items = check_type_list(value) if value != "" else []
        said = (_unknown_word(where, option["choices"], item) for item in items)
        return next((one for one in said if one), None)
    return _unknown_word(where, option["choices"], value) if option.get("choices") else None


def check(prefix: str, options: Mapping[str, Mapping[str, Any]], given: Mapping[str, Any]) -> None:
    """Refuse options that a playbook took from variables, by the names of these: ``prefix`` and the option's name."""
    for name, option in options.items():
        value, where = given.get(name), f"{prefix}{name}"
        if value is None:
            continue
        if said := wrong(where, option, value):
            raise SecurityError(said)
        if "options" in option and isinstance(value, Mapping):
            refuse_unknown(map(str, value), option["options"], where)
            check(f"{where}.", option["options"], value)


def _fits(value: Any, kind: str) -> bool:
    # ansible-core would make a text of these, and a mapping of a text, for itself only: the variable stays what it is.
    if kind in ("str", "path") and isinstance(value, (Mapping, list)):
        return False
    if kind == "dict":
        return isinstance(value, Mapping)
    checked = ArgumentSpecValidator({"value": {"type": kind, "required": True}}).validate({"value": value})
    return not checked.error_messages


def _unknown_word(where: str, choices: list[Any], value: Any) -> str | None:
    """Complain about a word that is none of the choices, which are texts; YAML makes numbers of such as ``2.0``."""
    if str(value) in choices:
        return None
    words = [word for word in choices if word]
    if not str(value).strip():  # the answer of a survey, for example
        return f"{where}: is empty; it must be one of {', '.join(words)}."
    isnt = "neither empty, nor" if "" in choices else "not"
    return f"{where}: is {isnt} one of {', '.join(words)}{nearest(str(value), words) or '.'}"


def leaves(given: Any, where: str) -> Iterator[tuple[str, Any]]:
    """Give each value within lists and mappings, with its place as in ``name[0].key``."""
    if isinstance(given, Mapping):
        for key, value in given.items():
            yield from leaves(value, f"{where}.{key}")
    elif isinstance(given, (list, tuple)):
        for number, value in enumerate(given):
            yield from leaves(value, f"{where}[{number}]")
    else:
        yield where, given


def references(template: Any) -> tuple[set[str], set[str]]:
    """Return the names that a template may refer to (also in texts, as for a lookup), and those that it surely does."""
    if not isinstance(template, str):
        return set(), set()
    try:
        tree = Environment().parse(template)
    except TemplateSyntaxError:
        return set(), set()
    names = list(tree.find_all(nodes.Name))
    own = {name.name for name in names if name.ctx != "load"}
    sure = {name.name for name in names} - own - _GLOBALS
    return sure | {node.value for node in tree.find_all(nodes.Const) if isinstance(node.value, str)}, sure


def _causes(error: BaseException) -> Iterator[BaseException]:
    """Give an exception and those that it comes from, the first one last."""
    below: BaseException | None = error
    while below:
        yield below
        below = below.__cause__ or getattr(below, "orig_exc", None)
