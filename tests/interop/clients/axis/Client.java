// Apache Axis 1.4 with the classes of WSDL2Java: typed objects in and out, faults as PlugpointFault.

import catalog.*;
import java.io.StringReader;
import java.math.BigDecimal;
import java.net.URL;
import java.time.ZonedDateTime;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.GregorianCalendar;
import java.util.List;
import java.util.TreeSet;
import javax.xml.parsers.DocumentBuilderFactory;
import javax.xml.soap.SOAPElement;
import org.apache.axis.message.MessageElement;
import org.apache.axis.message.SOAPHeaderElement;
import org.apache.axis.types.UnsignedInt;
import org.xml.sax.InputSource;

final class Client {
    private static final String WSSE = "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-secext-1.0.xsd";
    private static final String PASSWORD_TEXT =
            "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-username-token-profile-1.0#PasswordText";

    private final URL endpoint;

    private Client(String endpoint) throws Exception {
        this.endpoint = new URL(endpoint);
    }

    public static void main(String[] arguments) throws Exception {
        TreeSet<String> operations = new TreeSet<>();
        for (java.lang.reflect.Method method : Catalog.class.getMethods()) {
            operations.add(method.getName().substring(0, 1).toUpperCase() + method.getName().substring(1));
        }
        new Line().put("client", org.apache.axis.Version.getVersionText()).put("operations", String.join(",", operations)).say();
        Line.serve(new Client(arguments[1])::answer);
    }

    private Catalog port(Line call) throws Exception {
        CatalogSoap11Stub port = (CatalogSoap11Stub) new CatalogServiceLocator().getCatalogSoap11(endpoint);
        port.setTimeout(120_000);
        if (call.get("credential").equals("basic")) {
            port.setUsername(call.get("user"));
            port.setPassword(call.get("password"));
        }
        if (call.get("credential").equals("token")) {
            port.setHeader(security(call.get("user"), call.get("password")));
        }
        return port;
    }

    private static SOAPHeaderElement security(String user, String secret) throws Exception {
        SOAPHeaderElement security = new SOAPHeaderElement(WSSE, "Security");
        SOAPElement token = security.addChildElement("UsernameToken");
        token.addChildElement("Username").addTextNode(user);
        SOAPElement password = token.addChildElement("Password");
        ((MessageElement) password).setAttribute("Type", PASSWORD_TEXT);
        password.addTextNode(secret);
        return security;
    }

    private Line answer(Line call) throws Exception {
        try {
            return result(port(call), call).put("outcome", "result");
        } catch (PlugpointFault fault) {
            FieldFault[] errors = fault.getErrors();
            // The detail's message is message1: a Java exception has a message of its own.
            return new Line().put("outcome", "fault").put("exception", fault.getClass().getSimpleName())
                    .put("faultcode", fault.getFaultCode().getLocalPart()).put("reason", fault.getFaultString())
                    .put("code", fault.getCode()).put("message", fault.getMessage1()).put("requestId", fault.getRequestId())
                    .put("pointer", errors == null || errors.length == 0 ? null : errors[0].getPointer());
        }
    }

    private static Line result(Catalog port, Line call) throws Exception {
        switch (call.get("operation")) {
            case "ImportCatalog":
                ImportCatalog sent = new ImportCatalog();
                sent.setCatalogId(call.get("catalogId"));
                sent.setMode(ImportMode.fromValue(call.get("mode")));
                sent.setWaitSeconds(new UnsignedInt(call.get("waitSeconds")));
                if (call.has("document")) {
                    sent.setDocument(document(call.get("document")));
                } else {
                    sent.setItems(items(call));
                }
                ImportCatalogResponse done = port.importCatalog(sent);
                return report(done.getImportId(), done.getStatus(), done.getCounts(), done.getFindings(), done.getProgress());
            case "GetImportStatus":
                GetImportStatusResponse stands = port.getImportStatus(new GetImportStatus(call.get("importId")));
                return report(stands.getImportId(), stands.getStatus(), stands.getCounts(), stands.getFindings(), stands.getProgress());
            case "GetItem":
                return new Line().putItems(List.of(told(port.getItem(new GetItem(call.get("catalogId"), call.get("sku"))).getItem())));
            case "ListItems":
                ListItemsResponse page = port.listItems(new ListItems(call.get("catalogId"), call.get("cursor"), new UnsignedInt(call.get("limit"))));
                List<Line> told = new ArrayList<>();
                for (Item item : page.getItems() == null ? new Item[0] : page.getItems()) {
                    told.add(told(item));
                }
                return new Line().putItems(told).put("nextCursor", page.getNextCursor());
            default:
                throw new IllegalArgumentException(call.get("operation"));
        }
    }

    private static Document document(String xml) throws Exception {
        DocumentBuilderFactory factory = DocumentBuilderFactory.newInstance();
        factory.setNamespaceAware(true);
        MessageElement element = new MessageElement(factory.newDocumentBuilder().parse(new InputSource(new StringReader(xml))).getDocumentElement());
        return new Document(new MessageElement[] {element});
    }

    private static Item[] items(Line call) {
        List<Item> items = new ArrayList<>();
        for (Line sent : call.items()) {
            Text text = new Text();
            text.setLang(sent.get("lang"));
            text.setTitle(sent.get("title"));
            text.setKeywords(sent.has("keywords") ? sent.get("keywords").split("\\|") : null);
            Item item = new Item();
            item.setSku(sent.get("sku"));
            item.setStatus(sent.has("status") ? ItemStatus.fromValue(sent.get("status")) : null);
            item.setBrand(sent.get("brand"));
            item.setTexts(new Text[] {text});
            if (sent.has("amount")) {
                Price price = new Price();
                price.setKind("list");
                price.setAmount(new BigDecimal(sent.get("amount")));
                price.setCurrency(sent.get("currency"));
                price.setTaxIncluded(sent.has("taxIncluded") ? Boolean.valueOf(sent.get("taxIncluded")) : null);
                price.setValidFrom(sent.has("validFrom") ? GregorianCalendar.from(ZonedDateTime.parse(sent.get("validFrom"))) : null);
                item.setPrices(new Price[] {price});
            }
            items.add(item);
        }
        return items.toArray(new Item[0]);
    }

    private static Line told(Item item) {
        Text text = item.getTexts()[0];
        Line line = new Line().put("sku", item.getSku()).put("status", item.getStatus()).put("brand", item.getBrand())
                .put("lang", text.getLang()).put("title", text.getTitle())
                .put("keywords", text.getKeywords() == null ? null : String.join("|", Arrays.asList(text.getKeywords())));
        for (Price price : item.getPrices() == null ? new Price[0] : item.getPrices()) {
            line.put("amount", price.getAmount()).put("currency", price.getCurrency()).put("taxIncluded", price.getTaxIncluded())
                    .put("validFrom", price.getValidFrom() == null ? null : price.getValidFrom().toInstant());
        }
        return line;
    }

    private static Line report(String id, ImportStatus status, ImportCounts counts, Finding[] findings, Double progress) {
        Line line = new Line().put("importId", id).put("status", status).put("read", counts.getRead()).put("accepted", counts.getAccepted())
                .put("added", counts.getAdded()).put("rejected", counts.getRejected()).put("progress", progress)
                .put("findings", findings == null ? 0 : findings.length);
        if (findings != null && findings.length > 0) {
            line.put("finding.severity", findings[0].getSeverity()).put("finding.code", findings[0].getCode()).put("finding.sku", findings[0].getSku());
        }
        return line;
    }
}
