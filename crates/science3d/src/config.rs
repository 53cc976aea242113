//! Every setting there is, in one table: name, type, default, meaning. The only place that reads the environment.
//! The order of precedence is: default, file, environment, command line.

use crate::setting::{LogStyle, Register, Secret, Setting};
use std::{collections::BTreeMap, path::Path};

/// Declares the one struct, its defaults and the words of `--print-config` from one list.
macro_rules! declare_settings {
    ($( $section:literal { $( $name:ident = $field:ident : $type:ty = $default:literal, $meaning:literal; )* } )*) => {
        #[derive(Debug, Clone)]
        pub(crate) struct Config { $( $( pub(crate) $field: $type, )* )* }

        impl Config {
            /// Section, name, default, meaning; in the order of the printed file.
            pub(crate) const SETTINGS: &'static [(&'static str, &'static str, &'static str, &'static str)] =
                &[ $( $( ($section, stringify!($name), $default, $meaning), )* )* ];

            fn from_texts(texts: &BTreeMap<String, String>) -> Result<Self, BadSetting> {
                Ok(Self { $( $( $field: read::<$type>(texts, concat!($section, ".", stringify!($name)), $default)?, )* )* })
            }

            fn shown(&self, key: &str) -> String {
                match key {
                    $( $( concat!($section, ".", stringify!($name)) => self.$field.show(), )* )*
                    _ => String::new(),
                }
            }
        }
    };
}

declare_settings! {
    "server" {
        listen = server_listen: String = "127.0.0.1:8080", "address and port to listen on; port 0 takes a free one";
        base_url = server_base_url: String = "", "address under which the world reaches this server, without a slash at the end; empty: http:// and the listening address";
        log = server_log: LogStyle = "human", "how to write the log on standard error: human or json";
        log_filter = server_log_filter: String = "info", "what to log: error, warn, info, debug, or filters such as archive=debug";
    }
    "archive" {
        publisher = archive_publisher: String = "Science 3D", "publisher named in citations and told to the registrar";
        open_registration = archive_open_registration: bool = "true", "whether anyone may make an account; otherwise only administrators make them";
    }
    "database" {
        url = database_url: Secret = "", "sqlite:/path/file.db or postgres://user:password@host/name; empty: SQLite in the data directory";
    }
    "storage" {
        url = storage_url: String = "", "file:/path or s3://bucket/prefix; empty: the folder “store” in the data directory";
        staging = storage_staging: String = "", "local folder where uploads arrive; empty: “staging” in the data directory";
        s3_endpoint = storage_s3_endpoint: String = "", "address of the S3 server; empty: that of the region";
        s3_region = storage_s3_region: String = "us-east-1", "region of the bucket";
        s3_access_key = storage_s3_access_key: String = "", "access key of the S3 account";
        s3_secret_key = storage_s3_secret_key: Secret = "", "secret key of the S3 account";
    }
    "search" {
        folder = search_folder: String = "", "local folder of the search index, rebuilt when missing; empty: “index” in the data directory";
    }
    "work" {
        here = work_here: bool = "true", "whether this process also does the labour (converting, pictures, mail)";
        scratch = work_scratch: String = "", "local folder for work in progress; empty: “scratch” in the data directory";
        movies = work_movies: bool = "true", "whether this process films the volumes: up to a minute of all its processors for each";
        ffmpeg = work_ffmpeg: String = "ffmpeg", "program that gives uploaded movies a picture and a copy for browsers, with ffprobe beside it; empty: none";
    }
    "print" {
        slicer = print_slicer: String = "", "PrusaSlicer on this machine, such as prusa-slicer: every kit for a printer is sliced as a check; empty: weight and time are estimated";
    }
    "doi" {
        prefix = doi_prefix: String = "10.5072", "DOI prefix; 10.5072 is the registrar's prefix for tests";
        registrar = doi_registrar: Register = "sandbox", "sandbox (nobody is told) or datacite";
        url = doi_url: String = "https://api.test.datacite.org", "address of DataCite's REST API";
        repository = doi_repository: String = "", "DataCite repository account";
        password = doi_password: Secret = "", "its password";
        check_page = doi_check_page: bool = "true", "whether a DOI is told only while its page answers at server.base_url; say false where this machine cannot reach that address";
    }
    "publications" {
        crossref = publications_crossref: String = "https://api.crossref.org", "address of Crossref's REST API, asked when somebody types a DOI; empty: it is not asked";
        datacite = publications_datacite: String = "https://api.datacite.org", "address of DataCite's REST API, asked after Crossref; empty: it is not asked";
        contact = publications_contact: String = "", "mail address that other catalogues are told, so that they can write when we disturb them";
        sources = publications_sources: String = "", "TOML file that lists the publication databases to harvest; empty: none";
    }
    "mail" {
        url = mail_url: Secret = "", "smtps://user:password@host; empty: mails lie in an outbox that only administrators see";
        from = mail_from: String = "Science 3D <science3d@localhost>", "sender of mails";
    }
    "limits" {
        file_bytes = limits_file_bytes: u64 = "5497558138880", "longest single file";
        record_bytes = limits_record_bytes: u64 = "54975581388800", "most bytes in one record";
        record_files = limits_record_files: u64 = "1000000", "most files in one record";
    }
}

