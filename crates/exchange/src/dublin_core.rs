//! A record in the fifteen words of Dublin Core, which every catalogue understands: `oai_dc`.

use crate::{
    datacite::Description,
    datacite_items::{PUBLISHED_IN, RelatedItem},
    place::Place,
    xml::{Element, is_blank},
};
use record::{Record, instant::Instant};
use std::collections::BTreeSet;

/// A document that the schema of `oai_dc` accepts.
pub fn to_xml(record: &Record, place: &Place, now: Instant) -> String {
    element(&Description::of(record, place, now)).document()
}

pub(crate) fn element(said: &Description) -> Element {
    let (identifier, identifier_type) = &said.identifier;
    let named = if *identifier_type == "DOI" { format!("https://doi.org/{identifier}") } else { identifier.clone() };
    let dates = said.dates.iter().filter(|date| matches!(date.kind, "Issued" | "Available"));
    let dates: Vec<&str> = dates.map(|date| date.date.as_str()).collect();
    let rights = said.rights.iter().flat_map(|rights| [rights.text.as_str(), rights.uri]);
    let related = said.related.iter().map(|related| match related.identifier_type {
        "DOI" => format!("https://doi.org/{}", related.identifier),
        _ => related.identifier.clone(),
    });
    let mut addresses = vec![named.clone()];
    addresses.extend(Some(said.url.clone()).filter(|url| *url != named));
    let others = said.other_identifiers.iter().map(|(value, scheme)| format!("{scheme}: {value}"));
    let addresses = addresses.into_iter().chain(others);
    let found = said.place.as_ref().and_then(|place| place.name.clone());
    let when = said.dates.iter().filter(|date| matches!(date.kind, "Collected" | "Created" | "Coverage")).map(|date| date.date.clone());
    let sources = said.items.iter().filter(|item| item.relation == PUBLISHED_IN).map(RelatedItem::words);
    Element::new("oai_dc:dc")
        .attribute("xmlns:oai_dc", "http://www.openarchives.org/OAI/2.0/oai_dc/")
        .attribute("xmlns:dc", "http://purl.org/dc/elements/1.1/")
        .attribute("xmlns:xsi", "http://www.w3.org/2001/XMLSchema-instance")
        .attribute("xsi:schemaLocation", "http://www.openarchives.org/OAI/2.0/oai_dc/ http://www.openarchives.org/OAI/2.0/oai_dc.xsd")
        .children(all("dc:title", [said.title.as_str()]))
        .children(all("dc:creator", said.creators.iter().map(|person| person.sorted_name())))
        .children(all("dc:contributor", said.further_contributors().map(|(person, _)| person.sorted_name()).collect::<BTreeSet<_>>()))
        .children(all("dc:subject", said.subjects.iter().map(|subject| subject.text.as_str())))
        .children(all("dc:description", said.descriptions.iter().map(|(text, _)| text.as_str())))
        .children(all("dc:publisher", [said.publisher.as_str()]))
        .children(all("dc:date", if dates.is_empty() { vec![said.year.as_str()] } else { dates }))
        .children(all("dc:type", [said.general_type, said.specific_type.as_str()]))
        .children(all("dc:format", said.formats.iter().chain(&said.sizes)))
        .children(all("dc:identifier", addresses))
        .children(all("dc:language", said.language.as_deref()))
        .children(all("dc:source", sources))
        .children(all("dc:relation", related))
        .children(all("dc:coverage", found.into_iter().chain(when)))
        .children(all("dc:rights", rights))
}

fn all<T: Into<String>>(name: &'static str, texts: impl IntoIterator<Item = T>) -> Vec<Element> {
    texts.into_iter().map(Into::into).filter(|text: &String| !is_blank(text)).map(|text| Element::with_text(name, text)).collect()
}
