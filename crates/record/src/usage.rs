//! How often a record was looked at and taken. The words follow the COUNTER code of practice for research data: a view is its
//! “investigation”, a download its “request”.

use crate::{id::RecordId, instant::Instant};

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Measure {
    /// The entry page, the viewer, or a download.
    View,
    /// Bytes of files or volumes.
    Download,
}

/// Who asks, by what the program says of itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Asker {
    /// Somebody with a browser.
    Person,
    /// A program that somebody runs for a purpose of their own.
    Script,
    /// A crawler; counted apart, because nobody has read what it fetched.
    Robot,
}

/// What is added to the counts of one record in one month.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Counted {
    pub record: RecordId,
    /// `2026-11`
    pub month: String,
    pub measure: Measure,
    pub asker: Asker,
    pub times: u64,
    /// Each visitor of an hour once.
    pub uniques: u64,
}

impl Measure {
    pub const ALL: [Measure; 2] = [Self::View, Self::Download];

    pub fn name(self) -> &'static str {
        match self {
            Self::View => "view",
            Self::Download => "download",
        }
    }
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|measure| measure.name() == name)
    }
}

impl Asker {
    pub const ALL: [Asker; 3] = [Self::Person, Self::Script, Self::Robot];

    pub fn name(self) -> &'static str {
        match self {
            Self::Person => "person",
            Self::Script => "script",
            Self::Robot => "robot",
        }
    }
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|asker| asker.name() == name)
    }

    /// By the `User-Agent`: who calls itself a robot is one, who looks like a browser is a person.
    pub fn of(user_agent: &str) -> Self {
        // A maker of telephones is called Cubot.
        let agent = user_agent.to_ascii_lowercase().replace("cubot", "");
        if ROBOTS.iter().any(|word| agent.contains(word)) {
            Self::Robot
        } else if agent.starts_with("mozilla/") || agent.starts_with("opera/") {
            Self::Person
        } else {
            Self::Script
        }
    }
}

/// Words of COUNTER's list of robots that cover nearly all of it.
const ROBOTS: [&str; 22] = [
    "bot",
    "crawl",
    "spider",
    "slurp",
    "scan",
    "archiver",
    "fetcher",
    "facebookexternalhit",
    "ia_archive",
    "mediapartners",
    "lighthouse",
    "headless",
    "validator",
    "checker",
    "monitor",
    "pingdom",
    "preview",
    "harvest",
    "sickle",
    "oai",
    "feed",
    "semantic scholar",
];

/// `2026-11`
pub fn month_of(instant: Instant) -> String {
    instant.date().chars().take(7).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn people_scripts_and_robots_are_told_apart_by_what_they_say() {
        for (agent, asker) in [
            ("Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0", Asker::Person),
            ("Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)", Asker::Robot),
            ("Mozilla/5.0 (Linux; Android 13; CUBOT P80) AppleWebKit/537.36", Asker::Person),
            ("curl/8.5.0", Asker::Script),
            ("python-requests/2.32", Asker::Script),
            ("", Asker::Script),
            ("Sickle/0.7", Asker::Robot),
        ] {
            assert_eq!(Asker::of(agent), asker, "{agent}");
        }
        assert_eq!(month_of(Instant(1_795_452_480_000)), "2026-11");
    }
}
