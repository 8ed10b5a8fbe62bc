# SOAP::Lite: no use of the WSDL's types, so every value is a SOAP::Data of its own; a fault is an answer that says so.
use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/..";
use Encode qw(decode_utf8);
use MIME::Base64 qw(encode_base64);
use SOAP::Lite;
use Line;

my ($wsdl, $endpoint, $version) = @ARGV;
my $namespace = 'urn:plugpoint:catalog:v1';
my $wsse = 'http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-secext-1.0.xsd';
my $profile = 'http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-username-token-profile-1.0';

# The WSDL tells SOAP::Lite which operations there are and where; their types it does not read.
my $service = SOAP::Schema->new(schema_url => $wsdl)->parse;
my %known = map { map { $_ => 1 } keys %$_ } values %{$service->services};

# Of the class and before there is a client, or the client has the names of the other version.
SOAP::Lite->soapversion($version);
my $soap = SOAP::Lite->new(proxy => [$endpoint, timeout => 120], default_ns => $namespace);
# Its guesses make an integer of a text of digits and Base64 of one with an umlaut: every value says that it is a string.
$soap->autotype(0);
$soap->on_action(sub { qq("$namespace/$_[1]") });
# A fault is looked at, not died of.
$soap->on_fault(sub { my ($client, $said) = @_; die ref $said ? $said : "no answer: $said " . $client->transport->status . "\n" });

sub field { my ($name, $value) = @_; return defined $value ? SOAP::Data->name($name)->value($value)->type('string') : () }
sub group { my ($name, @fields) = @_; return SOAP::Data->name($name => \SOAP::Data->value(@fields)) }

sub item {
    my $sent = shift;
    my @keywords = map { field(keywords => $_) } split /\|/, $sent->{keywords} // '';
    my @price = defined $sent->{amount}
        ? group(prices => field(kind => 'list'), map({ field($_ => $sent->{$_}) } qw(amount currency taxIncluded validFrom))) : ();
    return group(item => map({ field($_ => $sent->{$_}) } qw(sku status brand)),
        group(texts => field(lang => $sent->{lang}), field(title => $sent->{title}), @keywords), @price);
}

sub security {
    my $call = shift;
    my $token = SOAP::Header->name("wsse:Security" => \SOAP::Header->name('wsse:UsernameToken' => \SOAP::Header->value(
        SOAP::Header->name('wsse:Username' => $call->{user})->type('string'),
        SOAP::Header->name('wsse:Password' => $call->{password})->type('string')->attr({Type => "$profile#PasswordText"}))));
    return $token->attr({'xmlns:wsse' => $wsse});
}

sub ask {
    my ($call, @fields) = @_;
    my $basic = 'Basic ' . encode_base64("$call->{user}:$call->{password}", '');
    my $headers = $soap->transport->http_request->headers;
    $call->{credential} eq 'basic' ? $headers->header(Authorization => $basic) : $headers->remove_header('Authorization');
    my @header = $call->{credential} eq 'token' ? security($call) : ();
    return $soap->call($call->{operation}, @fields, @header);
}

sub told {
    my $item = shift;
    my ($text) = list($item->{texts});
    my ($price) = list($item->{prices});
    my $keywords = join '|', list($text->{keywords});
    return {sku => $item->{sku}, status => $item->{status}, brand => $item->{brand}, lang => $text->{lang}, title => $text->{title},
        keywords => $keywords || undef, map { $_ => $price->{$_} } qw(amount currency taxIncluded validFrom)};
}

sub report {
    my $said = shift;
    my $answer = {map { $_ => scalar $said->valueof("/Envelope/Body/[1]/$_") } qw(importId status progress counts)};
    my @findings = $said->valueof('/Envelope/Body/[1]/findings/finding');
    return (importId => $answer->{importId}, status => $answer->{status}, progress => $answer->{progress}, findings => scalar @findings,
        map({ $_ => $answer->{counts}{$_} } qw(read accepted added rejected)),
        @findings ? map({ ("finding.$_" => $findings[0]{$_}) } qw(severity code sku)) : ());
}

my %operations = (
    ImportCatalog => sub {
        my $call = shift;
        my $payload = defined $call->{document}
            ? group(document => SOAP::Data->type(xml => $call->{document})) : group(items => map { item($_) } items($call));
        $payload = SOAP::Data->name(items => '')->type('') if defined $call->{items} && !$call->{items};
        return report(ask($call, map({ field($_ => $call->{$_}) } qw(catalogId mode waitSeconds)), $payload));
    },
    GetImportStatus => sub { my $call = shift; return report(ask($call, field(importId => $call->{importId}))) },
    GetItem => sub {
        my $call = shift;
        my $said = ask($call, field(catalogId => $call->{catalogId}), field(sku => $call->{sku}));
        return numbered(told($said->valueof('/Envelope/Body/[1]/item')));
    },
    ListItems => sub {
        my $call = shift;
        my $said = ask($call, map { field($_ => $call->{$_}) } qw(catalogId cursor limit));
        my @items = map { told($_) } $said->valueof('/Envelope/Body/[1]/items/item');
        return (numbered(@items), nextCursor => scalar $said->valueof('/Envelope/Body/[1]/nextCursor'));
    },
);

sub fault {
    my $said = shift;
    # A 1.2 fault has Detail where SOAP::Lite looks for detail.
    my $detail = $said->valueof('//PlugpointFault');
    my ($first) = list($detail->{errors});
    return (outcome => 'fault', exception => ref $said, code => $detail->{code}, message => $detail->{message},
        faultcode => $said->faultcode // scalar $said->valueof('//Fault/Code/Value'),
        reason => $said->faultstring // scalar $said->valueof('//Fault/Reason/Text'),
        requestId => $detail->{requestId}, pointer => $first->{pointer});
}

say_line(client => "SOAP::Lite $SOAP::Lite::VERSION", operations => join ',', sort keys %known);
serve(sub {
    my $call = shift;
    my @said = eval { $operations{$call->{operation}}->($call) };
    return fault($@) if ref $@ && $@->isa('SOAP::SOM');
    die $@ if $@;
    return (outcome => 'result', @said);
});
