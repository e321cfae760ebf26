// SPDX-FileCopyrightText: 2026 The zosconnect.security contributors
// SPDX-License-Identifier: GPL-3.0-or-later
package standin;

import java.util.Dictionary;

/** Which https port a caller of a plain http port is sent to: our rule, IBM documents the 302 but not the port. */
final class Ports {
    /** The test bed's own way in, which no caller of a requester should be sent to. */
    private static final String TEST_BED_ENDPOINT = "testBedAdmin";

    private Ports() {
    }

    /** The https port of the same endpoint, else that of any other one, else -1. */
    static int httpsPortFor(int httpPort) {
        int elsewhere = -1;
        for (Dictionary<String, Object> endpoint : Configurations.ofFactory("com.ibm.ws.http")) {
            int httpsPort = port(endpoint, "httpsPort");
            if (httpsPort > 0 && port(endpoint, "httpPort") == httpPort) {
                return httpsPort;
            }
            if (httpsPort > 0 && !TEST_BED_ENDPOINT.equals(endpoint.get("id"))) {
                elsewhere = httpsPort;
            }
        }
        return elsewhere;
    }

    private static int port(Dictionary<String, Object> endpoint, String attribute) {
        Object value = endpoint.get(attribute);
        return value == null ? -1 : (Integer) value;
    }
}