#[derive(Debug, thiserror::Error)]
pub(crate) enum BadSetting {
    #[error("{key} = “{given}”: {why}")]
    Value { key: String, given: String, why: String },
    #[error("{place} sets {key}, which is no setting here; `science3d serve --print-config` lists all of them")]
    Unknown { place: String, key: String },
    #[error("cannot read the configuration file {path}: {why}")]
    File { path: String, why: String },
}

fn read<T: Setting>(texts: &BTreeMap<String, String>, key: &str, default: &str) -> Result<T, BadSetting> {
    let given = texts.get(key).map_or(default, String::as_str);
    T::read(given).map_err(|why| BadSetting::Value { key: key.to_owned(), given: given.chars().take(80).collect(), why })
}

impl Config {
    /// `overrides` come from the command line and win.
    pub(crate) fn load(file: Option<&Path>, overrides: &[(&str, String)]) -> Result<Self, BadSetting> {
        let mut texts = BTreeMap::new();
        if let Some(path) = file {
            texts_of_file(path, &mut texts)?;
        }
        texts_of_environment(
            std::env::vars_os().filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?))),
            &mut texts,
        )?;
        for (key, value) in overrides {
            texts.insert((*key).to_owned(), value.clone());
        }
        Self::from_texts(&texts)
    }

    /// The whole configuration as a TOML file that explains itself; secrets are not shown.
    pub(crate) fn printed(&self) -> String {
        let mut page = String::from("# Settings of Science 3D. Each can also be given as SCIENCE3D_SECTION_NAME in the environment.\n");
        let mut current = "";
        for (section, name, default, meaning) in Self::SETTINGS {
            if *section != current {
                page.push_str(&format!("\n[{section}]\n"));
                current = section;
            }
            let default = if default.is_empty() { "empty".to_owned() } else { (*default).to_owned() };
            page.push_str(&format!("# {meaning} (default: {default})\n{name} = {}\n", self.shown(&format!("{section}.{name}"))));
        }
        page
    }
}

fn is_known(key: &str) -> bool {
    Config::SETTINGS.iter().any(|(section, name, ..)| key == format!("{section}.{name}"))
}

fn texts_of_file(path: &Path, texts: &mut BTreeMap<String, String>) -> Result<(), BadSetting> {
    let refused = |why: String| BadSetting::File { path: path.display().to_string(), why };
    let written = std::fs::read_to_string(path).map_err(|fault| refused(fault.to_string()))?;
    let table: toml::Table = written.parse().map_err(|fault: toml::de::Error| refused(fault.to_string()))?;
    for (section, values) in table {
        let Some(values) = values.as_table() else {
            return Err(BadSetting::Unknown { place: path.display().to_string(), key: section });
        };
        for (name, value) in values {
            let key = format!("{section}.{name}");
            if !is_known(&key) {
                return Err(BadSetting::Unknown { place: path.display().to_string(), key });
            }
            let Some(text) = text_of(value) else {
                return Err(refused(format!("{key} must be a text, a number, true or false")));
            };
            texts.insert(key, text);
        }
    }
    Ok(())
}

