//! What a harvester asks, read strictly: the protocol wants every fault told by its name.

use super::{OaiError, Token};
use record::instant::Instant;

/// The forms in which every record can be had.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Prefix {
    OaiDc,
    OaiDatacite,
    Marcxml,
}

impl Prefix {
    pub const ALL: [Prefix; 3] = [Self::OaiDc, Self::OaiDatacite, Self::Marcxml];

    pub fn name(self) -> &'static str {
        match self {
            Self::OaiDc => "oai_dc",
            Self::OaiDatacite => "oai_datacite",
            Self::Marcxml => "marcxml",
        }
    }
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|prefix| prefix.name() == name)
    }
    pub(super) fn schema(self) -> &'static str {
        match self {
            Self::OaiDc => "http://www.openarchives.org/OAI/2.0/oai_dc.xsd",
            Self::OaiDatacite => "http://schema.datacite.org/oai/oai-1.1/oai.xsd",
            Self::Marcxml => "http://www.loc.gov/standards/marcxml/schema/MARC21slim.xsd",
        }
    }
    pub(super) fn namespace(self) -> &'static str {
        match self {
            Self::OaiDc => "http://www.openarchives.org/OAI/2.0/oai_dc/",
            Self::OaiDatacite => "http://schema.datacite.org/oai/oai-1.1/",
            Self::Marcxml => "http://www.loc.gov/MARC21/slim",
        }
    }
}

/// What a list holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct List {
    pub prefix: Prefix,
    /// In whole seconds, and meant with the second itself.
    pub from: Option<Instant>,
    pub until: Option<Instant>,
    pub set: Option<String>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verb {
    Identify,
    ListMetadataFormats { identifier: Option<String> },
    ListSets,
    GetRecord { identifier: String, prefix: Prefix },
    ListIdentifiers(Wanted),
    ListRecords(Wanted),
}

/// The beginning of a list, or its next part.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Wanted {
    First(List),
    Next(Token),
}

/// The question, and its arguments as the answer repeats them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Request {
    pub verb: Result<Verb, OaiError>,
    pub(super) repeated: Vec<(String, String)>,
}

/// Longest value of an argument; none of ours comes near.
const VALUE_BYTES_MAX: usize = 1000;

impl Request {
    pub fn of(pairs: &[(String, String)], now: Instant) -> Self {
        let verb = verb_of(pairs, now);
        // The protocol: in these two cases the arguments are not repeated.
        let is_told = !matches!(verb, Err(OaiError::BadVerb(_) | OaiError::BadArgument(_)));
        Self { verb, repeated: if is_told { pairs.to_vec() } else { Vec::new() } }
    }
}

fn verb_of(pairs: &[(String, String)], now: Instant) -> Result<Verb, OaiError> {
    let verbs: Vec<&str> = pairs.iter().filter(|(name, _)| name == "verb").map(|(_, value)| value.as_str()).collect();
    let [verb] = verbs[..] else {
        return Err(OaiError::BadVerb("name exactly one verb, such as ?verb=Identify".to_owned()));
    };
    let known: &[&str] = match verb {
        "Identify" => &[],
        "ListMetadataFormats" => &["identifier"],
        "ListSets" => &["resumptionToken"],
        "GetRecord" => &["identifier", "metadataPrefix"],
        "ListIdentifiers" | "ListRecords" => &["metadataPrefix", "from", "until", "set", "resumptionToken"],
        other => return Err(OaiError::BadVerb(format!("“{}” is not a verb of OAI-PMH", shortened(other)))),
    };
    let arguments = Arguments::of(pairs, known, verb)?;
    match verb {
        "Identify" => Ok(Verb::Identify),
        "ListMetadataFormats" => Ok(Verb::ListMetadataFormats { identifier: arguments.maybe("identifier").map(str::to_owned) }),
        "ListSets" => match arguments.maybe("resumptionToken") {
            None => Ok(Verb::ListSets),
            Some(_) => Err(OaiError::BadResumptionToken("the sets come in one answer, without tokens".to_owned())),
        },
        "GetRecord" => {
            let (identifier, prefix) = (arguments.needed("identifier")?.to_owned(), prefix(arguments.needed("metadataPrefix")?)?);
            Ok(Verb::GetRecord { identifier, prefix })
        }
        "ListIdentifiers" => Ok(Verb::ListIdentifiers(list(&arguments, now)?)),
        _ => Ok(Verb::ListRecords(list(&arguments, now)?)),
    }
}

struct Arguments<'a>(Vec<(&'a str, &'a str)>);

impl<'a> Arguments<'a> {
    fn of(pairs: &'a [(String, String)], known: &[&str], verb: &str) -> Result<Self, OaiError> {
        let mut found: Vec<(&str, &str)> = Vec::new();
        for (name, value) in pairs.iter().filter(|(name, _)| name != "verb") {
            let refused = |why: &str| Err(OaiError::BadArgument(format!("“{}” {why}", shortened(name))));
            if !known.contains(&name.as_str()) {
                return refused(&format!("is not an argument of {verb}"));
            }
            if found.iter().any(|(other, _)| other == name) {
                return refused("is there twice");
            }
            if value.is_empty() || value.len() > VALUE_BYTES_MAX {
                return refused("is empty or too long");
            }
            found.push((name, value));
        }
        Ok(Self(found))
    }

