# SPDX-FileCopyrightText: 2026 The zosconnect.security contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""What AWX refuses: surveys, credential types, answers at a launch. Sentences are as in its API, where tests need them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from jinja2 import StrictUndefined, TemplateError, sandbox

Json = dict[str, Any]
SURVEY_TYPES = {
    "multiselect": str,
    "multiplechoice": str,
    "text": str,
    "textarea": str,
    "password": str,
    "integer": int,
    "float": float,
}
ENCRYPTED = "$encrypted$"
_NAME = re.compile(r"[a-zA-Z_][a-zA-Z0-9_]*")
_FIELD_KEYS = {
    "type",
    "format",
    "choices",
    "id",
    "label",
    "help_text",
    "multiline",
    "secret",
    "ask_at_runtime",
    "default",
}


def survey(spec: Json) -> str | None:
    """Say why AWX refuses a survey."""
    for name, kind in {"name": str, "description": str, "spec": list}.items():
        if not isinstance(spec.get(name), kind):
            return f"Field '{name}' is missing from survey spec."
    if not spec["spec"]:
        return "'spec' doesn't contain any items."
    variables = [question.get("variable") for question in spec["spec"]]
    twice = sorted({name for name in variables if variables.count(name) > 1})
    if twice:
        return f"'variable' '{twice[0]}' duplicated in survey question."
    return next((why for number, item in enumerate(spec["spec"]) for why in _question(number, item)), None)


def _question(number: int, item: Json) -> Iterator[str]:
    for name in ("type", "question_name", "variable", "required"):
        if not isinstance(item.get(name), bool if name == "required" else str):
            yield f"'{name}' missing from survey question {number}"
    kind, default = item.get("type"), item.get("default", "")
    if kind not in SURVEY_TYPES:
        yield f"'{kind}' in survey question {number} is not one of the allowed question types."
        return
    if default != "" and not isinstance(default, SURVEY_TYPES[kind]):
        yield f"Default value {default} in survey question {number} expected to be {SURVEY_TYPES[kind].__name__}."
    for limit in ("min", "max"):
        if item.get(limit) is not None and not isinstance(item[limit], int):
            yield f"The {limit} limit in survey question {number} expected to be integer."
    if kind in ("multiplechoice", "multiselect"):
        if "choices" not in item:
            yield f"Survey question {number} of type {kind} must specify choices."
        elif any(word not in item["choices"] for word in str(default).splitlines()):
            yield "Default choice must be answered from the choices listed."
    if str(default).startswith(ENCRYPTED) and kind != "password":
        yield f"$encrypted$ is a reserved keyword for password question defaults, survey question {number} is type {kind}."


def answers(spec: Json, given: Json, *, all_of_them: bool = True) -> list[str]:
    """Say what AWX refuses of the answers of a launch or a schedule; defaults do not fill in for what is required.

    Without ``all_of_them`` what is required may be missing, as in a node of a workflow.
    """
    asked = [q for q in spec.get("spec", ()) if all_of_them or q["variable"] in given]
    return [why for question in asked for why in _answer(question, given)]


def defaults(spec: Json) -> Json:
    """Return what AWX gives a job of the questions that nobody answered: each default that is an answer."""
    filled = ((question["variable"], question) for question in spec.get("spec", ()) if "default" in question)
    return {name: q["default"] for name, q in filled if not list(_answer(q, {name: q["default"]}))}


def _answer(question: Json, given: Json) -> Iterator[str]:
    name, kind = question["variable"], question["type"]
    if name not in given:
        if question["required"]:
            yield f"'{name}' value missing"
        return
    value = given[name]
    if kind == "multiplechoice":
        if value not in question["choices"]:
            yield f"Value {value} for '{name}' expected to be one of {question['choices']}."
        return
    if type(value) is not (int if kind == "integer" else str):
        yield f"Value {value} for '{name}' expected to be {'an integer' if kind == 'integer' else 'a string'}."
        return
    size = value if isinstance(value, int) else len(str(value))
    if question.get("min") is not None and size < question["min"]:
        length = "" if isinstance(value, int) else f"length is {size} "
        yield f"'{name}' value {value} is too small ({length}must be at least {question['min']})."
    if question.get("max") is not None and size > question["max"]:
        yield f"'{name}' value {value} is too large (must be no more than {question['max']})."


def credential_type(inputs: Json, injectors: Json) -> str | None:
    """Say why AWX refuses a credential type."""
    if set(inputs) - {"fields", "required"} or set(injectors) - {"file", "env", "extra_vars"}:
        return "Additional properties are not allowed"
    fields = inputs.get("fields", [])
    for item in fields:
        if set(item) - _FIELD_KEYS or not {"id", "label"} <= set(item):
            return f"{item} is not valid"
        if not _NAME.fullmatch(item["id"]) or item["id"] == "tower":
            return f"{item['id']} is an invalid variable name"
        if item.get("type", "string") not in ("string", "boolean"):
            return f"{item['type']} is not one of ['string', 'boolean']"
    ids = [item["id"] for item in fields]
    if len(ids) != len(set(ids)):
        return "field IDs must be unique"
    return next(
        (why for name, text in injectors.get("extra_vars", {}).items() for why in _injector(name, text, ids)), None
    )


def _injector(name: str, text: Any, ids: list[str]) -> Iterator[str]:
    if not _NAME.fullmatch(name) or not isinstance(text, str):
        yield f"{name} is not valid"
    try:
        injected(str(text), dict.fromkeys(ids, "EXAMPLE"))
    except TemplateError as e:
        yield f"{name} uses an undefined field ({e})"


def injected(template: str, inputs: Json) -> str:
    """Render an injector as AWX does when it checks one; for a job it gives all fields, empty ones as nothing."""
    environment = sandbox.ImmutableSandboxedEnvironment(undefined=StrictUndefined)
    return environment.from_string(template).render(inputs)


def variables_of(kind: Json, inputs: Json) -> Json:
    """Return the extra variables that a job gets of a credential."""
    filled = {item["id"]: inputs.get(item["id"], "") for item in kind["inputs"]["fields"]}
    return {name: injected(text, filled) for name, text in kind["injectors"]["extra_vars"].items()}
