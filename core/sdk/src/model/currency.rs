//! The currencies that exist: the active codes of ISO 4217, without those for tests and for "no currency".
//!
//! Called when an item is checked. A currency that left circulation is none in which a price can be asked.

/// Active codes, sorted.
static ACTIVE: [&[u8; 3]; 176] = [
    b"AED", b"AFN", b"ALL", b"AMD", b"AOA", b"ARS", b"AUD", b"AWG", b"AZN", b"BAM", b"BBD", b"BDT", b"BHD", b"BIF",
    b"BMD", b"BND", b"BOB", b"BOV", b"BRL", b"BSD", b"BTN", b"BWP", b"BYN", b"BZD", b"CAD", b"CDF", b"CHE", b"CHF",
    b"CHW", b"CLF", b"CLP", b"CNY", b"COP", b"COU", b"CRC", b"CUP", b"CVE", b"CZK", b"DJF", b"DKK", b"DOP", b"DZD",
    b"EGP", b"ERN", b"ETB", b"EUR", b"FJD", b"FKP", b"GBP", b"GEL", b"GHS", b"GIP", b"GMD", b"GNF", b"GTQ", b"GYD",
    b"HKD", b"HNL", b"HTG", b"HUF", b"IDR", b"ILS", b"INR", b"IQD", b"IRR", b"ISK", b"JMD", b"JOD", b"JPY", b"KES",
    b"KGS", b"KHR", b"KMF", b"KPW", b"KRW", b"KWD", b"KYD", b"KZT", b"LAK", b"LBP", b"LKR", b"LRD", b"LSL", b"LYD",
    b"MAD", b"MDL", b"MGA", b"MKD", b"MMK", b"MNT", b"MOP", b"MRU", b"MUR", b"MVR", b"MWK", b"MXN", b"MXV", b"MYR",
    b"MZN", b"NAD", b"NGN", b"NIO", b"NOK", b"NPR", b"NZD", b"OMR", b"PAB", b"PEN", b"PGK", b"PHP", b"PKR", b"PLN",
    b"PYG", b"QAR", b"RON", b"RSD", b"RUB", b"RWF", b"SAR", b"SBD", b"SCR", b"SDG", b"SEK", b"SGD", b"SHP", b"SLE",
    b"SOS", b"SRD", b"SSP", b"STN", b"SVC", b"SYP", b"SZL", b"THB", b"TJS", b"TMT", b"TND", b"TOP", b"TRY", b"TTD",
    b"TWD", b"TZS", b"UAH", b"UGX", b"USD", b"USN", b"UYI", b"UYU", b"UYW", b"UZS", b"VED", b"VES", b"VND", b"VUV",
    b"WST", b"XAD", b"XAF", b"XAG", b"XAU", b"XBA", b"XBB", b"XBC", b"XBD", b"XCD", b"XCG", b"XDR", b"XOF", b"XPD",
    b"XPF", b"XPT", b"XSU", b"XUA", b"YER", b"ZAR", b"ZMW", b"ZWG",
];

/// Whether a code is an active ISO 4217 currency.
#[must_use]
pub fn is_active(code: &str) -> bool {
    <&[u8; 3]>::try_from(code.as_bytes()).is_ok_and(|code| ACTIVE.binary_search(&code).is_ok())
}

#[cfg(test)]
mod tests {
    use super::{ACTIVE, is_active};

    #[test]
    fn the_table_is_sorted_and_each_code_is_in_it_once() {
        assert!(ACTIVE.is_sorted_by(|one, next| one < next));
    }

    #[test]
    fn withdrawn_test_and_foreign_codes_are_none() {
        for code in ["EUR", "USD", "CHF", "JPY", "ZWG"] {
            assert!(is_active(code), "{code}");
        }
        for code in ["DEM", "BGN", "XXX", "XTS", "eur", "EU", "EURO", "", "€"] {
            assert!(!is_active(code), "{code}");
        }
    }
}
