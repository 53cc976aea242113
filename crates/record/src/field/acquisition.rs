//! How the data came about. Units are in the names.

use super::{
    Asked::{Electrons, Nobody, Volumes},
    Field, Shape,
    Theme::{Measurement, Processing},
    given, parts,
};
use crate::{acquisition::Beam, kind::Kind, technique::Probe, term::Bilingual};

const VOLUMES: &[Kind] = &[Kind::TomographyBiology, Kind::TomographyMaterials, Kind::ElectronMicroscopy];

const fn quantity(name: &'static str, path: &'static str, unit: &'static str) -> Field {
    Field::new(name, path, Shape::above_zero(), Volumes, Measurement).unit(unit)
}
const fn line(name: &'static str, path: &'static str) -> Field {
    Field::new(name, path, Shape::Line, Volumes, Measurement)
}
const fn count(name: &'static str, path: &'static str) -> Field {
    Field::new(name, path, Shape::count(), Volumes, Measurement)
}

pub(super) const FIELDS: &[Field] = &[
    Field::new("technique", "/acquisition/technique", Shape::Technique, Volumes, Measurement)
        .label("Technique", "Messmethode")
        .help("How it was measured, in the words of the PaNET ontology.", "Wie gemessen wurde, in den Worten der Ontologie PaNET.")
        .example("PaNET01208")
        .elsewhere("subjects (PaNET)", "NXentry/definition", "measurementTechnique")
        .needed(
            VOLUMES,
            |said| given(&said.acquisition.technique),
            "technique-missing",
            Bilingual::new("Choose the technique.", "Wählen Sie die Messmethode."),
        ),
    line("facility", "/acquisition/facility")
        .label("Facility", "Einrichtung")
        .help("Where it was measured.", "Wo gemessen wurde.")
        .example("DESY")
        .elsewhere("relatedItems/publisher", "NXsource/name", "sourceOrganization")
        .needed(
            VOLUMES,
            |said| given(&said.acquisition.facility),
            "facility-missing",
            Bilingual::new("Say where it was measured.", "Sagen Sie, wo gemessen wurde."),
        ),
    Field::new("voxel_size_um", "/acquisition/voxel_size_um", Shape::Edges, Volumes, Measurement)
        .label("Voxel size", "Voxelgröße")
        .unit("µm")
        .help("In micrometres: z y x, or one number for all three.", "In Mikrometern: z y x, oder eine Zahl für alle drei.")
        .example("6.5 6.5 6.5")
        .elsewhere("sizes", "NXdata/voxel_size", "variableMeasured")
        .needed(
            VOLUMES,
            |said| said.acquisition.voxel_size_um.is_some_and(|size| size.iter().all(|edge| edge.is_finite() && *edge > 0.0)),
            "voxel-size-missing",
            Bilingual::new(
                "Give the voxel size in micrometres; the files do not say it.",
                "Geben Sie die Voxelgröße in Mikrometern an; die Dateien nennen sie nicht.",
            ),
        ),
    Field::new("probe", "/acquisition/probe", Shape::Choice(Probe::TERMS), Volumes, Measurement)
        .label("Probe", "Strahlung")
        .help("What went through the sample.", "Was durch die Probe ging.")
        .example("x-ray")
        .elsewhere("", "NXsource/probe", "measurementTechnique"),
    Field::new("facility_ror", "/acquisition/facility_ror", Shape::Ror, Volumes, Measurement)
        .label("ROR of the facility", "ROR der Einrichtung")
        .help("Its entry in the Research Organization Registry.", "Ihr Eintrag im Verzeichnis ROR.")
        .example("https://ror.org/01js2sh04")
        .elsewhere("", "", "sourceOrganization"),
    line("instrument", "/acquisition/instrument")
        .label("Instrument", "Instrument")
        .help("Beamline, scanner or microscope.", "Strahlführung, Tomograph oder Mikroskop.")
        .example("P05 (PETRA III)")
        .elsewhere("relatedItems (IsCollectedBy)", "NXinstrument/name", "mentions"),
    line("proposal", "/acquisition/proposal")
        .label("Proposal", "Antrag")
        .help("Number of the proposal.", "Nummer des Antrags.")
        .example("I-20190512")
        .elsewhere("", "NXentry/experiment_identifier", "identifier"),
    line("beamtime", "/acquisition/beamtime")
        .label("Beamtime", "Strahlzeit")
        .help("Number of the beamtime.", "Nummer der Strahlzeit.")
        .example("11009431")
        .elsewhere("", "NXentry/collection_identifier", "identifier"),
    Field::new("date", "/acquisition/date", Shape::Day, Volumes, Measurement)
        .label("Measured on", "Gemessen am")
        .help("The day of the measurement.", "Der Tag der Messung.")
        .example("2026-11-23")
        .elsewhere("dates (Collected)", "NXentry/start_time", "temporalCoverage"),
    quantity("energy_kev", "/acquisition/energy_kev", "keV")
        .label("Photon energy", "Photonenenergie")
        .help("Mean energy of the x-rays.", "Mittlere Energie der Röntgenstrahlung.")
        .example("25.5")
        .elsewhere("", "NXbeam/incident_energy", "variableMeasured"),
    Field::new("beam", "/acquisition/beam", Shape::Choice(Beam::TERMS), Volumes, Measurement)
        .label("Spectrum", "Spektrum")
        .help("How wide the spectrum of the photons was.", "Wie breit das Spektrum der Photonen war.")
        .example("monochromatic")
        .elsewhere("", "NXbeam/incident_energy_spread", "variableMeasured"),
    quantity("wavelength_angstrom", "/acquisition/wavelength_angstrom", "Å")
        .label("Wavelength", "Wellenlänge")
        .help("Mean wavelength of the neutrons.", "Mittlere Wellenlänge der Neutronen.")
        .example("4.1")
        .elsewhere("", "NXbeam/incident_wavelength", "variableMeasured"),
    quantity("voltage_kv", "/acquisition/voltage_kv", "kV")
        .label("Voltage", "Spannung")
        .help("Of the x-ray tube or of the electrons.", "Der Röntgenröhre oder der Elektronen.")
        .example("80")
        .elsewhere("", "NXsource/voltage", "variableMeasured"),
    quantity("current_ua", "/acquisition/current_ua", "µA")
        .label("Tube current", "Röhrenstrom")
        .help("Of the x-ray tube.", "Der Röntgenröhre.")
        .example("120")
        .elsewhere("", "NXsource/current", "variableMeasured"),
    line("filter", "/acquisition/filter")
        .label("Filter", "Filter")
        .help("Material and thickness.", "Material und Dicke.")
        .example("Al 0.5 mm")
        .elsewhere("", "NXattenuator/type", "variableMeasured"),
    Field::new("dose_e_per_angstrom2", "/acquisition/dose_e_per_angstrom2", Shape::above_zero(), Electrons, Measurement)
        .unit("e⁻/Å²")
        .label("Electron dose", "Elektronendosis")
        .help("In all.", "Insgesamt.")
        .example("100")
        .elsewhere("", "NXem/dose", "variableMeasured"),
    Field::new("magnification", "/acquisition/magnification", Shape::above_zero(), Volumes, Measurement)
        .label("Magnification", "Vergrößerung")
        .help("Of the optics.", "Der Optik.")
        .example("10")
        .elsewhere("", "NXdetector/magnification", "variableMeasured"),
    count("projections", "/acquisition/projections")
        .label("Projections", "Projektionen")
        .help("How many were taken.", "Wie viele aufgenommen wurden.")
        .example("1800")
        .elsewhere("", "NXtomo: frames with image_key 0", "variableMeasured"),
    quantity("angular_range_deg", "/acquisition/angular_range_deg", "°")
        .label("Angular range", "Winkelbereich")
        .help("From the first projection to the last.", "Von der ersten Projektion bis zur letzten.")
        .example("180")
        .elsewhere("", "NXsample/rotation_angle", "variableMeasured"),
    quantity("angular_step_deg", "/acquisition/angular_step_deg", "°")
        .label("Angular step", "Winkelschritt")
        .help("From one projection to the next.", "Von einer Projektion zur nächsten.")
        .example("0.1")
        .elsewhere("", "NXsample/rotation_angle", "variableMeasured"),
    quantity("exposure_time_s", "/acquisition/exposure_time_s", "s")
        .label("Exposure time", "Belichtungszeit")
        .help("Of one projection.", "Einer Projektion.")
        .example("0.35")
        .elsewhere("", "NXdetector/count_time", "variableMeasured"),
    count("frames_averaged", "/acquisition/frames_averaged")
        .label("Exposures averaged", "Gemittelte Aufnahmen")
        .help("In one projection.", "Je Projektion.")
        .example("2")
        .elsewhere("", "NXdetector/number_of_cycles", "variableMeasured"),
    quantity("scan_time_s", "/acquisition/scan_time_s", "s")
        .label("Scan time", "Messdauer")
        .help("Of the whole scan.", "Der ganzen Messung.")
        .example("900")
        .elsewhere("", "NXentry/duration", "variableMeasured"),
    quantity("propagation_distance_mm", "/acquisition/propagation_distance_mm", "mm")
        .label("Propagation distance", "Propagationsabstand")
        .help("From sample to detector.", "Von der Probe zum Detektor.")
        .example("30")
        .elsewhere("", "NXdetector/distance", "variableMeasured"),
    quantity("source_distance_mm", "/acquisition/source_distance_mm", "mm")
        .label("Source distance", "Quellabstand")
        .help("From source to sample.", "Von der Quelle zur Probe.")
        .example("120")
        .elsewhere("", "NXsource/distance", "variableMeasured"),
    line("detector", "/acquisition/detector")
        .label("Detector", "Detektor")
        .help("Camera and scintillator.", "Kamera und Szintillator.")
        .example("CMOS 20 MP, LuAG 50 µm")
        .elsewhere("", "NXdetector/description", "mentions"),
    quantity("pixel_size_um", "/acquisition/pixel_size_um", "µm")
        .label("Pixel size", "Pixelgröße")
        .help("In the plane of the sample.", "In der Ebene der Probe.")
        .example("0.64")
        .elsewhere("", "NXsample/x_pixel_size", "variableMeasured"),
    quantity("detector_pixel_size_um", "/acquisition/detector_pixel_size_um", "µm")
        .label("Pixel size of the camera", "Pixelgröße der Kamera")
        .help("Of the chip itself.", "Des Chips selbst.")
        .example("6.5")
        .elsewhere("", "NXdetector/x_pixel_size", "variableMeasured"),
    count("binning", "/acquisition/binning")
        .label("Binning", "Binning")
        .help("Pixels along one edge that became one.", "Pixel entlang einer Kante, die eines wurden.")
        .example("2")
        .elsewhere("", "NXdetector/sensor_binning", "variableMeasured"),
    Field::new("reconstruction", "/acquisition/reconstruction", Shape::Line, Volumes, Processing)
        .label("Reconstruction", "Rekonstruktion")
        .help("The algorithm, in words.", "Das Verfahren, in Worten.")
        .example("filtered back projection")
        .elsewhere("descriptions (Methods)", "NXtomoproc/NXprocess", "measurementMethod"),
    Field::new("reconstruction_software", "/acquisition/reconstruction_software", Shape::Line, Volumes, Processing)
        .label("Program of the reconstruction", "Programm der Rekonstruktion")
        .help("With its version.", "Mit Version.")
        .example("tomopy 1.15")
        .elsewhere("", "NXprocess/program", "isBasedOn"),
    Field::new("reconstruction_parameters", "/acquisition/reconstruction_parameters", Shape::Line, Volumes, Processing)
        .label("Settings of the reconstruction", "Einstellungen der Rekonstruktion")
        .help("As the program calls them.", "Wie das Programm sie nennt.")
        .example("Shepp-Logan filter, centre 1023.5")
        .elsewhere("", "NXprocess/NXparameters", ""),
    Field::new("workflow", "/acquisition/workflow", Shape::Rows(parts::WORKFLOW), Volumes, Processing)
        .label("Steps", "Schritte")
        .help(
            "From the measurement to these files, one a line: step; program and version; settings.",
            "Von der Messung bis zu diesen Dateien, einer je Zeile: Schritt; Programm und Version; Einstellungen.",
        )
        .example("phase retrieval; tomopy 1.15; Paganin, delta/beta 200")
        .elsewhere("", "NXprocess", "isBasedOn"),
    Field::new("shape", "/acquisition/shape", Shape::Counts, Nobody, Measurement)
        .label("Voxels", "Voxel")
        .help("Numbers of voxels along z, y, x; read from the files.", "Zahl der Voxel entlang z, y, x; aus den Dateien gelesen.")
        .example("2048 2048 2048")
        .elsewhere("sizes", "NXdata/data", "variableMeasured"),
    Field::new("element_type", "/acquisition/element_type", Shape::Line, Nobody, Measurement)
        .label("Type of the voxels", "Art der Voxel")
        .help("Read from the files.", "Aus den Dateien gelesen.")
        .example("uint16")
        .elsewhere("", "NXdata/data", "variableMeasured"),
    Field::new("format", "/acquisition/format", Shape::Line, Nobody, Measurement)
        .label("Format", "Format")
        .help("Read from the files.", "Aus den Dateien gelesen.")
        .example("TIFF stack")
        .elsewhere("formats", "", "encodingFormat"),
];