fn text_of(value: &toml::Value) -> Option<String> {
    match value {
        toml::Value::String(text) => Some(text.clone()),
        toml::Value::Integer(number) => Some(number.to_string()),
        toml::Value::Boolean(flag) => Some(flag.to_string()),
        _ => None,
    }
}

fn texts_of_environment(variables: impl Iterator<Item = (String, String)>, texts: &mut BTreeMap<String, String>) -> Result<(), BadSetting> {
    for (variable, value) in variables {
        let Some((section, name)) = variable.strip_prefix("SCIENCE3D_").and_then(|rest| rest.split_once('_')) else { continue };
        let section = section.to_lowercase();
        // Names of other sections belong to others: SCIENCE3D_TOKEN to the client, SCIENCE3D_SHARED to the tests.
        if !Config::SETTINGS.iter().any(|(known, ..)| *known == section) {
            continue;
        }
        let key = format!("{section}.{}", name.to_lowercase());
        if !is_known(&key) {
            return Err(BadSetting::Unknown { place: format!("the variable {variable}"), key });
        }
        texts.insert(key, value);
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_defaults_are_valid_and_few() {
        Config::from_texts(&BTreeMap::new()).unwrap();
        assert!(Config::SETTINGS.len() <= 36, "{} settings are more than one person can know", Config::SETTINGS.len());
    }

    #[test]
    fn what_is_printed_is_read_back_as_the_same() {
        let config = Config::from_texts(&BTreeMap::from([("archive.publisher".to_owned(), "Ring “West” \\ Lab".to_owned())])).unwrap();
        let file = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(file.path(), config.printed()).unwrap();
        let mut texts = BTreeMap::new();
        texts_of_file(file.path(), &mut texts).unwrap();
        assert_eq!(Config::from_texts(&texts).unwrap().printed(), config.printed());
        assert_eq!(texts["archive.publisher"], "Ring “West” \\ Lab");
    }

    #[test]
    fn a_misspelt_setting_is_named_wherever_it_stands() {
        let mut texts = BTreeMap::new();
        let variable = [("SCIENCE3D_SERVER_LISTN".to_owned(), "x".to_owned())];
        assert!(texts_of_environment(variable.into_iter(), &mut texts).unwrap_err().to_string().contains("SCIENCE3D_SERVER_LISTN"));
        let other = [("SCIENCE3D_TOKEN".to_owned(), "s3d_x".to_owned()), ("SCIENCE3D_SHARED_X".to_owned(), "y".to_owned())];
        texts_of_environment(other.into_iter(), &mut texts).unwrap();
        assert!(texts.is_empty());
        let file = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(file.path(), "[server]\nlistn = \"x\"\n").unwrap();
        assert!(texts_of_file(file.path(), &mut texts).unwrap_err().to_string().contains("server.listn"));
    }

    #[test]
    fn the_environment_wins_over_the_file_and_a_wrong_value_says_why() {
        let mut texts = BTreeMap::from([("work.here".to_owned(), "true".to_owned())]);
        texts_of_environment([("SCIENCE3D_WORK_HERE".to_owned(), "false".to_owned())].into_iter(), &mut texts).unwrap();
        assert!(!Config::from_texts(&texts).unwrap().work_here);
        texts.insert("work.here".to_owned(), "perhaps".to_owned());
        let says = Config::from_texts(&texts).unwrap_err().to_string();
        assert!(says.contains("work.here") && says.contains("true or false"), "{says}");
    }

    #[test]
    fn secrets_are_never_printed() {
        let config = Config::from_texts(&BTreeMap::from([("doi.password".to_owned(), "hunter2".to_owned())])).unwrap();
        assert!(!config.printed().contains("hunter2"));
        assert!(!format!("{config:?}").contains("hunter2"));
    }
}
