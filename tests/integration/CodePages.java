// SPDX-FileCopyrightText: 2026 The zosconnect.security contributors
// SPDX-License-Identifier: GPL-3.0-or-later

import java.io.ByteArrayInputStream;
import java.nio.charset.Charset;
import javax.xml.stream.XMLInputFactory;
import javax.xml.stream.XMLStreamReader;

/** Says of each argument what Java makes of it: of CHARSET the character of each byte, of NAME=CHARSET whether StAX reads it. */
public class CodePages {
    public static void main(String[] arguments) {
        for (String argument : arguments) {
            String[] parts = argument.split("=");
            System.out.println(argument + " " + (parts.length == 1 ? characters(argument) : reads(parts[0], parts[1])));
        }
    }

    static String characters(String charset) {
        StringBuilder numbers = new StringBuilder();
        for (int number = 0; number < 256; number++) {
            String one = new String(new byte[] {(byte) number}, Charset.forName(charset));
            numbers.append(number == 0 ? "" : ",").append((int) one.charAt(0));
        }
        return numbers.toString();
    }

    static boolean reads(String name, String charset) {
        try {
            byte[] file = ("<?xml version=\"1.0\" encoding=\"" + name + "\"?><server/>").getBytes(charset);
            XMLStreamReader reader = XMLInputFactory.newInstance().createXMLStreamReader(new ByteArrayInputStream(file));
            while (reader.hasNext()) {
                reader.next();
            }
            return true;
        } catch (Exception refused) {
            return false;
        }
    }
}
