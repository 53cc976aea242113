//! An answer as a document, written piece by piece so that a list can be ended when it has grown long enough.

use super::{OaiError, Prefix, Request, Token};
use crate::{
    datacite::Description,
    datacite_xml, dublin_core, marc,
    place::Place,
    xml::{Element, escaped},
};
use record::{Record, instant::Instant};

const OPENING: &str = r#"<?xml version="1.0" encoding="UTF-8"?>
<OAI-PMH xmlns="http://www.openarchives.org/OAI/2.0/" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xsi:schemaLocation="http://www.openarchives.org/OAI/2.0/ http://www.openarchives.org/OAI/2.0/OAI-PMH.xsd">
"#;

/// What is said of one record before its metadata.
pub struct Head<'a> {
    pub identifier: &'a str,
    pub told_at: Instant,
    pub sets: &'a [String],
    pub is_deleted: bool,
}

/// Who answers.
pub struct Identity<'a> {
    pub name: &'a str,
    pub mail: &'a str,
    pub earliest: Instant,
    /// Stands between `oai:` and a record's own identifier.
    pub namespace: &'a str,
    pub sample: &'a str,
}

pub struct Answer {
    text: String,
    /// The element around what follows, if one is open.
    open: Option<&'static str>,
}

impl Answer {
    /// `address` is that of the door, without a question.
    pub fn to(request: &Request, address: &str, now: Instant) -> Self {
        let mut text = String::from(OPENING);
        text.push_str(&format!("<responseDate>{}</responseDate>\n<request", second(now)));
        for (name, value) in &request.repeated {
            // Only names of arguments get here.
            text.push_str(&format!(" {name}=\"{}\"", escaped(value)));
        }
        text.push_str(&format!(">{}</request>\n", escaped(address)));
        Self { text, open: None }
    }

    /// How long it has become.
    pub fn bytes(&self) -> usize {
        self.text.len()
    }

    pub fn error(mut self, error: &OaiError) -> String {
        self.text.push_str(&format!("<error code=\"{}\">{}</error>\n", error.code(), escaped(&error.to_string())));
        self.finish()
    }

    /// Everything that follows stands within this verb.
    pub fn begin(&mut self, verb: &'static str) {
        self.text.push_str(&format!("<{verb}>\n"));
        self.open = Some(verb);
    }

    pub fn identify(mut self, identity: &Identity<'_>, address: &str) -> String {
        self.begin("Identify");
        let described = Element::new("description").child(
            Element::new("oai-identifier")
                .attribute("xmlns", "http://www.openarchives.org/OAI/2.0/oai-identifier")
                .attribute("xmlns:xsi", "http://www.w3.org/2001/XMLSchema-instance")
                .attribute(
                    "xsi:schemaLocation",
                    "http://www.openarchives.org/OAI/2.0/oai-identifier http://www.openarchives.org/OAI/2.0/oai-identifier.xsd",
                )
                .child(Element::with_text("scheme", "oai"))
                .child(Element::with_text("repositoryIdentifier", identity.namespace))
                .child(Element::with_text("delimiter", ":"))
                .child(Element::with_text("sampleIdentifier", identity.sample)),
        );
        for (name, value) in [
            ("repositoryName", identity.name),
            ("baseURL", address),
            ("protocolVersion", "2.0"),
            ("adminEmail", identity.mail),
            ("earliestDatestamp", &second(identity.earliest)),
            ("deletedRecord", "persistent"),
            ("granularity", "YYYY-MM-DDThh:mm:ssZ"),
        ] {
            Element::with_text(name, value).write_fragment(&mut self.text);
        }
        described.write_fragment(&mut self.text);
        self.finish()
    }

    pub fn formats(mut self) -> String {
        self.begin("ListMetadataFormats");
        for prefix in Prefix::ALL {
            let format = Element::new("metadataFormat")
                .child(Element::with_text("metadataPrefix", prefix.name()))
                .child(Element::with_text("schema", prefix.schema()))
                .child(Element::with_text("metadataNamespace", prefix.namespace()));
            format.write_fragment(&mut self.text);
        }
        self.finish()
    }

    /// Names for machines and for people.
    pub fn sets(mut self, sets: impl IntoIterator<Item = (String, String)>) -> String {
        self.begin("ListSets");
        for (spec, name) in sets {
            let set = Element::new("set").child(Element::with_text("setSpec", spec)).child(Element::with_text("setName", name));
            set.write_fragment(&mut self.text);
        }
        self.finish()
    }

    pub fn head(&mut self, head: &Head<'_>) {
        let status = if head.is_deleted { " status=\"deleted\"" } else { "" };
        self.text.push_str(&format!("<header{status}><identifier>{}</identifier>", escaped(head.identifier)));
        self.text.push_str(&format!("<datestamp>{}</datestamp>", second(head.told_at)));
        for set in head.sets {
            self.text.push_str(&format!("<setSpec>{}</setSpec>", escaped(set)));
        }
        self.text.push_str("</header>\n");
    }

    /// A record with its metadata, or the head alone where it was withdrawn.
    pub fn record(&mut self, head: &Head<'_>, record: Option<&Record>, prefix: Prefix, place: &Place, now: Instant) {
        self.text.push_str("<record>\n");
        self.head(head);
        if let Some(record) = record.filter(|_| !head.is_deleted) {
            self.text.push_str("<metadata>\n");
            metadata(&Description::of(record, place, now), prefix).write_fragment(&mut self.text);
            self.text.push_str("</metadata>\n");
        }
        self.text.push_str("</record>\n");
    }

    /// `next` is missing on the last part of a list; `cursor` is how many were sent before this part.
    pub fn token(&mut self, next: Option<&Token>, cursor: u64, size: u64) {
        let expires = next.map_or_else(String::new, |token| format!(" expirationDate=\"{}\"", second(token.expires_at)));
        let token = next.map_or_else(String::new, Token::written);
        self.text.push_str(&format!(
            "<resumptionToken{expires} completeListSize=\"{size}\" cursor=\"{cursor}\">{}</resumptionToken>\n",
            escaped(&token)
        ));
    }

    pub fn finish(mut self) -> String {
        if let Some(verb) = self.open {
            self.text.push_str(&format!("</{verb}>\n"));
        }
        self.text.push_str("</OAI-PMH>\n");
        self.text
    }
}

fn metadata(said: &Description, prefix: Prefix) -> Element {
    match prefix {
        Prefix::OaiDc => dublin_core::element(said),
        Prefix::Marcxml => marc::element(said),
        Prefix::OaiDatacite => Element::new("oai_datacite")
            .attribute("xmlns", prefix.namespace())
            .attribute("xmlns:xsi", "http://www.w3.org/2001/XMLSchema-instance")
            .attribute("xsi:schemaLocation", format!("{} {}", prefix.namespace(), prefix.schema()))
            .child(Element::with_text("schemaVersion", "4.6"))
            .child(Element::with_text("datacentreSymbol", ""))
            .child(Element::new("payload").child(datacite_xml::resource(said))),
    }
}

/// `2026-11-23T16:48:00Z`
fn second(instant: Instant) -> String {
    let text = instant.to_string();
    text.split_once('.').map_or(text.clone(), |(second, _)| format!("{second}Z"))
}
