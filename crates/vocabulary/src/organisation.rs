//! Institutions by their names, found as one types, each with its id in the Research Organization Registry (ROR). They lie in the
//! same kind of file as organisms: a ROR id is a number, and above an institution stands its country.

use crate::{About, Builder, Fault, Match, NameKind, Taxonomy, build::fits, file::Kept};
use flate2::bufread::MultiGzDecoder;
use serde::{
    Deserialize, Deserializer,
    de::{SeqAccess, Visitor},
};
use std::{
    fs::File,
    io::{BufReader, Read, Write},
    path::Path,
};

/// A handle; cloning it is cheap.
#[derive(Debug, Clone)]
pub struct Organisations(Taxonomy);

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Organisation {
    /// Its nine signs: `01js2sh04`.
    pub ror: String,
    pub name: String,
    pub country: String,
    /// The name that begins as was typed, when it is not the one to use.
    pub found_by: Option<String>,
}

/// Crockford's base 32, in which ROR writes its numbers.
const ALPHABET: &[u8; 32] = b"0123456789abcdefghjkmnpqrstvwxyz";
/// ROR's numbers have thirty bits; above them lie those of countries.
const COUNTRIES_FROM: u32 = 1 << 30;
/// Names of one institution.
const NAMES_MAX: usize = 100;
/// Countries among what was found, which are no institutions.
const SPARE: usize = 10;

static BUILT_IN: &str = include_str!("../data/organisations.tsv");

impl Organisations {
    /// A file that [`read_ror`] and [`Builder::write`] made.
    pub fn open(path: &Path) -> Result<Self, Fault> {
        Ok(Self(Taxonomy::open_as(path, Kept::Institutions)?))
    }

    /// Light and neutron sources, and laboratories around them.
    pub fn built_in() -> Self {
        let mut builder = Builder::default();
        for line in BUILT_IN.lines().filter(|line| !line.starts_with('#')) {
            let mut fields = line.split('\t');
            let (Some(ror), Some(country), Some(name)) = (fields.next(), fields.next(), fields.next()) else { continue };
            // The table is part of the program, and a test reads every line of it.
            let _ = enter(&mut builder, ror, country, name, fields);
        }
        let about = About {
            source: "Research Organization Registry: light and neutron sources, and laboratories around them".to_owned(),
            licence: "CC0-1.0".to_owned(),
        };
        Self(Taxonomy::of(builder, &about))
    }

    pub fn about(&self) -> About {
        self.0.about()
    }

    pub fn suggest(&self, typed: &str, limit: usize) -> Vec<Organisation> {
        let found = self.0.suggest(typed, limit + SPARE).into_iter().filter(|found| found.taxon.id < COUNTRIES_FROM);
        found.map(|found| self.organisation(found)).take(limit).collect()
    }

    /// The institution that has exactly this name, whatever the case: by the name to use, else by another one. None when several have it,
    /// as short names often do.
    pub fn by_name(&self, name: &str) -> Option<Organisation> {
        let all: Vec<Match> = self.0.named(name).into_iter().filter(|found| found.taxon.id < COUNTRIES_FROM).collect();
        let (to_use, others): (Vec<Match>, Vec<Match>) = all.into_iter().partition(|found| found.found_by.is_none());
        let mut same = if to_use.is_empty() { others } else { to_use };
        if same.len() == 1 { same.pop().map(|found| self.organisation(found)) } else { None }
    }

    /// In which country the institution with this id is, nine signs or an address that ends with them.
    pub fn country_of(&self, ror: &str) -> Option<String> {
        let id = number_of(ror.rsplit('/').next().unwrap_or(ror))?;
        self.0.ancestors(id).pop().map(|country| country.name)
    }

    fn organisation(&self, found: Match) -> Organisation {
        Organisation {
            ror: ror_of(found.taxon.id),
            country: self.0.ancestors(found.taxon.id).pop().map(|country| country.name).unwrap_or_default(),
            name: found.taxon.name,
            found_by: found.found_by,
        }
    }

    /// Name, other names and country of those that are built in, for lists that a browser shows by itself.
    pub fn usual() -> impl Iterator<Item = (&'static str, String)> {
        BUILT_IN.lines().filter(|line| !line.starts_with('#')).filter_map(|line| {
            let fields: Vec<&str> = line.split('\t').collect();
            let (country, name) = (fields.get(1)?, fields.get(2)?);
            let others = fields.get(3..).unwrap_or_default().iter().copied().chain([*country]);
            Some((*name, others.collect::<Vec<_>>().join(" · ")))
        })
    }
}

