//! How the owners want the surface of their volume to be made: at which grey values or of which labels, and how smooth. A decision
//! of theirs and part of the version; without one the archive finds the level by itself.

use crate::limits::{SURFACE_SMOOTHING_MAX, SURFACES_MAX};
use serde::{Deserialize, Serialize};

/// The owners' choice. The default is what is made when nobody chose.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct SurfaceChoice {
    /// Grey values, each with a surface around everything at or above it; of a volume of labels, the labels that become bodies.
    /// Found from the voxels when empty.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub levels: Vec<f64>,
    /// All labels of a volume of labels as one body.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub labels_together: bool,
    /// Rounds of smoothing.
    pub smoothing: u32,
}

impl Default for SurfaceChoice {
    fn default() -> Self {
        Self { levels: Vec::new(), labels_together: false, smoothing: 8 }
    }
}

/// What of a choice cannot be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SurfaceFault {
    pub field: &'static str,
    pub en: String,
    pub de: String,
}

fn fault(field: &'static str, en: impl Into<String>, de: impl Into<String>) -> SurfaceFault {
    SurfaceFault { field, en: en.into(), de: de.into() }
}

/// As Germans write it.
fn comma(value: f64) -> String {
    value.to_string().replace('.', ",")
}

impl SurfaceChoice {
    pub fn is_usual(&self) -> bool {
        *self == Self::default()
    }

    /// With its levels in rising order, each once.
    pub fn in_order(mut self) -> Self {
        self.levels.sort_by(f64::total_cmp);
        self.levels.dedup();
        self
    }

    /// What cannot be, if there is something; of the voxels only where they are known already.
    pub fn fault(&self, grey: Option<&GreyValues>) -> Option<SurfaceFault> {
        let number = self.levels.len();
        if number > SURFACES_MAX {
            return Some(fault(
                "levels",
                format!("{number} levels are too many; at most {SURFACES_MAX} surfaces are made of one volume."),
                format!("{number} Werte sind zu viele; aus einem Volumen werden höchstens {SURFACES_MAX} Oberflächen gemacht."),
            ));
        }
        if self.levels.iter().any(|level| !level.is_finite()) {
            return Some(fault("levels", "A level is a number.", "Ein Wert ist eine Zahl."));
        }
        if self.labels_together && number > 0 {
            return Some(fault(
                "labels_together",
                "Either all labels together or some of them; not both.",
                "Entweder alle Beschriftungen zusammen oder einige davon; nicht beides.",
            ));
        }
        if self.smoothing > SURFACE_SMOOTHING_MAX {
            return Some(fault(
                "smoothing",
                format!("At most {SURFACE_SMOOTHING_MAX} rounds of smoothing; more leave no shape."),
                format!("Höchstens {SURFACE_SMOOTHING_MAX} Glättungen; mehr lassen keine Form übrig."),
            ));
        }
        grey.and_then(|grey| if grey.is_label { self.fault_of_labels(grey) } else { self.fault_of_levels(grey) })
    }

    fn fault_of_levels(&self, grey: &GreyValues) -> Option<SurfaceFault> {
        if self.labels_together {
            return Some(fault(
                "labels_together",
                "This volume holds grey values and no labels.",
                "Dieses Volumen enthält Grauwerte und keine Beschriftungen.",
            ));
        }
        // At the least grey value everything would be the body, and its surface the box of the volume.
        let outside = self.levels.iter().find(|level| **level <= grey.minimum || **level > grey.maximum)?;
        let (least, most) = (grey.minimum, grey.maximum);
        Some(fault(
            "levels",
            format!("{outside} is no level of this volume: its grey values go from {least} to {most}, and a level lies between."),
            format!(
                "{} geht in diesem Volumen nicht: Seine Grauwerte reichen von {} bis {}, und ein Wert liegt dazwischen.",
                comma(*outside),
                comma(least),
                comma(most)
            ),
        ))
    }

