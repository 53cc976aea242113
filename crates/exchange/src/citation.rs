//! How a record is cited: plain text as DataCite recommends, BibTeX, RIS and CSL-JSON.
//! An article is cited with the DOI of its publisher.

use crate::place::{Place, citable_url, told};
use record::{Record, agent::Person, instant::Instant, kind::Kind, metadata::Article};
use serde_json::{Value, json};

/// `Kleinteich, Thomas; Haas, Alexander (2008): Title. Version 1. Publisher. Dataset. https://doi.org/…`
pub fn text(record: &Record, place: &Place, now: Instant) -> String {
    let record = &*told(record);
    let people: Vec<String> = record.metadata.creators.iter().map(Person::sorted_name).collect();
    let people = if people.is_empty() { place.publisher().to_owned() } else { people.join("; ") };
    let where_it_is = match journal(record) {
        Some((name, article)) => format!("{name}{}", volume_and_pages(article)),
        None if record.kind.is_dataset() => format!("Version {}. {}. {}", record.version.0, place.publisher(), record.kind.datacite_type()),
        None => place.publisher_of(record).to_owned(),
    };
    let citation = format!(
        "{people} ({}): {}. {where_it_is}. {}",
        record.publication_year(now),
        record.title().trim().trim_end_matches('.'),
        citable_url(record, place)
    );
    one_line(&citation)
}

pub fn bibtex(record: &Record, place: &Place, now: Instant) -> String {
    let record = &*told(record);
    let said = &record.metadata;
    let year = record.publication_year(now);
    let journal = journal(record);
    let mut fields: Vec<(&str, String)> = Vec::new();
    if !said.creators.is_empty() {
        let people: Vec<String> = said.creators.iter().map(|person| bibtex_name(person)).collect();
        fields.push(("author", people.join(" and ")));
    }
    // Doubled braces keep capitals as they are.
    fields.push(("title", format!("{{{}}}", bibtex_escaped(record.title()))));
    fields.push(("year", year.to_string()));
    match &journal {
        Some((name, article)) => {
            fields.push(("journal", bibtex_escaped(name)));
            for (key, value) in [("volume", &article.volume), ("number", &article.issue)] {
                fields.extend(value.iter().map(|value| (key, bibtex_escaped(value))));
            }
            fields.extend(
                article.pages.iter().map(|pages| ("pages", bibtex_escaped(&pages.replace('–', "-").replace("--", "-").replace('-', "--")))),
            );
            fields.extend(article.publisher.iter().map(|name| ("publisher", bibtex_escaped(name))));
            fields.extend(article.issn.iter().map(|number| ("issn", bibtex_escaped(number))));
        }
        None => {
            fields.push(("publisher", bibtex_escaped(place.publisher_of(record))));
            if record.kind.is_dataset() {
                fields.push(("version", record.version.0.to_string()));
                fields.push(("note", record.kind.datacite_type().to_owned()));
            }
        }
    }
    fields.extend(isbn(record).map(|number| ("isbn", bibtex_escaped(number))));
    fields.extend(record.citable_doi().map(|doi| ("doi", without_braces(doi.as_str()))));
    fields.push(("url", without_braces(&citable_url(record, place))));
    if !said.keywords.is_empty() {
        fields.push(("keywords", bibtex_escaped(&said.keywords.join(", "))));
    }
    let lines: Vec<String> = fields.iter().map(|(key, value)| format!("  {key} = {{{}}}", one_line(value))).collect();
    let kind = if journal.is_some() { "article" } else { "misc" };
    format!("@{kind}{{{},\n{}\n}}\n", bibtex_key(record, year), lines.join(",\n"))
}

pub fn ris(record: &Record, place: &Place, now: Instant) -> String {
    let record = &*told(record);
    let said = &record.metadata;
    let journal = journal(record);
    let kind = match record.kind {
        _ if journal.is_some() => "JOUR",
        Kind::Movie => "VIDEO",
        Kind::Publication | Kind::Reference | Kind::Lesson => "GEN",
        _ => "DATA",
    };
    let mut lines: Vec<(&str, String)> = vec![("TY", kind.to_owned())];
    lines.extend(said.creators.iter().map(|person| ("AU", person.sorted_name())));
    lines.push(("PY", record.publication_year(now).to_string()));
    lines.push(("TI", record.title().to_owned()));
    if let Some((name, article)) = &journal {
        let (first, last) = crate::datacite::first_and_last_page(article);
        lines.push(("JO", (*name).to_owned()));
        for (tag, value) in [("VL", article.volume.as_deref()), ("IS", article.issue.as_deref()), ("SP", first), ("EP", last)] {
            lines.extend(value.map(|value| (tag, value.to_owned())));
        }
        lines.extend(article.issn.iter().map(|number| ("SN", number.clone())));
    }
    lines.extend(isbn(record).map(|number| ("SN", number.to_owned())));
    lines.push(("PB", place.publisher_of(record).to_owned()));
    lines.extend(record.citable_doi().map(|doi| ("DO", doi.to_string())));
    lines.push(("UR", citable_url(record, place)));
    if !said.description.trim().is_empty() {
        lines.push(("AB", said.description.clone()));
    }
    lines.extend(said.keywords.iter().map(|word| ("KW", word.clone())));
    lines.extend(said.language.iter().map(|code| ("LA", code.clone())));
    lines.push(("ER", String::new()));
    lines.iter().map(|(tag, value)| format!("{tag}  - {}\r\n", one_line(value))).collect()
}

