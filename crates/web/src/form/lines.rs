//! One line of the form for each person, grant or relation: how it is written, and how it is read. Reading is generous; what it
//! gives is compared with the table afterwards.

use super::items;
use record::{
    agent::{ContributorType, CreditRole, Orcid, Person},
    doi::Doi,
    id::RecordId,
    metadata::{DateType, TitleType},
    relation::RelationType,
};
use serde_json::{Map, Value, json};

pub(super) fn written(field: &str, row: &Value) -> String {
    match field {
        "creators" => person_in_words(row),
        "contributors" => format!("{}: {}", text(row, "part"), person_in_words(&row["person"])),
        "related" => {
            let target = row["target"].as_object().and_then(|target| target.values().next()).and_then(Value::as_str).unwrap_or("");
            format!("{} {target} {}", text(row, "relation"), text(row, "title")).trim_end().to_owned()
        }
        "titles" => {
            let language = text(row, "language");
            let language = if language.is_empty() { String::new() } else { format!(" ({language})") };
            format!("{}: {}{language}", text(row, "type"), text(row, "title"))
        }
        "dates" => format!("{} {} {}", text(row, "type"), text(row, "date"), text(row, "about")).trim_end().to_owned(),
        "identifiers" => format!("{}: {}", text(row, "scheme"), text(row, "identifier")),
        "funding" => in_places(row, &["funder", "award", "award_title", "award_url", "funder_id"]),
        "subjects" => in_places(row, &["term", "scheme", "url"]),
        _ => in_places(row, &["step", "software", "parameters"]),
    }
}

pub(super) fn read(field: &str, line: &str) -> Value {
    match field {
        "creators" => person(line),
        "contributors" => {
            let named = line.split_once(':').and_then(|(part, rest)| Some((ContributorType::by_name(part)?, rest)));
            let (part, rest) = named.unwrap_or((ContributorType::Other, line));
            json!({ "person": person(rest), "part": part })
        }
        "related" => relation(line),
        "titles" => title(line),
        "dates" => date(line),
        "identifiers" => {
            let (scheme, identifier) = line.split_once(": ").unwrap_or(("Local", line));
            json!({ "identifier": identifier.trim(), "scheme": scheme.trim() })
        }
        "funding" => funding(line),
        "subjects" => {
            let (places, address, _) = by_look(line);
            object([("term", places.first().copied()), ("scheme", places.get(1).copied()), ("url", address)])
        }
        _ => {
            let places: Vec<&str> = line.split(';').map(str::trim).collect();
            object([("step", places.first().copied()), ("software", places.get(1).copied()), ("parameters", places.get(2).copied())])
        }
    }
}

fn text<'a>(value: &'a Value, key: &str) -> &'a str {
    value.get(key).and_then(Value::as_str).unwrap_or("")
}

/// What there is of these.
fn object<'a>(parts: impl IntoIterator<Item = (&'static str, Option<&'a str>)>) -> Value {
    let given = parts.into_iter().filter_map(|(key, text)| Some((key.to_owned(), json!(text.filter(|text| !text.is_empty())?))));
    Value::Object(given.collect::<Map<_, _>>())
}

fn in_places(row: &Value, keys: &[&str]) -> String {
    let (plain, by_look): (Vec<&&str>, Vec<&&str>) = keys.iter().partition(|key| !key.ends_with("url") && !key.ends_with("_id"));
    let mut places: Vec<&str> = plain.into_iter().map(|key| text(row, key)).collect();
    while places.last().is_some_and(|last| last.is_empty()) {
        places.pop();
    }
    places.extend(by_look.into_iter().map(|key| text(row, key)).filter(|text| !text.is_empty()));
    places.join("; ").replace("; ;", ";;")
}

/// The places of a line that are told by their order, a web address, and an entry in a register.
fn by_look(line: &str) -> (Vec<&str>, Option<&str>, Option<&str>) {
    let (mut places, mut address, mut register) = (Vec::new(), None, None);
    for part in line.split(';').map(str::trim) {
        let in_register = ["ror.org/", "10.13039/", "isni.org/"].iter().any(|sign| part.contains(sign)) || part.starts_with("grid.");
        match part {
            _ if in_register => register = Some(part),
            _ if part.starts_with("https://") || part.starts_with("http://") => address = Some(part),
            _ => places.push(part),
        }
    }
    (places, address, register)
}

