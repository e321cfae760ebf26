// SPDX-FileCopyrightText: 2026 The zosconnect.security contributors
// SPDX-License-Identifier: GPL-3.0-or-later
package standin;

import com.ibm.websphere.crypto.PasswordUtil;
import com.ibm.websphere.ssl.Constants;
import com.ibm.websphere.ssl.JSSEHelper;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.security.cert.X509Certificate;
import java.util.Base64;
import java.util.Dictionary;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Properties;
import javax.net.ssl.SSLSocket;

/**
 * Calls the endpoint of a zosconnect_endpointConnection and says what became of it.
 *
 * <p>IBM's documented rules: host carries the scheme, the `ssl` element that sslCertsRef names is used, and without one
 * Liberty's default for outgoing connections. Which configuration that is, whom it trusts, which certificate it shows
 * and whether it checks host names is asked of Liberty's own JSSEHelper and left to it. Ours: one GET of / over HTTP
 * 1.1, http where host has no scheme, ports 80 and 443 where there is none, and the answer.
 */
final class Outbound {
    private static final int ANSWER_LIMIT = 4096;

    private final Dictionary<String, Object> connection;
    private final Map<String, Object> answer = new LinkedHashMap<>();
    private final boolean tls;
    private final String host;
    private final int port;

    private Outbound(Dictionary<String, Object> connection) {
        this.connection = connection;
        String[] parts = ((String) connection.get("host")).split("://", 2);
        tls = parts.length == 2 && parts[0].equalsIgnoreCase("https");
        host = parts[parts.length - 1];
        Object given = connection.get("port");
        port = given != null ? (Integer) given : tls ? 443 : 80;
    }

    /** The answer has `error` and `message` when there was no reply, else `status` and `body`. */
    static Map<String, Object> call(String connectionPid) {
        Outbound outbound = new Outbound(Configurations.ofSingleton(connectionPid));
        outbound.answer.put("endpoint", (outbound.tls ? "https://" : "http://") + outbound.host + ":" + outbound.port);
        try {
            outbound.call();
        } catch (Exception problem) { // whatever Liberty, the JDK or the network says is the answer
            outbound.answer.put("error", problem.getClass().getName());
            outbound.answer.put("message", problem.getMessage());
        }
        return outbound.answer;
    }

    private void call() throws Exception {
        try (Socket socket = new Socket()) {
            socket.setSoTimeout(milliseconds("receiveTimeout"));
            socket.connect(new InetSocketAddress(host, port), milliseconds("connectionTimeout"));
            ask(tls ? secured(socket) : socket);
        }
    }

    /** Not HttpsURLConnection, which would check host names by a rule of its own. */
    private Socket secured(Socket socket) throws Exception {
        Map<String, Object> info = new LinkedHashMap<>();
        info.put(JSSEHelper.CONNECTION_INFO_DIRECTION, JSSEHelper.DIRECTION_OUTBOUND);
        info.put(JSSEHelper.CONNECTION_INFO_ENDPOINT_NAME, JSSEHelper.ENDPOINT_HTTP);
        info.put(JSSEHelper.CONNECTION_INFO_REMOTE_HOST, host);
        info.put(JSSEHelper.CONNECTION_INFO_REMOTE_PORT, String.valueOf(port));
        String asked = sslAsked();
        answer.put("ssl_asked", asked);
        Properties chosen = JSSEHelper.getInstance().getProperties(asked, info, null);
        answer.put("ssl_used", chosen.getProperty(Constants.SSLPROP_ALIAS));
        answer.put("verifies_host_name", verifiesHostName(chosen));
        SSLSocket secured = (SSLSocket) JSSEHelper.getInstance().getSSLSocketFactory(info, chosen)
                .createSocket(socket, host, port, true);
        secured.startHandshake();
        X509Certificate shown = (X509Certificate) secured.getSession().getPeerCertificates()[0];
        answer.put("protocol", secured.getSession().getProtocol());
        answer.put("certificate_subject", shown.getSubjectX500Principal().getName());
        return secured;
    }

    private boolean verifiesHostName(Properties chosen) {
        String exceptions = chosen.getProperty(Constants.SSLPROP_SKIP_HOSTNAME_VERIFICATION_FOR_HOSTS);
        return Boolean.parseBoolean(chosen.getProperty(Constants.SSLPROP_HOSTNAME_VERIFICATION))
                && !Constants.isSkipHostnameVerificationForHosts(host, exceptions);
    }

    /** The id of the `ssl` element that sslCertsRef leads to; "" for Liberty's default. */
    private String sslAsked() {
        Object pid = connection.get("sslCertsRef");
        Object id = pid == null ? null : Configurations.ofSingleton((String) pid).get("id");
        return id == null ? "" : (String) id;
    }

    private void ask(Socket socket) throws Exception {
        String request = "GET / HTTP/1.1\r\nHost: " + host + ":" + port + "\r\n" + login() + "Connection: close\r\n\r\n";
        socket.getOutputStream().write(request.getBytes(StandardCharsets.UTF_8));
        String reply = new String(socket.getInputStream().readNBytes(ANSWER_LIMIT), StandardCharsets.UTF_8);
        String[] halves = reply.split("\r\n\r\n", 2);
        String[] statusLine = halves[0].split(" ", 3);
        if (statusLine.length < 2 || !statusLine[0].startsWith("HTTP/")) {
            throw new IOException("The endpoint's answer is not HTTP.");
        }
        answer.put("status", Integer.valueOf(statusLine[1]));
        answer.put("body", halves.length == 2 ? halves[1] : "");
    }

    /** The first zosconnect_authData of authenticationConfigRef, as basic authentication. */
    private String login() throws ReflectiveOperationException {
        String[] pids = (String[]) connection.get("authenticationConfigRef");
        if (pids == null || pids.length == 0) {
            return "";
        }
        Dictionary<String, Object> data = Configurations.ofSingleton(pids[0]);
        Object guarded = data.get("password"); // its class is not among the jars that Liberty offers for compiling
        char[] encoded = (char[]) guarded.getClass().getMethod("getChars").invoke(guarded);
        String password = PasswordUtil.passwordDecode(new String(encoded));
        byte[] login = (data.get("user") + ":" + password).getBytes(StandardCharsets.UTF_8);
        return "Authorization: Basic " + Base64.getEncoder().encodeToString(login) + "\r\n";
    }

    private int milliseconds(String attribute) {
        return ((Long) connection.get(attribute)).intValue();
    }
}
