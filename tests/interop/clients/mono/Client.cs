// ASP.NET web service proxies (ASMX) on Mono with the classes of wsdl.exe: typed objects in and out, faults as SoapException.

using System;
using System.Collections.Generic;
using System.Globalization;
using System.IO;
using System.Linq;
using System.Net;
using System.Text;
using System.Web.Services.Protocols;
using System.Xml;

/// The generated proxy, told to send its credentials at once: by itself it waits for a 401, which a SOAP 1.1 fault never is.
public partial class CatalogService
{
    public string Authorization;

    protected override WebRequest GetWebRequest(Uri uri)
    {
        WebRequest request = base.GetWebRequest(uri);
        if (Authorization != null)
            request.Headers["Authorization"] = Authorization;
        return request;
    }
}

static class Client
{
    const string Namespace = "urn:plugpoint:catalog:v1";

    static void Main(string[] arguments)
    {
        var output = new StreamWriter(Console.OpenStandardOutput(), new UTF8Encoding(false)) { AutoFlush = true, NewLine = "\n" };
        var input = new StreamReader(Console.OpenStandardInput(), new UTF8Encoding(false));
        var operations = typeof(CatalogService).GetMethods()
            .Where(method => method.GetCustomAttributes(typeof(SoapDocumentMethodAttribute), false).Any()).Select(method => method.Name).OrderBy(name => name);
        string mono = (string)Type.GetType("Mono.Runtime").GetMethod("GetDisplayName",
            System.Reflection.BindingFlags.NonPublic | System.Reflection.BindingFlags.Static).Invoke(null, null);
        output.WriteLine(Text(new Fields { { "client", "Mono ASMX " + mono }, { "operations", string.Join(",", operations) } }));
        for (string line = input.ReadLine(); line != null; line = input.ReadLine())
            output.WriteLine(Text(Answer(Parse(line), arguments[1], arguments[2])));
    }

    static Fields Answer(Fields call, string endpoint, string version)
    {
        try
        {
            var service = new CatalogService {
                Url = endpoint, Timeout = 120000,
                SoapVersion = version == "1.2" ? SoapProtocolVersion.Soap12 : SoapProtocolVersion.Soap11,
            };
            if (call["credential"] == "basic")
                service.Authorization = "Basic " + Convert.ToBase64String(Encoding.UTF8.GetBytes(call["user"] + ":" + call["password"]));
            var said = Result(service, call);
            said["outcome"] = "result";
            return said;
        }
        catch (SoapException fault)
        {
            return Fault(fault);
        }
        catch (Exception error)
        {
            return new Fields { { "outcome", "error" }, { "exception", error.GetType().Name }, { "reason", error.ToString() } };
        }
    }

    static Fields Fault(SoapException fault)
    {
        var names = new XmlNamespaceManager(new NameTable());
        names.AddNamespace("c", Namespace);
        Func<string, string> detail = path => fault.Detail?.SelectSingleNode("c:PlugpointFault/" + path, names)?.InnerText;
        return new Fields {
            { "outcome", "fault" }, { "exception", typeof(SoapException).Name }, { "faultcode", fault.Code.Name }, { "reason", fault.Message },
            { "code", detail("c:code") }, { "message", detail("c:message") }, { "requestId", detail("c:requestId") },
            { "pointer", detail("c:errors[1]/c:pointer") },
        };
    }

    static Fields Result(CatalogService service, Fields call)
    {
        ImportStatus status;
        ImportCounts counts;
        Finding[] findings;
        ulong total, unmappedTotal;
        bool hasTotal, hasProgress, hasUnmapped;
        UnmappedPath[] unmapped;
        double progress;
        SoapImportFailure error;
        string id, next;
        switch (call["operation"])
        {
            case "ImportCatalog":
                XmlElement document = null;
                if (call["document"] != null)
                {
                    var owner = new XmlDocument();
                    owner.LoadXml(call["document"]);
                    document = owner.DocumentElement;
                }
                var mode = (ImportMode)Enum.Parse(typeof(ImportMode), call["mode"]);
                id = service.ImportCatalog(call["catalogId"], mode, null, uint.Parse(call["waitSeconds"]), true, document == null ? Items(call) : null,
                    document, null, out status, out counts, out findings, out total, out hasTotal, out progress, out hasProgress, out error,
                    out unmapped, out unmappedTotal, out hasUnmapped);
                return Report(id, status, counts, findings, progress);
            case "GetImportStatus":
                id = call["importId"];
                status = service.GetImportStatus(ref id, out counts, out findings, out total, out hasTotal, out progress, out hasProgress, out error,
                    out unmapped, out unmappedTotal, out hasUnmapped);
                return Report(id, status, counts, findings, progress);
            case "GetItem":
                return Told(service.GetItem(call["catalogId"], call["sku"]));
            case "ListItems":
                var said = Told(service.ListItems(call["catalogId"], call["cursor"], uint.Parse(call["limit"]), true, out next) ?? new Item[0]);
                said["nextCursor"] = next;
                return said;
            default:
                throw new ArgumentException(call["operation"]);
        }
    }