    fn fault_of_labels(&self, grey: &GreyValues) -> Option<SurfaceFault> {
        let known = grey.labels();
        let occurs = |label: f64| match &known {
            Some(known) => known.iter().any(|(one, _)| *one == label),
            None => label.fract() == 0.0 && label >= 1.0 && (grey.minimum..=grey.maximum).contains(&label),
        };
        let strange = self.levels.iter().find(|label| !occurs(**label))?;
        Some(fault(
            "levels",
            format!("No voxel of this volume has the label {strange}."),
            format!("Kein Voxel dieses Volumens hat die Beschriftung {}.", comma(*strange)),
        ))
    }
}

/// How often each grey value of a volume occurs, as it is kept with the volume.
#[derive(Debug, Clone, PartialEq)]
pub struct GreyValues {
    pub minimum: f64,
    pub maximum: f64,
    /// Equal bins from the least to the greatest value.
    pub bins: Vec<u64>,
    /// Voxels are names of things.
    pub is_label: bool,
    /// All values are whole numbers, and each was counted by itself.
    pub is_whole: bool,
}

impl GreyValues {
    fn total(&self) -> f64 {
        self.bins.iter().map(|&count| count as f64).sum::<f64>().max(1.0)
    }

    /// Where a value lies between the least and the greatest, from 0 to 1.
    pub fn place(&self, value: f64) -> f64 {
        let width = self.maximum - self.minimum;
        if width > 0.0 { ((value - self.minimum) / width).clamp(0.0, 1.0) } else { 0.0 }
    }

    fn bin(&self, value: f64) -> usize {
        ((self.place(value) * self.bins.len() as f64) as usize).min(self.bins.len().saturating_sub(1))
    }

    /// Each whole number that occurs with its share of the voxels; nothing where one bin may hold several.
    fn values(&self) -> Option<Vec<(f64, f64)>> {
        if !self.is_whole || self.bins.is_empty() || self.maximum - self.minimum >= self.bins.len() as f64 {
            return None;
        }
        let total = self.total();
        let share = |value: i64| (value as f64, self.bins[self.bin(value as f64)] as f64 / total);
        Some((self.minimum as i64..=self.maximum as i64).map(share).filter(|(_, share)| *share > 0.0).collect())
    }

    /// The labels that occur and their share of the voxels; 0 is no label. Nothing where the bins do not tell.
    pub fn labels(&self) -> Option<Vec<(f64, f64)>> {
        Some(self.values()?.into_iter().filter(|(value, _)| *value >= 1.0).collect())
    }

    /// The share of the voxels at or above a value: exact where each value has a bin of its own, else within one bin.
    pub fn share_from(&self, level: f64) -> f64 {
        if let Some(values) = self.values() {
            return values.iter().filter(|(value, _)| *value >= level).map(|(_, share)| share).sum();
        }
        let at = self.place(level) * self.bins.len() as f64;
        let above = |(bin, &count): (usize, &u64)| count as f64 * (bin as f64 + 1.0 - at).clamp(0.0, 1.0);
        self.bins.iter().enumerate().map(above).sum::<f64>() / self.total()
    }
}

