// gSOAP with the classes of wsdl2h and soapcpp2: typed objects in and out, faults in soap->fault with our detail typed, too.

#include <cstdio>
#include <ctime>
#include <iostream>
#include <map>
#include <sstream>
#include <string>
#include <vector>

#include "CatalogSoap11.nsmap"
#include "soapCatalogSoap11Proxy.h"
#include "wsseapi.h"

// --- The protocol of the clients: a call is a line, an answer is a line, both in the form that HTML forms have ---

typedef std::map<std::string, std::string> Line;

static std::string unescaped(const std::string &text) {
    std::string plain;
    for (size_t at = 0; at < text.size(); at++) {
        if (text[at] == '%' && at + 2 < text.size()) {
            plain += static_cast<char>(std::stoi(text.substr(at + 1, 2), nullptr, 16));
            at += 2;
        } else {
            plain += text[at] == '+' ? ' ' : text[at];
        }
    }
    return plain;
}

static std::string escaped(const std::string &text) {
    std::string form;
    for (unsigned char byte : text) {
        char code[4];
        std::snprintf(code, sizeof code, "%%%02X", byte);
        form += isalnum(byte) ? std::string(1, static_cast<char>(byte)) : std::string(code);
    }
    return form;
}

static Line parsed(const std::string &text) {
    Line line;
    std::stringstream pairs(text);
    for (std::string pair; std::getline(pairs, pair, '&');) {
        size_t at = pair.find('=');
        line[unescaped(pair.substr(0, at))] = unescaped(pair.substr(at + 1));
    }
    return line;
}

static void say(const Line &line) {
    std::string text;
    for (const auto &field : line) {
        text += (text.empty() ? "" : "&") + escaped(field.first) + "=" + escaped(field.second);
    }
    std::cout << text << std::endl;
}

// --- Items ---

/// A value for an optional field, which is a pointer; the context frees it.
static std::string *optional(struct soap *soap, const Line &line, const std::string &name) {
    auto found = line.find(name);
    if (found == line.end()) {
        return nullptr;
    }
    std::string *value = soap_new_std__string(soap);
    *value = found->second;
    return value;
}

static ns1__Item *item(struct soap *soap, const Line &call, const std::string &number) {
    auto sent = [&](const char *name) { auto found = call.find(number + name); return found == call.end() ? std::string() : found->second; };
    auto has = [&](const char *name) { return call.count(number + name) > 0; };
    ns1__Text *text = soap_new_ns1__Text(soap);
    text->lang = sent("lang");
    text->title = sent("title");
    std::stringstream keywords(sent("keywords"));
    for (std::string keyword; std::getline(keywords, keyword, '|');) {
        text->keywords.push_back(keyword);
    }
    ns1__Item *item = soap_new_ns1__Item(soap);
    item->sku = sent("sku");
    item->brand = optional(soap, call, number + "brand");
    item->texts.push_back(text);
    if (has("status")) {
        item->status = static_cast<ns1__ItemStatus *>(soap_malloc(soap, sizeof(ns1__ItemStatus)));
        soap_s2ns1__ItemStatus(soap, sent("status").c_str(), item->status);
    }
    if (has("amount")) {
        ns1__Price *price = soap_new_ns1__Price(soap);
        price->kind = "list";
        price->amount = sent("amount");
        price->currency = sent("currency");
        if (has("taxIncluded")) {
            price->taxIncluded = static_cast<bool *>(soap_malloc(soap, sizeof(bool)));
            *price->taxIncluded = sent("taxIncluded") == "true";
        }
        if (has("validFrom")) {
            price->validFrom = static_cast<time_t *>(soap_malloc(soap, sizeof(time_t)));
            soap_s2dateTime(soap, sent("validFrom").c_str(), price->validFrom);
        }
        item->prices.push_back(price);
    }
    return item;
}

