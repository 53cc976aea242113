//! DataCite's description as XML, valid by the schema of kernel 4.6.

use crate::{
    datacite::{Date, Description, FindingPlace, Rights, Subject, Title, UNKNOWN},
    datacite_items::RelatedItem,
    xml::Element,
};
use record::{agent::Person, metadata::Funding};

const NAMESPACE: &str = "http://datacite.org/schema/kernel-4";
const LOCATION: &str = "http://datacite.org/schema/kernel-4 https://schema.datacite.org/meta/kernel-4.6/metadata.xsd";

pub(crate) fn to_xml(said: &Description) -> String {
    resource(said).document()
}

/// The document's one element.
pub(crate) fn resource(said: &Description) -> Element {
    let language = said.language.as_deref();
    let (identifier, identifier_type) = &said.identifier;
    let mut resource = Element::new("resource")
        .attribute("xmlns", NAMESPACE)
        .attribute("xmlns:xsi", "http://www.w3.org/2001/XMLSchema-instance")
        .attribute("xsi:schemaLocation", LOCATION)
        .child(Element::with_text("identifier", identifier.as_str()).attribute("identifierType", *identifier_type))
        .group("creators", said.creators.iter().map(|person| name(person, "creator", "creatorName")).collect())
        .group("titles", said.titles.iter().map(title).collect())
        .child(Element::with_text("publisher", &said.publisher))
        .child(Element::with_text("publicationYear", &said.year))
        .child(Element::with_text("resourceType", &said.specific_type).attribute("resourceTypeGeneral", said.general_type))
        .group("subjects", said.subjects.iter().map(subject).collect())
        .group("contributors", said.contributors.iter().map(|(person, part)| contributor(person, part)).collect())
        .group("dates", said.dates.iter().map(date).collect());
    if let Some(language) = language {
        resource = resource.child(Element::with_text("language", language));
    }
    let other = said.other_identifiers.iter();
    let other = other.map(|(value, scheme)| Element::with_text("alternateIdentifier", value).attribute("alternateIdentifierType", scheme));
    let related = said.related.iter().map(|related| {
        Element::with_text("relatedIdentifier", &related.identifier)
            .attribute("relatedIdentifierType", related.identifier_type)
            .attribute("relationType", related.relation)
    });
    resource = resource
        .group("alternateIdentifiers", other.collect())
        .group("relatedIdentifiers", related.collect())
        .group("sizes", said.sizes.iter().map(|size| Element::with_text("size", size)).collect())
        .group("formats", said.formats.iter().map(|format| Element::with_text("format", format)).collect());
    if let Some(version) = &said.version {
        resource = resource.child(Element::with_text("version", version));
    }
    let descriptions = said.descriptions.iter().map(|(text, kind)| {
        Element::with_text("description", text).maybe_attribute("xml:lang", said.language_of(kind)).attribute("descriptionType", *kind)
    });
    resource
        .group("rightsList", said.rights.iter().map(rights).collect())
        .group("descriptions", descriptions.collect())
        .group("geoLocations", said.place.iter().map(finding_place).collect())
        .group("fundingReferences", said.funding.iter().map(funding).collect())
        .group("relatedItems", said.items.iter().map(related_item).collect())
}

fn name(person: &Person, element: &'static str, of_name: &'static str) -> Element {
    let is_named = person.family != UNKNOWN;
    let kind = if person.organisation { "Organizational" } else { "Personal" };
    let whole = Element::with_text(of_name, person.sorted_name()).maybe_attribute("nameType", is_named.then_some(kind));
    let mut person_element = Element::new(element).child(whole);
    if is_named && !person.organisation {
        if !person.given.is_empty() {
            person_element = person_element.child(Element::with_text("givenName", &person.given));
        }
        person_element = person_element.child(Element::with_text("familyName", &person.family));
    }
    let orcid = person.orcid.iter().map(|orcid| {
        Element::with_text("nameIdentifier", orcid.url())
            .attribute("nameIdentifierScheme", "ORCID")
            .attribute("schemeURI", "https://orcid.org")
    });
    let affiliations = person.affiliations.iter().map(|place| {
        let element = Element::with_text("affiliation", &place.name);
        match &place.ror {
            None => element,
            Some(ror) => element
                .attribute("affiliationIdentifier", ror.url())
                .attribute("affiliationIdentifierScheme", "ROR")
                .attribute("schemeURI", "https://ror.org"),
        }
    });
    person_element.children(orcid).children(affiliations)
}

fn contributor(person: &Person, part: &str) -> Element {
    name(person, "contributor", "contributorName").attribute("contributorType", part)
}

fn title(title: &Title) -> Element {
    Element::with_text("title", &title.text).maybe_attribute("titleType", title.kind).maybe_attribute("xml:lang", title.language.as_deref())
}

fn subject(subject: &Subject) -> Element {
    Element::with_text("subject", &subject.text)
        .maybe_attribute("subjectScheme", subject.scheme.as_deref())
        .maybe_attribute("schemeURI", subject.scheme_url)
        .maybe_attribute("valueURI", subject.url.as_deref())
}

fn finding_place(place: &FindingPlace) -> Element {
    let name = place.name.iter().map(|name| Element::with_text("geoLocationPlace", name));
    let point = place.latitude_and_longitude_deg.iter().map(|(latitude, longitude)| {
        Element::new("geoLocationPoint")
            .child(Element::with_text("pointLongitude", longitude.to_string()))
            .child(Element::with_text("pointLatitude", latitude.to_string()))
    });
    Element::new("geoLocation").children(name).children(point)
}

fn date(date: &Date) -> Element {
    Element::with_text("date", &date.date).attribute("dateType", date.kind).maybe_attribute("dateInformation", date.information.as_deref())
}

fn rights(rights: &Rights) -> Element {
    let element = Element::with_text("rights", &rights.text).attribute("rightsURI", rights.uri);
    match rights.spdx {
        None => element,
        Some(spdx) => element
            .attribute("rightsIdentifier", spdx)
            .attribute("rightsIdentifierScheme", "SPDX")
            .attribute("schemeURI", "https://spdx.org/licenses/"),
    }
}

fn funding(funding: &Funding) -> Element {
    let register = funding.funder_id_type().map(|register| register.name());
    let id =
        funding.funder_id.iter().map(|id| Element::with_text("funderIdentifier", id).maybe_attribute("funderIdentifierType", register));
    let mut element = Element::new("fundingReference").child(Element::with_text("funderName", &funding.funder)).children(id);
    if let Some(award) = &funding.award {
        element = element.child(Element::with_text("awardNumber", award).maybe_attribute("awardURI", funding.award_url.as_deref()));
    }
    element.children(funding.award_title.iter().map(|title| Element::with_text("awardTitle", title)))
}

fn related_item(item: &RelatedItem) -> Element {
    let identifier = item.identifier.iter();
    let identifier =
        identifier.map(|(value, kind)| Element::with_text("relatedItemIdentifier", value).attribute("relatedItemIdentifierType", *kind));
    Element::new("relatedItem")
        .attribute("relatedItemType", item.kind)
        .attribute("relationType", item.relation)
        .children(identifier)
        .group("titles", vec![Element::with_text("title", &item.title)])
        .children(item.year.iter().map(|year| Element::with_text("publicationYear", year)))
        .children(item.details.iter().map(|(name, text)| Element::with_text(*name, text)))
}
