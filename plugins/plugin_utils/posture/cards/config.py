# SPDX-FileCopyrightText: 2026 The zosconnect.security contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Cards: a configuration that is not what it looks like."""

from __future__ import annotations

from ansible_collections.zosconnect.security.plugins.plugin_utils import operator_commands, zosconnect
from ansible_collections.zosconnect.security.plugins.plugin_utils.posture.cards.card import (
    HIGH,
    INFORMATION,
    LOW,
    MEDIUM,
    OBSERVED,
    SCHEMA,
    Card,
)

_LATER = "Observed on Open Liberty 26.0.0.3"
_REFRESH_2, _REFRESH_3 = (
    operator_commands.command(operator_commands.CONFIGURATION, "JOBNAME", version) for version in zosconnect.VERSIONS
)

CARDS = (
    Card(
        "feature-unknown",
        "Feature that is in no known list",
        MEDIUM,
        why="Liberty starts without a feature that it does not find (CWWKF0001E), and so without its functions.",
        source=f"{_LATER}; lists of the features of Open Liberty 26.0.0.3, WebSphere Liberty and z/OS Connect",
        action="Correct the name of the feature, or remove it.",
    ),
    Card(
        "feature-newer",
        "Feature newer than the lists known here",
        LOW,
        why=(
            "A Liberty newer than these lists has it; an older one starts without it (CWWKF0001E). This collection "
            "does not know what the feature brings, for instance TLS."
        ),
        source=f"{_LATER}; lists of the features of Open Liberty 26.0.0.3 and WebSphere Liberty",
        action="Look into messages.log for CWWKF0001E; correct the version where it stands.",
    ),
    Card(
        "feature-clash",
        "Features that exclude each other",
        HIGH,
        why="Liberty then loads neither of them, or no feature at all (CWWKF0033E, CWWKF0044E, CWWKF0046W).",
        source=_LATER,
        action="Remove one of the two features.",
    ),
    Card(
        "feature-twice",
        "Two versions of one feature",
        MEDIUM,
        why=(
            "Only one of them is meant. If another feature brings an older servlet feature, the newer one fails "
            "(CWWKF0033E)."
        ),
        source=f"{_LATER}; z/OS Connect 2.0 brings appSecurity-2.0 and servlet-3.1 (CWWKF0012I of an IBM server)",
        action="Remove the version that is not meant.",
    ),
    Card(
        "element-without-feature",
        "Element whose feature is not enabled",
        LOW,
        why=(
            "Liberty silently ignores an element that no enabled feature knows, with its settings for users, keys or "
            "protocols."
        ),
        source=(
            "Feature manifests and metatypes of Open Liberty 26.0.0.3; IBM's documentation of the z/OS features and of "
            "z/OS Connect"
        ),
        action="Enable the feature, or remove the element.",
    ),
    Card(
        "config-refused",
        "Configuration that Liberty refuses",
        HIGH,
        why="Liberty refuses the whole configuration: a starting server has none, a running one keeps what it had.",
        source=OBSERVED,
        action="Correct what the message names; until then the server does not start.",
    ),
    Card(
        "value-rejected",
        "Value that Liberty rejects",
        HIGH,
        why="Liberty uses the default instead, or drops the whole element.",
        source=OBSERVED,
        action="Correct the value.",
    ),
    Card(
        "attribute-unknown",
        "Attribute that is not known",
        LOW,
        why="Liberty silently ignores names that it does not know. This collection does not know all names.",
        source=OBSERVED,
        action="Correct the name, or remove the attribute if nothing needs it.",
    ),
    Card(
        "variable-unresolved",
        "Variable that nothing defines",
        MEDIUM,
        why=(
            "If nothing defines it when the server starts, Liberty leaves the text ${name} in the value and says "
            "nothing."
        ),
        source=OBSERVED,
        action="Define the variable, or give it in env or variables where the started task sets it.",
    ),
    Card(
        "variable-elsewhere",
        "Undefined variable in an element that is not judged",
        INFORMATION,
        why="Nothing here judges the element. Liberty leaves the text ${name} in its value, and says nothing.",
        source=OBSERVED,
        action="Define the variable, if the environment of the started task does not.",
    ),
    Card(
        "value-overruled",
        "Value that another place overrules",
        LOW,
        why="The line misleads its readers: the server uses the other value.",
        source=OBSERVED,
        action="Remove the value that does not count, or make the other place agree.",
    ),
    Card(
        "refresh-operator",
        "Changes that wait for an operator",
        INFORMATION,
        why="Until the server is refreshed, it may not do what its files say.",
        source=SCHEMA,
        action="Refresh the server after each change; liberty_refresh does it.",
    ),
    Card(
        "refresh-pending",
        "Server that does not do what its files say",
        HIGH,
        why="The server does not do what its files say: all other verdicts are about the files.",
        source="GET /ibm/api/config of the running server",
        action=(
            f"Refresh the server: operator command {_REFRESH_2} (z/OS Connect 2.0, with the feature "
            f"{operator_commands.FEATURE}) or {_REFRESH_3} (3.0), or the module liberty_refresh. With "
            'updateTrigger="disabled" only a restart helps.'
        ),
    ),
    Card(
        "dropin-broken",
        "Damaged configuration drop-in",
        HIGH,
        why="Liberty applies a damaged drop-in up to the damage, which may re-activate what it overrode.",
        source=OBSERVED,
        action="Mend the file or remove it.",
    ),
    Card(
        "root-wrong",
        "Configuration file without a server element",
        HIGH,
        why="Liberty treats a file with another root element as empty, even server.xml.",
        source=OBSERVED,
        action="Let the file begin with a server or client element.",
    ),
    Card(
        "text-after-end",
        "Text behind the end of a file",
        MEDIUM,
        why="Liberty ignores the text, and says nothing.",
        source=OBSERVED,
        action="Remove the text, or move it into the server element.",
    ),
    Card(
        "doctype",
        "Configuration file with a DOCTYPE",
        HIGH,
        why="A DOCTYPE can define external entities, by which Liberty reads other files into the configuration.",
        source=OBSERVED,
        action="Remove the DOCTYPE, and use include elements instead.",
    ),
    Card(
        "include-missing",
        "Included file that is missing",
        HIGH,
        why="One missing include in server.xml switches every override drop-in off.",
        source=OBSERVED,
        action='Put the file back, or set optional="true" on the include.',
    ),
    Card(
        "include-others",
        "Included directory with files that are not XML",
        MEDIUM,
        why=("An older Liberty reads every file in the directory, also a copy of an old one, and the last one counts."),
        source="Observed on Open Liberty 22.0.0.3, 24.0.0.6 and 26.0.0.3",
        action="Move these files away, or include the files that are meant by their names.",
    ),
    Card(
        "include-odd",
        "Include that does not do what it says",
        MEDIUM,
        why="Liberty skips the include, or merges it in another way than the file says.",
        source=OBSERVED,
        action="Correct the include as the message says.",
    ),
    Card(
        "reference-dangling",
        "Reference that leads nowhere",
        MEDIUM,
        why="Liberty ignores the reference, or falls back to a default, often without a message.",
        source=OBSERVED,
        action="Correct the name, or configure the element that it means.",
    ),
    Card(
        "order-decides",
        "Configuration whose meaning the order of evaluation decides",
        LOW,
        why=(
            "Liberty may evaluate it in one way after a start and in another after a refresh, so this result may be "
            "wrong."
        ),
        source="Observed on Open Liberty 26.0.0.3",
        action="Rewrite the part that the message names, so that the order does not matter.",
    ),
    Card(
        "not-seen",
        "Configuration that could not be read",
        MEDIUM,
        why="The part that was not read may change every other result.",
        source="This collection",
        action="Let the user of this task read it, or give install_dir, user_dir, env or variables.",
    ),
)
