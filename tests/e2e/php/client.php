<?php
// A legacy client: PHP's SoapClient, driven by lines of JSON on its standard input, one answer in JSON for each.
// {"wsdl": URL, "options": {...}} first, then {"operation": NAME, "arguments": [...]}. An object with the one member
// "__twice" stands for the same PHP object at every place of that name, which SOAP's encoding sends as a reference.
error_reporting(E_ALL & ~E_DEPRECATED);
ini_set('default_socket_timeout', '120');

$shared = [];
function unfold($value) {
    global $shared;
    if (is_array($value) && array_keys($value) === ['__twice']) {
        $key = json_encode($value);
        return $shared[$key] ??= (object) unfold($value['__twice']);
    }
    return is_array($value) ? array_map('unfold', $value) : $value;
}

$client = null;
while (($line = fgets(STDIN)) !== false) {
    $asked = json_decode($line, true);
    try {
        if (array_key_exists('wsdl', $asked)) {
            $options = $asked['options'] + ['cache_wsdl' => WSDL_CACHE_NONE, 'exceptions' => true, 'trace' => true];
            $client = new SoapClient($asked['wsdl'], $options);
            $said = ['ok' => count($client->__getFunctions() ?? [])];
        } else {
            $shared = [];
            $said = ['ok' => $client->__soapCall($asked['operation'], unfold($asked['arguments']))];
        }
    } catch (SoapFault $fault) {
        $said = ['faultcode' => $fault->faultcode, 'faultstring' => $fault->faultstring];
    }
    $said['request'] = $client ? $client->__getLastRequest() : null;
    echo json_encode($said, JSON_INVALID_UTF8_SUBSTITUTE), "\n";
}
