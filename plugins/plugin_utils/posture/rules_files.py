# SPDX-FileCopyrightText: 2026 The zosconnect.security contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Rules: what stands in the files without the effect that it seems to have, secrets that others can read, operation."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Any

from ansible_collections.zosconnect.security.plugins.plugin_utils import redact
from ansible_collections.zosconnect.security.plugins.plugin_utils.hints import nearest, shortened
from ansible_collections.zosconnect.security.plugins.plugin_utils.liberty import elements
from ansible_collections.zosconnect.security.plugins.plugin_utils.liberty.effective import Instance, walk
from ansible_collections.zosconnect.security.plugins.plugin_utils.liberty.variables import Origin
from ansible_collections.zosconnect.security.plugins.plugin_utils.posture.rule import (
    HIGH,
    INFORMATION,
    LOW,
    MEDIUM,
    OBSERVED,
    SCHEMA,
    Fault,
    Rule,
    Subject,
    rule,
)

_MOST_HINTS = 1000
_SECRETS = elements.secret_names()
_UNRESOLVED = re.compile(r"\$\{([^{}]+)\}")
# Defined by the Java or the installation that runs the server, and by the environment that starts it: not seen here.
_ELSEWHERE = ("wlp.", "java.", "user.", "os.", "env.")
_OURS = " (So in a stand-in on a real Liberty; what z/OS Connect makes of it is not confirmed.)"


def _problem(*rules: str) -> Callable[[Subject], Iterator[Fault]]:
    """Return a function that yields the problems of these kinds, as the assembly found them."""

    def look(subject: Subject) -> Iterator[Fault]:
        for problem in subject.effective.problems:
            if problem.rule in rules:
                yield Fault(problem.origin, problem.message)

    return look


@rule(
    "config-refused",
    HIGH,
    why="Liberty refuses the whole configuration: a starting server has none, a running one keeps what it had.",
    source=OBSERVED,
)
def refused(subject: Subject) -> Iterator[Fault]:
    if subject.effective.assembly.refused:
        yield Fault(Origin("configuration"), subject.effective.assembly.refused)


@rule(
    "value-rejected",
    HIGH,
    why="Liberty uses the default instead, or drops the whole element.",
    source=OBSERVED,
)
def rejected(subject: Subject) -> Iterator[Fault]:
    for problem in subject.effective.problems:
        if problem.rule in ("bad-value", "rejected", "required", "variable-incomplete"):
            of_product = re.search(r"<(zosconnect_\w+|apiRequester|zosConnectAPI|service)>", problem.message)
            yield Fault(problem.origin, problem.message + (_OURS if of_product else ""))


@rule(
    "attribute-unknown",
    LOW,
    why="Liberty ignores names that it does not know in silence. This collection does not know all of them.",
    source=OBSERVED,
)
def unknown_names(subject: Subject) -> Iterator[Fault]:
    # To look for a name that may be meant takes long; whoever has so many unknown ones has not misspelt them.
    hints = iter(range(_MOST_HINTS))
    for name, instances in subject.effective.instances.items():
        entry = elements.CATALOGUE.get(name)
        for instance in instances if entry else ():
            yield from _unknown(instance, entry, hints)


def _unknown(instance: Instance, entry: elements.Element | None, hints: Iterator[int]) -> Iterator[Fault]:
    if entry is None:
        return
    for name in [*instance.attributes, *instance.children]:
        if not _is_known(name.lower(), entry):
            near = (nearest(name, entry.names.values()) if next(hints, None) is not None else "") or "."
            yield Fault(_place(instance, name), f"{shortened(name)} of <{instance.element}> is not known here{near}")
    for name, children in instance.children.items():
        for child in children:
            yield from _unknown(child, entry.children.get(name.lower()), hints)


def _is_known(name: str, entry: elements.Element) -> bool:
    """Whether the catalogue has an attribute or a child of this name; a reference may be nested by its name."""
    reference = entry.attributes.get(f"{name}ref")
    return name == "id" or name in entry.names or (reference is not None and reference.kind in ("ref", "refs"))


def _place(instance: Instance, name: str) -> Origin:
    children = instance.children.get(name)
    return children[0].places[-1] if children else instance.origin(name)


@rule(
    "variable-unresolved",
    MEDIUM,
    why="Liberty leaves the text ${name} in the value and says nothing.",
    source=OBSERVED,
)
def unresolved(subject: Subject) -> Iterator[Fault]:
    for instance in walk(_all(subject)):
        for name, value in instance.attributes.items():
            texts = value.value if isinstance(value.value, list) else [value.value]
            missing = [v for text in texts if isinstance(text, str) for v in _UNRESOLVED.findall(text)]
            missing = [v for v in missing if not v.startswith(_ELSEWHERE)]
            if missing and value.origin.line is not None:
                text = f"{name} of <{instance.element}> uses ${{{missing[0]}}}, which nothing seen here defines."
                yield Fault(value.origin, text)


