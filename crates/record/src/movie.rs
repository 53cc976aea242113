//! Movies that people upload: which files are looked at as such, and how each is played.

use crate::file::FilePath;
use serde::{Deserialize, Serialize};

/// The flight through a volume's slices, by its name as a derivative.
pub const FLY_THROUGH: &str = "fly-through.mp4";

/// How files are called that are looked at as movies.
const ENDINGS: [&str; 14] = ["mp4", "m4v", "mov", "webm", "mkv", "avi", "mpg", "mpeg", "wmv", "ogv", "flv", "3gp", "mts", "m2ts"];

pub fn is_movie_file(path: &FilePath) -> bool {
    ending(path).is_some_and(|ending| ENDINGS.contains(&ending.as_str()))
}

/// Whether browsers know the container; what is inside may still be strange to them.
pub fn is_web_container(path: &FilePath) -> bool {
    ending(path).is_some_and(|ending| matches!(ending.as_str(), "mp4" | "webm"))
}

fn ending(path: &FilePath) -> Option<String> {
    path.name().rsplit_once('.').map(|(_, ending)| ending.to_ascii_lowercase())
}

/// What a browser plays for it.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Plays {
    /// The derivative's own bytes.
    #[default]
    Copy,
    /// The uploaded file as it is; there are no bytes beside it.
    Original,
    /// Nothing: the file can be taken home.
    Nowhere,
}

impl Plays {
    pub fn is_copy(&self) -> bool {
        *self == Self::Copy
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn movies_are_known_by_their_ending() {
        for (path, is_movie, is_web) in [("a/Clip.MP4", true, true), ("b.webm", true, true), ("c.AVI", true, false), ("mp4", false, false)]
        {
            let path = path.parse().unwrap();
            assert_eq!((is_movie_file(&path), is_web_container(&path)), (is_movie, is_web), "{path}");
        }
    }
}
