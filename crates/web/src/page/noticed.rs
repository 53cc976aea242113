//! What the reader noticed in the files: in its own English words, and in German where the sentence is known.

use crate::language::Language;
use record::derivative::{Derivative, DerivativeKind};

/// Beginning and end of a sentence, and the same in German.
pub(super) type Sentence = (&'static str, &'static str, &'static str, &'static str);

/// Beginning and end of a sentence, and the same in German; what is between them stays: numbers and names.
const GERMAN: [Sentence; 23] = [
    (
        "The voxel size in the header cannot be true, so it is left out.",
        "",
        "Die Voxelgröße im Kopf der Datei kann nicht stimmen und bleibt deshalb weg.",
        "",
    ),
    (
        "The header says exactly 1 for every axis, which programs write when nobody told them the voxel size.",
        "",
        "Im Kopf der Datei steht für jede Achse genau 1; das schreiben Programme, denen niemand die Voxelgröße gesagt hat.",
        "",
    ),
    (
        "The header says exactly 1 ångström, which programs write when nobody told them the size.",
        "",
        "Im Kopf der Datei steht genau 1 Ångström; das schreiben Programme, denen niemand die Größe gesagt hat.",
        "",
    ),
    (
        "ImageJ wrote ",
        " for a voxel (z, y, x) but not in which unit; please give the voxel size.",
        "ImageJ hat ",
        " für ein Voxel geschrieben (z, y, x), aber nicht die Einheit; bitte geben Sie die Voxelgröße an.",
    ),
    (
        "The file says ",
        " for a voxel (z, y, x) but not in which unit.",
        "Die Datei gibt ",
        " für ein Voxel an (z, y, x), aber nicht die Einheit.",
    ),
    (
        "The file does not say the distance of slices; it is taken as equal to the pixel size.",
        "",
        "Den Abstand der Schichten sagt die Datei nicht; angenommen wird die Pixelgröße.",
        "",
    ),
    ("The file does not say how large a pixel is.", "", "Wie groß ein Pixel ist, sagt die Datei nicht.", ""),
    (
        "The slices lie at unequal distances (",
        "), so no voxel size is taken.",
        "Die Schichten liegen in ungleichen Abständen (",
        "); deshalb gibt es keine Voxelgröße.",
    ),
    (
        "The slices lie at nearly equal distances (",
        "); their mean is taken.",
        "Die Schichten liegen in fast gleichen Abständen (",
        "); genommen wird ihr Mittel.",
    ),
    ("The slices do not say where they lie; they are ", ".", "Die Schichten sagen nicht, wo sie liegen (", ")."),
    (
        "The slices are shifted against each other (a tilted gantry); they are stacked as they are.",
        "",
        "Die Schichten sind gegeneinander verschoben (eine geneigte Gantry); sie sind gestapelt, wie sie sind.",
        "",
    ),
    ("The slices were once compressed with losses.", "", "Die Schichten wurden einmal mit Verlusten komprimiert.", ""),
    (
        "The slices are compressed as JPEG, which has altered the values of the microscope.",
        "",
        "Die Schichten sind als JPEG komprimiert; das hat die gemessenen Werte verändert.",
        "",
    ),
    (
        "JPEG has altered the values of the microscope; grey values are those after compression.",
        "",
        "JPEG hat die gemessenen Werte verändert; die Grauwerte sind die nach der Kompression.",
        "",
    ),
    ("The file says that 0 is white; the values are kept as they are.", "", "Laut Datei ist 0 weiß; die Werte bleiben, wie sie sind.", ""),
    (
        "High values stand for dark (MONOCHROME1); voxels are kept as stored.",
        "",
        "Hohe Werte stehen für dunkel (MONOCHROME1); die Voxel bleiben, wie sie gespeichert sind.",
        "",
    ),
    ("The file has a colour table; the values are its indices.", "", "Die Datei hat eine Farbtabelle; die Werte sind ihre Nummern.", ""),
    (
        "The pictures have a colour table; the values are its indices.",
        "",
        "Die Bilder haben eine Farbtabelle; die Werte sind ihre Nummern.",
        "",
    ),
    (
        "Its sections are images at different tilts (a tilt series), not layers of a volume.",
        "",
        "Die Bilder sind unter verschiedenen Kippwinkeln aufgenommen (eine Kippserie) und keine Schichten eines Volumens.",
        "",
    ),
    (
        "These are projections, not a reconstructed volume; its first axis is the rotation.",
        "",
        "Das sind Projektionen und kein rekonstruiertes Volumen; die erste Achse ist die Drehung.",
        "",
    ),
    (
        "Its axes are not all lengths at even distances, so the voxel size is not known.",
        "",
        "Nicht alle Achsen sind Längen in gleichen Abständen; deshalb ist die Voxelgröße nicht bekannt.",
        "",
    ),
    (
        "Voxels are kept as stored; the quantity they stand for is ",
        ".",
        "Die Voxel bleiben, wie sie gespeichert sind; die Größe, für die sie stehen, ist ",
        ".",
    ),
    ("Other volumes of the same folder were left aside: ", ".", "Andere Volumen desselben Ordners blieben beiseite: ", "."),
];