/// Reads ROR's dump (version 2 of its schema, JSON, also packed with gzip) into the builder; returns how many institutions.
pub fn read_ror(path: &Path, builder: &mut Builder) -> Result<usize, Fault> {
    let file = File::open(path).map_err(|source| Fault::File { attempted: "open", path: path.display().to_string(), source })?;
    let refused = |why: String| Fault::Source { path: path.display().to_string(), form: "ROR's data dump (one JSON file, unpacked)", why };
    let is_zip = path.extension().is_some_and(|extension| extension == "zip");
    if is_zip {
        return Err(refused("it is a ZIP; unpack it and name the file that ends in .json".to_owned()));
    }
    let packed = path.extension().is_some_and(|extension| extension == "gz");
    let file = BufReader::new(file);
    let input: Box<dyn Read> = if packed { Box::new(BufReader::new(MultiGzDecoder::new(file))) } else { Box::new(file) };
    let mut json = serde_json::Deserializer::from_reader(input);
    let read = json.deserialize_seq(Listed { builder }).map_err(|error| refused(error.to_string()))?;
    if read == 0 { Err(refused("it names no active institution by version 2 of ROR's schema".to_owned())) } else { Ok(read) }
}

/// One institution of the dump; what is not used is passed over.
#[derive(Deserialize)]
struct Written {
    id: String,
    #[serde(default)]
    status: String,
    #[serde(default)]
    names: Vec<Named>,
    #[serde(default)]
    locations: Vec<Location>,
}

#[derive(Deserialize)]
struct Named {
    value: String,
    #[serde(default)]
    types: Vec<String>,
}

#[derive(Deserialize)]
struct Location {
    geonames_details: Details,
}

#[derive(Deserialize)]
struct Details {
    #[serde(default)]
    country_name: Option<String>,
}

/// The list is read one by one; a dump is some hundred megabytes long.
struct Listed<'a> {
    builder: &'a mut Builder,
}

impl<'de> Visitor<'de> for Listed<'_> {
    type Value = usize;

    fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("the list of institutions that ROR publishes as JSON")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<usize, A::Error> {
        let mut read = 0;
        while let Some(one) = list.next_element::<Written>()? {
            if one.status != "active" {
                continue;
            }
            let display = |named: &&Named| named.types.iter().any(|kind| kind == "ror_display");
            let Some(name) = one.names.iter().find(display).map(|named| named.value.as_str()) else { continue };
            let country = one.locations.first().and_then(|place| place.geonames_details.country_name.as_deref()).unwrap_or("");
            let others = one.names.iter().map(|named| named.value.as_str()).filter(|other| *other != name).take(NAMES_MAX);
            let ror = one.id.trim_start_matches("https://ror.org/");
            let entered = enter(self.builder, ror, country, name, others).map_err(serde::de::Error::custom)?;
            read += usize::from(entered);
        }
        Ok(read)
    }
}

/// False when the id is none, or its name cannot be kept.
fn enter<'a>(builder: &mut Builder, ror: &str, country: &str, name: &str, others: impl Iterator<Item = &'a str>) -> Result<bool, Fault> {
    builder.kept = Kept::Institutions;
    let Some(id) = number_of(ror) else { return Ok(false) };
    if !fits(name.trim()) {
        // Counted with the names that are left out.
        builder.name(id, NameKind::Accepted, name)?;
        return Ok(false);
    }
    let above = COUNTRIES_FROM | country.bytes().fold(0u32, |sum, byte| sum.wrapping_mul(31).wrapping_add(u32::from(byte))) >> 2;
    if !country.is_empty() {
        builder.taxon(above, 0, "")?;
        builder.name(above, NameKind::Accepted, country)?;
    }
    builder.taxon(id, if country.is_empty() { 0 } else { above }, "")?;
    builder.name(id, NameKind::Accepted, name)?;
    for other in others {
        builder.name(id, NameKind::Common, other)?;
    }
    Ok(true)
}

/// The number in an id: a zero, six signs, two digits that check them.
fn number_of(ror: &str) -> Option<u32> {
    let body = ror.strip_prefix('0').filter(|rest| rest.len() == 8)?;
    let mut number = 0u32;
    for sign in body.bytes().take(6) {
        number = number * 32 + u32::try_from(ALPHABET.iter().position(|held| *held == sign)?).ok()?;
    }
    (ror_of(number) == ror).then_some(number)
}

/// With its check digits, ISO 7064 MOD 97-10 as ROR describes it.
fn ror_of(number: u32) -> String {
    let signs: String = (0..6).rev().map(|place| char::from(ALPHABET[(number >> (place * 5)) as usize & 31])).collect();
    format!("0{signs}{:02}", 98 - (u64::from(number) * 100) % 97)
}

