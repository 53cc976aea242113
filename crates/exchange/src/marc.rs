//! A record as MARC 21 in XML, for libraries: the fields that Invenio and JOIN2 look at.

use crate::{
    datacite::Description,
    datacite_items::{PUBLISHED_IN, RelatedItem},
    place::Place,
    xml::{Element, is_blank},
};
use record::{Record, instant::Instant};

/// A document that the schema of MARC 21 slim accepts.
pub fn to_xml(record: &Record, place: &Place, now: Instant) -> String {
    element(&Description::of(record, place, now)).document()
}

/// New, a computer file or a text, a single item, described in Unicode and not by a cataloguing rule.
const DATA_LEADER: &str = "     nmm a22     uu 4500";
const TEXT_LEADER: &str = "     nam a22     uu 4500";

pub(crate) fn element(said: &Description) -> Element {
    let is_text = matches!(said.general_type, "JournalArticle" | "Text");
    let (identifier, identifier_type) = &said.identifier;
    let creators = said.creators.iter().filter(|person| !person.family.starts_with(':')).enumerate();
    let people = creators.map(|(place, person)| {
        let tag = match (place, person.organisation) {
            (0, false) => "100",
            (0, true) => "110",
            (_, false) => "700",
            (_, true) => "710",
        };
        let orcid = person.orcid.as_ref().map(|orcid| format!("(orcid){}", orcid.as_str()));
        field(
            tag,
            if person.organisation { "2" } else { "1" },
            " ",
            &[('a', Some(person.sorted_name())), ('0', orcid), ('u', person.affiliations.first().map(|place| place.name.clone()))],
        )
    });
    let some = |text: &str| Some(text.to_owned());
    let fields = vec![match *identifier_type {
        "DOI" => field("024", "7", " ", &[('a', some(identifier)), ('2', some("doi"))]),
        _ => field("024", "7", " ", &[('a', some(identifier)), ('2', some("uri"))]),
    }];
    // A book's own number, not that of the one it stands in.
    let isbn = said.other_identifiers.iter().filter(|(_, scheme)| scheme == "ISBN");
    let mut fields: Vec<Option<Element>> = isbn.map(|(isbn, _)| field("020", " ", " ", &[('a', some(isbn))])).chain(fields).collect();
    fields.push(field("041", " ", " ", &[('a', said.language.clone())]));
    fields.extend(people);
    let others = said.further_contributors();
    fields.extend(others.map(|(person, part)| {
        let (tag, kind) = if person.organisation { ("710", "2") } else { ("700", "1") };
        field(tag, kind, " ", &[('a', some(&person.sorted_name())), ('e', some(part))])
    }));
    fields.push(field("245", "0", "0", &[('a', some(&said.title))]));
    fields.push(field("264", " ", "1", &[('b', some(&said.publisher)), ('c', some(&said.year))]));
    fields.push(field("300", " ", " ", &[('a', some(&said.sizes.join("; ")))]));
    fields.extend(said.descriptions.iter().map(|(text, kind)| match *kind {
        "Abstract" => field("520", "3", " ", &[('a', some(text))]),
        _ => field("500", " ", " ", &[('a', some(text))]),
    }));
    fields.extend(said.funding.iter().map(|funding| field("536", " ", " ", &[('a', some(&funding.funder)), ('c', funding.award.clone())])));
    fields.extend(said.rights.iter().map(|rights| {
        let address = Some(rights.uri).filter(|uri| !uri.is_empty()).map(str::to_owned);
        field("540", " ", " ", &[('a', some(&rights.text)), ('u', address), ('2', rights.spdx.map(|_| "spdx".to_owned()))])
    }));
    fields.extend(said.subjects.iter().map(|subject| field("653", "1", " ", &[('a', some(&subject.text))])));
    fields.extend(said.items.iter().filter(|item| item.relation == PUBLISHED_IN).map(container));
    fields.extend(said.related.iter().map(|related| {
        field(
            "787",
            "0",
            "8",
            &[('i', some(related.relation)), ('o', some(&related.identifier)), ('n', some(&related.identifier_type.to_lowercase()))],
        )
    }));
    fields.push(field("856", "4", "0", &[('u', some(&said.url))]));
    fields.push(field("980", " ", " ", &[('a', some(&said.specific_type.replace(' ', "-")))]));
    Element::new("record")
        .attribute("xmlns", "http://www.loc.gov/MARC21/slim")
        .attribute("xmlns:xsi", "http://www.w3.org/2001/XMLSchema-instance")
        .attribute("xsi:schemaLocation", "http://www.loc.gov/MARC21/slim http://www.loc.gov/standards/marcxml/schema/MARC21slim.xsd")
        .child(Element::with_text("leader", if is_text { TEXT_LEADER } else { DATA_LEADER }))
        .children(fields.into_iter().flatten())
}

/// The journal or book that a text stands in.
fn container(item: &RelatedItem) -> Option<Element> {
    let detail = |name: &str| item.detail(name).map(str::to_owned);
    let pages = detail("firstPage").map(|first| detail("lastPage").map_or(first.clone(), |last| format!("{first}-{last}")));
    let named = |wanted: &str| item.identifier.as_ref().filter(|(_, kind)| *kind == wanted).map(|(value, _)| value.clone());
    let parts = [
        ('p', Some(item.title.clone())),
        ('v', detail("volume")),
        ('n', detail("issue")),
        ('c', pages),
        ('x', named("ISSN")),
        ('y', item.year.clone()),
        ('z', named("ISBN")),
    ];
    field("773", " ", " ", &parts)
}

/// A field with the subfields that say something; without any there is no field.
fn field(tag: &str, first: &str, second: &str, parts: &[(char, Option<String>)]) -> Option<Element> {
    let said = parts.iter().filter_map(|(code, text)| text.as_ref().filter(|text| !is_blank(text)).map(|text| (code, text)));
    let subfields: Vec<Element> =
        said.map(|(code, text)| Element::with_text("subfield", text).attribute("code", code.to_string())).collect();
    let field = Element::new("datafield").attribute("tag", tag).attribute("ind1", first).attribute("ind2", second);
    (!subfields.is_empty()).then(|| field.children(subfields))
}