@rule("value-overruled", LOW, why="Whoever reads only this line is mistaken about the server.", source=OBSERVED)
def overruled(subject: Subject) -> Iterator[Fault]:
    for instance in walk(_all(subject)):
        for name, value in instance.attributes.items():
            for lost in value.lost:
                if lost.text != value.written and lost.origin.line is not None:
                    text = f"{name} of <{instance.element}> is set here, but {value.origin} overrules it."
                    yield Fault(lost.origin, text)


@rule(
    "secret-readable",
    MEDIUM,
    why="Everybody on the system can read the file, and {xor} is no protection: everybody can decode it.",
    source="Open Liberty: securityUtility encode",
)
def readable_secrets(subject: Subject) -> Iterator[Fault]:
    for instance in walk(_all(subject)):
        for name, value in instance.attributes.items():
            origin = _written(subject, value.origin)
            mode = subject.facts.get(origin.source, {}).get("mode")
            if _is_secret(instance, name, value.value) and isinstance(mode, str) and int(mode, 8) & 0o004:
                kind = "in {xor}" if str(value.value).lower().startswith("{xor}") else "in plain text"
                text = f"{name} of <{instance.element}> stands here {kind}, and everybody can read the file ({mode})."
                yield Fault(origin, text)


def _is_secret(instance: Instance, name: str, value: Any) -> bool:
    """Whether a value is a secret that a reader of the file learns; the dummy password of a key ring is none."""
    named = name.lower() in _SECRETS or redact.is_secret_name(name) or instance.holds_named(name)
    protected = str(value).lower().startswith(("{aes}", "{hash}", "${"))
    dummy = str(instance.get("location") or "").lower().startswith("safkeyring") and value == "password"
    return named and isinstance(value, str) and bool(value) and not protected and not dummy


def _written(subject: Subject, origin: Origin) -> Origin:
    """Return where the text itself stands: with variables on the way, where the last of them is defined."""
    found = subject.effective.assembly.variables.lookup(origin.via[-1]) if origin.via else None
    return found[1] if found else origin


@rule(
    "refresh-operator",
    INFORMATION,
    why="What the files say and what the server does may differ until then.",
    source=SCHEMA,
)
def operator_refresh(subject: Subject) -> Iterator[Fault]:
    config = subject.effective.one("config")
    if config and config.get("updateTrigger") in ("mbean", "disabled"):
        said = config.get("updateTrigger")
        text = f"updateTrigger is {said}: a changed file counts only after an operator command or a restart."
        yield Fault(config.origin("updateTrigger"), text)


@rule(
    "refresh-pending",
    HIGH,
    why="The server does not do what its files say: all other verdicts are about the files.",
    source="GET /ibm/api/config of the running server",
    action=(
        "Refresh the server: operator command F JOBNAME,REFRESH,CONFIG (z/OS Connect: F JOBNAME,ZCON,REFRESH), or the "
        'module liberty_refresh. With updateTrigger="disabled" only a restart helps.'
    ),
)
def pending(subject: Subject) -> Iterator[Fault]:
    for difference in subject.running.differences if subject.running else ():
        yield Fault(difference.origin, str(difference))


def _all(subject: Subject) -> list[Instance]:
    return [instance for instances in subject.effective.instances.values() for instance in instances]


RULES = (
    *(entry for entry in list(globals().values()) if isinstance(entry, Rule)),
    Rule(
        "dropin-broken",
        HIGH,
        "Liberty applies a damaged drop-in up to the damage, which may re-activate what it overrode.",
        OBSERVED,
        _problem("dropin-broken"),
    ),
    Rule(
        "root-wrong",
        HIGH,
        "Liberty takes a file with another root for empty, server.xml too.",
        OBSERVED,
        _problem("wrong-root"),
    ),
    Rule(
        "text-after-end",
        MEDIUM,
        "Liberty never looks at it and says nothing.",
        OBSERVED,
        _problem("after-the-end"),
    ),
    Rule(
        "doctype",
        HIGH,
        "Liberty reads other files into the configuration by external entities.",
        OBSERVED,
        _problem("doctype"),
    ),
    Rule(
        "include-missing",
        HIGH,
        "One missing include in server.xml switches every override drop-in off.",
        OBSERVED,
        _problem("include-missing"),
    ),
    Rule(
        "include-odd",
        MEDIUM,
        "Liberty skips the include, or merges it in another way than the file says.",
        OBSERVED,
        _problem("include-cycle", "include-without-location", "include-mode"),
    ),
    Rule(
        "reference-dangling",
        MEDIUM,
        "Liberty ignores the reference, or falls back to a default, with little or no word.",
        OBSERVED,
        _problem("dangling"),
    ),
    Rule("not-seen", MEDIUM, "What was not read may change everything.", "This collection", _problem("unseen")),
)
