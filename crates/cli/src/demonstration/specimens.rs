//! The volumes of the demonstration: what they show, and what a careful depositor would say about them.
//! Every number is plausible and every name of a place says that it is not real.

use super::{
    entry::{Entry, Goal},
    files::{Container, VolumeWanted},
};
use record::{
    agent::{Affiliation, Person},
    kind::Kind,
    metadata::{Acquisition, Funding, Metadata, Sample},
    relation::RelationType,
    technique::Probe,
};
use volume::phantom::{self, Phantom};

const SEED_X_RAY: &str = "Seed with embryo, seen with x-rays";
const SEED_NEUTRON: &str = "Seed with embryo, seen with neutrons";
const SANDSTONE: &str = "Porous sandstone";
const JAWS: &str = "Caecilian jaw-closing mechanics: integrating two muscle systems";
const EDGE: usize = 256;

pub(super) fn groups() -> Vec<Vec<Entry>> {
    // The home page shows the newest volume first.
    vec![
        vec![bone()],
        vec![foam()],
        vec![seed_x_ray(), seed_neutron()],
        vec![sandstone(), sandstone_block()],
        vec![composite()],
        vec![wrong_voxel_size()],
        vec![draft()],
        vec![shell()],
    ]
}

/// What all of them have in common.
struct Specimen {
    slug: &'static str,
    kind: Kind,
    title: &'static str,
    description: &'static str,
    keywords: &'static [&'static str],
    sample: Sample,
    acquisition: Acquisition,
    phantom: Phantom,
    probe: phantom::Probe,
    shape: [usize; 3],
    seed: u64,
    container: Container,
    edge_um: Option<f64>,
}

impl Specimen {
    fn entry(self) -> Entry {
        let volume = VolumeWanted {
            phantom: self.phantom,
            probe: self.probe,
            shape: self.shape,
            seed: self.seed,
            container: self.container,
            edge_um: self.edge_um,
        };
        let metadata = Metadata {
            title: self.title.to_owned(),
            description: format!(
                "{} This volume was computed, not measured: Science 3D made it to show what an entry looks like and to test itself against a known truth.",
                self.description
            ),
            creators: vec![Person {
                family: "Science 3D demonstration".to_owned(),
                affiliations: vec![Affiliation::named("Synthetic data made by this program")],
                ..Person::default()
            }],
            licence: "CC0-1.0".parse().ok(),
            keywords: self.keywords.iter().chain(&["synthetic", "demonstration"]).map(|word| (*word).to_owned()).collect(),
            language: Some("en".to_owned()),
            synthetic: true,
            sample: self.sample,
            acquisition: Acquisition {
                voxel_size_um: Some(volume.voxel_size_um()),
                reconstruction: self.acquisition.reconstruction.clone().or(Some("computed directly as a volume".to_owned())),
                ..self.acquisition
            },
            funding: vec![Funding { funder: "none; computed for demonstration".to_owned(), ..Funding::default() }],
            ..Metadata::default()
        };
        Entry { slug: self.slug, kind: self.kind, metadata, volume: Some(volume), goal: Goal::Released, relatives: Vec::new() }
    }
}

fn some(text: &str) -> Option<String> {
    Some(text.to_owned())
}

fn synchrotron(technique: &str, instrument: &str, energy_kev: f64) -> Acquisition {
    Acquisition {
        probe: Some(Probe::XRay),
        technique: some(technique),
        facility: some("Example Light Source (synthetic)"),
        instrument: some(instrument),
        proposal: some("2026-0001 (synthetic)"),
        date: some("2026-05-12"),
        energy_kev: Some(energy_kev),
        projections: Some(1800),
        exposure_time_s: Some(0.05),
        propagation_distance_mm: Some(60.0),
        detector: some("sCMOS camera behind a scintillator (synthetic)"),
        ..Acquisition::default()
    }
}

fn laboratory(energy_kev: f64) -> Acquisition {
    Acquisition {
        facility: some("Example University, x-ray laboratory (synthetic)"),
        instrument: some("Cone-beam micro-CT scanner (synthetic)"),
        proposal: None,
        exposure_time_s: Some(0.8),
        propagation_distance_mm: None,
        detector: some("Flat panel (synthetic)"),
        ..synchrotron("PaNET01208", "", energy_kev)
    }
}

