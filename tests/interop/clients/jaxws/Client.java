// JAX-WS (the reference implementation) with the classes of wsimport: typed objects in and out, faults as CatalogFault.

import catalog.*;
import java.math.BigDecimal;
import java.net.URL;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import javax.xml.datatype.DatatypeFactory;
import javax.xml.namespace.QName;
import javax.xml.parsers.DocumentBuilderFactory;
import javax.xml.soap.SOAPElement;
import javax.xml.soap.SOAPEnvelope;
import javax.xml.soap.SOAPException;
import javax.xml.soap.SOAPHeader;
import javax.xml.ws.BindingProvider;
import javax.xml.ws.handler.Handler;
import javax.xml.ws.handler.MessageContext;
import javax.xml.ws.handler.soap.SOAPHandler;
import javax.xml.ws.handler.soap.SOAPMessageContext;
import org.xml.sax.InputSource;

final class Client {
    private static final String WSSE = "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-secext-1.0.xsd";
    private static final String PASSWORD_TEXT =
            "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-username-token-profile-1.0#PasswordText";

    private final CatalogService service;
    private final String endpoint;
    private final boolean is12;

    private Client(String wsdl, String endpoint, String version) throws Exception {
        this.service = new CatalogService(new URL(wsdl), new QName("urn:plugpoint:catalog:v1", "CatalogService"));
        this.endpoint = endpoint;
        this.is12 = version.equals("1.2");
    }

    public static void main(String[] arguments) throws Exception {
        Client client = new Client(arguments[0], arguments[1], arguments[2]);
        Set<String> operations = new TreeSet<>();
        for (java.lang.reflect.Method method : Catalog.class.getMethods()) {
            operations.add(method.getAnnotation(javax.jws.WebMethod.class).operationName());
        }
        String version = com.sun.xml.ws.util.RuntimeVersion.VERSION.toString();
        new Line().put("client", version).put("operations", String.join(",", operations)).say();
        Line.serve(client::answer);
    }

    /** Puts the UsernameToken into the header, which JAX-WS has no words for. */
    private static final class Token implements SOAPHandler<SOAPMessageContext> {
        private final Line call;

        Token(Line call) {
            this.call = call;
        }

        @Override
        public boolean handleMessage(SOAPMessageContext context) {
            if (!(Boolean) context.get(MessageContext.MESSAGE_OUTBOUND_PROPERTY)) {
                return true;
            }
            try {
                SOAPEnvelope envelope = context.getMessage().getSOAPPart().getEnvelope();
                SOAPHeader header = envelope.getHeader() == null ? envelope.addHeader() : envelope.getHeader();
                SOAPElement token = header.addChildElement("Security", "wsse", WSSE).addChildElement("UsernameToken", "wsse");
                token.addChildElement("Username", "wsse").addTextNode(call.get("user"));
                SOAPElement password = token.addChildElement("Password", "wsse");
                password.setAttribute("Type", PASSWORD_TEXT);
                password.addTextNode(call.get("password"));
                return true;
            } catch (SOAPException error) {
                throw new IllegalStateException(error);
            }
        }

        @Override
        public boolean handleFault(SOAPMessageContext context) {
            return true;
        }

        @Override
        public void close(MessageContext context) {
        }

        @Override
        public Set<QName> getHeaders() {
            return Collections.emptySet();
        }
    }

    private Catalog port(Line call) {
        Catalog port = is12 ? service.getCatalogSoap12() : service.getCatalogSoap11();
        BindingProvider provider = (BindingProvider) port;
        Map<String, Object> context = provider.getRequestContext();
        context.put(BindingProvider.ENDPOINT_ADDRESS_PROPERTY, endpoint);
        if (call.get("credential").equals("basic")) {
            context.put(BindingProvider.USERNAME_PROPERTY, call.get("user"));
            context.put(BindingProvider.PASSWORD_PROPERTY, call.get("password"));
        }
        if (call.get("credential").equals("token")) {
            List<Handler> handlers = new ArrayList<>();
            handlers.add(new Token(call));
            provider.getBinding().setHandlerChain(handlers);
        }
        return port;
    }

    private Line answer(Line call) throws Exception {
        try {
            return result(port(call), call).put("outcome", "result");
        } catch (CatalogFault fault) {
            PlugpointFault detail = fault.getFaultInfo();
            return new Line().put("outcome", "fault").put("exception", fault.getClass().getSimpleName()).put("reason", fault.getMessage())
                    .put("code", detail.getCode()).put("message", detail.getMessage()).put("requestId", detail.getRequestId())
                    .put("pointer", detail.getErrors().isEmpty() ? null : detail.getErrors().get(0).getPointer());
        }
    }

