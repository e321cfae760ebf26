// SPDX-FileCopyrightText: 2026 The zosconnect.security contributors
// SPDX-License-Identifier: GPL-3.0-or-later
package standin;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Dictionary;
import java.util.Hashtable;
import java.util.List;
import org.osgi.framework.BundleContext;
import org.osgi.framework.FrameworkUtil;
import org.osgi.framework.InvalidSyntaxException;
import org.osgi.service.cm.Configuration;
import org.osgi.service.cm.ConfigurationAdmin;

/** Reads the effective configuration, as Liberty merged and checked it, from OSGi's Configuration Admin. */
final class Configurations {
    private Configurations() {
    }

    /** The instances of an element that may occur many times, in the order Liberty numbered them. */
    static List<Dictionary<String, Object>> ofFactory(String pid) {
        return matching("(service.factoryPid=" + pid + ")");
    }

    /** The one instance, or an empty one when the configuration has none. */
    static Dictionary<String, Object> ofSingleton(String pid) {
        List<Dictionary<String, Object>> found = matching("(service.pid=" + pid + ")");
        return found.isEmpty() ? new Hashtable<>() : found.get(0);
    }

    private static List<Dictionary<String, Object>> matching(String filter) {
        BundleContext context = FrameworkUtil.getBundle(Configurations.class).getBundleContext();
        ConfigurationAdmin admin = context.getService(context.getServiceReference(ConfigurationAdmin.class));
        List<Dictionary<String, Object>> result = new ArrayList<>();
        try {
            Configuration[] found = admin.listConfigurations(filter);
            for (Configuration one : found == null ? new Configuration[0] : found) {
                if (one.getProperties() != null) {
                    result.add(one.getProperties());
                }
            }
        } catch (IOException | InvalidSyntaxException problem) {
            throw new IllegalStateException(problem);
        }
        return result;
    }
}
