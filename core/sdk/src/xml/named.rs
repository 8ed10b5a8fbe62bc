//! The named characters of XHTML 1.0 and those of ISO 8879 beside them, for formats whose DTD defines them: it is never read.
//!
//! A format declares them by [`named_characters`](crate::points::catalog_transformer::CatalogTransformer::named_characters), as ONIX 2.1
//! does. Data only.

use std::sync::LazyLock;

use super::EntityTable;

/// `&eacute;`, `&ndash;`, `&Omega;`, `&ccaron;` and the others.
pub static XHTML_CHARACTERS: LazyLock<EntityTable> =
    LazyLock::new(|| EntityTable::new(XHTML.iter().chain(LATIN_2).chain(PUNCTUATION).copied()));

/// XHTML 1.0: Latin 1, symbols, special characters.
#[rustfmt::skip]
static XHTML: &[(&str, &str)] = &[
    ("nbsp", "\u{a0}"), ("iexcl", "\u{a1}"), ("cent", "\u{a2}"), ("pound", "\u{a3}"), ("curren", "\u{a4}"),
    ("yen", "\u{a5}"), ("brvbar", "\u{a6}"), ("sect", "\u{a7}"), ("uml", "\u{a8}"), ("copy", "\u{a9}"),
    ("ordf", "\u{aa}"), ("laquo", "\u{ab}"), ("not", "\u{ac}"), ("shy", "\u{ad}"), ("reg", "\u{ae}"),
    ("macr", "\u{af}"), ("deg", "\u{b0}"), ("plusmn", "\u{b1}"), ("sup2", "\u{b2}"), ("sup3", "\u{b3}"),
    ("acute", "\u{b4}"), ("micro", "\u{b5}"), ("para", "\u{b6}"), ("middot", "\u{b7}"), ("cedil", "\u{b8}"),
    ("sup1", "\u{b9}"), ("ordm", "\u{ba}"), ("raquo", "\u{bb}"), ("frac14", "\u{bc}"), ("frac12", "\u{bd}"),
    ("frac34", "\u{be}"), ("iquest", "\u{bf}"), ("Agrave", "\u{c0}"), ("Aacute", "\u{c1}"), ("Acirc", "\u{c2}"),
    ("Atilde", "\u{c3}"), ("Auml", "\u{c4}"), ("Aring", "\u{c5}"), ("AElig", "\u{c6}"), ("Ccedil", "\u{c7}"),
    ("Egrave", "\u{c8}"), ("Eacute", "\u{c9}"), ("Ecirc", "\u{ca}"), ("Euml", "\u{cb}"), ("Igrave", "\u{cc}"),
    ("Iacute", "\u{cd}"), ("Icirc", "\u{ce}"), ("Iuml", "\u{cf}"), ("ETH", "\u{d0}"), ("Ntilde", "\u{d1}"),
    ("Ograve", "\u{d2}"), ("Oacute", "\u{d3}"), ("Ocirc", "\u{d4}"), ("Otilde", "\u{d5}"), ("Ouml", "\u{d6}"),
    ("times", "\u{d7}"), ("Oslash", "\u{d8}"), ("Ugrave", "\u{d9}"), ("Uacute", "\u{da}"), ("Ucirc", "\u{db}"),
    ("Uuml", "\u{dc}"), ("Yacute", "\u{dd}"), ("THORN", "\u{de}"), ("szlig", "\u{df}"), ("agrave", "\u{e0}"),
    ("aacute", "\u{e1}"), ("acirc", "\u{e2}"), ("atilde", "\u{e3}"), ("auml", "\u{e4}"), ("aring", "\u{e5}"),
    ("aelig", "\u{e6}"), ("ccedil", "\u{e7}"), ("egrave", "\u{e8}"), ("eacute", "\u{e9}"), ("ecirc", "\u{ea}"),
    ("euml", "\u{eb}"), ("igrave", "\u{ec}"), ("iacute", "\u{ed}"), ("icirc", "\u{ee}"), ("iuml", "\u{ef}"),
    ("eth", "\u{f0}"), ("ntilde", "\u{f1}"), ("ograve", "\u{f2}"), ("oacute", "\u{f3}"), ("ocirc", "\u{f4}"),
    ("otilde", "\u{f5}"), ("ouml", "\u{f6}"), ("divide", "\u{f7}"), ("oslash", "\u{f8}"), ("ugrave", "\u{f9}"),
    ("uacute", "\u{fa}"), ("ucirc", "\u{fb}"), ("uuml", "\u{fc}"), ("yacute", "\u{fd}"), ("thorn", "\u{fe}"),
    ("yuml", "\u{ff}"), ("OElig", "\u{152}"), ("oelig", "\u{153}"), ("Scaron", "\u{160}"), ("scaron", "\u{161}"),
    ("Yuml", "\u{178}"), ("fnof", "\u{192}"), ("circ", "\u{2c6}"), ("tilde", "\u{2dc}"), ("Alpha", "\u{391}"),
    ("Beta", "\u{392}"), ("Gamma", "\u{393}"), ("Delta", "\u{394}"), ("Epsilon", "\u{395}"), ("Zeta", "\u{396}"),
    ("Eta", "\u{397}"), ("Theta", "\u{398}"), ("Iota", "\u{399}"), ("Kappa", "\u{39a}"), ("Lambda", "\u{39b}"),
    ("Mu", "\u{39c}"), ("Nu", "\u{39d}"), ("Xi", "\u{39e}"), ("Omicron", "\u{39f}"), ("Pi", "\u{3a0}"),
    ("Rho", "\u{3a1}"), ("Sigma", "\u{3a3}"), ("Tau", "\u{3a4}"), ("Upsilon", "\u{3a5}"), ("Phi", "\u{3a6}"),
    ("Chi", "\u{3a7}"), ("Psi", "\u{3a8}"), ("Omega", "\u{3a9}"), ("alpha", "\u{3b1}"), ("beta", "\u{3b2}"),
    ("gamma", "\u{3b3}"), ("delta", "\u{3b4}"), ("epsilon", "\u{3b5}"), ("zeta", "\u{3b6}"), ("eta", "\u{3b7}"),
    ("theta", "\u{3b8}"), ("iota", "\u{3b9}"), ("kappa", "\u{3ba}"), ("lambda", "\u{3bb}"), ("mu", "\u{3bc}"),
    ("nu", "\u{3bd}"), ("xi", "\u{3be}"), ("omicron", "\u{3bf}"), ("pi", "\u{3c0}"), ("rho", "\u{3c1}"),
    ("sigmaf", "\u{3c2}"), ("sigma", "\u{3c3}"), ("tau", "\u{3c4}"), ("upsilon", "\u{3c5}"), ("phi", "\u{3c6}"),
    ("chi", "\u{3c7}"), ("psi", "\u{3c8}"), ("omega", "\u{3c9}"), ("thetasym", "\u{3d1}"), ("upsih", "\u{3d2}"),
    ("piv", "\u{3d6}"), ("ensp", "\u{2002}"), ("emsp", "\u{2003}"), ("thinsp", "\u{2009}"), ("zwnj", "\u{200c}"),
    ("zwj", "\u{200d}"), ("lrm", "\u{200e}"), ("rlm", "\u{200f}"), ("ndash", "\u{2013}"), ("mdash", "\u{2014}"),
    ("lsquo", "\u{2018}"), ("rsquo", "\u{2019}"), ("sbquo", "\u{201a}"), ("ldquo", "\u{201c}"), ("rdquo", "\u{201d}"),
    ("bdquo", "\u{201e}"), ("dagger", "\u{2020}"), ("Dagger", "\u{2021}"), ("bull", "\u{2022}"),
    ("hellip", "\u{2026}"), ("permil", "\u{2030}"), ("prime", "\u{2032}"), ("Prime", "\u{2033}"),
    ("lsaquo", "\u{2039}"), ("rsaquo", "\u{203a}"), ("oline", "\u{203e}"), ("frasl", "\u{2044}"), ("euro", "\u{20ac}"),
    ("image", "\u{2111}"), ("weierp", "\u{2118}"), ("real", "\u{211c}"), ("trade", "\u{2122}"),
    ("alefsym", "\u{2135}"), ("larr", "\u{2190}"), ("uarr", "\u{2191}"), ("rarr", "\u{2192}"), ("darr", "\u{2193}"),
    ("harr", "\u{2194}"), ("crarr", "\u{21b5}"), ("lArr", "\u{21d0}"), ("uArr", "\u{21d1}"), ("rArr", "\u{21d2}"),
    ("dArr", "\u{21d3}"), ("hArr", "\u{21d4}"), ("forall", "\u{2200}"), ("part", "\u{2202}"), ("exist", "\u{2203}"),
    ("empty", "\u{2205}"), ("nabla", "\u{2207}"), ("isin", "\u{2208}"), ("notin", "\u{2209}"), ("ni", "\u{220b}"),
    ("prod", "\u{220f}"), ("sum", "\u{2211}"), ("minus", "\u{2212}"), ("lowast", "\u{2217}"), ("radic", "\u{221a}"),
    ("prop", "\u{221d}"), ("infin", "\u{221e}"), ("ang", "\u{2220}"), ("and", "\u{2227}"), ("or", "\u{2228}"),
    ("cap", "\u{2229}"), ("cup", "\u{222a}"), ("int", "\u{222b}"), ("there4", "\u{2234}"), ("sim", "\u{223c}"),
    ("cong", "\u{2245}"), ("asymp", "\u{2248}"), ("ne", "\u{2260}"), ("equiv", "\u{2261}"), ("le", "\u{2264}"),
    ("ge", "\u{2265}"), ("sub", "\u{2282}"), ("sup", "\u{2283}"), ("nsub", "\u{2284}"), ("sube", "\u{2286}"),
    ("supe", "\u{2287}"), ("oplus", "\u{2295}"), ("otimes", "\u{2297}"), ("perp", "\u{22a5}"), ("sdot", "\u{22c5}"),
    ("lceil", "\u{2308}"), ("rceil", "\u{2309}"), ("lfloor", "\u{230a}"), ("rfloor", "\u{230b}"), ("lang", "\u{2329}"),
    ("rang", "\u{232a}"), ("loz", "\u{25ca}"), ("spades", "\u{2660}"), ("clubs", "\u{2663}"), ("hearts", "\u{2665}"),
    ("diams", "\u{2666}"),
];

