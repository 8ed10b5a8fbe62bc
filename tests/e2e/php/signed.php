<?php
// PHP's SoapClient with a PasswordDigest that its script makes, as such scripts do: php signed.php WSDL KEY_ID SECRET VERSION.
// Prints one line of JSON for each call.
error_reporting(E_ALL & ~E_DEPRECATED);
ini_set('default_socket_timeout', '120');
[, $wsdl, $key, $secret, $version] = $argv;
const WSSE = 'http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-secext-1.0.xsd';
const WSU = 'http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-utility-1.0.xsd';
const PROFILE = 'http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-username-token-profile-1.0';
const ENCODING = 'http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-soap-message-security-1.0#Base64Binary';

function security($key, $secret) {
    $nonce = random_bytes(16);
    $created = gmdate('Y-m-d\TH:i:s\Z');
    $digest = base64_encode(sha1($nonce . $created . $secret, true));
    $xml = '<wsse:Security SOAP-ENV:mustUnderstand="1" xmlns:SOAP-ENV="' . $GLOBALS['envelope'] . '" xmlns:wsse="' . WSSE . '" xmlns:wsu="' . WSU . '">'
        . "<wsse:UsernameToken><wsse:Username>$key</wsse:Username><wsse:Password Type=\"" . PROFILE . "#PasswordDigest\">$digest</wsse:Password>"
        . '<wsse:Nonce EncodingType="' . ENCODING . '">' . base64_encode($nonce) . "</wsse:Nonce><wsu:Created>$created</wsu:Created>"
        . '</wsse:UsernameToken></wsse:Security>';
    return new SoapHeader(WSSE, 'Security', new SoapVar($xml, XSD_ANYXML));
}

function told($call) {
    try {
        $said = ['ok' => $call()];
    } catch (SoapFault $fault) {
        $said = ['fault' => $fault->faultcode, 'code' => $fault->detail->PlugpointFault->code ?? null, 'text' => $fault->faultstring];
    }
    echo json_encode($said), "\n";
}

$envelope = $version === '1.2' ? 'http://www.w3.org/2003/05/soap-envelope' : 'http://schemas.xmlsoap.org/soap/envelope/';
$client = new SoapClient($wsdl, ['cache_wsdl' => WSDL_CACHE_NONE, 'soap_version' => $version === '1.2' ? SOAP_1_2 : SOAP_1_1]);
$item = ['sku' => 'A', 'texts' => [['lang' => 'en', 'title' => 'One']]];
$import = ['catalogId' => 'spring', 'mode' => 'merge', 'items' => ['item' => [$item]]];
$call = fn($operation, $argument, $header) => fn() => $client->__soapCall($operation, [$argument], [], [$header]);
told($call('SubmitCatalog', $import + ['idempotencyKey' => 'php'], security($key, $secret)));
told($call('ImportCatalog', $import + ['idempotencyKey' => 'php', 'waitSeconds' => 30], security($key, $secret)));
told($call('GetItem', ['catalogId' => 'spring', 'sku' => 'A'], security($key, $secret)));
$used = security($key, $secret);
told($call('ListItems', ['catalogId' => 'spring'], $used));
told($call('ListItems', ['catalogId' => 'spring'], $used));
told($call('SubmitCatalog', $import, security($key, 'wrong')));
