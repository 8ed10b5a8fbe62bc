# wsdl2perl leaves a fault's detail out of the typemap, although the WSDL declares it.
my $string = 'SOAP::WSDL::XSD::Typelib::Builtin::string';
my $fault = 'Fault/detail/PlugpointFault';
(
    'Fault/detail' => 'FaultDetail',
    $fault => 'MyElements::PlugpointFault',
    "$fault/errors" => 'MyTypes::FieldFault',
    map({ ("$fault/$_" => $string, "$fault/errors/$_" => $string) } qw(code message)),
    "$fault/requestId" => $string,
    "$fault/errors/pointer" => $string,
)