    private static Line result(Catalog port, Line call) throws Exception {
        switch (call.get("operation")) {
            case "ImportCatalog":
                ImportCatalog sent = new ImportCatalog();
                sent.setCatalogId(call.get("catalogId"));
                sent.setMode(ImportMode.fromValue(call.get("mode")));
                sent.setWaitSeconds(Long.valueOf(call.get("waitSeconds")));
                if (call.has("document")) {
                    sent.setDocument(document(call.get("document")));
                } else {
                    sent.setItems(items(call));
                }
                ImportCatalogResponse done = port.importCatalog(sent);
                return report(done.getImportId(), done.getStatus(), done.getCounts(), done.getFindings().getFinding(), done.getProgress());
            case "GetImportStatus":
                GetImportStatus asked = new GetImportStatus();
                asked.setImportId(call.get("importId"));
                GetImportStatusResponse stands = port.getImportStatus(asked);
                return report(stands.getImportId(), stands.getStatus(), stands.getCounts(), stands.getFindings().getFinding(), stands.getProgress());
            case "GetItem":
                GetItem wanted = new GetItem();
                wanted.setCatalogId(call.get("catalogId"));
                wanted.setSku(call.get("sku"));
                return new Line().putItems(List.of(told(port.getItem(wanted).getItem())));
            case "ListItems":
                ListItems listed = new ListItems();
                listed.setCatalogId(call.get("catalogId"));
                listed.setCursor(call.get("cursor"));
                listed.setLimit(Long.valueOf(call.get("limit")));
                ListItemsResponse page = port.listItems(listed);
                List<Line> told = page.getItems().getItem().stream().map(Client::told).collect(Collectors.toList());
                return new Line().putItems(told).put("nextCursor", page.getNextCursor());
            default:
                throw new IllegalArgumentException(call.get("operation"));
        }
    }

    private static Document document(String xml) throws Exception {
        DocumentBuilderFactory factory = DocumentBuilderFactory.newInstance();
        factory.setNamespaceAware(true);
        Document document = new Document();
        document.setAny(factory.newDocumentBuilder().parse(new InputSource(new java.io.StringReader(xml))).getDocumentElement());
        return document;
    }

    private static ItemList items(Line call) throws Exception {
        ItemList items = new ItemList();
        for (Line sent : call.items()) {
            Text text = new Text();
            text.setLang(sent.get("lang"));
            text.setTitle(sent.get("title"));
            if (sent.has("keywords")) {
                text.getKeywords().addAll(Arrays.asList(sent.get("keywords").split("\\|")));
            }
            Item item = new Item();
            item.setSku(sent.get("sku"));
            item.setStatus(sent.has("status") ? ItemStatus.fromValue(sent.get("status")) : null);
            item.setBrand(sent.get("brand"));
            item.getTexts().add(text);
            if (sent.has("amount")) {
                Price price = new Price();
                price.setKind("list");
                price.setAmount(new BigDecimal(sent.get("amount")));
                price.setCurrency(sent.get("currency"));
                price.setTaxIncluded(sent.has("taxIncluded") ? Boolean.valueOf(sent.get("taxIncluded")) : null);
                String since = sent.get("validFrom");
                price.setValidFrom(since == null ? null : DatatypeFactory.newInstance().newXMLGregorianCalendar(since));
                item.getPrices().add(price);
            }
            items.getItem().add(item);
        }
        return items;
    }

    private static Line told(Item item) {
        Text text = item.getTexts().get(0);
        Line line = new Line().put("sku", item.getSku()).put("status", item.getStatus() == null ? null : item.getStatus().value())
                .put("brand", item.getBrand()).put("lang", text.getLang()).put("title", text.getTitle())
                .put("keywords", text.getKeywords().isEmpty() ? null : String.join("|", text.getKeywords()));
        for (Price price : item.getPrices()) {
            line.put("amount", price.getAmount()).put("currency", price.getCurrency()).put("taxIncluded", price.isTaxIncluded())
                    .put("validFrom", price.getValidFrom());
        }
        return line;
    }

    private static Line report(String id, ImportStatus status, ImportCounts counts, List<Finding> findings, Double progress) {
        Line line = new Line().put("importId", id).put("status", status.value()).put("read", counts.getRead())
                .put("accepted", counts.getAccepted()).put("added", counts.getAdded()).put("rejected", counts.getRejected())
                .put("progress", progress).put("findings", findings.size());
        if (!findings.isEmpty()) {
            Finding first = findings.get(0);
            line.put("finding.severity", first.getSeverity().value()).put("finding.code", first.getCode()).put("finding.sku", first.getSku());
        }
        return line;
    }
}