fn shell() -> Entry {
    let mut entry = Specimen {
        slug: "coiled-shell",
        kind: Kind::TomographyBiology,
        title: "Coiled shell of a sea snail",
        description: "A snail builds its house by adding a little at the rim, always in the same proportion. The result is a spiral that keeps its shape while it grows. Cut it open and you see the older, smaller chambers.",
        keywords: &["shell", "spiral", "growth", "biomineralisation"],
        sample: Sample { name: some("shell no. 1 (synthetic)"), organism: some("Gastropoda"), taxon_id: Some(6448), part: some("shell"), preparation: some("dry, in a plastic tube"), ..Sample::default() },
        acquisition: synchrotron("PaNET01333", "Micro-tomography beamline (synthetic)", 22.0),
        phantom: Phantom::CoiledShell,
        probe: phantom::Probe::XRay,
        shape: [EDGE, EDGE, EDGE],
        seed: 1,
        container: Container::TiffSlices,
        edge_um: None,
    }
    .entry();
    entry.relatives.push((RelationType::References, JAWS));
    entry
}

fn seed_x_ray() -> Entry {
    let mut entry = seed(
        "seed-x-ray",
        SEED_X_RAY,
        phantom::Probe::XRay,
        "X-rays show the hard seed coat most clearly, because it is the densest part.",
        synchrotron("PaNET01333", "Micro-tomography beamline (synthetic)", 18.0),
    );
    entry.relatives.push((RelationType::IsVariantFormOf, SEED_NEUTRON));
    entry
}

fn seed_neutron() -> Entry {
    let acquisition = Acquisition {
        probe: Some(Probe::Neutron),
        technique: some("PaNET01250"),
        facility: some("Example Neutron Source (synthetic)"),
        instrument: some("Cold neutron imaging instrument (synthetic)"),
        proposal: some("NT-2026-17 (synthetic)"),
        date: some("2026-06-03"),
        wavelength_angstrom: Some(3.5),
        projections: Some(720),
        exposure_time_s: Some(30.0),
        ..Acquisition::default()
    };
    let mut entry = seed(
        "seed-neutron",
        SEED_NEUTRON,
        phantom::Probe::Neutron,
        "Neutrons are stopped by hydrogen, so the wet embryo shines where x-rays show almost nothing.",
        acquisition,
    );
    entry.relatives.push((RelationType::IsVariantFormOf, SEED_X_RAY));
    entry
}

fn seed(slug: &'static str, title: &'static str, probe: phantom::Probe, seen: &str, acquisition: Acquisition) -> Entry {
    let mut entry = Specimen {
        slug,
        kind: Kind::TomographyBiology,
        title,
        description: "A seed is a small plant in a box with its lunch: a coat, a store of food, and the embryo that waits for water. The same seed was looked at twice, once with x-rays and once with neutrons.",
        keywords: &["seed", "embryo", "germination", "correlative imaging"],
        sample: Sample { name: some("seed no. 4 (synthetic)"), organism: some("Sinapis alba"), taxon_id: Some(3728), part: some("seed"), preparation: some("soaked in water for six hours"), ..Sample::default() },
        acquisition,
        phantom: Phantom::SeedWithEmbryo,
        probe,
        shape: [EDGE, EDGE, EDGE],
        seed: 1,
        container: Container::TiffStack,
        edge_um: None,
    }
    .entry();
    entry.metadata.description = entry.metadata.description.replacen("once with neutrons.", &format!("once with neutrons. {seen}"), 1);
    entry
}

fn bone() -> Entry {
    Specimen {
        slug: "trabecular-bone",
        kind: Kind::TomographyBiology,
        title: "Trabecular bone from a hip joint",
        description: "Inside our bones is a lattice of fine struts. It is light, and it is strong in just the directions in which it is loaded every day; with age the struts grow thinner.",
        keywords: &["bone", "trabeculae", "osteoporosis", "lattice"],
        sample: Sample { name: some("biopsy no. 12 (synthetic)"), organism: some("Homo sapiens"), taxon_id: Some(9606), part: some("femoral head"), preparation: some("cleaned of marrow"), ..Sample::default() },
        acquisition: laboratory(55.0),
        phantom: Phantom::TrabecularBone,
        probe: phantom::Probe::XRay,
        shape: [EDGE, EDGE, EDGE],
        seed: 1,
        container: Container::TiffSlices,
        edge_um: None,
    }
    .entry()
}

fn foam() -> Entry {
    Specimen {
        slug: "open-cell-foam",
        kind: Kind::TomographyMaterials,
        title: "Open-cell aluminium foam",
        description: "A metal sponge: bubbles have become a skeleton of thin struts with air in between. It is used where something must be light and stiff, or must let a gas pass.",
        keywords: &["metal foam", "cellular solid", "porosity"],
        sample: Sample { name: some("foam cube (synthetic)"), material: some("aluminium alloy AlSi7Mg"), preparation: some("cut by spark erosion"), ..Sample::default() },
        acquisition: laboratory(80.0),
        phantom: Phantom::OpenCellFoam,
        probe: phantom::Probe::XRay,
        shape: [EDGE, EDGE, EDGE],
        seed: 1,
        container: Container::Nrrd,
        edge_um: None,
    }
    .entry()
}