/// What is known of a surface that was made of a volume.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct SurfaceFacts {
    /// Bodies with names of their own, in the order in which they lie in the files; none where there is one of grey values.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub parts: Vec<SurfacePart>,
    /// Which labels became bodies; nothing of grey values.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub labels: Option<LabelsShown>,
    /// The grey value that parts the histogram best in two, whether or not it was taken.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub otsu: Option<f64>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct SurfacePart {
    /// As it stands in the files.
    pub name: String,
    /// Grey value, or label.
    pub level: f64,
    /// Red, green, blue.
    pub colour: [u8; 3],
    pub volume_um3: f64,
    pub area_um2: f64,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum LabelsShown {
    /// Every label that occurs.
    Each,
    /// Those that the owners named.
    Chosen,
    /// One body, as the owners wanted.
    Together,
    /// One body, because there are more labels than [`SURFACES_MAX`].
    TooMany,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn grey(minimum: f64, maximum: f64, is_label: bool) -> GreyValues {
        GreyValues { minimum, maximum, bins: vec![10; 256], is_label, is_whole: true }
    }

    /// As a volume keeps whole numbers: each in the bin where it lies.
    fn labels(counts: &[(f64, u64)]) -> GreyValues {
        let (minimum, maximum) = (counts[0].0, counts[counts.len() - 1].0);
        let mut grey = GreyValues { minimum, maximum, bins: vec![0; 256], is_label: true, is_whole: true };
        counts.iter().for_each(|&(label, count)| {
            let bin = grey.bin(label);
            grey.bins[bin] += count;
        });
        grey
    }

    #[test]
    fn a_choice_that_cannot_be_is_named() {
        let of = |levels: &[f64]| SurfaceChoice { levels: levels.to_vec(), ..SurfaceChoice::default() };
        let field = |choice: &SurfaceChoice, grey: Option<&GreyValues>| choice.fault(grey).map(|fault| fault.field);
        let ct = grey(100.0, 4000.0, false);
        assert!(SurfaceChoice::default().is_usual() && field(&SurfaceChoice::default(), Some(&ct)).is_none());
        assert_eq!(field(&of(&[101.0, 4000.0]), Some(&ct)), None);
        for bad in [&[100.0][..], &[4000.5], &[-3.0], &[f64::NAN], &[200.0; 17]] {
            assert_eq!(field(&of(bad), Some(&ct)), Some("levels"), "{bad:?}");
        }
        let says = of(&[9000.0]).fault(Some(&ct)).unwrap();
        assert!(says.en.contains("9000 is no level") && says.en.contains("from 100 to 4000"), "{}", says.en);
        assert_eq!(field(&of(&[9000.0]), None), None, "before there are voxels nobody can know");
        assert_eq!(field(&SurfaceChoice { smoothing: 51, ..of(&[]) }, None), Some("smoothing"));
        let together = SurfaceChoice { labels_together: true, ..of(&[]) };
        assert_eq!(field(&together, Some(&ct)), Some("labels_together"));
        let segmented = labels(&[(0.0, 700), (1.0, 100), (3.0, 200)]);
        assert_eq!((field(&together, Some(&segmented)), field(&of(&[1.0, 3.0]), Some(&segmented))), (None, None));
        for bad in [0.0, 2.0, 2.5, 4.0] {
            assert_eq!(field(&of(&[bad]), Some(&segmented)), Some("levels"), "{bad}");
        }
        assert_eq!(of(&[3.0, 1.0, 3.0]).in_order().levels, [1.0, 3.0]);
    }

    #[test]
    fn shares_are_exact_for_few_whole_numbers_and_near_for_many() {
        let segmented = labels(&[(0.0, 700), (1.0, 100), (3.0, 200)]);
        assert_eq!(segmented.labels().unwrap(), [(1.0, 0.1), (3.0, 0.2)]);
        assert!((segmented.share_from(1.0) - 0.3).abs() < 1e-12);
        assert!((segmented.share_from(1.5) - 0.2).abs() < 1e-12);
        let all: Vec<(f64, u64)> =
            (0..=255).map(|value| (f64::from(value), 1 + value)).map(|(value, count)| (value, count as u64)).collect();
        let bytes = labels(&all);
        assert_eq!(bytes.labels().unwrap().len(), 255, "each of 256 values has a bin of its own");
        assert!((bytes.share_from(255.0) - 256.0 / 32_896.0).abs() < 1e-12);
        let many = grey(0.0, 25_600.0, false);
        assert_eq!(many.labels(), None);
        assert!((many.share_from(6400.0) - 0.75).abs() < 1e-9);
        assert_eq!((many.share_from(-5.0), many.share_from(25_600.0)), (1.0, 0.0));
    }

    #[test]
    fn what_is_left_out_is_usual_and_a_misspelt_word_is_refused() {
        assert_eq!(serde_json::from_str::<SurfaceChoice>("{}").unwrap(), SurfaceChoice::default());
        let chosen: SurfaceChoice = serde_json::from_str(r#"{"levels":[5,7.5],"smoothing":0}"#).unwrap();
        assert_eq!(chosen, SurfaceChoice { levels: vec![5.0, 7.5], labels_together: false, smoothing: 0 });
        assert!(serde_json::from_str::<SurfaceChoice>(r#"{"level":5}"#).is_err());
        assert!(serde_json::from_str::<SurfaceChoice>(r#"{"levels":["bone"]}"#).is_err());
    }
}
