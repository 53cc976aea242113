//! The shape of the metadata for the OpenAPI document, made from the table of `record::field`.

use std::borrow::Cow;
use utoipa::{
    PartialSchema, ToSchema,
    openapi::{Object, RefOr, Schema},
};

/// What is said about a record. Every field may be left out while it is a draft.
pub struct MetadataShape;

impl PartialSchema for MetadataShape {
    fn schema() -> RefOr<Schema> {
        // The table is ours, and a test reads it whole; an empty object would only describe less.
        let schema = serde_json::from_value(record::field::schema::object(None)).unwrap_or_else(|_| Schema::Object(Object::new()));
        RefOr::T(schema)
    }
}

impl ToSchema for MetadataShape {
    fn name() -> Cow<'static, str> {
        "Metadata".into()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::Value;

    #[test]
    fn the_document_shows_every_field_as_the_table_has_it() {
        let shown = serde_json::to_value(MetadataShape::schema()).unwrap();
        for field in record::field::all() {
            let pointer = format!("/properties{}", field.path.replace('/', "/properties/").replacen("/properties/", "/", 1));
            let property = shown.pointer(&pointer).unwrap_or_else(|| panic!("{pointer}"));
            assert_eq!(property["title"], field.label.en, "{pointer}");
            assert_eq!(property.get("x-unit").and_then(Value::as_str).unwrap_or(""), field.unit, "{pointer}");
        }
        assert_eq!(shown["properties"]["creators"]["items"]["properties"]["orcid"]["type"], "string");
        assert_eq!(shown["additionalProperties"], false);
    }
}
