//! How one setting is read from text and shown again.

use std::fmt;

pub(crate) trait Setting: Sized {
    fn read(text: &str) -> Result<Self, String>;
    /// As a TOML value.
    fn show(&self) -> String;
}

impl Setting for String {
    fn read(text: &str) -> Result<Self, String> {
        Ok(text.to_owned())
    }
    fn show(&self) -> String {
        // A JSON string is a TOML basic string.
        serde_json::Value::String(self.clone()).to_string()
    }
}

impl Setting for bool {
    fn read(text: &str) -> Result<Self, String> {
        match text {
            "true" | "yes" | "1" => Ok(true),
            "false" | "no" | "0" => Ok(false),
            _ => Err("say true or false".to_owned()),
        }
    }
    fn show(&self) -> String {
        self.to_string()
    }
}

impl Setting for u64 {
    fn read(text: &str) -> Result<Self, String> {
        text.replace('_', "").parse().map_err(|_| "give a whole number".to_owned())
    }
    fn show(&self) -> String {
        self.to_string()
    }
}

/// A text that must not appear in logs or on screens.
#[derive(Clone, Default, PartialEq, Eq)]
pub(crate) struct Secret(pub(crate) String);

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(if self.0.is_empty() { "Secret(empty)" } else { "Secret(set)" })
    }
}

impl Setting for Secret {
    fn read(text: &str) -> Result<Self, String> {
        Ok(Self(text.to_owned()))
    }
    fn show(&self) -> String {
        if self.0.is_empty() { "\"\"".to_owned() } else { "\"\" # set, and not shown".to_owned() }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum LogStyle {
    Human,
    Json,
}

impl Setting for LogStyle {
    fn read(text: &str) -> Result<Self, String> {
        match text {
            "human" => Ok(Self::Human),
            "json" => Ok(Self::Json),
            _ => Err("say human or json".to_owned()),
        }
    }
    fn show(&self) -> String {
        match self {
            Self::Human => "\"human\"".to_owned(),
            Self::Json => "\"json\"".to_owned(),
        }
    }
}

/// Who is told about DOIs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Register {
    Sandbox,
    DataCite,
}

impl Setting for Register {
    fn read(text: &str) -> Result<Self, String> {
        match text {
            "sandbox" => Ok(Self::Sandbox),
            "datacite" => Ok(Self::DataCite),
            _ => Err("say sandbox or datacite".to_owned()),
        }
    }
    fn show(&self) -> String {
        match self {
            Self::Sandbox => "\"sandbox\"".to_owned(),
            Self::DataCite => "\"datacite\"".to_owned(),
        }
    }
}
