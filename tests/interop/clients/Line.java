// The protocol of the clients for those in Java: a call is a line, an answer is a line, both in the form that HTML forms have.

import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.net.URLDecoder;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** The fields of one line. Fields without a value are left out. */
final class Line {
    interface Answer {
        Line of(Line call) throws Exception;
    }

    private static final PrintStream OUT = new PrintStream(System.out, true, StandardCharsets.UTF_8);

    private final Map<String, String> fields = new LinkedHashMap<>();

    static Line parse(String text) {
        Line line = new Line();
        for (String pair : text.split("&")) {
            int at = pair.indexOf('=');
            String name = URLDecoder.decode(pair.substring(0, at), StandardCharsets.UTF_8);
            line.fields.put(name, URLDecoder.decode(pair.substring(at + 1), StandardCharsets.UTF_8));
        }
        return line;
    }

    Line put(String name, Object value) {
        if (value != null) {
            fields.put(name, value.toString());
        }
        return this;
    }

    String get(String name) {
        return fields.get(name);
    }

    boolean has(String name) {
        return fields.containsKey(name);
    }

    /** The items of a call, each with its own fields. */
    List<Line> items() {
        List<Line> items = new ArrayList<>();
        for (int number = 0; number < Integer.parseInt(fields.getOrDefault("items", "0")); number++) {
            Line item = new Line();
            for (Map.Entry<String, String> field : fields.entrySet()) {
                if (field.getKey().startsWith(number + ".")) {
                    item.put(field.getKey().substring((number + ".").length()), field.getValue());
                }
            }
            items.add(item);
        }
        return items;
    }

    /** Adds items as fields of an answer. */
    Line putItems(List<Line> items) {
        put("items", items.size());
        for (int number = 0; number < items.size(); number++) {
            for (Map.Entry<String, String> field : items.get(number).fields.entrySet()) {
                put(number + "." + field.getKey(), field.getValue());
            }
        }
        return this;
    }

    void say() {
        StringBuilder text = new StringBuilder();
        for (Map.Entry<String, String> field : fields.entrySet()) {
            text.append(text.length() == 0 ? "" : "&").append(URLEncoder.encode(field.getKey(), StandardCharsets.UTF_8))
                    .append('=').append(URLEncoder.encode(field.getValue(), StandardCharsets.UTF_8));
        }
        OUT.println(text);
    }

    static void serve(Answer answer) throws Exception {
        BufferedReader in = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        for (String text = in.readLine(); text != null; text = in.readLine()) {
            Line said;
            try {
                said = answer.of(parse(text));
            } catch (Exception error) {
                said = new Line().put("outcome", "error").put("exception", error.getClass().getSimpleName()).put("reason", "" + error.getMessage());
            }
            said.say();
        }
    }
}
