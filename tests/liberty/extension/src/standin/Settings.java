// SPDX-FileCopyrightText: 2026 The zosconnect.security contributors
// SPDX-License-Identifier: GPL-3.0-or-later
package standin;

import java.util.Dictionary;
import java.util.List;

/**
 * What holds for one API requester. IBM's documented rule: the narrowest scope that has a value wins (apiRequester,
 * then zosconnect_apiRequesters, then zosconnect_zosConnectManager), and without any value the answer is true. Ours:
 * of two elements with one name the first counts; IBM does not say.
 */
final class Settings {
    final boolean requireSecure;
    final boolean requireAuth;
    /** The pid of the zosconnect_endpointConnection to call, or null. */
    final String connection;

    private Settings(List<Dictionary<String, Object>> scopes) {
        requireSecure = narrowest(scopes, "requireSecure");
        requireAuth = narrowest(scopes, "requireAuth");
        connection = (String) scopes.get(0).get("connectionRef");
    }

    /** The settings in force now, or null when no apiRequester has this name. Read anew each time: refresh is free. */
    static Settings of(String name) {
        for (Dictionary<String, Object> requester : Configurations.ofFactory("standin.apiRequester")) {
            if (name.equals(requester.get("name"))) {
                return new Settings(List.of(
                        requester,
                        Configurations.ofSingleton("standin.apiRequesters"),
                        Configurations.ofSingleton("standin.zosConnectManager")));
            }
        }
        return null;
    }

    private static boolean narrowest(List<Dictionary<String, Object>> scopes, String attribute) {
        for (Dictionary<String, Object> scope : scopes) {
            if (scope.get(attribute) != null) {
                return (Boolean) scope.get(attribute);
            }
        }
        return true;
    }
}
