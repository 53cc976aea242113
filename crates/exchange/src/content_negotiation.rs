//! In which words a record is asked for: by the name in an address, or by an `Accept` header as
//! DataCite's own resolver understands it.

use crate::{citation, datacite, place::Place, schema_org};
use record::{Record, instant::Instant};

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Export {
    DataciteXml,
    DataciteJson,
    Bibtex,
    Ris,
    CslJson,
    SchemaOrg,
    Text,
}

/// Longer headers are read up to here.
const ACCEPT_BYTES_MAX: usize = 4096;

impl Export {
    pub const ALL: [Export; 7] =
        [Self::DataciteXml, Self::DataciteJson, Self::Bibtex, Self::Ris, Self::CslJson, Self::SchemaOrg, Self::Text];

    /// The name in addresses.
    pub fn name(self) -> &'static str {
        match self {
            Self::DataciteXml => "datacite-xml",
            Self::DataciteJson => "datacite-json",
            Self::Bibtex => "bibtex",
            Self::Ris => "ris",
            Self::CslJson => "csl-json",
            Self::SchemaOrg => "schema-org",
            Self::Text => "text",
        }
    }
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|export| export.name() == name)
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
            Self::Text => "Text",
        }
    }

    /// Without the dot.
    pub fn extension(self) -> &'static str {
        match self {
            Self::DataciteXml => "xml",
            Self::DataciteJson | Self::CslJson => "json",
            Self::Bibtex => "bib",
            Self::Ris => "ris",
            Self::SchemaOrg => "jsonld",
            Self::Text => "txt",
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
            Self::Text => "text/x-bibliography; charset=utf-8",
        }
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
            let Some(answer) = pieces.next().and_then(Self::of_media_type) else {
                continue;
            };
            let quality = pieces
                .find_map(|piece| piece.strip_prefix("q=").or(piece.strip_prefix("Q=")))
                .map_or(1.0, |text| text.trim().parse().unwrap_or(0.0));
            // The first of equals wins.
            if quality > best.1 {
                best = (answer, quality);
            }
        }
        best.0
    }

    /// `Some(None)` is the page; `None` is a type that we do not have.
    fn of_media_type(media_type: &str) -> Option<Option<Self>> {
        match media_type.to_ascii_lowercase().as_str() {
            "text/html" | "application/xhtml+xml" | "*/*" | "text/*" => Some(None),
            "application/vnd.datacite.datacite+xml" => Some(Some(Self::DataciteXml)),
            "application/vnd.datacite.datacite+json" => Some(Some(Self::DataciteJson)),
            "application/x-bibtex" => Some(Some(Self::Bibtex)),
            "application/x-research-info-systems" => Some(Some(Self::Ris)),
            "application/vnd.citationstyles.csl+json" | "application/citeproc+json" => Some(Some(Self::CslJson)),
            "application/vnd.schemaorg.ld+json" | "application/ld+json" => Some(Some(Self::SchemaOrg)),
            "text/x-bibliography" => Some(Some(Self::Text)),
            _ => None,
        }
    }

    /// Says what the record says; whether the asker may hear it is decided before.
    pub fn render(self, record: &Record, place: &Place, now: Instant) -> String {
        match self {
            Self::DataciteXml => datacite::to_xml(record, place, now),
            Self::DataciteJson => format!("{:#}\n", datacite::to_json(record, place, now)),
            Self::Bibtex => citation::bibtex(record, place, now),
            Self::Ris => citation::ris(record, place, now),
            Self::CslJson => format!("{:#}\n", citation::csl_json(record, place, now)),
            Self::SchemaOrg => format!("{:#}\n", schema_org::to_json_ld(record, place, now)),
            Self::Text => format!("{}\n", citation::text(record, place, now)),
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
            ("text/x-bibliography; style=apa; locale=de", Some(Export::Text)),
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