fn person_in_words(person: &Value) -> String {
    let (family, given) = (text(person, "family"), text(person, "given"));
    let mut parts = vec![match () {
        () if person["organisation"] == json!(true) => format!("[{family}]"),
        // Without the comma the last word would be read as the family name.
        () if given.is_empty() && family.contains(' ') => format!("{family},"),
        () if given.is_empty() => family.to_owned(),
        () => format!("{family}, {given}"),
    }];
    parts.push(text(person, "orcid").to_owned());
    for place in items(&person["affiliations"]) {
        parts.extend([text(place, "name").to_owned(), text(place, "ror").to_owned()]);
    }
    parts.push(items(&person["roles"]).filter_map(Value::as_str).collect::<Vec<_>>().join(", "));
    parts.retain(|part| !part.is_empty());
    parts.join("; ")
}

/// `Family, Given; ORCID; affiliation; ROR; roles`. All but the name are told apart by their look.
fn person(line: &str) -> Value {
    let mut parts = line.split(';').map(str::trim);
    let name = parts.next().unwrap_or("");
    let mut person = match name.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')) {
        Some(organisation) => json!({ "family": organisation.trim(), "organisation": true }),
        None => {
            let Person { family, given, .. } = Person::from_text(name);
            object([("family", Some(family.as_str())), ("given", Some(given.as_str()))])
        }
    };
    let mut affiliations: Vec<Value> = Vec::new();
    for part in parts.filter(|part| !part.is_empty()) {
        let looks_like_orcid = part.contains("orcid.org") || (part.len() <= 19 && part.chars().filter(char::is_ascii_digit).count() >= 12);
        let roles: Option<Vec<CreditRole>> = part.split(',').map(CreditRole::by_name).collect();
        if looks_like_orcid {
            // One whose check digit is wrong stays as it was written, and is told.
            person["orcid"] = part.parse::<Orcid>().map_or(json!(part), |orcid| json!(orcid));
        } else if part.contains("ror.org/") {
            match affiliations.last_mut() {
                Some(place) => place["ror"] = json!(part),
                None => affiliations.push(json!({ "ror": part })),
            }
        } else if let Some(roles) = roles {
            person["roles"] = json!(roles);
        } else {
            affiliations.push(json!({ "name": part }));
        }
    }
    if !affiliations.is_empty() {
        person["affiliations"] = Value::Array(affiliations);
    }
    person
}

/// `IsSupplementTo 10.1098/rsif.2008.0155 A title`; without a relation it is a reference.
fn relation(line: &str) -> Value {
    let (first, rest) = line.split_once(char::is_whitespace).unwrap_or((line, ""));
    let named = RelationType::by_name(first);
    let (relation, rest) = named.map_or((RelationType::References, line), |relation| (relation, rest.trim()));
    let (target, title) = rest.split_once(char::is_whitespace).unwrap_or((rest, ""));
    let target = match (target.parse::<Doi>(), target.parse::<RecordId>()) {
        (Ok(doi), _) => json!({ "doi": doi }),
        (_, Ok(id)) => json!({ "record": id }),
        _ => json!({ "url": target }),
    };
    let mut read = json!({ "relation": relation, "target": target });
    if !title.trim().is_empty() {
        read["title"] = json!(title.trim());
    }
    read
}

/// `TranslatedTitle: Kiefer einer Blindwühle (de)`
fn title(line: &str) -> Value {
    let named = line.split_once(':').and_then(|(kind, rest)| Some((TitleType::by_name(kind)?, rest.trim())));
    let (kind, rest) = named.unwrap_or((TitleType::AlternativeTitle, line));
    let language = rest.strip_suffix(')').and_then(|rest| rest.rsplit_once('('));
    let language = language.filter(|(_, code)| (2..=3).contains(&code.len()) && code.bytes().all(|byte| byte.is_ascii_lowercase()));
    let (title, code) = language.map_or((rest, None), |(title, code)| (title.trim(), Some(code)));
    object([("title", Some(title)), ("type", Some(kind.name())), ("language", code)])
}

/// `Created 1998-05 specimen fixed`
fn date(line: &str) -> Value {
    let (first, rest) = line.split_once(char::is_whitespace).unwrap_or((line, ""));
    let (kind, rest) = DateType::by_name(first).map_or((DateType::Other, line), |kind| (kind, rest.trim()));
    let (date, about) = rest.split_once(char::is_whitespace).unwrap_or((rest, ""));
    object([("date", Some(date)), ("type", Some(kind.name())), ("about", Some(about.trim()))])
}

/// `Funder; number; title; address; register`
fn funding(line: &str) -> Value {
    let (places, address, register) = by_look(line);
    let place = |number: usize| places.get(number).copied();
    object([("funder", place(0)), ("award", place(1)), ("award_title", place(2)), ("award_url", address), ("funder_id", register)])
}