/// ISO 8879 Latin 2, for the languages of Central Europe.
#[rustfmt::skip]
static LATIN_2: &[(&str, &str)] = &[
    ("Amacr", "\u{100}"), ("amacr", "\u{101}"), ("Abreve", "\u{102}"), ("abreve", "\u{103}"), ("Aogon", "\u{104}"),
    ("aogon", "\u{105}"), ("Cacute", "\u{106}"), ("cacute", "\u{107}"), ("Ccirc", "\u{108}"), ("ccirc", "\u{109}"),
    ("Cdot", "\u{10a}"), ("cdot", "\u{10b}"), ("Ccaron", "\u{10c}"), ("ccaron", "\u{10d}"), ("Dcaron", "\u{10e}"),
    ("dcaron", "\u{10f}"), ("Dstrok", "\u{110}"), ("dstrok", "\u{111}"), ("Emacr", "\u{112}"), ("emacr", "\u{113}"),
    ("Edot", "\u{116}"), ("edot", "\u{117}"), ("Eogon", "\u{118}"), ("eogon", "\u{119}"), ("Ecaron", "\u{11a}"),
    ("ecaron", "\u{11b}"), ("Gcirc", "\u{11c}"), ("gcirc", "\u{11d}"), ("Gbreve", "\u{11e}"), ("gbreve", "\u{11f}"),
    ("Gdot", "\u{120}"), ("gdot", "\u{121}"), ("Gcedil", "\u{122}"), ("Hcirc", "\u{124}"), ("hcirc", "\u{125}"),
    ("Hstrok", "\u{126}"), ("hstrok", "\u{127}"), ("Itilde", "\u{128}"), ("itilde", "\u{129}"), ("Imacr", "\u{12a}"),
    ("imacr", "\u{12b}"), ("Iogon", "\u{12e}"), ("iogon", "\u{12f}"), ("Idot", "\u{130}"), ("imath", "\u{131}"),
    ("inodot", "\u{131}"), ("IJlig", "\u{132}"), ("ijlig", "\u{133}"), ("Jcirc", "\u{134}"), ("jcirc", "\u{135}"),
    ("Kcedil", "\u{136}"), ("kcedil", "\u{137}"), ("kgreen", "\u{138}"), ("Lacute", "\u{139}"), ("lacute", "\u{13a}"),
    ("Lcedil", "\u{13b}"), ("lcedil", "\u{13c}"), ("Lcaron", "\u{13d}"), ("lcaron", "\u{13e}"), ("Lmidot", "\u{13f}"),
    ("lmidot", "\u{140}"), ("Lstrok", "\u{141}"), ("lstrok", "\u{142}"), ("Nacute", "\u{143}"), ("nacute", "\u{144}"),
    ("Ncedil", "\u{145}"), ("ncedil", "\u{146}"), ("Ncaron", "\u{147}"), ("ncaron", "\u{148}"), ("napos", "\u{149}"),
    ("ENG", "\u{14a}"), ("eng", "\u{14b}"), ("Omacr", "\u{14c}"), ("omacr", "\u{14d}"), ("Odblac", "\u{150}"),
    ("odblac", "\u{151}"), ("Racute", "\u{154}"), ("racute", "\u{155}"), ("Rcedil", "\u{156}"), ("rcedil", "\u{157}"),
    ("Rcaron", "\u{158}"), ("rcaron", "\u{159}"), ("Sacute", "\u{15a}"), ("sacute", "\u{15b}"), ("Scirc", "\u{15c}"),
    ("scirc", "\u{15d}"), ("Scedil", "\u{15e}"), ("scedil", "\u{15f}"), ("Tcedil", "\u{162}"), ("tcedil", "\u{163}"),
    ("Tcaron", "\u{164}"), ("tcaron", "\u{165}"), ("Tstrok", "\u{166}"), ("tstrok", "\u{167}"), ("Utilde", "\u{168}"),
    ("utilde", "\u{169}"), ("Umacr", "\u{16a}"), ("umacr", "\u{16b}"), ("Ubreve", "\u{16c}"), ("ubreve", "\u{16d}"),
    ("Uring", "\u{16e}"), ("uring", "\u{16f}"), ("Udblac", "\u{170}"), ("udblac", "\u{171}"), ("Uogon", "\u{172}"),
    ("uogon", "\u{173}"), ("Wcirc", "\u{174}"), ("wcirc", "\u{175}"), ("Ycirc", "\u{176}"), ("ycirc", "\u{177}"),
    ("Zacute", "\u{179}"), ("zacute", "\u{17a}"), ("Zdot", "\u{17b}"), ("zdot", "\u{17c}"), ("Zcaron", "\u{17d}"),
    ("zcaron", "\u{17e}"),
];