/// What was noticed when the volume was made.
pub(super) fn noticed(derivatives: &[Derivative], language: Language) -> Vec<String> {
    let of_volume = |made: &Derivative| match &made.kind {
        DerivativeKind::Volume(facts) => facts.noticed.clone(),
        _ => Vec::new(),
    };
    derivatives.iter().flat_map(of_volume).map(|sentence| in_words(&sentence, language)).collect()
}

pub(super) fn in_words(sentence: &str, language: Language) -> String {
    if language != Language::German {
        return sentence.to_owned();
    }
    known(&GERMAN, sentence).unwrap_or_else(|| format!("Auf Englisch gemeldet: „{sentence}“"))
}

/// The sentence in German, when it is among these; what stands between beginning and end stays as it is.
pub(super) fn known(sentences: &[Sentence], sentence: &str) -> Option<String> {
    sentences.iter().find_map(|(begin, end, begin_de, end_de)| {
        let between = sentence.strip_prefix(begin)?.strip_suffix(end)?;
        (!end.is_empty() || between.is_empty()).then(|| format!("{begin_de}{between}{end_de}"))
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::{fs, path::Path};

    fn sources(folder: &Path, text: &mut String) {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                sources(&path, text);
            } else if path.extension().is_some_and(|ending| ending == "rs") {
                text.push_str(&fs::read_to_string(path).unwrap());
            }
        }
    }

    /// A sentence that the reader words anew would otherwise be English on German pages, and nobody would notice.
    #[test]
    fn every_sentence_is_still_one_of_the_readers() {
        let crates = Path::new("..");
        let mut said = String::new();
        for folder in ["volume/src", "worker/src"] {
            sources(&crates.join(folder), &mut said);
        }
        // A string goes on in the next line behind a backslash.
        let said: Vec<&str> = said.split("\\\n").collect();
        let said = said.iter().map(|line| line.trim_start()).collect::<String>();
        let all = GERMAN.iter().chain(&super::super::failures::GERMAN);
        let gone: Vec<&str> = all.flat_map(|(begin, end, ..)| [*begin, *end]).filter(|piece| !said.contains(piece)).collect();
        assert_eq!(gone, [""; 0]);
    }

    #[test]
    fn what_is_known_is_german_and_the_rest_is_quoted() {
        let german = |sentence| in_words(sentence, Language::German);
        assert_eq!(
            german("The file says 1 × 2 × 3 for a voxel (z, y, x) but not in which unit."),
            "Die Datei gibt 1 × 2 × 3 für ein Voxel an (z, y, x), aber nicht die Einheit."
        );
        assert_eq!(
            german("The slices were once compressed with losses. And more"),
            "Auf Englisch gemeldet: „The slices were once compressed with losses. And more“"
        );
        assert_eq!(in_words("The file is odd.", Language::English), "The file is odd.");
    }
}
