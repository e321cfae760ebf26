// SPDX-FileCopyrightText: 2026 The zosconnect.security contributors
// SPDX-License-Identifier: GPL-3.0-or-later
package standin;

import java.io.IOException;
import java.security.cert.X509Certificate;
import java.util.LinkedHashMap;
import java.util.Map;
import javax.servlet.ServletException;
import javax.servlet.http.HttpServlet;
import javax.servlet.http.HttpServletRequest;
import javax.servlet.http.HttpServletResponse;

/**
 * Stands in for the API requesters of z/OS Connect, in tests. It answers who called and how that is known, and where
 * the requester has an endpoint, what became of calling that.
 *
 * <p>IBM's documented rules: plain http to a requester that must be secure is answered 302; a caller of a requester
 * that requires authentication must be known and have the role zosConnectAccess. Ours: everything else, above all the
 * JSON answer, that only requesters named in the configuration exist, and 403 where there is no https port to name.
 */
public class RequesterServlet extends HttpServlet {
    private static final long serialVersionUID = 1L;
    private static final String CERTIFICATES = "javax.servlet.request.X509Certificate";

    private static final String WEB_APP_SECURITY = "com.ibm.ws.webcontainer.security.WebAppSecurityCollaboratorImpl";

    @Override
    protected void service(HttpServletRequest request, HttpServletResponse response)
            throws ServletException, IOException {
        String name = requesterName(request);
        Settings settings = Settings.of(name);
        if (settings == null) {
            refuse(response, 404, "No apiRequester named '" + name + "' is in zosconnect_apiRequesters.");
        } else if (settings.requireSecure && !request.isSecure()) {
            redirectToHttps(request, response);
        } else if (!settings.requireAuth || isAllowed(request, response)) {
            answer(caller(name, request), settings, response);
        }
    }

    /** The path is /zosConnect/apiRequesters/NAME, with or without more behind it. */
    private static String requesterName(HttpServletRequest request) {
        String path = request.getPathInfo() == null ? "/" : request.getPathInfo();
        return path.split("/", 3)[1];
    }

    private static void redirectToHttps(HttpServletRequest request, HttpServletResponse response) throws IOException {
        int port = Ports.httpsPortFor(request.getLocalPort());
        if (port < 0) {
            refuse(response, 403, "requireSecure is true and the server has no https port.");
            return;
        }
        String query = request.getQueryString() == null ? "" : "?" + request.getQueryString();
        response.setStatus(302);
        response.setHeader("Location", "https://" + request.getServerName() + ":" + port + request.getRequestURI() + query);
    }

    /** Liberty itself does the login and, when it fails, has already answered 401 or 403. */
    private static boolean isAllowed(HttpServletRequest request, HttpServletResponse response)
            throws ServletException, IOException {
        if (!request.authenticate(response)) {
            return false;
        }
        if (request.isUserInRole("zosConnectAccess")) {
            return true;
        }
        refuse(response, 403, "User '" + request.getRemoteUser() + "' does not have the role zosConnectAccess.");
        return false;
    }

    private static void answer(Map<String, Object> caller, Settings settings, HttpServletResponse response)
            throws IOException {
        if (settings.connection == null) {
            Json.write(response, 200, caller);
            return;
        }
        Map<String, Object> outbound = Outbound.call(settings.connection);
        caller.put("outbound", outbound);
        Json.write(response, outbound.containsKey("error") ? 502 : 200, caller);
    }

    private static Map<String, Object> caller(String name, HttpServletRequest request) {
        X509Certificate[] chain = (X509Certificate[]) request.getAttribute(CERTIFICATES);
        Map<String, Object> answer = new LinkedHashMap<>();
        answer.put("requester", name);
        answer.put("user", request.getRemoteUser());
        answer.put("auth_type", authType(request));
        answer.put("secure", request.isSecure());
        answer.put("certificate_subject", chain == null ? null : chain[0].getSubjectX500Principal().getName());
        return answer;
    }

    /**
     * How the caller was identified: CLIENT_CERT, BASIC, or null when nobody asked. Liberty's answer is right except
     * under overrideHttpAuthMethod="BASIC", where it still names what web.xml says.
     */
    private static String authType(HttpServletRequest request) {
        Object override = Configurations.ofSingleton(WEB_APP_SECURITY).get("overrideHttpAuthMethod");
        boolean asked = request.getAuthType() != null;
        return asked && "BASIC".equals(override) ? HttpServletRequest.BASIC_AUTH : request.getAuthType();
    }

    private static void refuse(HttpServletResponse response, int status, String sentence) throws IOException {
        Json.write(response, status, Map.of("error", sentence));
    }
}
