//! The table as a page of `docs/metadata.md`; a test compares the two.

use super::{Field, Theme, all, shape::Shape};
use crate::kind::Kind;

/// One table in Markdown for each theme.
pub fn markdown() -> String {
    let mut page = String::new();
    for theme in Theme::ALL {
        page.push_str(&format!("\n### {}\n\n", theme.says().en));
        page.push_str("| field | what | takes | for | DataCite 4.6 | NeXus | schema.org |\n|---|---|---|---|---|---|---|\n");
        all().filter(|field| field.theme == *theme).for_each(|field| page.push_str(&line(field)));
    }
    page
}

fn line(field: &Field) -> String {
    let path = field.path.trim_start_matches('/').replace('/', ".");
    let cells = [
        format!("`{path}`"),
        field.label.en.to_owned(),
        takes(field),
        kinds(field),
        field.datacite.to_owned(),
        field.nexus.to_owned(),
        field.schema_org.to_owned(),
    ];
    format!("| {} |\n", cells.map(|cell| cell.replace('|', "\\|")).join(" | "))
}

fn takes(field: &Field) -> String {
    match &field.shape {
        Shape::Group(parts) | Shape::Rows(parts) => {
            let names = parts.iter().map(|part| format!("`{}`", part.name)).collect::<Vec<_>>();
            format!("list of {}", names.join(", "))
        }
        Shape::Words => "list of words".to_owned(),
        shape => shape.takes(field.unit).0,
    }
}

fn kinds(field: &Field) -> String {
    let asked: Vec<Kind> = Kind::ALL.into_iter().filter(|kind| field.is_asked_of(*kind)).collect();
    let needed = |kind: &Kind| field.needed.is_some_and(|needed| needed.is_for(*kind));
    let all_needed = !asked.is_empty() && asked.iter().all(needed);
    let words = match asked.len() {
        0 => return "read from the files".to_owned(),
        count if count == Kind::ALL.len() => "all".to_owned(),
        _ => asked.iter().map(|kind| kind.name()).collect::<Vec<_>>().join(", "),
    };
    let some = asked.iter().filter(|kind| needed(kind)).map(|kind| kind.name()).collect::<Vec<_>>().join(", ");
    match (all_needed, some.is_empty()) {
        (true, _) => format!("{words}; required"),
        (false, true) => words,
        (false, false) => format!("{words}; required of {some}"),
    }
}