/// ISO 8879 punctuation and numbers that are not among them.
#[rustfmt::skip]
static PUNCTUATION: &[(&str, &str)] = &[
    ("Tab", "\u{9}"), ("NewLine", "\u{a}"), ("excl", "\u{21}"), ("num", "\u{23}"), ("dollar", "\u{24}"),
    ("percnt", "\u{25}"), ("lpar", "\u{28}"), ("rpar", "\u{29}"), ("ast", "\u{2a}"), ("plus", "\u{2b}"),
    ("comma", "\u{2c}"), ("period", "\u{2e}"), ("sol", "\u{2f}"), ("colon", "\u{3a}"), ("semi", "\u{3b}"),
    ("equals", "\u{3d}"), ("quest", "\u{3f}"), ("commat", "\u{40}"), ("lsqb", "\u{5b}"), ("bsol", "\u{5c}"),
    ("rsqb", "\u{5d}"), ("lowbar", "\u{5f}"), ("grave", "\u{60}"), ("lcub", "\u{7b}"), ("verbar", "\u{7c}"),
    ("vert", "\u{7c}"), ("rcub", "\u{7d}"), ("half", "\u{bd}"), ("caron", "\u{2c7}"), ("breve", "\u{2d8}"),
    ("dot", "\u{2d9}"), ("ring", "\u{2da}"), ("ogon", "\u{2db}"), ("dblac", "\u{2dd}"), ("ohm", "\u{3a9}"),
    ("emsp13", "\u{2004}"), ("emsp14", "\u{2005}"), ("numsp", "\u{2007}"), ("puncsp", "\u{2008}"),
    ("hairsp", "\u{200a}"), ("dash", "\u{2010}"), ("hyphen", "\u{2010}"), ("horbar", "\u{2015}"),
    ("rsquor", "\u{2019}"), ("lsquor", "\u{201a}"), ("rdquor", "\u{201d}"), ("ldquor", "\u{201e}"),
    ("nldr", "\u{2025}"), ("mldr", "\u{2026}"), ("caret", "\u{2041}"), ("hybull", "\u{2043}"), ("incare", "\u{2105}"),
    ("copysr", "\u{2117}"), ("rx", "\u{211e}"), ("frac13", "\u{2153}"), ("frac23", "\u{2154}"), ("frac15", "\u{2155}"),
    ("frac25", "\u{2156}"), ("frac35", "\u{2157}"), ("frac45", "\u{2158}"), ("frac16", "\u{2159}"),
    ("frac56", "\u{215a}"), ("frac18", "\u{215b}"), ("frac38", "\u{215c}"), ("frac58", "\u{215d}"),
    ("frac78", "\u{215e}"), ("vellip", "\u{22ee}"), ("telrec", "\u{2315}"), ("target", "\u{2316}"),
    ("blank", "\u{2423}"), ("starf", "\u{2605}"), ("star", "\u{2606}"), ("phone", "\u{260e}"), ("female", "\u{2640}"),
    ("male", "\u{2642}"), ("flat", "\u{266d}"), ("natural", "\u{266e}"), ("sharp", "\u{266f}"), ("check", "\u{2713}"),
    ("cross", "\u{2717}"), ("malt", "\u{2720}"), ("sext", "\u{2736}"), ("fflig", "\u{fb00}"), ("filig", "\u{fb01}"),
    ("fllig", "\u{fb02}"), ("ffilig", "\u{fb03}"), ("ffllig", "\u{fb04}"),
];