pub fn csl_json(record: &Record, place: &Place, now: Instant) -> Value {
    let record = &*told(record);
    let said = &record.metadata;
    let journal = journal(record);
    let kind = match record.kind {
        _ if journal.is_some() => "article-journal",
        Kind::Movie => "motion_picture",
        Kind::Publication | Kind::Reference | Kind::Lesson => "document",
        _ => "dataset",
    };
    let authors: Vec<Value> = said
        .creators
        .iter()
        .map(|person| {
            if person.given.is_empty() {
                json!({ "literal": person.family })
            } else {
                json!({ "family": person.family, "given": person.given })
            }
        })
        .collect();
    let mut item = json!({
        "id": citable_url(record, place),
        "type": kind,
        "title": record.title(),
        "author": authors,
        "issued": { "date-parts": [[record.publication_year(now)]] },
        "publisher": place.publisher_of(record),
        "URL": citable_url(record, place),
    });
    let mut put = |key: &str, value: Option<String>| {
        if let Some(value) = value.filter(|value| !value.trim().is_empty()) {
            item[key] = json!(value);
        }
    };
    put("DOI", record.citable_doi().map(ToString::to_string));
    put("abstract", Some(said.description.clone()));
    put("language", said.language.clone());
    put("keyword", Some(said.keywords.join(", ")));
    put("version", record.kind.is_dataset().then(|| record.version.0.to_string()));
    if let Some((name, article)) = journal {
        put("container-title", Some(name.to_owned()));
        put("volume", article.volume.clone());
        put("issue", article.issue.clone());
        put("page", article.pages.clone());
        put("ISSN", article.issn.clone());
    }
    put("ISBN", isbn(record).map(str::to_owned));
    item
}

fn journal(record: &Record) -> Option<(&str, &Article)> {
    let article = record.metadata.article.as_ref()?;
    let name = article.journal.as_deref().map(str::trim).filter(|name| !name.is_empty())?;
    record.kind.is_text().then_some((name, article))
}

fn isbn(record: &Record) -> Option<&str> {
    let article = record.metadata.article.as_ref().filter(|_| record.kind.is_text())?;
    article.isbn.as_deref().map(str::trim).filter(|number| !number.is_empty())
}

/// ` 5(29), 1491–1504`
fn volume_and_pages(article: &Article) -> String {
    let mut text = String::new();
    if let Some(volume) = &article.volume {
        text.push_str(&format!(" {volume}"));
    }
    if let Some(issue) = &article.issue {
        text.push_str(&format!("({issue})"));
    }
    if let Some(pages) = &article.pages {
        text.push_str(&format!(", {pages}"));
    }
    text
}

fn one_line(text: &str) -> String {
    let plain: String = text.chars().map(|letter| if letter.is_control() { ' ' } else { letter }).collect();
    plain.split(' ').filter(|word| !word.is_empty()).collect::<Vec<_>>().join(" ")
}

/// Names in full braces when they would be read as two people.
fn bibtex_name(person: &Person) -> String {
    let name = bibtex_escaped(&person.sorted_name());
    if name.split_whitespace().any(|word| word.eq_ignore_ascii_case("and")) || person.given.is_empty() {
        format!("{{{name}}}")
    } else {
        name
    }
}

fn bibtex_escaped(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for letter in text.chars() {
        match letter {
            '&' | '%' | '$' | '#' | '_' => escaped.extend(['\\', letter]),
            // Braces must balance even where a title's do not.
            '{' => escaped.push('('),
            '}' => escaped.push(')'),
            '~' => escaped.push_str("\\textasciitilde "),
            '^' => escaped.push_str("\\textasciicircum "),
            '\\' => escaped.push_str("\\textbackslash "),
            other => escaped.push(other),
        }
    }
    escaped
}

/// Identifiers are taken literally by the programs that read them, so nothing in them is escaped.
fn without_braces(text: &str) -> String {
    text.replace('{', "%7B").replace('}', "%7D").replace('\\', "%5C")
}

/// `kleinteich2008caecilian`, of plain letters.
fn bibtex_key(record: &Record, year: i32) -> String {
    let plain = |text: &str| text.chars().filter(char::is_ascii_alphanumeric).collect::<String>().to_lowercase();
    let family = record.metadata.creators.first().map(|person| plain(&person.family)).filter(|family| !family.is_empty());
    let word = record.title().split_whitespace().map(plain).find(|word| word.len() > 3).unwrap_or_default();
    format!("{}{year}{word}", family.unwrap_or_else(|| "science3d".to_owned()))
}
