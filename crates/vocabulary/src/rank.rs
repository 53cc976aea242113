//! The ranks of taxonomy, from the highest; a taxon keeps the place in this list.

pub(crate) const RANKS: [&str; 47] = [
    "no rank",
    "domain",
    "superkingdom",
    "realm",
    "kingdom",
    "subkingdom",
    "superphylum",
    "phylum",
    "subphylum",
    "infraphylum",
    "superclass",
    "class",
    "subclass",
    "infraclass",
    "cohort",
    "subcohort",
    "superorder",
    "order",
    "suborder",
    "infraorder",
    "parvorder",
    "superfamily",
    "family",
    "subfamily",
    "tribe",
    "subtribe",
    "genus",
    "subgenus",
    "section",
    "subsection",
    "series",
    "species group",
    "species subgroup",
    "species",
    "forma specialis",
    "subspecies",
    "varietas",
    "subvariety",
    "forma",
    "serogroup",
    "serotype",
    "strain",
    "isolate",
    "biotype",
    "genotype",
    "morph",
    "clade",
];

pub(crate) fn rank_of(name: &str) -> u8 {
    let plain = name.trim().replace('_', " ").to_lowercase();
    let plain = match plain.as_str() {
        "variety" => "varietas",
        "form" => "forma",
        other => other,
    };
    RANKS.iter().position(|rank| *rank == plain).map_or(0, |place| u8::try_from(place).unwrap_or(0))
}

pub(crate) fn name_of(rank: u8) -> &'static str {
    RANKS.get(usize::from(rank)).copied().unwrap_or(RANKS[0])
}

/// How likely somebody means a taxon of this rank.
pub(crate) fn weight(rank: u8) -> i32 {
    match name_of(rank) {
        "species" => 60,
        "genus" => 66,
        "family" | "order" | "class" | "phylum" | "kingdom" | "superkingdom" | "domain" => 70,
        "subspecies" | "varietas" => 48,
        "strain" | "isolate" | "serotype" | "serogroup" | "genotype" | "biotype" => 20,
        "no rank" => 30,
        _ => 45,
    }
}

/// The ranks that a lineage is told in.
pub(crate) fn is_main(rank: u8) -> bool {
    matches!(name_of(rank), "domain" | "superkingdom" | "kingdom" | "phylum" | "class" | "order" | "family" | "genus" | "species")
}