impl Organisations {
    /// Writes a list of institutions as a file that [`Organisations::open`] takes.
    pub fn write(builder: Builder, about: &About, out: &mut impl Write) -> Result<usize, Fault> {
        builder.write(about, out)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_institution_that_is_built_in_has_an_id_whose_digits_fit() {
        let lines: Vec<&str> = BUILT_IN.lines().filter(|line| !line.starts_with('#')).collect();
        assert!(lines.len() >= 65);
        for line in lines {
            assert!(line.split('\t').next().and_then(number_of).is_some(), "{line}");
        }
    }

    #[test]
    fn an_institution_is_found_by_name_other_name_and_short_name() {
        let all = Organisations::built_in();
        let first = |typed: &str| all.suggest(typed, 5).into_iter().next();
        let desy = first("DESY").unwrap();
        assert_eq!((desy.ror.as_str(), desy.country.as_str()), ("01js2sh04", "Germany"));
        assert_eq!(desy.found_by.as_deref(), Some("DESY"));
        assert_eq!(first("deutsches elektronen").map(|found| found.ror), Some("01js2sh04".to_owned()));
        for (typed, ror) in [
            ("elettra", "01c3rrh15"),
            ("nsls-ii", "01q47ea17"),
            ("spring-8", "01xjv7358"),
            ("frm ii", "02kkvpp62"),
            ("max iv", "012a77v79"),
        ] {
            assert_eq!(first(typed).map(|found| found.ror).as_deref(), Some(ror), "{typed}");
        }
        assert_eq!(first("laue").map(|found| found.ror), Some("01xtjs520".to_owned()));
        assert_eq!(first("Germany"), None, "a country is no institution");
    }

    #[test]
    fn an_institution_is_known_by_a_name_that_only_one_has() {
        let all = Organisations::built_in();
        let ror = |name: &str| all.by_name(name).map(|found| found.ror);
        assert_eq!(ror("desy"), Some("01js2sh04".to_owned()));
        assert_eq!(ror("Deutsches Elektronen-Synchrotron DESY"), Some("01js2sh04".to_owned()));
        assert_eq!(ror("Deutsches Elektronen"), None, "a beginning is no name");
        assert_eq!(ror("Germany"), None);
        assert_eq!(ror("J-PARC"), None, "two institutions run it");
        assert_eq!(all.country_of("https://ror.org/01js2sh04").as_deref(), Some("Germany"));
        assert_eq!(all.country_of("https://ror.org/00000ff00"), None);
        let mut builder = Builder::default();
        for (ror, name) in [("01js2sh04", "Hamburg"), ("02550n020", "Grenoble")] {
            assert!(enter(&mut builder, ror, "", name, ["XY"].into_iter()).unwrap());
        }
        let two = Organisations(Taxonomy::of(builder, &About { source: String::new(), licence: String::new() }));
        assert_eq!((two.by_name("XY"), two.by_name("grenoble").map(|found| found.ror)), (None, Some("02550n020".to_owned())));
        assert!(
            Organisations::usual()
                .any(|(name, others)| name.ends_with("DESY") && others.contains("PETRA III") && others.ends_with("Germany"))
        );
    }

    #[test]
    fn an_older_list_of_institutions_is_refused_with_a_word() {
        let folder = tempfile::tempdir().unwrap();
        let place = folder.path().join("organisations");
        let mut builder = Builder::default();
        enter(&mut builder, "01js2sh04", "Germany", "DESY", std::iter::empty()).unwrap();
        builder.kept = Kept::Organisms;
        builder.write(&About { source: "ROR".into(), licence: "CC0-1.0".into() }, &mut File::create(&place).unwrap()).unwrap();
        let says = Organisations::open(&place).unwrap_err().to_string();
        assert!(says.contains("older versions") && says.contains("`science3d admin ror import`"), "{says}");
    }

    #[test]
    fn a_name_that_is_too_long_is_counted() {
        let mut builder = Builder::default();
        let long = "x".repeat(300);
        assert!(enter(&mut builder, "01js2sh04", "Germany", "DESY", [long.as_str(), ""].into_iter()).unwrap());
        assert!(!enter(&mut builder, "02550n020", "France", &long, std::iter::empty()).unwrap(), "without its name it is not kept");
        assert_eq!(builder.left_out(), 2);
    }

    #[test]
    fn rors_own_dump_is_read() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("ror.json");
        let one = |id: &str, status: &str, name: &str| {
            format!(
                r#"{{"id":"https://ror.org/{id}","status":"{status}","established":1959,"names":[{{"value":"{name}","types":["ror_display","label"],"lang":"en"}},{{"value":"XY","types":["acronym"]}}],
                "locations":[{{"geonames_id":1,"geonames_details":{{"country_name":"France","country_code":"FR","lat":1.5}}}}]}}"#
            )
        };
        let dump = format!(
            "[{},{},{}]",
            one("02550n020", "active", "A Synchrotron"),
            one("01js2sh04", "withdrawn", "Gone"),
            one("01js2sh05", "active", "Wrong digits")
        );
        std::fs::write(&path, dump).unwrap();
        let mut builder = Builder::default();
        assert_eq!(read_ror(&path, &mut builder).unwrap(), 1);
        let place = folder.path().join("organisations");
        let about = About { source: "ROR".into(), licence: "CC0-1.0".into() };
        Organisations::write(builder, &about, &mut File::create(&place).unwrap()).unwrap();
        let read = Organisations::open(&place).unwrap();
        assert!(Taxonomy::open(&place).is_err_and(|fault| fault.to_string().contains("a list of institutions")));
        let found = read.suggest("xy", 5);
        assert_eq!((found.len(), found[0].ror.as_str(), found[0].country.as_str()), (1, "02550n020", "France"));
        for (name, text) in [("wrong.json", "{}"), ("empty.json", "[]"), ("ror.zip", "PK")] {
            let path = folder.path().join(name);
            std::fs::write(&path, text).unwrap();
            assert!(read_ror(&path, &mut Builder::default()).is_err(), "{name}");
        }
    }
}
