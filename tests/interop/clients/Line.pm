package Line;
# The protocol of the clients for those in Perl: a call is a line, an answer is a line, both in the form that HTML forms have.
use strict;
use warnings;
use Encode qw(decode_utf8 encode_utf8);
use Exporter qw(import);

our @EXPORT = qw(say_line serve items numbered list);

sub escape {
    my $bytes = encode_utf8(shift // '');
    $bytes =~ s/([^A-Za-z0-9_.-])/sprintf('%%%02X', ord $1)/ge;
    return $bytes;
}

sub unescape {
    my $text = shift // '';
    $text =~ tr/+/ /;
    $text =~ s/%([0-9A-Fa-f]{2})/chr hex $1/ge;
    return decode_utf8($text);
}

# Fields without a value are left out.
sub say_line {
    my %answer = @_;
    print join('&', map { escape($_) . '=' . escape($answer{$_}) } grep { defined $answer{$_} } sort keys %answer), "\n";
}

sub serve {
    my $answer = shift;
    while (my $line = <STDIN>) {
        chomp $line;
        my %call = map { my ($name, $value) = split /=/, $_, 2; (unescape($name), unescape($value)) } split /&/, $line;
        my %said = eval { $answer->(\%call) };
        %said = (outcome => 'error', exception => ref $@ || 'die', reason => substr("$@", 0, 500)) if $@ || !%said;
        say_line(%said);
    }
}

# The items of a call, each with its own fields.
sub items {
    my $call = shift;
    my @items;
    for my $number (0 .. ($call->{items} || 0) - 1) {
        push @items, {map { /^\Q$number\E\.(.*)/ ? ($1 => $call->{$_}) : () } keys %$call};
    }
    return @items;
}

# Items as fields of an answer.
sub numbered {
    my @items = @_;
    my %said = (items => scalar @items);
    for my $number (0 .. $#items) {
        $said{"$number.$_"} = $items[$number]{$_} for keys %{$items[$number]};
    }
    return %said;
}

sub list { my $value = shift; return !defined $value ? () : ref $value eq 'ARRAY' ? @$value : ($value) }

$| = 1;
1;