static void tell(struct soap *soap, const std::vector<ns1__Item *> &items, Line &said) {
    said["items"] = std::to_string(items.size());
    for (size_t at = 0; at < items.size(); at++) {
        const ns1__Item &item = *items[at];
        const ns1__Text &text = *item.texts.at(0);
        std::string number = std::to_string(at) + ".", keywords;
        said[number + "sku"] = item.sku;
        said[number + "lang"] = text.lang;
        said[number + "title"] = text.title;
        for (const std::string &keyword : text.keywords) {
            keywords += (keywords.empty() ? "" : "|") + keyword;
        }
        if (!keywords.empty()) {
            said[number + "keywords"] = keywords;
        }
        if (item.brand) {
            said[number + "brand"] = *item.brand;
        }
        if (item.status) {
            said[number + "status"] = soap_ns1__ItemStatus2s(soap, *item.status);
        }
        for (const ns1__Price *price : item.prices) {
            said[number + "amount"] = price->amount;
            said[number + "currency"] = price->currency;
            if (price->taxIncluded) {
                said[number + "taxIncluded"] = *price->taxIncluded ? "true" : "false";
            }
            if (price->validFrom) {
                said[number + "validFrom"] = soap_dateTime2s(soap, *price->validFrom);
            }
        }
    }
}

// --- Calls ---

/// The answers of ImportCatalog and GetImportStatus are two types with the same fields.
template <typename Answer> static void report(struct soap *soap, const Answer &answer, Line &said) {
    said["importId"] = answer.importId;
    said["status"] = soap_ns1__ImportStatus2s(soap, answer.status);
    said["read"] = std::to_string(answer.counts->read);
    said["accepted"] = std::to_string(answer.counts->accepted);
    said["added"] = std::to_string(answer.counts->added);
    said["rejected"] = std::to_string(answer.counts->rejected);
    said["findings"] = std::to_string(answer.findings->finding.size());
    if (answer.progress) {
        said["progress"] = std::to_string(*answer.progress);
    }
    if (!answer.findings->finding.empty()) {
        const ns1__Finding &first = *answer.findings->finding[0];
        said["finding.severity"] = soap_ns1__Severity2s(soap, first.severity);
        said["finding.code"] = first.code;
        said["finding.sku"] = first.sku ? *first.sku : "";
    }
}

static int import_catalog(CatalogSoap11Proxy &proxy, Line &call, Line &said) {
    struct soap *soap = proxy.soap;
    _ns1__ImportCatalog request;
    _ns1__ImportCatalogResponse answer;
    unsigned int wait = static_cast<unsigned int>(std::stoul(call["waitSeconds"]));
    request.catalogId = call["catalogId"];
    soap_s2ns1__ImportMode(soap, call["mode"].c_str(), &request.mode);
    request.waitSeconds = &wait;
    if (call.count("document")) {
        request.document = soap_new_ns1__Document(soap);
        request.document->__any = soap_strdup(soap, call["document"].c_str());
    } else {
        request.items = soap_new_ns1__ItemList(soap);
        for (int number = 0; number < std::stoi(call["items"]); number++) {
            request.items->item.push_back(item(soap, call, std::to_string(number) + "."));
        }
    }
    int error = proxy.ImportCatalog(&request, answer);
    if (error == SOAP_OK) {
        report(soap, answer, said);
    }
    return error;
}

static int get_import_status(CatalogSoap11Proxy &proxy, Line &call, Line &said) {
    _ns1__GetImportStatus request;
    _ns1__GetImportStatusResponse answer;
    request.importId = call["importId"];
    int error = proxy.GetImportStatus(&request, answer);
    if (error == SOAP_OK) {
        report(proxy.soap, answer, said);
    }
    return error;
}

static int get_item(CatalogSoap11Proxy &proxy, Line &call, Line &said) {
    _ns1__GetItem request;
    _ns1__GetItemResponse answer;
    request.catalogId = call["catalogId"];
    request.sku = call["sku"];
    int error = proxy.GetItem(&request, answer);
    if (error == SOAP_OK) {
        tell(proxy.soap, {answer.item}, said);
    }
    return error;
}