    fn maybe(&self, name: &str) -> Option<&'a str> {
        self.0.iter().find(|(known, _)| *known == name).map(|(_, value)| *value)
    }
    fn needed(&self, name: &str) -> Result<&'a str, OaiError> {
        self.maybe(name).ok_or_else(|| OaiError::BadArgument(format!("the argument “{name}” is missing")))
    }
}

fn list(arguments: &Arguments<'_>, now: Instant) -> Result<Wanted, OaiError> {
    if let Some(token) = arguments.maybe("resumptionToken") {
        if arguments.0.len() > 1 {
            return Err(OaiError::BadArgument("a resumptionToken stands alone".to_owned()));
        }
        return Token::read(token, now).map(Wanted::Next);
    }
    let prefix = prefix(arguments.needed("metadataPrefix")?)?;
    let (from, until) = (arguments.maybe("from"), arguments.maybe("until"));
    if let (Some(from), Some(until)) = (from, until)
        && from.len() != until.len()
    {
        return Err(OaiError::BadArgument("from and until must be of one form, both days or both seconds".to_owned()));
    }
    let from = from.map(|text| moment("from", text, "00:00:00")).transpose()?;
    let until = until.map(|text| moment("until", text, "23:59:59")).transpose()?;
    if from.zip(until).is_some_and(|(from, until)| from > until) {
        return Err(OaiError::BadArgument("from is later than until".to_owned()));
    }
    let set = arguments.maybe("set");
    if set.is_some_and(|set| !set.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b':'))) {
        // A name that no set of ours can have.
        return Err(OaiError::NoRecordsMatch);
    }
    Ok(Wanted::First(List { prefix, from, until, set: set.map(str::to_owned) }))
}

fn prefix(name: &str) -> Result<Prefix, OaiError> {
    Prefix::parse(name).ok_or_else(|| OaiError::CannotDisseminateFormat(shortened(name)))
}

/// `2026-11-23` or `2026-11-23T16:48:00Z`, and no other form of the many that ISO 8601 knows.
fn moment(name: &str, text: &str, at: &str) -> Result<Instant, OaiError> {
    let whole = if text.len() == 10 { format!("{text}T{at}Z") } else { text.to_owned() };
    let shape = whole
        .bytes()
        .zip("0000-00-00T00:00:00Z".bytes())
        .all(|(byte, like)| if like == b'0' { byte.is_ascii_digit() } else { byte == like });
    let moment = Instant::from_rfc3339(&whole).filter(|_| shape && whole.len() == 20);
    moment
        .ok_or_else(|| OaiError::BadArgument(format!("{name} “{}” is not of the form 2026-11-23 or 2026-11-23T16:48:00Z", shortened(text))))
}

fn shortened(text: &str) -> String {
    text.chars().take(64).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn asked(query: &str) -> Result<Verb, OaiError> {
        let pairs: Vec<(String, String)> = query
            .split('&')
            .filter(|pair| !pair.is_empty())
            .map(|pair| pair.split_once('=').map_or((pair.into(), String::new()), |(name, value)| (name.into(), value.into())))
            .collect();
        Request::of(&pairs, Instant(1_795_452_480_000)).verb
    }

    #[test]
    fn every_fault_has_its_name() {
        for (query, code) in [
            ("", "badVerb"),
            ("verb=", "badVerb"),
            ("verb=Identify&verb=Identify", "badVerb"),
            ("verb=identify", "badVerb"),
            ("verb=Identify&x=1", "badArgument"),
            ("verb=GetRecord&metadataPrefix=oai_dc", "badArgument"),
            ("verb=GetRecord&identifier=a&metadataPrefix=oai_dc&metadataPrefix=oai_dc", "badArgument"),
            ("verb=GetRecord&identifier=a&metadataPrefix=mods", "cannotDisseminateFormat"),
            ("verb=ListRecords", "badArgument"),
            ("verb=ListRecords&metadataPrefix=oai_dc&from=yesterday", "badArgument"),
            ("verb=ListRecords&metadataPrefix=oai_dc&from=2026-02-30", "badArgument"),
            ("verb=ListRecords&metadataPrefix=oai_dc&from=2026-11-23T16:48Z", "badArgument"),
            ("verb=ListRecords&metadataPrefix=oai_dc&from=2026-11-23T16:48:00+01:00", "badArgument"),
            ("verb=ListRecords&metadataPrefix=oai_dc&from=2026-11-24&until=2026-11-23", "badArgument"),
            ("verb=ListRecords&metadataPrefix=oai_dc&from=2026-11-23&until=2026-11-24T00:00:00Z", "badArgument"),
            ("verb=ListRecords&metadataPrefix=oai_dc&set=%", "noRecordsMatch"),
            ("verb=ListRecords&metadataPrefix=oai_dc&resumptionToken=x", "badArgument"),
            ("verb=ListRecords&resumptionToken=x", "badResumptionToken"),
            ("verb=ListSets&resumptionToken=x", "badResumptionToken"),
        ] {
            assert_eq!(asked(query).unwrap_err().code(), code, "{query}");
        }
    }

    #[test]
    fn a_day_is_meant_to_its_end() {
        let Ok(Verb::ListRecords(Wanted::First(list))) = asked("verb=ListRecords&metadataPrefix=marcxml&from=2026-11-23&until=2026-11-23")
        else {
            panic!("a list")
        };
        let at = |text: &str| Instant::from_rfc3339(text);
        assert_eq!((list.from, list.until), (at("2026-11-23T00:00:00Z"), at("2026-11-23T23:59:59Z")));
        assert_eq!((list.prefix, list.set), (Prefix::Marcxml, None));
    }
}
