//! A publication database that speaks OAI-PMH, and has bad days: it fails, stalls, breaks off, forgets its tokens, gives
//! them for ever, and holds records that nobody could read.

use crate::stand_in::{Asked, Reply, StandIn};
use record::instant::Instant;
use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mood {
    Good,
    /// Status 500 from this request of a list on, counted from one.
    FailsAt(usize),
    /// Status 503 with `Retry-After`, once; then it is good again.
    Busy(u64),
    /// The answer ends in the middle of the XML.
    Truncated,
    /// Fewer bytes than were announced, and then silence.
    BreaksOff,
    /// Every token is the same.
    SameToken,
    /// There is always another token, and always the same records.
    Endless,
    /// It does not know its own tokens.
    Forgetful,
    /// Entities that grow.
    Bomb,
    /// A page for people.
    Html,
}

struct Shelf {
    records: BTreeMap<String, Entry>,
    mood: Mood,
    lists: usize,
}

struct Entry {
    changed_at: Instant,
    /// `None` when it was deleted.
    metadata: Option<String>,
}

pub struct Repository {
    pub stand_in: StandIn,
    shelf: Arc<Mutex<Shelf>>,
}

const PAGE: usize = 10;

impl Repository {
    pub async fn open() -> Self {
        let shelf = Arc::new(Mutex::new(Shelf { records: BTreeMap::new(), mood: Mood::Good, lists: 0 }));
        let answers = shelf.clone();
        let stand_in = StandIn::open(move |asked| lock(&answers).answer(asked)).await;
        Self { stand_in, shelf }
    }

    pub fn url(&self) -> String {
        format!("{}/oai2d", self.stand_in.url)
    }

    pub fn put(&self, identifier: &str, changed_at: Instant, metadata: &str) {
        lock(&self.shelf).records.insert(identifier.to_owned(), Entry { changed_at, metadata: Some(metadata.to_owned()) });
    }

    pub fn delete(&self, identifier: &str, at: Instant) {
        lock(&self.shelf).records.insert(identifier.to_owned(), Entry { changed_at: at, metadata: None });
    }

    pub fn set_mood(&self, mood: Mood) {
        let mut shelf = lock(&self.shelf);
        (shelf.mood, shelf.lists) = (mood, 0);
    }

    /// The queries for lists since the last call of the same kind was counted from `after`.
    pub fn lists(&self, after: usize) -> Vec<Asked> {
        let asked = self.stand_in.asked();
        asked.into_iter().skip(after).filter(|asked| asked.query("verb").as_deref() == Some("ListRecords")).collect()
    }
}

