<?php
// PHP's SoapClient: the WSDL at run time, arrays in and objects out, faults as SoapFault.
error_reporting(E_ALL & ~E_DEPRECATED);
ini_set('default_socket_timeout', '120');

[, $wsdl, $endpoint, $version] = $argv;
const WSSE = 'http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-secext-1.0.xsd';
const PASSWORD_TEXT = 'http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-username-token-profile-1.0#PasswordText';

/** The header that SoapClient has no words for. */
function security(string $user, string $password): SoapHeader {
    [$user, $password] = [htmlspecialchars($user, ENT_XML1), htmlspecialchars($password, ENT_XML1)];
    $xml = '<wsse:Security xmlns:wsse="' . WSSE . "\"><wsse:UsernameToken><wsse:Username>$user</wsse:Username>"
        . '<wsse:Password Type="' . PASSWORD_TEXT . "\">$password</wsse:Password></wsse:UsernameToken></wsse:Security>";
    return new SoapHeader(WSSE, 'Security', new SoapVar($xml, XSD_ANYXML));
}

function client(array $call): SoapClient {
    global $wsdl, $endpoint, $version;
    $options = [
        'location' => $endpoint, 'soap_version' => $version === '1.2' ? SOAP_1_2 : SOAP_1_1, 'cache_wsdl' => WSDL_CACHE_MEMORY,
        // Otherwise a list with one entry is that entry.
        'features' => SOAP_SINGLE_ELEMENT_ARRAYS,
    ];
    if ($call['credential'] === 'basic') {
        $options += ['login' => $call['user'], 'password' => $call['password']];
    }
    $client = new SoapClient($wsdl, $options);
    if ($call['credential'] === 'token') {
        $client->__setSoapHeaders(security($call['user'], $call['password']));
    }
    return $client;
}

/** A line as fields: PHP's own parse_str would make an underscore of every dot. */
function fields(string $line): array {
    $fields = [];
    foreach (explode('&', rtrim($line, "\n")) as $pair) {
        [$name, $value] = array_map('urldecode', explode('=', $pair, 2));
        $fields[$name] = $value;
    }
    return $fields;
}

function known(array $fields): array {
    return array_filter($fields, fn($value) => $value !== null);
}

function items(array $call): array {
    $items = [];
    for ($number = 0; $number < (int) $call['items']; $number++) {
        $sent = fn($name) => $call["$number.$name"] ?? null;
        $text = ['lang' => $sent('lang'), 'title' => $sent('title'), 'keywords' => $sent('keywords') ? explode('|', $sent('keywords')) : null];
        $price = ['kind' => 'list', 'amount' => $sent('amount'), 'currency' => $sent('currency'),
            'taxIncluded' => $sent('taxIncluded') === null ? null : $sent('taxIncluded') === 'true', 'validFrom' => $sent('validFrom')];
        $items[] = known(['sku' => $sent('sku'), 'status' => $sent('status'), 'brand' => $sent('brand'), 'texts' => [known($text)],
            'prices' => $sent('amount') === null ? null : [known($price)]]);
    }
    return $items;
}

function told(array $items): array {
    $said = ['items' => count($items)];
    foreach ($items as $number => $item) {
        $text = $item->texts[0];
        $price = $item->prices[0] ?? null;
        $included = $price->taxIncluded ?? null;
        $fields = ['sku' => $item->sku, 'status' => $item->status ?? null, 'brand' => $item->brand ?? null, 'lang' => $text->lang,
            'title' => $text->title, 'keywords' => empty($text->keywords) ? null : implode('|', $text->keywords),
            'amount' => $price->amount ?? null, 'currency' => $price->currency ?? null,
            'taxIncluded' => $included === null ? null : ($included ? 'true' : 'false'), 'validFrom' => $price->validFrom ?? null];
        foreach (known($fields) as $name => $value) {
            $said["$number.$name"] = $value;
        }
    }
    return $said;
}

function report(object $answer): array {
    $findings = $answer->findings->finding ?? [];
    $counts = $answer->counts;
    $said = ['importId' => $answer->importId, 'status' => $answer->status, 'read' => $counts->read, 'accepted' => $counts->accepted,
        'added' => $counts->added, 'rejected' => $counts->rejected, 'progress' => $answer->progress, 'findings' => count($findings)];
    foreach (array_slice($findings, 0, 1) as $finding) {
        $said += ['finding.severity' => $finding->severity, 'finding.code' => $finding->code, 'finding.sku' => $finding->sku];
    }
    return $said;
}

function result(SoapClient $client, array $call): array {
    switch ($call['operation']) {
        case 'ImportCatalog':
            $fields = ['catalogId' => $call['catalogId'], 'mode' => $call['mode'], 'waitSeconds' => (int) $call['waitSeconds']];
            $fields += isset($call['document']) ? ['document' => ['any' => $call['document']]] : ['items' => ['item' => items($call)]];
            return report($client->ImportCatalog($fields));
        case 'GetImportStatus':
            return report($client->GetImportStatus(['importId' => $call['importId']]));
        case 'GetItem':
            return told([$client->GetItem(['catalogId' => $call['catalogId'], 'sku' => $call['sku']])->item]);
        case 'ListItems':
            $fields = known(['catalogId' => $call['catalogId'], 'cursor' => $call['cursor'] ?? null, 'limit' => (int) $call['limit']]);
            $page = $client->ListItems($fields);
            return told($page->items->item ?? []) + known(['nextCursor' => $page->nextCursor ?? null]);
    }
    throw new LogicException("no operation {$call['operation']}");
}

function fault(SoapFault $fault): array {
    $detail = $fault->detail->PlugpointFault ?? null;
    if ($detail === null) {
        return ['outcome' => 'error', 'exception' => get_class($fault), 'reason' => $fault->getMessage()];
    }
    $first = is_array($detail->errors ?? null) ? $detail->errors[0] : $detail->errors ?? null;
    return known(['outcome' => 'fault', 'exception' => get_class($fault), 'faultcode' => $fault->faultcode, 'reason' => $fault->faultstring,
        'code' => $detail->code, 'message' => $detail->message, 'requestId' => $detail->requestId, 'pointer' => $first->pointer ?? null]);
}

preg_match_all('/^\S+ (\w+)\(/m', implode("\n", client(['credential' => 'none'])->__getFunctions()), $found);
$operations = array_unique($found[1]);
sort($operations);
echo http_build_query(['client' => 'PHP ' . PHP_VERSION . ' SoapClient', 'operations' => implode(',', $operations)]), "\n";
while (($line = fgets(STDIN)) !== false) {
    $call = fields($line);
    try {
        $said = ['outcome' => 'result'] + result(client($call), $call);
    } catch (SoapFault $fault) {
        $said = fault($fault);
    } catch (Throwable $error) {
        $said = ['outcome' => 'error', 'exception' => get_class($error), 'reason' => $error->getMessage()];
    }
    echo http_build_query($said), "\n";
}
