# SOAP::WSDL with the classes that wsdl2perl makes: objects in and out; a fault is an object that is false.
use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/..", $ENV{OUT};
use Encode qw(encode_utf8 is_utf8);
use MIME::Base64 qw(encode_base64);
use MyInterfaces::CatalogService::CatalogSoap11;
use Line;

my ($wsdl, $endpoint) = @ARGV;

# What wsdl2perl has no class for: a header block, and the document of xs:any. Both know how to write themselves.
package Raw {
    our @ISA = qw(MyTypes::Document);
    my %xml_of;
    sub raw { my ($class, $xml) = @_; my $self = bless MyTypes::Document->new, $class; $xml_of{$$self} = $xml; return $self }
    sub serialize { my $self = shift; return $xml_of{$$self} }
    sub serialize_qualified { my $self = shift; return $xml_of{$$self} }
}

# The detail of a fault, for which wsdl2perl has none either; the build puts it into the typemap.
package FaultDetail {
    our @ISA = qw(SOAP::WSDL::SOAP::Typelib::Fault11Detail);
    my %fault_of;
    sub add_PlugpointFault { my ($self, $fault) = @_; $fault_of{$$self} = $fault }
    sub get_PlugpointFault { my $self = shift; return $fault_of{$$self} }
}

package main;

sub escaped { my $text = shift; $text =~ s/&/&amp;/g; $text =~ s/</&lt;/g; return $text }

sub security {
    my $call = shift;
    my $wsse = 'http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-secext-1.0.xsd';
    my $kind = 'http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-username-token-profile-1.0#PasswordText';
    my ($user, $password) = map { escaped($_) } @$call{qw(user password)};
    return Raw->raw(qq(<wsse:Security xmlns:wsse="$wsse"><wsse:UsernameToken><wsse:Username>$user</wsse:Username>)
        . qq(<wsse:Password Type="$kind">$password</wsse:Password></wsse:UsernameToken></wsse:Security>));
}

sub known { my %fields = @_; return {map { $_ => $fields{$_} } grep { defined $fields{$_} } keys %fields} }

sub item {
    my $sent = shift;
    my $text = known(lang => $sent->{lang}, title => $sent->{title}, keywords => $sent->{keywords} && [split /\|/, $sent->{keywords}]);
    my $price = defined $sent->{amount} ? known(kind => 'list', map { $_ => $sent->{$_} } qw(amount currency taxIncluded validFrom)) : undef;
    return known(sku => $sent->{sku}, status => $sent->{status}, brand => $sent->{brand}, texts => [$text], prices => $price && [$price]);
}

# A value's text; the objects give it when they are asked as strings.
sub text { my $value = shift; return defined $value ? "$value" : undef }

sub told {
    my $item = shift;
    my ($text) = list($item->get_texts);
    my ($price) = list($item->get_prices);
    my $keywords = join '|', list($text->get_keywords);
    my %price = $price ? (amount => text($price->get_amount), currency => text($price->get_currency), validFrom => text($price->get_validFrom),
        taxIncluded => $price->get_taxIncluded && ($price->get_taxIncluded->get_value =~ /^(true|1)$/ ? 'true' : 'false')) : ();
    return {sku => text($item->get_sku), status => text($item->get_status), brand => text($item->get_brand), lang => text($text->get_lang),
        title => text($text->get_title), keywords => $keywords || undef, %price};
}

sub report {
    my $answer = shift;
    my $counts = $answer->get_counts;
    my @findings = map { list($_->get_finding) } grep { ref } $answer->get_findings;
    return (importId => text($answer->get_importId), status => text($answer->get_status), progress => text($answer->get_progress),
        read => text($counts->get_read), accepted => text($counts->get_accepted), added => text($counts->get_added),
        rejected => text($counts->get_rejected), findings => scalar @findings,
        @findings ? ('finding.severity' => text($findings[0]->get_severity), 'finding.code' => text($findings[0]->get_code),
            'finding.sku' => text($findings[0]->get_sku)) : ());
}

my %operations = (
    ImportCatalog => sub {
        my ($service, $call, @header) = @_;
        my $payload = defined $call->{document}
            ? {document => Raw->raw($call->{document})} : {items => {item => [map { item($_) } items($call)]}};
        return $service->ImportCatalog({map({ $_ => $call->{$_} } qw(catalogId mode waitSeconds)), %$payload}, @header);
    },
    GetImportStatus => sub { my ($service, $call, @header) = @_; return $service->GetImportStatus({importId => $call->{importId}}, @header) },
    GetItem => sub {
        my ($service, $call, @header) = @_;
        return $service->GetItem({catalogId => $call->{catalogId}, sku => $call->{sku}}, @header);
    },
    ListItems => sub {
        my ($service, $call, @header) = @_;
        return $service->ListItems(known(map { $_ => $call->{$_} } qw(catalogId cursor limit)), @header);
    },
);

my %told = (
    ImportCatalog => \&report,
    GetImportStatus => \&report,
    GetItem => sub { return numbered(told($_[0]->get_item)) },
    ListItems => sub {
        my $page = shift;
        my @items = map { list($_->get_item) } grep { ref } $page->get_items;
        return (numbered(map { told($_) } @items), nextCursor => text($page->get_nextCursor));
    },
);

sub fault {
    my $fault = shift;
    my $detail = $fault->get_detail->get_PlugpointFault;
    my ($first) = list($detail->get_errors);
    return (outcome => 'fault', exception => ref $fault, faultcode => text($fault->get_faultcode), reason => text($fault->get_faultstring),
        code => text($detail->get_code), message => text($detail->get_message), requestId => text($detail->get_requestId),
        pointer => $first && text($first->get_pointer));
}

my @operations = grep { MyInterfaces::CatalogService::CatalogSoap11->can($_) } keys %operations;
say_line(client => "SOAP::WSDL $SOAP::WSDL::Client::VERSION", operations => join ',', sort @operations);
serve(sub {
    my $call = shift;
    my $service = MyInterfaces::CatalogService::CatalogSoap11->new({proxy => $endpoint});
    my $transport = $service->get_transport;
    $transport->timeout(120);
    $transport->default_header(Authorization => 'Basic ' . encode_base64("$call->{user}:$call->{password}", '')) if $call->{credential} eq 'basic';
    my $answer = $operations{$call->{operation}}->($service, $call, $call->{credential} eq 'token' ? security($call) : ());
    return (outcome => 'result', $told{$call->{operation}}->($answer)) if $answer;
    return fault($answer);
});
