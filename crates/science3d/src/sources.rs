//! The file that lists publication databases: who is harvested, how often, and what becomes of it.

use anyhow::{Context, bail};
use exchange::harvest::FieldMap;
use record::{
    harvest::{Appearance, Format, Source},
    team::Email,
};
use serde::Deserialize;
use std::path::Path;

/// What stands in the file.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    /// Whose records the harvested publications are; a curator signs in with this address.
    #[serde(default)]
    curator: Option<String>,
    #[serde(default)]
    source: Vec<Entry>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Entry {
    name: String,
    url: String,
    #[serde(default = "marcxml")]
    format: String,
    #[serde(default)]
    prefix: String,
    #[serde(default)]
    set: Option<String>,
    #[serde(default = "one_day")]
    every_hours: u32,
    #[serde(default = "one_second")]
    pause_seconds: f64,
    #[serde(default = "two_days")]
    overlap_hours: u32,
    /// Shown as soon as it is complete; otherwise a curator publishes it.
    #[serde(default)]
    publish: bool,
    /// A table of fields in place of the built-in one; beside this file.
    #[serde(default)]
    fields: Option<std::path::PathBuf>,
}

fn marcxml() -> String {
    Format::MarcXml.name().to_owned()
}
fn one_day() -> u32 {
    24
}
fn two_days() -> u32 {
    48
}
fn one_second() -> f64 {
    1.0
}

const SOURCES_MAX: usize = 100;
const PAUSE_SECONDS_MAX: f64 = 3600.0;

/// The curator, and the sources. An empty path is no file, and nobody is harvested.
pub(crate) fn read(path: &str, curator: Email) -> anyhow::Result<(Email, Vec<Source>)> {
    if path.is_empty() {
        return Ok((curator, Vec::new()));
    }
    let named = || format!("publications.sources = “{path}”");
    let text = std::fs::read_to_string(path).with_context(named)?;
    let file: File = toml::from_str(&text).with_context(named)?;
    let curator = file.curator.map(|written| written.parse()).transpose().with_context(named)?.unwrap_or(curator);
    let folder = Path::new(path).parent().unwrap_or(Path::new("."));
    if file.source.len() > SOURCES_MAX {
        bail!("{}: more than {SOURCES_MAX} sources", named());
    }
    let sources: Vec<Source> =
        file.source.into_iter().map(|entry| source(entry, folder)).collect::<anyhow::Result<_>>().with_context(named)?;
    for (position, source) in sources.iter().enumerate() {
        if sources[..position].iter().any(|other| other.name == source.name) {
            bail!("{}: two sources are named “{}”", named(), source.name);
        }
    }
    Ok((curator, sources))
}

fn source(entry: Entry, folder: &Path) -> anyhow::Result<Source> {
    let name = &entry.name;
    let good =
        (1..=40).contains(&name.len()) && name.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-');
    if !good {
        bail!("source.name = “{name}”: use small letters, digits and hyphens");
    }
    if !(entry.url.starts_with("https://") || entry.url.starts_with("http://")) {
        bail!("source “{name}”: url = “{}” is no web address", entry.url);
    }
    let format = Format::from_name(&entry.format)
        .with_context(|| format!("source “{name}”: format = “{}” is not known; use marcxml or oai_dc", entry.format))?;
    if entry.every_hours == 0 || !(0.0..=PAUSE_SECONDS_MAX).contains(&entry.pause_seconds) {
        bail!("source “{name}”: every_hours must be at least 1, pause_seconds between 0 and {PAUSE_SECONDS_MAX}");
    }
    let fields = match &entry.fields {
        None => String::new(),
        Some(file) => {
            let text =
                std::fs::read_to_string(folder.join(file)).with_context(|| format!("source “{name}”: fields = “{}”", file.display()))?;
            FieldMap::parse(&text).with_context(|| format!("source “{name}”: fields = “{}”", file.display()))?;
            text
        }
    };
    Ok(Source {
        name: entry.name,
        url: entry.url,
        format,
        prefix: entry.prefix,
        set: entry.set.filter(|set| !set.is_empty()),
        every_seconds: i64::from(entry.every_hours) * 3600,
        pause_milliseconds: (entry.pause_seconds * 1000.0) as u64,
        overlap_seconds: i64::from(entry.overlap_hours) * 3600,
        appearance: if entry.publish { Appearance::AtOnce } else { Appearance::AfterReview },
        fields,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written(text: &str) -> anyhow::Result<(Email, Vec<Source>)> {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("fields.txt"), "marcxml 245a title\n").unwrap();
        let path = folder.path().join("sources.toml");
        std::fs::write(&path, text).unwrap();
        read(path.to_str().unwrap(), "admin@localhost".parse().unwrap())
    }

    #[test]
    fn a_file_of_sources_is_read_with_sensible_defaults() {
        let text = "curator = \"library@example.org\"\n[[source]]\nname = \"pubdb\"\nurl = \"https://pubdb.example.org/oai2d\"\nset = \"VDB\"\nfields = \"fields.txt\"\n";
        let (curator, sources) = written(text).unwrap();
        assert_eq!((curator.as_str(), sources.len()), ("library@example.org", 1));
        let source = &sources[0];
        assert_eq!((source.format, source.every_seconds, source.pause_milliseconds), (Format::MarcXml, 86_400, 1000));
        assert_eq!((source.appearance, source.set.as_deref()), (Appearance::AfterReview, Some("VDB")));
        assert_eq!(written("").unwrap().1, []);
        assert_eq!(read("", "admin@localhost".parse().unwrap()).unwrap().1, []);
    }

    #[test]
    fn a_slip_is_named() {
        let good = "[[source]]\nname = \"a\"\nurl = \"https://a.example/oai\"\n";
        for (text, says) in [
            (format!("{good}{good}"), "two sources"),
            (good.replace("\"a\"", "\"A b\""), "small letters"),
            (good.replace("https", "ftp"), "no web address"),
            (format!("{good}format = \"mods\""), "mods"),
            (format!("{good}every_hours = 0"), "at least 1"),
            (format!("{good}fields = \"none.txt\""), "none.txt"),
            (format!("{good}feilds = \"x\""), "feilds"),
            ("curator = \"nobody\"".to_owned(), "nobody"),
        ] {
            let fault = format!("{:#}", written(&text).unwrap_err());
            assert!(fault.contains(says), "{fault}");
        }
    }
}
