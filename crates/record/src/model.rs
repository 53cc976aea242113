//! What is said about a model that somebody uploaded: whether its surface is whole, in words that a person without the trade
//! understands. One list, for page, report and command line.

use crate::file::FilePath;
use serde::{Deserialize, Serialize};

/// How files are called that are looked at as models.
const ENDINGS: [&str; 5] = ["stl", "ply", "obj", "glb", "3mf"];

pub fn is_model_file(path: &FilePath) -> bool {
    path.name().rsplit_once('.').is_some_and(|(_, ending)| ENDINGS.contains(&ending.to_ascii_lowercase().as_str()))
}

/// Counts of everything that can be wrong with a surface.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct ModelCheck {
    pub parts: u64,
    /// Pieces that hang together, hollows included.
    pub pieces: u64,
    pub holes: u64,
    /// Edges with one triangle.
    pub open_edges: u64,
    /// Edges with more than two triangles, and vertices where surfaces only touch.
    pub crowded_edges: u64,
    pub pinched_vertices: u64,
    /// Edges between triangles of which one is turned the wrong way.
    pub flipped_edges: u64,
    /// Triangles with no area, and those that stand there twice.
    pub flat: u64,
    pub doubled: u64,
    /// Triangles that run through others; nothing when there were too many to look.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub crossing: Option<u64>,
    pub inside_out: bool,
    /// Triangles left out because a corner of theirs was no number.
    pub not_finite: u64,
    /// Whether the file says in which unit its numbers are; else millimetres are meant.
    pub unit_known: bool,
}

/// What a repaired copy has that the original has not.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ModelRepair {
    pub removed: u64,
    pub flipped: u64,
    pub holes_filled: u64,
    /// Whether the copy is closed and can be printed.
    pub whole: bool,
}

/// One sentence about a model.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Finding {
    /// Stable, for programs: `holes`.
    pub code: &'static str,
    /// Whether it keeps the model from being printed or measured.
    pub hinders: bool,
    pub says: String,
    pub says_de: String,
}

fn finding(code: &'static str, hinders: bool, says: String, says_de: String) -> Finding {
    Finding { code, hinders, says, says_de }
}

/// “one hole”, “3 holes”.
fn counted(count: u64, one: &str, many: &str) -> String {
    if count == 1 { one.to_owned() } else { format!("{count} {many}") }
}

impl ModelCheck {
    /// What there is to say; the first sentence is whether it is whole.
    pub fn findings(&self) -> Vec<Finding> {
        let mut list = self.faults();
        if !list.iter().any(|finding| finding.hinders) {
            let (says, says_de) = ("The surface is closed and can be printed.", "Die Oberfläche ist geschlossen und lässt sich drucken.");
            list.insert(0, finding("whole", false, says.into(), says_de.into()));
        }
        if !self.unit_known {
            list.push(finding(
                "unit-unknown",
                false,
                "The file does not say its unit; lengths are taken as millimetres.".into(),
                "Die Datei nennt keine Einheit; Längen gelten als Millimeter.".into(),
            ));
        }
        list
    }

    fn faults(&self) -> Vec<Finding> {
        let counts = [
            self.holes.max(u64::from(self.open_edges > 0)),
            self.flipped_edges,
            u64::from(self.inside_out),
            self.crowded_edges,
            self.pinched_vertices,
            self.crossing.unwrap_or(0),
            self.flat,
            self.doubled,
            self.not_finite,
            if self.pieces > 1 { self.pieces } else { 0 },
        ];
        let told = SENTENCES.iter().zip(counts).filter(|(_, count)| *count > 0);
        let mut list: Vec<Finding> = told.map(|(sentence, count)| sentence.about(count)).collect();
        if self.crossing.is_none() {
            list.push(finding(
                "crossing-not-looked-for",
                false,
                "Whether triangles run through each other was not looked for: there are too many.".into(),
                "Ob Dreiecke durcheinander laufen, wurde nicht geprüft: Es sind zu viele.".into(),
            ));
        }
        list
    }
}

