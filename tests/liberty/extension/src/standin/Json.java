// SPDX-FileCopyrightText: 2026 The zosconnect.security contributors
// SPDX-License-Identifier: GPL-3.0-or-later
package standin;

import java.io.IOException;
import java.util.Map;
import java.util.stream.Collectors;
import javax.servlet.http.HttpServletResponse;

/** Writes a JSON object; Java has no JSON of its own. */
final class Json {
    private Json() {
    }

    static void write(HttpServletResponse response, int status, Map<String, Object> values) throws IOException {
        response.setStatus(status);
        response.setContentType("application/json");
        response.setCharacterEncoding("UTF-8");
        response.getWriter().println(object(values));
    }

    private static String object(Map<?, ?> values) {
        return values.entrySet().stream()
                .map(entry -> quoted((String) entry.getKey()) + ": " + json(entry.getValue()))
                .collect(Collectors.joining(", ", "{", "}"));
    }

    private static String json(Object value) {
        if (value instanceof Map) {
            return object((Map<?, ?>) value);
        }
        return value instanceof String ? quoted((String) value) : String.valueOf(value);
    }

    private static String quoted(String text) {
        return text.codePoints()
                .mapToObj(c -> c < 0x20 || c == '"' || c == '\\' ? String.format("\\u%04x", c) : Character.toString(c))
                .collect(Collectors.joining("", "\"", "\""));
    }
}