    static Item[] Items(Fields call)
    {
        var items = new List<Item>();
        for (int number = 0; number < int.Parse(call["items"]); number++)
        {
            Func<string, string> sent = name => call[number + "." + name];
            var item = new Item {
                sku = sent("sku"), brand = sent("brand"),
                texts = new[] { new Text { lang = sent("lang"), title = sent("title"), keywords = sent("keywords")?.Split('|') } },
            };
            // What is optional and no object goes out only when its ...Specified says so.
            if (sent("status") != null)
            {
                item.status = (ItemStatus)Enum.Parse(typeof(ItemStatus), sent("status"));
                item.statusSpecified = true;
            }
            if (sent("amount") != null)
            {
                var price = new Price { kind = "list", amount = decimal.Parse(sent("amount"), CultureInfo.InvariantCulture), currency = sent("currency") };
                if (sent("taxIncluded") != null)
                {
                    price.taxIncluded = bool.Parse(sent("taxIncluded"));
                    price.taxIncludedSpecified = true;
                }
                if (sent("validFrom") != null)
                {
                    price.validFrom = DateTimeOffset.Parse(sent("validFrom"), CultureInfo.InvariantCulture).UtcDateTime;
                    price.validFromSpecified = true;
                }
                item.prices = new[] { price };
            }
            items.Add(item);
        }
        return items.ToArray();
    }

    static Fields Told(params Item[] items)
    {
        var said = new Fields { { "items", items.Length.ToString() } };
        for (int number = 0; number < items.Length; number++)
        {
            Item item = items[number];
            Action<string, string> tell = (name, value) => said[number + "." + name] = value;
            tell("sku", item.sku);
            tell("status", item.statusSpecified ? item.status.ToString() : null);
            tell("brand", item.brand);
            tell("lang", item.texts[0].lang);
            tell("title", item.texts[0].title);
            tell("keywords", item.texts[0].keywords == null ? null : string.Join("|", item.texts[0].keywords));
            foreach (Price price in item.prices ?? new Price[0])
            {
                tell("amount", price.amount.ToString(CultureInfo.InvariantCulture));
                tell("currency", price.currency);
                tell("taxIncluded", price.taxIncludedSpecified ? price.taxIncluded.ToString().ToLowerInvariant() : null);
                tell("validFrom", price.validFromSpecified ? price.validFrom.ToUniversalTime().ToString("yyyy-MM-ddTHH:mm:ssZ") : null);
            }
        }
        return said;
    }

    static Fields Report(string id, ImportStatus status, ImportCounts counts, Finding[] findings, double progress)
    {
        var said = new Fields {
            { "importId", id }, { "status", status.ToString() }, { "read", counts.read.ToString() }, { "accepted", counts.accepted.ToString() },
            { "added", counts.added.ToString() }, { "rejected", counts.rejected.ToString() },
            { "progress", progress.ToString(CultureInfo.InvariantCulture) }, { "findings", (findings?.Length ?? 0).ToString() },
        };
        if (findings != null && findings.Length > 0)
        {
            said["finding.severity"] = findings[0].severity.ToString();
            said["finding.code"] = findings[0].code;
            said["finding.sku"] = findings[0].sku;
        }
        return said;
    }

    // --- The protocol of the clients: a call is a line, an answer is a line, both in the form that HTML forms have ---

    /// Fields of a line; one that is not there is null.
    sealed class Fields : Dictionary<string, string>
    {
        public new string this[string name]
        {
            get { string value; return TryGetValue(name, out value) ? value : null; }
            set { base[name] = value; }
        }
    }

    static Fields Parse(string line)
    {
        var fields = new Fields();
        foreach (string pair in line.Split('&'))
        {
            int at = pair.IndexOf('=');
            fields[Unescaped(pair.Substring(0, at))] = Unescaped(pair.Substring(at + 1));
        }
        return fields;
    }

    static string Unescaped(string text) { return Uri.UnescapeDataString(text.Replace('+', ' ')); }

    static string Text(Fields fields)
    {
        var known = fields.Where(field => field.Value != null);
        return string.Join("&", known.Select(field => Uri.EscapeDataString(field.Key) + "=" + Uri.EscapeDataString(field.Value)));
    }
}