/// What is said of a count: for one, for many, and how the sentence goes on.
struct Sentence {
    code: &'static str,
    hinders: bool,
    english: [&'static str; 3],
    german: [&'static str; 3],
}

impl Sentence {
    fn about(&self, count: u64) -> Finding {
        let words = |[one, many, end]: [&str; 3]| format!("{}{end}", counted(count, one, many));
        finding(self.code, self.hinders, words(self.english), words(self.german))
    }
}

const fn sentence(code: &'static str, hinders: bool, english: [&'static str; 3], german: [&'static str; 3]) -> Sentence {
    Sentence { code, hinders, english, german }
}

/// In the order of the counts.
static SENTENCES: [Sentence; 10] = [
    sentence(
        "holes",
        true,
        ["One hole", "holes", ": the surface is not closed, so it has no volume and no printer can fill it."],
        ["Ein Loch", "Löcher", ": Die Oberfläche ist nicht geschlossen, hat also kein Volumen und lässt sich nicht drucken."],
    ),
    sentence(
        "flipped",
        true,
        ["One edge", "edges", " between triangles of which one shows its inside."],
        ["Eine Kante", "Kanten", " zwischen Dreiecken, von denen eines seine Innenseite zeigt."],
    ),
    sentence(
        "inside-out",
        true,
        ["The surface is turned inside out.", "", ""],
        ["Die Oberfläche ist von innen nach außen gewendet.", "", ""],
    ),
    sentence(
        "crowded",
        true,
        ["One edge", "edges", " with more than two triangles: what is inside there is not clear."],
        ["Eine Kante", "Kanten", " mit mehr als zwei Dreiecken: Dort ist nicht klar, was innen ist."],
    ),
    sentence(
        "pinched",
        true,
        ["One corner", "corners", " at which surfaces only touch in a point."],
        ["Eine Ecke", "Ecken", ", an denen sich Flächen nur in einem Punkt berühren."],
    ),
    sentence(
        "crossing",
        false,
        ["One triangle", "triangles", " running through others; slicers usually cope, measures of volume do not."],
        ["Ein Dreieck", "Dreiecke", ", die durch andere laufen; Druckprogramme kommen meist zurecht, die Volumenangabe nicht."],
    ),
    sentence("flat", false, ["One triangle", "triangles", " without area."], ["Ein Dreieck", "Dreiecke", " ohne Fläche."]),
    sentence(
        "doubled",
        true,
        ["One triangle", "triangles", " that stand there twice."],
        ["Ein Dreieck", "Dreiecke", ", die doppelt vorhanden sind."],
    ),
    sentence(
        "not-finite",
        false,
        ["One triangle", "triangles", " left out, because a corner is no number."],
        ["Ein Dreieck", "Dreiecke", " weggelassen, weil eine Ecke keine Zahl ist."],
    ),
    sentence("pieces", false, ["", "separate pieces or hollows", "."], ["", "getrennte Stücke oder Hohlräume", "."]),
];

impl ModelRepair {
    pub fn says(&self) -> Finding {
        let done = |words: [[&str; 2]; 3]| {
            let counts = [self.flipped, self.holes_filled, self.removed];
            let told = counts.iter().zip(words).filter(|(count, _)| **count > 0).map(|(&count, [one, many])| counted(count, one, many));
            told.collect::<Vec<_>>().join(", ")
        };
        let english = done([
            ["one triangle turned", "triangles turned"],
            ["one small hole closed", "small holes closed"],
            ["one needless triangle removed", "needless triangles removed"],
        ]);
        let german = done([
            ["ein Dreieck gewendet", "Dreiecke gewendet"],
            ["ein kleines Loch geschlossen", "kleine Löcher geschlossen"],
            ["ein überflüssiges Dreieck entfernt", "überflüssige Dreiecke entfernt"],
        ]);
        let (end, end_de) = if self.whole {
            ("It is closed now.", "Sie ist jetzt geschlossen.")
        } else {
            (
                "It still has faults that nobody could mend without guessing.",
                "Sie hat noch Fehler, die niemand ohne zu raten beheben könnte.",
            )
        };
        finding(
            "repaired",
            false,
            format!("A repaired copy lies beside the original: {english}. {end}"),
            format!("Neben dem Original liegt eine reparierte Kopie: {german}. {end_de}"),
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_whole_model_is_called_so_and_a_torn_one_is_not() {
        let whole = ModelCheck { pieces: 1, crossing: Some(0), unit_known: true, ..ModelCheck::default() };
        assert_eq!(whole.findings().iter().map(|finding| finding.code).collect::<Vec<_>>(), ["whole"]);
        let torn = ModelCheck { holes: 2, open_edges: 9, unit_known: false, ..whole };
        let findings = torn.findings();
        assert!(findings[0].hinders && findings[0].says.starts_with("2 holes: ") && findings[0].says_de.starts_with("2 Löcher: "));
        assert_eq!(findings.last().unwrap().code, "unit-unknown");
    }

    #[test]
    fn a_repair_says_what_was_done() {
        let repair = ModelRepair { flipped: 3, holes_filled: 1, removed: 0, whole: true };
        assert!(repair.says().says.contains("3 triangles turned, one small hole closed. It is closed now."));
    }
}
