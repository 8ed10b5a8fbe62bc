# soap4r: the WSDL at run time, hashes in and objects out, faults as SOAP::FaultError.
require 'cgi'
require 'rexml/document'
require 'soap/wsdlDriver'
require 'soap/header/simplehandler'

WSDL_ADDRESS, ENDPOINT = ARGV
NAMESPACE = 'urn:plugpoint:catalog:v1'
WSSE = 'http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-secext-1.0.xsd'
PASSWORD_TEXT = 'http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-username-token-profile-1.0#PasswordText'
$stdin.set_encoding(Encoding::UTF_8)
$stdout.sync = true

# The header, which soap4r leaves to a handler.
class Token < SOAP::Header::Handler
  def initialize(user, password)
    super(XSD::QName.new(WSSE, 'Security'))
    @user, @password = user, password
  end

  def on_outbound
    password = SOAP::SOAPElement.new(XSD::QName.new(WSSE, 'Password'), @password)
    password.extraattr['Type'] = PASSWORD_TEXT
    token = SOAP::SOAPElement.new(XSD::QName.new(WSSE, 'UsernameToken'))
    token.add(SOAP::SOAPElement.new(XSD::QName.new(WSSE, 'Username'), @user))
    token.add(password)
    SOAP::SOAPElement.new(elename).tap { |security| security.add(token) }
  end
end

FACTORY = SOAP::WSDLDriverFactory.new(WSDL_ADDRESS)

def driver(call)
  driver = FACTORY.create_rpc_driver(nil, 'CatalogSoap11')
  driver.endpoint_url = ENDPOINT
  driver.options['protocol.http.receive_timeout'] = 120
  case call['credential']
  when 'basic'
    driver.options['protocol.http.basic_auth'] << [ENDPOINT, call['user'], call['password']]
    # Otherwise httpclient waits for a 401, which a SOAP 1.1 fault never is.
    driver.streamhandler.client.force_basic_auth = true
  when 'token' then driver.headerhandler << Token.new(call['user'], call['password'])
  end
  driver
end

def say(answer)
  puts(answer.compact.map { |name, value| "#{CGI.escape(name.to_s)}=#{CGI.escape(value.to_s)}" }.join('&'))
end

# One entry comes as an object, several as a list, none as nil.
def list(value)
  value.nil? ? [] : value.is_a?(Array) ? value : [value]
end

# The value of a child. By name and not by method, because an object has methods of its own.
def of(object, name)
  object.nil? || object.is_a?(String) ? nil : object[XSD::QName.new(NAMESPACE, name)]
end

def items(call)
  (0...call['items'].to_i).map do |number|
    sent = ->(name) { call["#{number}.#{name}"] }
    text = { lang: sent['lang'], title: sent['title'], keywords: sent['keywords']&.split('|') }.compact
    price = { kind: 'list', amount: sent['amount'], currency: sent['currency'], taxIncluded: sent['taxIncluded'] && sent['taxIncluded'] == 'true',
              validFrom: sent['validFrom'] && DateTime.parse(sent['validFrom']) }.compact
    { sku: sent['sku'], status: sent['status'], brand: sent['brand'], texts: [text], prices: sent['amount'] && [price] }.compact
  end
end

def told(items)
  said = { items: items.size }
  items.each_with_index do |item, number|
    text, price = list(of(item, 'texts'))[0], list(of(item, 'prices'))[0]
    keywords, since = list(of(text, 'keywords')), of(price, 'validFrom')
    fields = { sku: of(item, 'sku'), status: of(item, 'status'), brand: of(item, 'brand'), lang: of(text, 'lang'), title: of(text, 'title'),
               keywords: keywords.empty? ? nil : keywords.join('|'), amount: of(price, 'amount'), currency: of(price, 'currency'),
               taxIncluded: of(price, 'taxIncluded'), validFrom: since.respond_to?(:iso8601) ? since.iso8601 : since }
    fields.each { |name, value| said["#{number}.#{name}"] = value }
  end
  said
end

def report(answer)
  counts, findings = of(answer, 'counts'), list(of(of(answer, 'findings'), 'finding'))
  said = { importId: of(answer, 'importId'), status: of(answer, 'status'), progress: of(answer, 'progress'), findings: findings.size }
  %w[read accepted added rejected].each { |name| said[name] = of(counts, name) }
  %w[severity code sku].each { |name| said["finding.#{name}"] = of(findings[0], name) } unless findings.empty?
  said
end

# An element as soap4r's own, for xs:any.
def foreign(element)
  made = SOAP::SOAPElement.new(XSD::QName.new(element.namespace, element.name), element.elements.empty? ? element.text : nil)
  element.attributes.each_attribute { |attribute| made.extraattr[attribute.name] = attribute.value unless attribute.expanded_name.start_with?('xmlns') }
  element.each_element { |child| made.add(foreign(child)) }
  made
end

OPERATIONS = {
  'ImportCatalog' => lambda do |driver, call|
    payload = { items: { item: items(call) } }
    if call['document']
      document = SOAP::SOAPElement.new(XSD::QName.new(NAMESPACE, 'document'))
      document.add(foreign(REXML::Document.new(call['document']).root))
      payload = { document: document }
    end
    report(driver.ImportCatalog({ catalogId: call['catalogId'], mode: call['mode'], waitSeconds: call['waitSeconds'] }.merge(payload)))
  end,
  'GetImportStatus' => ->(driver, call) { report(driver.GetImportStatus(importId: call['importId'])) },
  'GetItem' => ->(driver, call) { told([of(driver.GetItem(catalogId: call['catalogId'], sku: call['sku']), 'item')]) },
  'ListItems' => lambda do |driver, call|
    page = driver.ListItems({ catalogId: call['catalogId'], cursor: call['cursor'], limit: call['limit'] }.compact)
    told(list(of(of(page, 'items'), 'item'))).merge(nextCursor: of(page, 'nextCursor'))
  end
}.freeze

def fault(error)
  detail = of(error.detail, 'PlugpointFault')
  first = list(of(detail, 'errors'))[0]
  { outcome: 'fault', exception: error.class.name, faultcode: error.faultcode.data, reason: error.faultstring.data, code: of(detail, 'code'),
    message: of(detail, 'message'), requestId: of(detail, 'requestId'), pointer: of(first, 'pointer') }
end

def answer(call)
  { outcome: 'result' }.merge(OPERATIONS.fetch(call['operation']).call(driver(call), call))
rescue SOAP::FaultError => e
  fault(e)
rescue StandardError => e
  { outcome: 'error', exception: e.class.name, reason: "#{e.message} #{e.backtrace.first(3).join(' ')}" }
end

methods = driver('credential' => 'none').methods(false).map(&:to_s).grep(/^[A-Z]/)
say(client: "soap4r #{SOAP::VERSION}", operations: methods.sort.join(','))
while (line = $stdin.gets)
  say(answer(line.chomp.split('&').to_h { |pair| pair.split('=', 2).map { |part| CGI.unescape(part) } }))
end
