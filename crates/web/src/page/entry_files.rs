//! The files of a record as a paged tree: as quick for 100,000 files as for ten.

use crate::{display, door::Door, language::Language, refusal::Refused, session::Guest, words::Words};
use archive::sight::{At, Sight};
use record::file::StoredFile;

const PAGE_ITEMS: u32 = 50;

pub(super) struct Listing {
    pub(super) total_files: u64,
    pub(super) total_bytes: String,
    pub(super) crumbs: Vec<Crumb>,
    pub(super) folders: Vec<FolderLine>,
    pub(super) files: Vec<FileLine>,
    pub(super) first: Option<String>,
    pub(super) next: Option<String>,
}

/// A folder above; the present one has no address.
pub(super) struct Crumb {
    pub(super) name: String,
    pub(super) href: String,
}

pub(super) struct FolderLine {
    pub(super) name: String,
    pub(super) href: String,
    pub(super) says: String,
}

pub(super) struct FileLine {
    pub(super) path: String,
    pub(super) name: String,
    pub(super) href: String,
    pub(super) size: String,
    pub(super) sha256: String,
    pub(super) sha256_short: String,
}

/// Which folder and which page of it the address asks for.
#[derive(Default)]
pub(super) struct Place {
    folder: String,
    after: Option<String>,
}

impl Place {
    pub(super) fn asked_for(query: &str) -> Self {
        let mut place = Self::default();
        for (key, value) in super::pairs(query.as_bytes()) {
            match key.as_str() {
                "folder" => place.folder = value.trim_matches('/').to_owned(),
                "after" => place.after = Some(value),
                _ => {}
            }
        }
        place
    }
}

pub(super) async fn listing(door: &Door, guest: &Guest, sight: &Sight, place: &Place, base: &str, home: &str) -> Result<Listing, Refused> {
    let at = At::version(&sight.record.id, sight.record.version);
    let language = guest.language;
    let words = Words::of(language);
    let page = door.archive.folder(&guest.visitor, at, &place.folder, place.after.as_deref(), PAGE_ITEMS).await?;
    let here = |after: &str| format!("{}&after={}#files", folder_href(base, &place.folder), display::percent(after));
    Ok(Listing {
        total_files: sight.holdings.files,
        total_bytes: display::bytes(sight.holdings.bytes, language),
        crumbs: crumbs(base, &place.folder, words),
        folders: page
            .folders
            .iter()
            .map(|folder| FolderLine {
                name: folder.name.clone(),
                href: format!("{}#files", folder_href(base, &folder.path)),
                says: format!("{} · {}", words.count_files(folder.files, language), display::bytes(folder.bytes, language)),
            })
            .collect(),
        files: page.files.iter().map(|file| file_line(home, file, language)).collect(),
        first: place.after.is_some().then(|| format!("{}#files", folder_href(base, &place.folder))),
        next: page.next.as_deref().map(here),
    })
}

fn file_line(home: &str, file: &StoredFile, language: Language) -> FileLine {
    let sha256 = file.original.sha256.to_string();
    FileLine {
        path: file.original.path.to_string(),
        name: file.original.path.name().to_owned(),
        href: format!("{home}/files/{}", display::percent_path(file.original.path.as_str())),
        size: display::bytes(file.original.bytes, language),
        sha256_short: sha256.chars().take(12).collect(),
        sha256,
    }
}

fn folder_href(base: &str, folder: &str) -> String {
    format!("{base}?folder={}", display::percent_path(folder))
}

fn crumbs(base: &str, folder: &str, words: &'static Words) -> Vec<Crumb> {
    let mut crumbs =
        vec![Crumb { name: words.all_files.to_owned(), href: if folder.is_empty() { String::new() } else { format!("{base}#files") } }];
    let mut path = String::new();
    for part in folder.split('/').filter(|part| !part.is_empty()) {
        if !path.is_empty() {
            path.push('/');
        }
        path.push_str(part);
        let is_here = path.len() == folder.len();
        crumbs.push(Crumb {
            name: part.to_owned(),
            href: if is_here { String::new() } else { format!("{}#files", folder_href(base, &path)) },
        });
    }
    crumbs
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_way_up_is_shown() {
        let crumbs = crumbs("/records/x", "scan 3/slices", Words::of(Language::English));
        let shown: Vec<(&str, &str)> = crumbs.iter().map(|crumb| (crumb.name.as_str(), crumb.href.as_str())).collect();
        assert_eq!(shown, [("all files", "/records/x#files"), ("scan 3", "/records/x?folder=scan%203#files"), ("slices", "")]);
    }

    #[test]
    fn a_place_is_read_from_the_address() {
        let place = Place::asked_for("folder=%2Fa%2Fb%2F&after=x");
        assert_eq!((place.folder.as_str(), place.after.as_deref()), ("a/b", Some("x")));
    }
}