fn lock(shelf: &Mutex<Shelf>) -> MutexGuard<'_, Shelf> {
    shelf.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Shelf {
    fn answer(&mut self, asked: &Asked) -> Reply {
        match asked.query("verb").as_deref() {
            Some("Identify") => said(
                "<Identify><repositoryName>Stand-in</repositoryName><protocolVersion>2.0</protocolVersion><granularity>YYYY-MM-DDThh:mm:ssZ</granularity></Identify>",
            ),
            Some("ListRecords") => {
                self.lists += 1;
                self.list(asked)
            }
            _ => said("<error code=\"badVerb\">no</error>"),
        }
    }

    fn list(&mut self, asked: &Asked) -> Reply {
        match self.mood {
            Mood::FailsAt(number) if self.lists >= number => return Reply::new(500, "out of order"),
            Mood::Busy(seconds) => {
                self.mood = Mood::Good;
                return Reply { heads: vec![("Retry-After", seconds.to_string())], ..Reply::new(503, "") };
            }
            Mood::Bomb => {
                let entities: String = (1..30).map(|n| format!("<!ENTITY l{n} \"&l{p};&l{p};\">", p = n - 1)).collect();
                return Reply::new(
                    200,
                    format!("<?xml version=\"1.0\"?><!DOCTYPE x [<!ENTITY l0 \"ha\">{entities}]><OAI-PMH>&l29;</OAI-PMH>"),
                );
            }
            Mood::Html => return Reply::new(200, "<!doctype html><html><p>Welcome"),
            Mood::Forgetful if asked.query("resumptionToken").is_some() => return said("<error code=\"badResumptionToken\"/>"),
            _ => {}
        }
        self.page(asked)
    }

    /// A token is `from|position`.
    fn page(&self, asked: &Asked) -> Reply {
        let token = asked.query("resumptionToken");
        let (from, position) = match &token {
            Some(token) => token.split_once('|').map_or((String::new(), 0), |(from, at)| (from.to_owned(), at.parse().unwrap_or(0))),
            None => (asked.query("from").unwrap_or_default(), 0),
        };
        let since = Instant::from_rfc3339(&from).unwrap_or(Instant(i64::MIN));
        let all: Vec<_> = self.records.iter().filter(|(_, entry)| entry.changed_at >= since).collect();
        if all.is_empty() {
            return said("<error code=\"noRecordsMatch\">nothing new</error>");
        }
        let endless = matches!(self.mood, Mood::Endless | Mood::SameToken);
        let shown = all.iter().skip(if endless { 0 } else { position }).take(PAGE);
        let records: String = shown.map(|(identifier, entry)| record(identifier, entry)).collect();
        let next = match self.mood {
            Mood::SameToken => Some("again".to_owned()),
            Mood::Endless => Some(format!("{from}|{}", position + 1)),
            _ => (position + PAGE < all.len()).then(|| format!("{from}|{}", position + PAGE)),
        };
        let token = next.map_or(String::new(), |token| format!("<resumptionToken>{token}</resumptionToken>"));
        let mut reply = said(&format!("<ListRecords>{records}{token}</ListRecords>"));
        match self.mood {
            Mood::Truncated => reply.body.truncate(reply.body.len() / 2),
            Mood::BreaksOff => reply.breaks_off = true,
            _ => {}
        }
        reply.delay = Duration::ZERO;
        reply
    }
}

fn record(identifier: &str, entry: &Entry) -> String {
    let date: String = entry.changed_at.to_string().chars().take(19).collect();
    match &entry.metadata {
        Some(metadata) => format!(
            "<record><header><identifier>{identifier}</identifier><datestamp>{date}Z</datestamp></header><metadata>{metadata}</metadata></record>"
        ),
        None => format!(
            "<record><header status=\"deleted\"><identifier>{identifier}</identifier><datestamp>{date}Z</datestamp></header></record>"
        ),
    }
}

fn said(what: &str) -> Reply {
    let text = format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<OAI-PMH xmlns=\"http://www.openarchives.org/OAI/2.0/\"><responseDate>2026-11-23T12:00:00Z</responseDate><request>x</request>{what}</OAI-PMH>"
    );
    Reply { heads: vec![("Content-Type", "text/xml".to_owned())], ..Reply::new(200, text) }
}

/// A record as an Invenio catalogue writes it. `cites` are DOIs in its references.
pub fn marc(title: &str, authors: &[&str], year: &str, doi: Option<&str>, cites: &[&str]) -> String {
    let escape = |text: &str| text.replace('&', "&amp;").replace('<', "&lt;");
    let field = |tag: &str, ind: &str, subfields: &str| {
        let (one, two) = ind.split_at(1);
        format!("<datafield tag=\"{tag}\" ind1=\"{one}\" ind2=\"{two}\">{subfields}</datafield>")
    };
    let sub = |code: &str, text: &str| format!("<subfield code=\"{code}\">{}</subfield>", escape(text));
    let mut out = String::from("<record xmlns=\"http://www.loc.gov/MARC21/slim\">");
    if let Some(doi) = doi {
        out.push_str(&field("024", "7 ", &format!("{}{}", sub("a", doi), sub("2", "doi"))));
    }
    for (number, author) in authors.iter().enumerate() {
        out.push_str(&field(if number == 0 { "100" } else { "700" }, "1 ", &sub("a", author)));
    }
    out.push_str(&field("245", "  ", &sub("a", title)));
    out.push_str(&field("260", "  ", &sub("c", year)));
    out.push_str(&field("773", "  ", &format!("{}{}", sub("t", "Journal of Jaws"), sub("v", "5"))));
    for cited in cites {
        out.push_str(&field("999", "C5", &sub("a", cited)));
    }
    out.push_str("</record>");
    out
}
