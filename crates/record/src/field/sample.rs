//! The thing that was looked at.

use super::{
    Asked::{Biology, Datasets, Materials},
    Field, Shape,
    Theme::Sample,
    given,
};
use crate::{kind::Kind, term::Bilingual};

pub(super) const FIELDS: &[Field] = &[
    Field::new("organism", "/sample/organism", Shape::Line, Biology, Sample)
        .label("Organism", "Organismus")
        .help("Scientific name, such as Littorina littorea.", "Wissenschaftlicher Name, etwa Littorina littorea.")
        .example("Ichthyophis kohtaoensis")
        .elsewhere("subjects (NCBI Taxonomy)", "NXsample/description", "about")
        .needed(
            &[Kind::TomographyBiology],
            |said| given(&said.sample.organism),
            "organism-missing",
            Bilingual::new("Name the organism.", "Nennen Sie den Organismus."),
        ),
    Field::new("material", "/sample/material", Shape::Line, Datasets, Sample)
        .label("Material", "Material")
        .help("What it is made of, such as sandstone.", "Woraus es besteht, etwa Sandstein.")
        .example("sandstone")
        .elsewhere("subjects", "NXsample/description", "material")
        .needed(
            &[Kind::TomographyMaterials],
            |said| given(&said.sample.material),
            "material-missing",
            Bilingual::new("Name the material.", "Nennen Sie das Material."),
        ),
    Field::new("sample_name", "/sample/name", Shape::Line, Datasets, Sample)
        .label("Sample", "Probe")
        .help("What you call it.", "Wie Sie sie nennen.")
        .example("ZMH A10082, head")
        .elsewhere("", "NXsample/name", "about")
        .needed(
            &[Kind::ElectronMicroscopy],
            |said| given(&said.sample.name),
            "sample-missing",
            Bilingual::new("Name the sample.", "Nennen Sie die Probe."),
        ),
    Field::new("part", "/sample/part", Shape::Line, Biology, Sample)
        .label("Part", "Körperteil")
        .help("Organ, tissue or bone.", "Organ, Gewebe oder Knochen.")
        .example("skull")
        .elsewhere("", "NXsample/component", "about"),
    Field::new("taxon_id", "/sample/taxon_id", Shape::Whole { from: 1, to: 4_294_967_295 }, Biology, Sample)
        .label("NCBI taxonomy id", "NCBI-Taxonomie-Nummer")
        .help("A number, such as 31216.", "Eine Zahl, etwa 31216.")
        .example("194533")
        .elsewhere("subjects/valueURI", "", "about"),
    Field::new("sex", "/sample/sex", Shape::Line, Biology, Sample)
        .label("Sex", "Geschlecht")
        .help("Female, male, hermaphrodite, not known.", "Weiblich, männlich, zwittrig, nicht bekannt.")
        .example("female")
        .elsewhere("", "", ""),
    Field::new("age", "/sample/age", Shape::Line, Biology, Sample)
        .label("Age or stage", "Alter oder Stadium")
        .help("In words: adult, 3 months, stage 25.", "In Worten: erwachsen, 3 Monate, Stadium 25.")
        .example("adult")
        .elsewhere("", "", ""),
    Field::new("collection", "/sample/collection", Shape::Line, Datasets, Sample)
        .label("Collection", "Sammlung")
        .help("The museum or institution that keeps it.", "Das Museum oder die Einrichtung, die sie bewahrt.")
        .example("Zoological Museum Hamburg")
        .elsewhere("", "", "holdingArchive"),
    Field::new("specimen_number", "/sample/specimen_number", Shape::Line, Datasets, Sample)
        .label("Number in the collection", "Sammlungsnummer")
        .help("By which the collection finds it.", "Unter der die Sammlung sie findet.")
        .example("ZMH A10082")
        .elsewhere("alternateIdentifiers", "NXsample/sample_id", "identifier"),
    Field::new("locality", "/sample/locality", Shape::Line, Datasets, Sample)
        .label("Where it was found", "Fundort")
        .help("In words.", "In Worten.")
        .example("Khao Yai, Thailand")
        .elsewhere("geoLocations/geoLocationPlace", "", "spatialCoverage"),
    Field::new("latitude_deg", "/sample/latitude_deg", Shape::Quantity { from: -90.0, to: 90.0 }, Datasets, Sample)
        .label("Latitude", "Geografische Breite")
        .unit("°")
        .help("North is positive.", "Norden ist positiv.")
        .example("14.44")
        .elsewhere("geoLocationPoint/pointLatitude", "", "spatialCoverage/geo"),
    Field::new("longitude_deg", "/sample/longitude_deg", Shape::Quantity { from: -180.0, to: 180.0 }, Datasets, Sample)
        .label("Longitude", "Geografische Länge")
        .unit("°")
        .help("East is positive.", "Osten ist positiv.")
        .example("101.37")
        .elsewhere("geoLocationPoint/pointLongitude", "", "spatialCoverage/geo"),
    Field::new("collected_on", "/sample/collected_on", Shape::Date, Datasets, Sample)
        .label("Found on", "Gefunden am")
        .help("Day, month or year.", "Tag, Monat oder Jahr.")
        .example("1998-05")
        .elsewhere("dates (Other)", "", "spatialCoverage/additionalProperty"),
    Field::new("formula", "/sample/formula", Shape::Line, Materials, Sample)
        .label("Formula", "Formel")
        .help("Chemical formula.", "Chemische Formel.")
        .example("CaCO3")
        .elsewhere("subjects", "NXsample/chemical_formula", "about"),
    Field::new("phases", "/sample/phases", Shape::Words, Materials, Sample)
        .label("Phases", "Phasen")
        .help("What it consists of, with commas between.", "Woraus es besteht, durch Kommas getrennt.")
        .example("calcite, quartz, air")
        .elsewhere("subjects", "NXsample/component", "keywords"),
    Field::new("cas", "/sample/cas", Shape::Cas, Materials, Sample)
        .label("CAS number", "CAS-Nummer")
        .help("Of the substance.", "Des Stoffes.")
        .example("471-34-1")
        .elsewhere("subjects (CAS Registry)", "NXsubstance/cas_number", "about"),
    Field::new("preparation", "/sample/preparation", Shape::Line, Datasets, Sample)
        .label("Preparation", "Präparation")
        .help("Fixed, dried, polished …", "Fixiert, getrocknet, poliert …")
        .example("fixed in formalin, critical-point dried")
        .elsewhere("", "NXsample/description", ""),
    Field::new("stain", "/sample/stain", Shape::Line, Datasets, Sample)
        .label("Stain", "Färbung")
        .help("What it was stained with.", "Womit sie gefärbt wurde.")
        .example("iodine (Lugol), two weeks")
        .elsewhere("", "", ""),
    Field::new("embedding", "/sample/embedding", Shape::Line, Datasets, Sample)
        .label("Embedding", "Einbettung")
        .help("What it is embedded in.", "Worin sie eingebettet ist.")
        .example("paraffin")
        .elsewhere("", "", ""),
    Field::new("condition", "/sample/condition", Shape::Line, Datasets, Sample)
        .label("Condition", "Zustand")
        .help("During the measurement: wet, frozen, under load …", "Während der Messung: feucht, gefroren, belastet …")
        .example("wet in ethanol")
        .elsewhere("", "NXsample/situation", ""),
    Field::new("temperature_k", "/sample/temperature_k", Shape::Quantity { from: 0.0, to: 10_000.0 }, Datasets, Sample)
        .label("Temperature", "Temperatur")
        .unit("K")
        .help("Of the sample during the measurement.", "Der Probe während der Messung.")
        .example("293")
        .elsewhere("", "NXsample/temperature", "variableMeasured"),
    Field::new("pressure_mpa", "/sample/pressure_mpa", Shape::Quantity { from: 0.0, to: 1e6 }, Datasets, Sample)
        .label("Pressure or stress", "Druck oder Spannung")
        .unit("MPa")
        .help("On the sample during the measurement.", "Auf die Probe während der Messung.")
        .example("5")
        .elsewhere("", "NXsample/stress_field", "variableMeasured"),
];
