//! In what the registrar differs from what it was told. It adds much of its own, leaves out what is empty and strips markup
//! from texts; none of that is a difference. What we said must be there, in its order, and nothing else in its place.

use crate::registrar::{DoiDocument, DoiSeen};
use record::ledger::Difference;
use serde_json::Value;

/// More fields than this are not named one by one.
const FIELDS_MAX: usize = 20;

pub(crate) fn differences(document: &DoiDocument, seen: &DoiSeen) -> Vec<Difference> {
    let mut found = Vec::new();
    if seen.state != document.wish.name() {
        found.push(Difference::OtherState { found: beginning(&seen.state) });
    }
    let url = seen.attributes["url"].as_str().unwrap_or_default();
    if document.attributes["url"].as_str() != Some(url) {
        found.push(Difference::OtherAddress { found: beginning(url) });
    }
    let said = document.attributes.as_object().into_iter().flatten();
    let mut fields: Vec<String> = said
        .filter(|(name, _)| !matches!(name.as_str(), "url" | "doi"))
        .filter(|(name, value)| !says(name, value, &seen.attributes[name.as_str()]))
        .map(|(name, _)| name.clone())
        .collect();
    fields.truncate(FIELDS_MAX);
    if !fields.is_empty() {
        found.push(Difference::OtherDescription { fields });
    }
    found
}

fn says(name: &str, ours: &Value, theirs: &Value) -> bool {
    if is_nothing(ours) {
        return is_nothing(theirs);
    }
    match (ours, theirs) {
        (Value::Object(_), Value::Object(theirs)) => {
            let ours = ours.as_object().into_iter().flatten();
            ours.into_iter().all(|(key, value)| is_nothing(value) || theirs.get(key).is_some_and(|other| says(key, value, other)))
        }
        (Value::Array(ours), Value::Array(theirs)) => {
            let ours: Vec<&Value> = ours.iter().filter(|value| !is_nothing(value)).collect();
            // Subjects that it knows it repeats in the words of a classification of its own.
            let theirs: Vec<&Value> = theirs.iter().filter(|value| !(name == "subjects" && is_classification(value))).collect();
            ours.len() == theirs.len() && ours.into_iter().zip(theirs).all(|(one, other)| says("", one, other))
        }
        // A publisher that comes as its name alone.
        (Value::Object(ours), Value::String(_)) => ours.get("name").is_some_and(|name| text_of(name) == text_of(theirs)),
        _ => text_of(ours) == text_of(theirs),
    }
}

fn is_nothing(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::String(text) => plain(text).is_empty(),
        Value::Array(items) => items.iter().all(is_nothing),
        Value::Object(fields) => fields.values().all(is_nothing),
        Value::Bool(_) | Value::Number(_) => false,
    }
}

fn is_classification(subject: &Value) -> bool {
    subject["subject"].as_str().is_some_and(|text| text.starts_with("FOS: "))
}

fn text_of(value: &Value) -> String {
    match value {
        Value::String(text) => plain(text),
        other => other.to_string(),
    }
}

/// Without markup and with single spaces. A lone `<` is no markup, but the registrar may think so; both sides lose it alike.
fn plain(text: &str) -> String {
    let text = text.replace("&lt;", "<").replace("&gt;", ">").replace("&quot;", "\"").replace("&#39;", "'").replace("&amp;", "&");
    let mut kept = String::with_capacity(text.len());
    let mut rest = text.as_str();
    while let Some((before, after)) = rest.split_once('<') {
        kept.push_str(before);
        rest = after.split_once('>').map_or(after, |(_, behind)| behind);
    }
    kept.push_str(rest);
    kept.split_whitespace().collect::<Vec<_>>().join(" ")
}

fn beginning(text: &str) -> String {
    text.chars().filter(|letter| !letter.is_control()).take(300).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use record::ledger::DoiState;
    use serde_json::json;

    fn document() -> DoiDocument {
        let attributes = json!({
            "doi": "10.5072/science3d.x", "url": "https://s.example/records/x", "language": null, "contributors": [],
            "titles": [{"title": "Jaw <i>of</i> a caecilian & more", "lang": "en"}],
            "publisher": {"name": "Lab"}, "publicationYear": 2026,
            "subjects": [{"subject": "skull"}], "sizes": ["1 x 2 x 3 voxels"],
        });
        DoiDocument { doi: "10.5072/science3d.x".parse().unwrap(), wish: DoiState::Findable, attributes }
    }

    fn kept(change: impl FnOnce(&mut Value)) -> Vec<Difference> {
        let document = document();
        let mut attributes = document.attributes.clone();
        attributes["state"] = json!("findable");
        change(&mut attributes);
        let state = attributes["state"].as_str().unwrap().to_owned();
        differences(&document, &DoiSeen { doi: document.doi.clone(), state, attributes })
    }

    #[test]
    fn what_the_registrar_adds_and_tidies_is_no_difference() {
        let tidied = kept(|attributes| {
            attributes["titles"] = json!([{"title": "Jaw of a caecilian &amp; more ", "lang": "en", "titleType": null}]);
            attributes["publisher"] = json!("Lab");
            attributes["publicationYear"] = json!("2026");
            attributes["subjects"] = json!([{"subject": "skull"}, {"subject": "FOS: Biological sciences"}]);
            attributes["contributors"] = json!(null);
            attributes["language"] = json!("");
            attributes["metadataVersion"] = json!(7);
        });
        assert_eq!(tidied, []);
    }

    #[test]
    fn what_was_changed_lost_or_added_is_named() {
        type Change = fn(&mut Value);
        let cases: [(Change, &str); 7] = [
            (|kept| kept["titles"][0]["title"] = json!("Another"), "described otherwise: titles"),
            (|kept| kept["subjects"] = json!([]), "described otherwise: subjects"),
            (|kept| kept["contributors"] = json!([{"name": "Eve"}]), "described otherwise: contributors"),
            (|kept| kept["sizes"] = json!(["1 x 2 x 3 voxels", "9 GB"]), "described otherwise: sizes"),
            (|kept| kept["language"] = json!("de"), "described otherwise: language"),
            (|kept| kept["url"] = json!("https://old.example/x"), "it leads to https://old.example/x"),
            (|kept| kept["state"] = json!("draft"), "its state is “draft”"),
        ];
        for (change, says) in cases {
            let found: Vec<String> = kept(change).iter().map(ToString::to_string).collect();
            assert_eq!(found, [says]);
        }
    }
}
