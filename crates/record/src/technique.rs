//! How one looked: the probe, and the technique by its PaNET term.

use crate::term::terms;

terms! {
    /// What went through the sample.
    pub enum Probe {
        XRay = "x-ray", "x-rays" | "Röntgenstrahlung";
        Neutron = "neutron", "neutrons" | "Neutronen";
        Electron = "electron", "electrons" | "Elektronen";
    }
}

/// A term of the PaNET ontology (PaN Experimental Techniques, CC-BY-4.0, <http://purl.org/pan-science/PaNET/>).
#[derive(Debug, PartialEq, Eq)]
pub struct Technique {
    pub id: &'static str,
    pub label: &'static str,
    pub probe: Probe,
}

impl Technique {
    /// Techniques offered in the form: those that give volumes.
    pub const OFFERED: [Technique; 12] = [
        Technique { id: "PaNET01208", label: "x-ray microtomography", probe: Probe::XRay },
        Technique { id: "PaNET01209", label: "absorption microtomography", probe: Probe::XRay },
        Technique { id: "PaNET01333", label: "x-ray propagation phase contrast microtomography", probe: Probe::XRay },
        Technique { id: "PaNET01154", label: "nanotomography", probe: Probe::XRay },
        Technique { id: "PaNET01213", label: "ptychographic nanotomography", probe: Probe::XRay },
        Technique { id: "PaNET01211", label: "ultrafast microtomography", probe: Probe::XRay },
        Technique { id: "PaNET01096", label: "fluorescence tomography", probe: Probe::XRay },
        Technique { id: "PaNET01207", label: "x-ray tomography", probe: Probe::XRay },
        Technique { id: "PaNET01249", label: "cold neutron imaging", probe: Probe::Neutron },
        Technique { id: "PaNET01250", label: "high resolution neutron imaging", probe: Probe::Neutron },
        Technique { id: "PaNET01129", label: "tomography", probe: Probe::XRay },
        Technique { id: "PaNET01145", label: "electron microscopy", probe: Probe::Electron },
    ];

    pub fn by_id(id: &str) -> Option<&'static Technique> {
        Self::OFFERED.iter().find(|technique| technique.id == id)
    }
    pub fn url(&self) -> String {
        format!("http://purl.org/pan-science/PaNET/{}", self.id)
    }
}
