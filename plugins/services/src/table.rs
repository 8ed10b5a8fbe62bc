//! The services, each with its records and what of them goes where. A new service is an entry here and a case folder.
//!
//! A path names elements from the record on, by local names: `a/b` is every `b` in every `a`, `a/@b` an attribute, `@b` one of the
//! record's own.

/// One kind of record of one service.
pub(crate) struct Service {
    /// The system of its attributes.
    pub(crate) system: &'static str,
    /// The service and the list, for people.
    pub(crate) title: &'static str,
    /// The element that holds the records.
    pub(crate) parent: &'static str,
    /// The record's element.
    pub(crate) record: &'static str,
    /// What becomes of a record.
    pub(crate) becomes: Becomes,
    /// Paths and their places, in the order in which they are read.
    pub(crate) places: &'static [(&'static str, Place)],
}

/// What becomes of a record.
#[derive(Clone, Copy)]
pub(crate) enum Becomes {
    /// An item.
    Item,
    /// An item, if the value at this path is this word; another kind of record is rejected.
    ItemIf(&'static str, &'static str),
    /// New prices and stock of an item that is there.
    Offer,
    /// Nothing: it is none, for this reason.
    Rejected(&'static str),
}

/// Where a value goes.
#[derive(Clone, Copy)]
pub(crate) enum Place {
    /// The item's number; the first path that has one gives it.
    Sku,
    Title,
    Description,
    Brand,
    /// The kind; `standard` and `simple` are what others call a product.
    Kind,
    /// A number of this scheme.
    Number(&'static str),
    /// A category of the service's system.
    Category,
    /// Categories, separated by `;`, their names by ` / `.
    Subjects,
    Image,
    /// The item of which this is a variant.
    VariantOf,
    /// People of this role, separated by `;`.
    People(&'static str),
    /// A price of this kind; whether tax is in it; where its currency stands, seen from the price.
    Price(&'static str, Option<bool>, Option<&'static str>),
    /// Units in stock.
    Stock,
    /// `false` means that it is not offered.
    Offered,
    /// Says nothing about the item, or the same as another path.
    Nothing,
}

use Place::{
    Brand, Category, Description, Image, Kind, Nothing, Number, Offered, People, Price, Sku, Stock, Subjects, Title,
    VariantOf,
};

/// All of them. Where two have the same elements, what the record says of its own kind decides.
pub(crate) const SERVICES: &[Service] = &[
    Service {
        system: "cdiscount",
        title: "Cdiscount GetProductList",
        parent: "ProductList",
        record: "Product",
        becomes: Becomes::Item,
        places: &[
            ("SKU", Sku),
            ("Name", Title),
            ("BrandName", Brand),
            ("EANList/string", Number("gtin")),
            ("ISBN", Number("isbn")),
            ("ProductType", Kind),
        ],
    },
    Service {
        system: "cdiscount",
        title: "Cdiscount GetProductListByIdentifier",
        parent: "ProductListByIdentifier",
        record: "ProductByIdentifier",
        becomes: Becomes::ItemIf("HasError", "false"),
        places: &[
            ("Sku", Sku),
            ("Ean", Sku),
            ("Ean", Number("gtin")),
            ("Name", Title),
            ("BrandName", Brand),
            ("CategoryCode", Category),
            ("ImageUrl", Image),
            ("FatherProductId", VariantOf),
            ("ProductType", Kind),
        ],
    },
    Service {
        system: "cdiscount",
        title: "Cdiscount product package",
        parent: "ProductCollection",
        record: "Product",
        becomes: Becomes::Item,
        places: &[
            ("@SellerProductId", Sku),
            ("@LongLabel", Title),
            ("@ShortLabel", Title),
            ("@Description", Description),
            ("@BrandName", Brand),
            ("@CategoryCode", Category),
            ("@ProductKind", Kind),
            ("Product.EanList/ProductEan/@Ean", Number("gtin")),
            ("Product.Pictures/ProductImage/@Uri", Image),
        ],
    },
    Service {
        system: "cdiscount",
        title: "Cdiscount offer package",
        parent: "OfferCollection",
        record: "Offer",
        becomes: Becomes::Offer,
        places: &[("@SellerProductId", Sku), ("@Price", Price("retail", Some(true), None)), ("@Stock", Stock)],
    },
    Service {
        system: "prodws",
        title: "Deutsche Post ProdWS sales products",
        parent: "salesProductList",
        record: "SalesProduct",
        becomes: Becomes::Item,
        places: &[
            ("extendedIdentifier/@ProdWS-ID", Sku),
            ("extendedIdentifier/@name", Title),
            ("extendedIdentifier/@annotation", Description),
            ("extendedIdentifier/externIdentifier/@id", Number("extern")),
            ("priceDefinition/price/commercialGrossPrice/@value", Price("retail", Some(true), Some("currency"))),
            ("priceDefinition/price/calculatedGrossPrice/@value", Price("calculated", Some(true), Some("currency"))),
        ],
    },
    Service {
        system: "netsuite",
        title: "NetSuite saved search of items",
        parent: "searchRowList",
        record: "searchRow",
        becomes: Becomes::Item,
        places: &[
            ("basic/itemId/searchValue", Sku),
            ("basic/displayName/searchValue", Title),
            ("basic/salesDescription/searchValue", Title),
            // NetSuite calls it "Item Name/Number": it is both.
            ("basic/itemId/searchValue", Title),
            ("basic/salesDescription/searchValue", Description),
            ("basic/upcCode/searchValue", Number("gtin")),
            ("basic/manufacturer/searchValue", Brand),
            ("basic/mpn/searchValue", Number("mpn")),
            ("basic/locationQuantityAvailable/searchValue", Stock),
            ("basic/quantityAvailable/searchValue", Stock),
        ],
    },
    Service {
        system: "netsuite",
        title: "NetSuite acknowledgements of updates",
        parent: "writeResponseList",
        record: "writeResponse",
        becomes: Becomes::Rejected("an acknowledgement of a change is no item"),
        places: &[("baseRef/@externalId", Sku), ("baseRef/@internalId", Sku)],
    },
    Service {
        system: "salesforce",
        title: "Salesforce query",
        parent: "result",
        record: "records",
        becomes: Becomes::ItemIf("type", "Product2"),
        places: &[
            ("ProductCode", Sku),
            ("Id", Sku),
            ("Name", Title),
            ("Description", Description),
            ("Family", Category),
            ("IsActive", Offered),
            ("Id", Nothing),
        ],
    },
    Service {
        system: "dynamics-crm",
        title: "Dynamics CRM entities",
        parent: "Entities",
        record: "Entity",
        becomes: Becomes::ItemIf("LogicalName", "product"),
        places: &[
            ("Attributes/productnumber", Sku),
            ("Id", Sku),
            ("Attributes/name", Title),
            ("Attributes/description", Description),
            ("Attributes/price", Price("list", None, None)),
            ("Attributes/quantityonhand", Stock),
        ],
    },
    Service {
        system: "e-conomic",
        title: "e-conomic products",
        parent: "Product_GetDataArrayResult",
        record: "ProductData",
        becomes: Becomes::Item,
        places: &[
            ("Number", Sku),
            ("Name", Title),
            ("Description", Description),
            ("BarCode", Number("gtin")),
            ("SalesPrice", Price("list", Some(false), None)),
            ("RecommendedPrice", Price("recommended", None, None)),
            ("ProductGroupHandle/Number", Category),
            ("Available", Stock),
            ("IsAccessible", Offered),
            ("Handle/Number", Nothing),
        ],
    },
    Service {
        system: "e-conomic",
        title: "e-conomic orders",
        parent: "Order_GetDataArrayResult",
        record: "OrderData",
        becomes: Becomes::Rejected("an order is no item"),
        places: &[("Number", Sku), ("Id", Sku)],
    },
    Service {
        system: "axis360",
        title: "Axis 360 availability",
        parent: "availabilityResponse",
        record: "title",
        becomes: Becomes::Item,
        places: &[
            ("titleId", Sku),
            ("productTitle", Title),
            ("annotation", Description),
            ("isbn", Number("isbn")),
            ("contributor", People("author")),
            ("narrator", People("narrator")),
            ("subject", Subjects),
            ("imageUrl", Image),
            ("availability/availableCopies", Stock),
        ],
    },
];