fn sandstone() -> Entry {
    let mut entry = Specimen {
        slug: "porous-sandstone",
        kind: Kind::TomographyMaterials,
        title: SANDSTONE,
        description: "Grains of sand that grew together. The dark gaps between them are connected: through such pores ground water, oil and carbon dioxide travel.",
        keywords: &["sandstone", "pore space", "permeability", "digital rock"],
        sample: Sample { name: some("core plug (synthetic)"), material: some("sandstone"), preparation: some("drilled core, 5 mm, dry"), ..Sample::default() },
        acquisition: synchrotron("PaNET01209", "High-energy tomography beamline (synthetic)", 40.0),
        phantom: Phantom::PorousSandstone,
        probe: phantom::Probe::XRay,
        shape: [EDGE, EDGE, EDGE],
        seed: 1,
        container: Container::TiffStack,
        edge_um: None,
    }
    .entry();
    entry.relatives.push((RelationType::IsSourceOf, BLOCK));
    entry
}

const BLOCK: &str = "Pore walls of a sandstone at high resolution";

fn sandstone_block() -> Entry {
    let mut entry = Specimen {
        slug: "sandstone-block",
        kind: Kind::ElectronMicroscopy,
        title: BLOCK,
        description: "A corner of the same sandstone, cut slice by slice with an ion beam and photographed with electrons. Each step shows the cement between two grains.",
        keywords: &["FIB-SEM", "sandstone", "serial sectioning"],
        sample: Sample { name: some("core plug, polished block (synthetic)"), material: some("sandstone"), preparation: some("embedded in resin, polished, carbon coated"), ..Sample::default() },
        acquisition: Acquisition {
            probe: Some(Probe::Electron),
            technique: some("PaNET01145"),
            facility: some("Example University, electron microscopy (synthetic)"),
            instrument: some("FIB-SEM (synthetic)"),
            date: some("2026-07-21"),
            energy_kev: Some(2.0),
            ..Acquisition::default()
        },
        phantom: Phantom::PorousSandstone,
        probe: phantom::Probe::XRay,
        shape: [96, 160, 160],
        seed: 2,
        container: Container::TiffStack,
        edge_um: Some(0.02),
    }
    .entry();
    entry.goal = Goal::ReleasedInDays(180);
    entry.relatives.push((RelationType::IsDerivedFrom, SANDSTONE));
    entry
}

fn composite() -> Entry {
    Specimen {
        slug: "fibre-composite",
        kind: Kind::TomographyMaterials,
        title: "Carbon fibre composite",
        description: "Thousands of carbon fibres, each thinner than a hair, are bundled into yarns, woven and set in plastic. Aircraft wings are made of this; the direction of the fibres decides what load they carry.",
        keywords: &["fibre composite", "CFRP", "fibre orientation"],
        sample: Sample { name: some("laminate coupon (synthetic)"), material: some("carbon fibre reinforced polymer"), preparation: some("cut with a diamond saw"), ..Sample::default() },
        acquisition: laboratory(40.0),
        phantom: Phantom::FibreComposite,
        probe: phantom::Probe::XRay,
        shape: [EDGE, EDGE, EDGE],
        seed: 1,
        container: Container::TiffStack,
        edge_um: None,
    }
    .entry()
}

/// Withdrawn, so that a tombstone can be seen.
fn wrong_voxel_size() -> Entry {
    let mut entry = Specimen {
        slug: "withdrawn-foam",
        kind: Kind::TomographyMaterials,
        title: "Aluminium foam, first scan",
        description: "An earlier scan of the foam.",
        keywords: &["metal foam"],
        sample: Sample { material: some("aluminium alloy AlSi7Mg"), ..Sample::default() },
        acquisition: laboratory(80.0),
        phantom: Phantom::OpenCellFoam,
        probe: phantom::Probe::XRay,
        shape: [64, 64, 64],
        seed: 2,
        container: Container::TiffStack,
        edge_um: None,
    }
    .entry();
    entry.goal = Goal::Withdrawn("The voxel size was wrong; a corrected scan was deposited as a new record.");
    entry
}

/// Unfinished work, which only its owner sees.
fn draft() -> Entry {
    let mut entry = Specimen {
        slug: "draft-bone",
        kind: Kind::TomographyBiology,
        title: "Bone, second sample (in preparation)",
        description: "",
        keywords: &[],
        sample: Sample::default(),
        acquisition: Acquisition::default(),
        phantom: Phantom::TrabecularBone,
        probe: phantom::Probe::XRay,
        shape: [64, 64, 64],
        seed: 2,
        container: Container::TiffStack,
        edge_um: None,
    }
    .entry();
    entry.goal = Goal::Draft;
    entry.metadata.description = String::new();
    entry.metadata.licence = None;
    entry
}
