# SPDX-FileCopyrightText: 2026 The zosconnect.security contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""The stages of `make test` and `make whole`: what each runs, in which environment, and after which others.

`stages.py NAME...` runs the named ones and what these need; without a name all are run. `--whole` before them: with every
integration test, and not with the chosen ones only.
"""

from __future__ import annotations

import shlex
import sys

from environments import ROOT
from runner import Stage, run

PYTHON = shlex.quote(sys.executable)  # for what comes before the environments
MAKE = f"{PYTHON} tests/utils/environments.py"
SANITY = ".build/sanity/ansible_collections/zosconnect/security"
PACKAGE = ".build/package"
# The integration tests that are marked as chosen: those of a running Liberty share one.
CHOSEN = {
    "integration-liberty": ("one way through each capability, on a real Liberty", "chosen and liberty"),
    "integration": ("one way through each capability", "chosen and not liberty"),
}
# All of them in parts, so that no core is idle and none takes longer than a stage may.
INTEGRATION = {
    "roles": ("roles, renewal, report, restore on a real Liberty", "test_r*.py"),
    "integration-shown": ("the demo, diagnosis, guides, issuers", "test_[d-j]*.py"),
    "integration-wire": ("secrets, servers, the target, TLS", "test_[s-z]*.py"),
    "integration-stores": ("key stores, passwords, predictions", "test_[k-q]*.py"),
    "integration": ("what is declared, adopted, attacked", "test_[a-c][!w]*.py"),
    "awx": ("the AWX pack against a stand-in, its templates as jobs", "test_awx*.py"),
}

LINT = (
    "faults=0",
    # The two that take minutes, side by side with the others.
    "ansible-lint --offline > .build/ansible-lint.txt 2>&1 & ansible_lint=$!",
    "python tests/utils/typed.py > .build/typed.txt 2>&1 & typed=$!",
    "ruff check --no-cache --output-format concise || faults=1",
    "ruff format --check --no-cache --output-format concise || faults=1",
    "yamllint --strict . || faults=1",
    "python tests/utils/docs_lint.py lint-collection-docs --plugin-docs --validate-collection-refs all . || faults=1",
    "antsibull-changelog lint || faults=1",
    "reuse lint --lines || faults=1",
    "python tests/utils/house.py || faults=1",
    "wait $ansible_lint || faults=1",
    "wait $typed || faults=1",
    "cat .build/ansible-lint.txt .build/typed.txt",
    "exit $faults",
)

# All tests for the controller's Python; then the two that execute module code, for the oldest Python of a target.
ANSIBLE_TEST = (
    f"python tests/utils/tree.py {SANITY}",
    "python tests/utils/seed_pip.py .build/home",
    'export HOME="$PWD/.build/home"',
    # The tests are Python for the controller, which ruff looks at, and files that are wrong on purpose.
    f"find {SANITY}/tests -mindepth 1 -maxdepth 1 ! -name sanity ! -name config.yml -exec rm -rf {{}} +",
    "version=$(python -c 'import sys; print(\"%d.%d\" % sys.version_info[:2])')",
    f"cd {SANITY}",
    'test -n "$(git ls-files --others --exclude-standard)"  # ansible-test without files to test would pass',
    'ansible-test sanity --local --color no --python "$version"',
    'if [ -n "${ZCS_TARGET_PYTHON:-}" ]; then',
    '  PATH="${PATH%%:*}:$(dirname "$ZCS_TARGET_PYTHON"):$PATH"',
    "  ansible-test sanity --local --color no --python 3.9 --test compile --test import",
    "fi",
)

BUILD = (
    f"rm -rf {PACKAGE}",
    f"python tests/utils/package.py {PACKAGE}",
    f"ansible-galaxy collection install {PACKAGE}/*.tar.gz -p {PACKAGE}/installed --offline --no-deps --force",
    f"ansible-galaxy collection verify zosconnect.security -p {PACKAGE}/installed --offline",
    f"ansible-builder introspect {PACKAGE}/installed | tee {PACKAGE}/introspected.txt",
    f"grep -q 'lxml.*from collection zosconnect.security' {PACKAGE}/introspected.txt",
    # What Galaxy and Automation Hub look at before they take it. Stage lint runs ansible-lint, without its limit of two minutes.
    f"cd {PACKAGE}",
    "GALAXY_IMPORTER_RUN_ANSIBLE_LINT=false python -m galaxy_importer.main --print-result *.tar.gz > imported.txt 2>&1",
    "test -f importer_result.json",
    "! grep -E '^(ERROR|WARNING)' imported.txt",
)


def molecule(name: str) -> tuple[str, ...]:
    """Run one scenario. What it keeps lies in this tree: by itself Molecule puts it into the user's home, by the name of
    the tree's folder alone.
    """
    return (f'export MOLECULE_EPHEMERAL_DIRECTORY="$PWD/.build/molecule/{name}"', f"molecule test -s {name}")


def stages(*, whole: bool) -> list[Stage]:
    """List the stages; of those that are ready at the same time, the first ones start first, so the longest comes first."""
    scenarios = sorted(path.parent.name for path in ROOT.glob("extensions/molecule/*/molecule.yml"))
    tests = "python -m pytest tests/integration"
    # The libraries that know the standards of reports and of SBOMs are in the newest environment alone.
    standards = "test_report_standards.py", "test_execution_environment.py"
    both = f"ZCS_MISTAKES=few {tests} --ignore=tests/integration/{standards[1]} -m "
    if whole:
        parts = {name: (title, f"{tests}/{files}") for name, (title, files) in INTEGRATION.items()}
        both += "both_cores"
    else:
        parts = {name: (title, f"ZCS_MISTAKES=few {tests} -m '{marks}'") for name, (title, marks) in CHOSEN.items()}
        both += "'both_cores and chosen'"
        scenarios = ["connections"]
    units = "HYPOTHESIS_PROFILE=same ZCS_TRIES=20 python -m pytest tests/unit -n 2 --dist loadfile"
    # Laws and games are tried often under the newest core; the oldest shall only know all that they call. `make laws`
    # tries both much more often, and every mistake of the secrets campaign.
    few = "HYPOTHESIS_PROFILE=few python -m pytest tests/unit -n 2 --dist loadfile"
    # How fast work grows, what hostile texts come to, what a target does that is attacked or killed, and what pages and
    # files of the release say: no core has a part in that.
    apart = ["limits", "hostile", "fuzz", "certified", "docs", "interface"]
    few += "".join(f" --ignore=tests/unit/test_{name}.py" for name in apart)
    apart = ["apply", "apply_attackers", "attackers", "faults", "placing"]
    few += "".join(f" --ignore=tests/unit/target/test_target_{name}.py" for name in apart)
    few += f" --ignore=tests/unit/report/{standards[0]}"
    # Rooms that need nothing but Python; what the others import of them is run all the same.
    few += "".join(f" --ignore=tests/unit/{room}" for room in ("attls", "diagnose", "effective", "posture", "saf"))
    return [
        Stage("python", "a Python for the environments", (f"{PYTHON} tests/utils/machine.py",)),
        Stage("newest", "the environment with the newest ansible-core", (f"{MAKE} newest",), ("python",)),
        Stage("programs", "Debian packages, where missing", (f"{PYTHON} tests/utils/machine.py test",), ("python",)),
        Stage("oldest", "the environment with the oldest ansible-core", (f"{MAKE} oldest",), ("python",)),
        Stage("liberty", "a real Open Liberty", ("python tests/liberty/launcher.py fetch",), ("newest", "programs")),
        *(Stage(name, title, (line,), ("liberty",)) for name, (title, line) in parts.items()),
        Stage("integration-oldest", "what cores may differ in", (both,), ("liberty", "oldest"), ".venv-oldest"),
        Stage("unit", "unit and property tests", (units,), ("newest", "programs")),
        Stage("sanity", "ansible-test sanity", ANSIBLE_TEST, ("newest", "programs")),
        Stage("lint", "ruff, mypy, yamllint, ansible-lint, licences, fragments", LINT, ("newest",)),
        Stage("unit-oldest", "the same, with fewer examples", (few,), ("oldest", "programs"), ".venv-oldest"),
        *(Stage(f"molecule-{name}", "Molecule", molecule(name), ("liberty",)) for name in scenarios),
        Stage("site", "the pages of the documentation", ("python tests/utils/docsite.py .build/site",), ("newest",)),
        Stage("package", "build, install, execution environment", BUILD, ("newest", "programs")),
    ]


if __name__ == "__main__":
    names = sys.argv[1:]
    everything = names[:1] == ["--whole"]
    sys.exit(run(stages(whole=everything), names[1:] if everything else names))
