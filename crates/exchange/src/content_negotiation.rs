//! In which words a record is asked for: by the name in an address, or by an `Accept` header as
//! DataCite's own resolver understands it.

use crate::{
    citation,
    citation_style::CitationWish,
    contents::Contents,
    croissant, datacite, dublin_core, marc,
    place::Place,
    ro_crate::{self, Files},
    schema_org,
};
use record::{Record, instant::Instant};

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Export {
    DataciteXml,
    DataciteJson,
    Bibtex,
    Ris,
    CslJson,
    SchemaOrg,
    RoCrate,
    Croissant,
    DublinCore,
    Marcxml,
    /// As DataCite recommends to cite.
    Text,
    /// In a named style.
    Citation(CitationWish),
}

/// Longer headers are read up to here.
const ACCEPT_BYTES_MAX: usize = 4096;

impl Export {
    pub const ALL: [Export; 11] = [
        Self::DataciteXml,
        Self::DataciteJson,
        Self::Bibtex,
        Self::Ris,
        Self::CslJson,
        Self::SchemaOrg,
        Self::RoCrate,
        Self::Croissant,
        Self::DublinCore,
        Self::Marcxml,
        Self::Text,
    ];

    /// The name in addresses.
    pub fn name(self) -> &'static str {
        match self {
            Self::DataciteXml => "datacite-xml",
            Self::DataciteJson => "datacite-json",
            Self::Bibtex => "bibtex",
            Self::Ris => "ris",
            Self::CslJson => "csl-json",
            Self::SchemaOrg => "schema-org",
            Self::RoCrate => "ro-crate",
            Self::Croissant => "croissant",
            Self::DublinCore => "dublin-core",
            Self::Marcxml => "marcxml",
            Self::Text => "text",
            Self::Citation(_) => "citation",
        }
    }
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|export| export.name() == name)
    }
    /// As [`Export::parse`], with the style and the language that `citation` can have beside its name.
    pub fn asked(name: &str, style: Option<&str>, locale: Option<&str>) -> Option<Self> {
        if name == "citation" { CitationWish::of(style, locale).map(Self::Citation) } else { Self::parse(name) }
    }

    /// What people call it.
    pub fn label(self) -> &'static str {
        match self {
            Self::DataciteXml => "DataCite XML",
            Self::DataciteJson => "DataCite JSON",
            Self::Bibtex => "BibTeX",
            Self::Ris => "RIS",
            Self::CslJson => "CSL-JSON",
            Self::SchemaOrg => "schema.org (JSON-LD)",
            Self::RoCrate => "RO-Crate",
            Self::Croissant => "Croissant",
            Self::DublinCore => "Dublin Core",
            Self::Marcxml => "MARC XML",
            Self::Text => "Text",
            Self::Citation(_) => "Citation",
        }
    }

    /// Without the dot.
    pub fn extension(self) -> &'static str {
        match self {
            Self::DataciteXml | Self::DublinCore | Self::Marcxml => "xml",
            Self::DataciteJson | Self::CslJson => "json",
            Self::Bibtex => "bib",
            Self::Ris => "ris",
            Self::SchemaOrg | Self::RoCrate | Self::Croissant => "jsonld",
            Self::Text | Self::Citation(_) => "txt",
        }
    }

    pub fn content_type(self) -> &'static str {
        match self {
            Self::DataciteXml => "application/vnd.datacite.datacite+xml; charset=utf-8",
            Self::DataciteJson => "application/vnd.datacite.datacite+json",
            Self::Bibtex => "application/x-bibtex; charset=utf-8",
            Self::Ris => "application/x-research-info-systems; charset=utf-8",
            Self::CslJson => "application/vnd.citationstyles.csl+json",
            Self::SchemaOrg => "application/vnd.schemaorg.ld+json",
            Self::RoCrate => "application/ld+json; profile=\"https://w3id.org/ro/crate\"",
            Self::Croissant => "application/ld+json; profile=\"http://mlcommons.org/croissant/1.0\"",
            Self::DublinCore => "application/x-dc+xml; charset=utf-8",
            Self::Marcxml => "application/marcxml+xml; charset=utf-8",
            Self::Text | Self::Citation(_) => "text/x-bibliography; charset=utf-8",
        }
    }

    /// The vocabulary that a document follows, for who has to choose among several of one type.
    pub fn profile(self) -> Option<&'static str> {
        match self {
            Self::DataciteXml | Self::DataciteJson => Some("http://datacite.org/schema/kernel-4"),
            Self::SchemaOrg => Some("https://schema.org/"),
            Self::RoCrate => Some("https://w3id.org/ro/crate"),
            Self::Croissant => Some("http://mlcommons.org/croissant/1.0"),
            Self::DublinCore => Some("http://purl.org/dc/elements/1.1/"),
            Self::Marcxml => Some("http://www.loc.gov/MARC21/slim"),
            Self::Bibtex | Self::Ris | Self::CslJson | Self::Text | Self::Citation(_) => None,
        }
    }

    /// Whether it names files, so that whoever asks must be asked for the right to their names.
    pub fn lists_files(self) -> bool {
        matches!(self, Self::RoCrate | Self::Croissant)
    }

    /// What an `Accept` header likes best; `None` is the page.
    pub fn wanted(accept: &str) -> Option<Self> {
        let mut end = accept.len().min(ACCEPT_BYTES_MAX);
        while !accept.is_char_boundary(end) {
            end -= 1;
        }
        let mut best: (Option<Self>, f32) = (None, 0.0);
        for part in accept[..end].split(',') {
            let mut pieces = part.split(';').map(str::trim);
            let media_type = pieces.next().unwrap_or("");
            let pieces: Vec<&str> = pieces.collect();
            let value = |name: &str| {
                let named = pieces.iter().filter_map(|piece| piece.split_once('='));
                named.map(|(key, value)| (key.trim(), value.trim())).find(|(key, _)| key.eq_ignore_ascii_case(name)).map(|(_, value)| value)
            };
            let Some(answer) = Self::of_media_type(media_type, value) else { continue };
            let quality = value("q").map_or(1.0, |text| text.parse().unwrap_or(0.0));
            // The first of equals wins.
            if quality > best.1 {
                best = (answer, quality);
            }
        }
        best.0
    }

    /// `Some(None)` is the page; `None` is a type that we do not have. `value` gives a parameter of the type.
    fn of_media_type<'a>(media_type: &str, value: impl Fn(&str) -> Option<&'a str>) -> Option<Option<Self>> {
        match media_type.to_ascii_lowercase().as_str() {
            "text/html" | "application/xhtml+xml" | "*/*" | "text/*" => Some(None),
            "application/vnd.datacite.datacite+xml" => Some(Some(Self::DataciteXml)),
            "application/vnd.datacite.datacite+json" => Some(Some(Self::DataciteJson)),
            "application/x-bibtex" => Some(Some(Self::Bibtex)),
            "application/x-research-info-systems" => Some(Some(Self::Ris)),
            "application/vnd.citationstyles.csl+json" | "application/citeproc+json" => Some(Some(Self::CslJson)),
            "application/vnd.schemaorg.ld+json" => Some(Some(Self::SchemaOrg)),
            "application/ld+json" => {
                let profile = value("profile").unwrap_or("").trim_matches('"');
                let is = |known: &str| profile.starts_with(known);
                Some(Some(if is("https://w3id.org/ro/crate") || is("http://w3id.org/ro/crate") {
                    Self::RoCrate
                } else if is("http://mlcommons.org/croissant") {
                    Self::Croissant
                } else {
                    Self::SchemaOrg
                }))
            }
            "application/x-dc+xml" => Some(Some(Self::DublinCore)),
            "application/marcxml+xml" => Some(Some(Self::Marcxml)),
            "text/x-bibliography" => match (value("style"), value("locale")) {
                (None, None) => Some(Some(Self::Text)),
                (style, locale) => Some(CitationWish::of(style, locale).map(Self::Citation)),
            },
            _ => None,
        }
    }

    /// Says what the record says, without its files; whether the asker may hear it is decided before.
    pub fn render(self, record: &Record, place: &Place, now: Instant) -> String {
        self.render_with(record, place, now, &Contents::default())
    }

    /// The same with the files that the asker may know of.
    pub fn render_with(self, record: &Record, place: &Place, now: Instant, contents: &Contents) -> String {
        // Files are named as those of this version, for ever.
        let address = format!("{}/v{}", place.entry_url(&record.id), record.version.0);
        match self {
            Self::DataciteXml => datacite::to_xml(record, place, now),
            Self::DataciteJson => format!("{:#}\n", datacite::to_json(record, place, now)),
            Self::Bibtex => citation::bibtex(record, place, now),
            Self::Ris => citation::ris(record, place, now),
            Self::CslJson => format!("{:#}\n", citation::csl_json(record, place, now)),
            Self::SchemaOrg => format!("{:#}\n", schema_org::to_json_ld(record, place, now, contents)),
            Self::RoCrate => format!("{:#}\n", ro_crate::to_json(record, place, now, contents, Files::At(&address))),
            Self::Croissant => format!("{:#}\n", croissant::to_json(record, place, now, contents, &address)),
            Self::DublinCore => dublin_core::to_xml(record, place, now),
            Self::Marcxml => marc::to_xml(record, place, now),
            Self::Text => format!("{}\n", citation::text(record, place, now)),
            Self::Citation(wish) => format!("{}\n", wish.render(record, place, now)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_browser_gets_the_page_and_a_program_what_it_asks_for() {
        let browser = "text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,*/*;q=0.8";
        for (accept, wanted) in [
            (browser, None),
            ("", None),
            ("*/*", None),
            ("application/json", None),
            ("application/x-bibtex", Some(Export::Bibtex)),
            ("text/html;q=0.5, application/vnd.citationstyles.csl+json", Some(Export::CslJson)),
            ("application/x-bibtex;q=0.2, application/vnd.datacite.datacite+xml;q=0.9", Some(Export::DataciteXml)),
            ("text/x-bibliography; style=apa; locale=de", Export::asked("citation", Some("apa"), Some("de-DE"))),
            ("text/x-bibliography; style=nonsense", Export::asked("citation", Some("apa"), None)),
            ("text/x-bibliography", Some(Export::Text)),
            ("application/ld+json; profile=\"https://w3id.org/ro/crate/1.1\"", Some(Export::RoCrate)),
            ("application/ld+json;profile=https://example.org", Some(Export::SchemaOrg)),
            ("APPLICATION/LD+JSON", Some(Export::SchemaOrg)),
            ("application/x-bibtex;q=0", None),
            ("application/x-bibtex;q=NaN", None),
            (",,;;q=,ö", None),
        ] {
            assert_eq!(Export::wanted(accept), wanted, "{accept}");
        }
        assert_eq!(Export::wanted(&"ö".repeat(5000)), None);
        for export in Export::ALL {
            assert_eq!(Export::parse(export.name()), Some(export));
            assert_eq!(Export::wanted(export.content_type()), Some(export));
        }
    }
}
