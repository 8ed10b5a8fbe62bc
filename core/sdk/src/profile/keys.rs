//! Every key of a profile, declared once: what is checked, what the schema and the guide say, is read from here.
//!
//! A new key is a line here and a field in [`super::Profile`]; a test holds the two together.

use super::limits;

/// What a value must be.
#[derive(Debug, Clone, Copy)]
pub enum Kind {
    /// A lower-case word such as `bmecat`.
    Word,
    /// A BCP 47 language such as `de`.
    Language,
    /// An active ISO 4217 currency.
    Currency,
    /// A text of 1 to so many characters.
    Text(usize),
    /// `true` or `false`.
    Flag,
    /// A number within 0 to 1.
    Share,
    /// A whole number within bounds.
    Number {
        /// The smallest.
        min: i64,
        /// The largest.
        max: i64,
    },
    /// One of these words.
    Choice(&'static [&'static str]),
    /// The name of a catalog.
    Catalog,
    /// An address that the server calls.
    Url,
    /// The name of an environment variable that holds the secret of a source. Closed to all others, so that no profile can send
    /// one away.
    SecretEnv,
    /// A place of the canonical item such as `prices.list.amount`.
    Place,
    /// `auto`, or the label of an encoding.
    Encoding,
    /// A list of so many values at the most.
    List(usize, &'static Kind),
    /// A table from the sender's word to a value.
    Map(&'static Kind),
    /// A table of the keys given, or a text that stands for the first of them, which is required.
    Entry(&'static [Key]),
    /// A table of the keys given, none of them required.
    Table(&'static [Key]),
}

/// One key.
#[derive(Debug)]
pub struct Key {
    /// Its name.
    pub name: &'static str,
    /// What it does, in one sentence.
    pub doc: &'static str,
    /// What its value must be.
    pub kind: Kind,
    /// What holds without it, as TOML; empty if nothing does.
    pub default: &'static str,
}

/// One section.
#[derive(Debug)]
pub struct Section {
    /// Its name.
    pub name: &'static str,
    /// What it is about.
    pub doc: &'static str,
    /// Its keys; those of each entry, if it is named.
    pub keys: &'static [Key],
    /// Whether it is a table of entries under names of the profile's own: `[sources.shop]`. The first key is required.
    pub is_named: bool,
}

/// What the name of an environment variable has to look like that a profile may name.
pub const SECRET_ENV: &str = "^PLUGPOINT_SOURCE_[A-Z0-9_]{1,64}$";

/// An http or https address that holds neither a user nor a query: a path can be put behind it, and nobody else is called.
pub const URL: &str = r"^https?://[A-Za-z0-9._-]+(:[0-9]{1,5})?(/[A-Za-z0-9._~%/-]*)?$";

pub(super) const fn key(name: &'static str, kind: Kind, default: &'static str, doc: &'static str) -> Key {
    Key { name, doc, kind, default }
}

const ATTRIBUTE: &[Key] = &[
    key("name", Kind::Text(256), "", "The name that the attribute gets."),
    key("unit", Kind::Text(64), "", "The unit of its values; without it the sender's stays."),
    key("system", Kind::Text(64), "", "The system that defines it; without it the sender's stays."),
];

const CATEGORY: &[Key] = &[
    key("code", Kind::Text(128), "", "The code that the category gets."),
    key("system", Kind::Text(64), "", "The system of that code; without it the sender's stays."),
    key("path", Kind::List(32, &Kind::Text(1024)), "", "Names from the root; without it the sender's stay."),
];

const SOURCE: &[Key] = &[
    key("url", Kind::Url, "", "Where the service is called; required. A text instead of the section stands for it."),
    key("kind", Kind::Word, "", "The import.source that asks; without it the source's own name."),
    key("user", Kind::Text(128), "", "The user whom the source logs in."),
    key("secret_env", Kind::SecretEnv, "", "The environment variable with that user's secret."),
    key("page_size", Kind::Number { min: 1, max: 1000 }, "50", "Records that are asked for at once."),
    key("catalog", Kind::Catalog, "\"main\"", "The catalog that the document is for."),
    key(
        "mode",
        Kind::Choice(&["replace", "merge", "delete"]),
        "\"replace\"",
        "What the import may do to items that are there.",
    ),
    key("timeout_s", Kind::Number { min: 1, max: 600 }, "60", "Seconds that one answer of the service may take."),
    key(
        "response_bytes_max",
        Kind::Number { min: 1024, max: 1_073_741_824 },
        "16777216",
        "Bytes that one answer of the service may have; it is held in memory.",
    ),
    key(
        "schedule",
        Kind::Text(200),
        "",
        "When servers ask it by themselves: \"every 15m\" (s, m, h or d), or five fields of cron and a time zone, as in \"30 5 * * 1-5 Europe/Berlin\" (UTC without one). Without it only `plugpoint pull` and who wants the task `sources.pull` does.",
    ),
];

const COLUMN: &[Key] = &[
    key("to", Kind::Place, "", "The place where the cells go; required. A text instead of the table stands for it."),
    key("split", Kind::Text(8), "", "What separates the entries of a cell; for a category: the names of its path."),
    key("unit", Kind::Text(64), "", "The unit of an attribute's values."),
    key("system", Kind::Text(64), "", "The system that defines an attribute."),
    key("feature_id", Kind::Text(64), "", "An attribute's id in that system."),
    key("currency", Kind::Currency, "", "The currency of a price that names none."),
    key(
        "when",
        Kind::List(64, &Kind::Text(256)),
        "",
        "The cells, in any case, that mean yes: for delete, tax_included.",
    ),
    key("values", Kind::Map(&Kind::Text(256)), "", "From a cell, in any case, to what is read instead of it."),
];

/// All sections, in the order of the reference.
pub static SECTIONS: &[Section] = &[
    Section {
        is_named: false,
        name: "catalog",
        doc: "How catalogs of this tenant are read, whatever their format.",
        keys: &[
            key(
                "transformer",
                Kind::Word,
                "\"canonical\"",
                "The format that reads the documents when no customer crate does.",
            ),
            key(
                "rejected_share_max",
                Kind::Share,
                "0.5",
                "The share of rejected records above which an import changes nothing.",
            ),
            key("language", Kind::Language, "\"en\"", "The language of texts whose document names none."),
            key(
                "languages",
                Kind::List(64, &Kind::Language),
                "[]",
                "Texts in other languages are left out, unless an item has no others. Empty: all stay.",
            ),
            key(
                "report_language",
                Kind::Choice(&["en", "de", "pl", "ru", "fr"]),
                "\"en\"",
                "The language in which the sender is told of findings, where a request accepts no other.",
            ),
            key(
                "currency",
                Kind::Currency,
                "",
                "The currency of prices that have none. Without it such a price is a finding.",
            ),
            key("decimal_comma", Kind::Flag, "false", "Reads 12,50 as 12.50. Without it a comma is a finding."),
            key(
                "retention_days",
                Kind::Number { min: 0, max: 3650 },
                "30",
                "Days that a document is kept after its import.",
            ),
            key(
                "price_kinds",
                Kind::Map(&Kind::Word),
                "{}",
                "From the kind of a price as it was read to the kind that is kept.",
            ),
            key(
                "units",
                Kind::Map(&Kind::Text(32)),
                "{}",
                "From a unit as it was sent, in any case, to the unit that is kept: of prices and of attributes.",
            ),
            key(
                "attributes",
                Kind::Map(&Kind::Entry(ATTRIBUTE)),
                "{}",
                "From the name of an attribute as it was read to its new name, unit and system.",
            ),
            key(
                "categories",
                Kind::Map(&Kind::Map(&Kind::Entry(CATEGORY))),
                "{}",
                "From system and code of a category as it was read to the place that is kept.",
            ),
            key(
                "unmapped_categories",
                Kind::Flag,
                "true",
                "Whether categories stay that the table of their system does not name.",
            ),
        ],
    },
    Section {
        is_named: false,
        name: "limits",
        doc: "What this tenant may cost, below the server's own limits. A profile can lower them and never raise them.",
        keys: limits::KEYS,
    },
    Section {
        is_named: false,
        name: "bmecat",
        doc: "What only the BMEcat reader knows.",
        keys: &[
            key(
                "mime_root",
                Kind::Text(1024),
                "",
                "Put before the sources of files where the document's header has no MIME_ROOT.",
            ),
            key(
                "group_system",
                Kind::Text(64),
                "\"supplier\"",
                "The system under which the document's own catalog groups are kept.",
            ),
            key(
                "extensions",
                Kind::Flag,
                "true",
                "Whether user-defined extensions are kept, as attributes of the system udx.",
            ),
            key(
                "extras",
                Kind::Flag,
                "true",
                "Whether elements without a place of their own are kept, as attributes of the system bmecat.",
            ),
        ],
    },
    Section {
        is_named: false,
        name: "magento",
        doc: "What only the Magento reader knows.",
        keys: &[key("weight_unit", Kind::Text(16), "\"kg\"", "The unit of weights, which the service does not tell.")],
    },
    Section {
        is_named: false,
        name: "idoc",
        doc: "What only the SAP IDoc reader knows.",
        keys: &[
            key(
                "material_number",
                Kind::Choice(&["as_sent", "without_zeros"]),
                "\"as_sent\"",
                "Whether numbers that are all digits lose the zeros that SAP pads them with.",
            ),
            key(
                "deletion_flag",
                Kind::Choice(&["discontinue", "delete"]),
                "\"discontinue\"",
                "What becomes of a material that is flagged for deletion (LVORM) in all of SAP.",
            ),
            key(
                "price_conditions",
                Kind::List(64, &Kind::Text(4)),
                "[]",
                "Condition types of COND_A that are prices, such as PR00; the others are passed over. Empty: all are.",
            ),
            key(
                "test_idocs",
                Kind::Flag,
                "false",
                "Whether IDocs are read whose control record says that they are a test.",
            ),
        ],
    },
    Section {
        is_named: false,
        name: "table",
        doc: "How lists are read: CSV, TSV and spreadsheets (the format tables).",
        keys: &[
            key(
                "delimiter",
                Kind::Choice(&["auto", ",", ";", "tab", "|"]),
                "\"auto\"",
                "What separates the fields of a row.",
            ),
            key(
                "quote",
                Kind::Choice(&["\"", "'", "none"]),
                "'\"'",
                "What stands around fields that hold a separator.",
            ),
            key(
                "header",
                Kind::Number { min: 0, max: 1000 },
                "",
                "The row with the headings, counted from 1; 0 if there is none. Without it the row is looked for.",
            ),
            key(
                "skip_rows",
                Kind::Number { min: 0, max: 1000 },
                "0",
                "Rows below the headings that are no items, such as one with units.",
            ),
            key(
                "encoding",
                Kind::Encoding,
                "\"auto\"",
                "The encoding of lists without a byte order mark. auto: UTF-8, else the Windows code page of catalog.language.",
            ),
            key(
                "sheet",
                Kind::Text(64),
                "",
                "The sheet of a workbook by its name, or by its number from 1. Without it the first visible one with a cell.",
            ),
            key(
                "list_separator",
                Kind::Text(8),
                "",
                "What separates the entries of cells that go to a list. Without it a cell is one entry.",
            ),
            key(
                "others",
                Kind::Choice(&["unmapped", "attributes"]),
                "\"unmapped\"",
                "What becomes of columns that nobody names: listed in the report, or attributes under their heading.",
            ),
            key(
                "columns",
                Kind::Map(&Kind::Entry(COLUMN)),
                "{}",
                "From a heading, or \"column C\", to its place. Without any, well-known headings are taken.",
            ),
        ],
    },
    Section {
        is_named: false,
        name: "gdsn",
        doc: "What only the GS1 GDSN reader knows.",
        keys: &[key(
            "item_number",
            Kind::Choice(&["gtin", "gln_gtin_market"]),
            "\"gtin\"",
            "Whether an item is known by its GTIN alone, or by information provider, GTIN and target market, joined by hyphens.",
        )],
    },
    Section {
        is_named: false,
        name: "cxml",
        doc: "What only the cXML reader knows.",
        keys: &[key(
            "auxiliary_in_sku",
            Kind::Flag,
            "true",
            "Whether an item's number is SupplierPartID/SupplierPartAuxiliaryID where both are sent, as the standard means it; without it the second is an identifier.",
        )],
    },
    Section {
        is_named: false,
        name: "commerceml",
        doc: "What only the CommerceML reader knows.",
        keys: &[key(
            "full_replaces",
            Kind::Flag,
            "false",
            "Whether a catalog that says it is full removes what it does not name. Variants come in another file, and an exchange may come in parts.",
        )],
    },
    Section {
        is_named: false,
        name: "icecat",
        doc: "What only the Icecat reader knows.",
        keys: &[
            key(
                "sku",
                Kind::Choice(&["prod_id", "id", "gtin"]),
                "\"prod_id\"",
                "Which number is the item's: the brand's part number, Icecat's own, or the first GTIN.",
            ),
            key(
                "feature_groups",
                Kind::Flag,
                "false",
                "Whether the heading of its group stands before a feature's name: Processor: Processor cores.",
            ),
        ],
    },
    Section {
        is_named: false,
        name: "onix",
        doc: "What only the ONIX reader knows.",
        keys: &[
            key(
                "sku",
                Kind::Choice(&["reference", "isbn"]),
                "\"reference\"",
                "What an item's number is: RecordReference, the key of ONIX updates, or its ISBN-13 or GTIN-13.",
            ),
            key(
                "extras",
                Kind::Flag,
                "true",
                "Whether elements without a place of their own are kept, as attributes of the system onix.",
            ),
        ],
    },
    Section {
        is_named: false,
        name: "soap",
        doc: "Services of other systems that are kept alive for this tenant's clients, at /soap/tenants/TENANT/FACADE.",
        keys: &[
            key(
                "facades",
                Kind::List(16, &Kind::Word),
                "[]",
                "The facades that answer, such as magento or navision. For all others there is nothing at their address.",
            ),
            key("catalog", Kind::Catalog, "\"main\"", "The catalog that they read and write."),
        ],
    },
    Section {
        is_named: false,
        name: "datanorm",
        doc: "What only the DATANORM reader knows.",
        keys: &[key(
            "encoding",
            Kind::Choice(&["auto", "cp850", "cp437", "windows-1252", "utf-8"]),
            "\"auto\"",
            "How the bytes of a document are read whose content type names no charset. auto looks at the bytes.",
        )],
    },
    Section {
        is_named: true,
        name: "sources",
        doc: "Services that plugpoint pull asks for the tenant's documents. NAME is a lower-case word of the profile's own.",
        keys: SOURCE,
    },
    Section {
        is_named: false,
        name: "extensions",
        doc: "What may be called for this tenant.",
        keys: &[key(
            "plan",
            Kind::Text(16),
            "",
            "The hash of the plan by which this tenant is served, as plugpoint extensions prints it. With any other it is not served.",
        )],
    },
];