static int list_items(CatalogSoap11Proxy &proxy, Line &call, Line &said) {
    _ns1__ListItems request;
    _ns1__ListItemsResponse answer;
    unsigned int limit = static_cast<unsigned int>(std::stoul(call["limit"]));
    request.catalogId = call["catalogId"];
    request.cursor = optional(proxy.soap, call, "cursor");
    request.limit = &limit;
    int error = proxy.ListItems(&request, answer);
    if (error == SOAP_OK) {
        tell(proxy.soap, answer.items->item, said);
        if (answer.nextCursor) {
            said["nextCursor"] = *answer.nextCursor;
        }
    }
    return error;
}

typedef int (*Operation)(CatalogSoap11Proxy &, Line &, Line &);

static const std::map<std::string, Operation> OPERATIONS = {
    {"ImportCatalog", import_catalog},
    {"GetImportStatus", get_import_status},
    {"GetItem", get_item},
    {"ListItems", list_items},
};

static void fault(struct soap *soap, Line &said) {
    soap_set_fault(soap);
    // 1.1 has detail, 1.2 SOAP_ENV__Detail.
    SOAP_ENV__Detail *detail = soap->fault->detail ? soap->fault->detail : soap->fault->SOAP_ENV__Detail;
    const char *reason = soap_fault_string(soap);
    said["reason"] = reason ? reason : "";
    if (!detail || !detail->ns1__PlugpointFault) {
        said["outcome"] = "error";
        return;
    }
    const _ns1__PlugpointFault &ours = *detail->ns1__PlugpointFault;
    said["outcome"] = "fault";
    said["exception"] = "PlugpointFault";
    said["faultcode"] = *soap_faultcode(soap);
    said["code"] = ours.code;
    said["message"] = ours.message;
    said["requestId"] = ours.requestId;
    if (!ours.errors.empty()) {
        said["pointer"] = ours.errors[0]->pointer;
    }
}

static void answer(struct soap *soap, const char *endpoint, bool is_12, Line &call) {
    CatalogSoap11Proxy proxy(soap, endpoint);
    soap_set_version(soap, is_12 ? 2 : 1);
    std::string &credential = call["credential"];
    if (credential == "basic") {
        soap->userid = call["user"].c_str();
        soap->passwd = call["password"].c_str();
    } else if (credential == "token") {
        soap_wsse_add_UsernameTokenText(soap, nullptr, call["user"].c_str(), call["password"].c_str());
    } else if (credential == "digest") {
        soap_wsse_add_UsernameTokenDigest(soap, nullptr, call["user"].c_str(), call["password"].c_str());
    }
    Line said;
    if (OPERATIONS.at(call["operation"])(proxy, call, said) == SOAP_OK) {
        said["outcome"] = "result";
    } else {
        fault(soap, said);
    }
    say(said);
    soap_wsse_delete_Security(soap);
    soap_destroy(soap);
    soap_end(soap);
}

int main(int, char **arguments) {
    // Strict, and std::string holds UTF-8.
    struct soap *soap = soap_new1(SOAP_C_UTFSTRING | SOAP_XML_STRICT);
    soap_register_plugin(soap, soap_wsse);
    soap->send_timeout = soap->recv_timeout = 120;
    std::string operations;
    for (const auto &operation : OPERATIONS) {
        operations += (operations.empty() ? "" : ",") + operation.first;
    }
    say({{"client", "gSOAP " + std::to_string(GSOAP_VERSION)}, {"operations", operations}});
    for (std::string text; std::getline(std::cin, text);) {
        Line call = parsed(text);
        answer(soap, arguments[2], std::string(arguments[3]) == "1.2", call);
    }
    soap_free(soap);
}