#[cfg(test)]
mod tests {
    use super::*;
    use crate::xml::{XmlEvent, XmlOptions, XmlReader};

    #[test]
    fn named_characters_are_read_and_no_others() {
        let read = |xml: &str| {
            let mut bytes = xml.as_bytes();
            let options = XmlOptions { entities: Some(&XHTML_CHARACTERS), ..XmlOptions::default() };
            let mut reader = XmlReader::new(&mut bytes, options);
            assert!(matches!(reader.next(), Ok(XmlEvent::Start(_))));
            reader.text().map_err(|error| error.message)
        };
        let sent = "<t>&auml;&ndash;&hellip;&euro;&Omega;&zwj;&nbsp;&scaron;&ccaron;&lstrok;&frac13;&amp;lt;</t>";
        assert_eq!(read(sent).as_deref(), Ok("ä–…€Ω\u{200d}\u{a0}ščł⅓&lt;"));
        assert_eq!(read("<t>&bomb;</t>"), Err("the entity &bomb; is not defined".to_owned()));
    }

    #[test]
    fn no_name_stands_twice_and_none_is_of_xml() {
        let all: Vec<_> = XHTML.iter().chain(LATIN_2).chain(PUNCTUATION).map(|(name, _)| *name).collect();
        let once: std::collections::HashSet<_> = all.iter().collect();
        assert_eq!(once.len(), all.len());
        assert_eq!(XHTML.len(), 248);
        assert!(["amp", "lt", "gt", "quot", "apos"].iter().all(|name| !all.contains(name)));
    }
}
