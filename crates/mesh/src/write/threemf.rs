//! 3MF (core specification 1.3): a ZIP with one XML model; millimetres, colours, title, licence.
//!
//! Several parts are one mesh, each triangle with the material of its part: so they stay where they are to each other in every program.
//! As components of one object they would not: PrusaSlicer and older Bambu Studio put each on the bed by itself. Which triangles are which
//! part stands besides in a file that PrusaSlicer and its kin read, where parts then have names and may get filaments of their own.

use std::fs::File;
use std::io::{self, Write};

use quick_xml::escape::escape;

use super::About;
use super::zip::ZipWriter;
use crate::surface::Part;

const TYPES: &str = r#"<?xml version="1.0" encoding="UTF-8"?>
<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"><Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/><Default Extension="model" ContentType="application/vnd.ms-package.3dmanufacturing-3dmodel+xml"/><Default Extension="config" ContentType="text/xml"/></Types>
"#;
const RELATIONS: &str = r#"<?xml version="1.0" encoding="UTF-8"?>
<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Target="/3D/3dmodel.model" Id="rel0" Type="http://schemas.microsoft.com/3dmanufacturing/2013/01/3dmodel"/></Relationships>
"#;

/// The colours are the first resource.
const OBJECT: usize = 2;

pub(crate) fn write(file: &File, parts: &[Part], about: &About) -> io::Result<()> {
    let mut zip = ZipWriter::new(file);
    zip.add("[Content_Types].xml", |out| out.write_all(TYPES.as_bytes()))?;
    zip.add("_rels/.rels", |out| out.write_all(RELATIONS.as_bytes()))?;
    zip.add("3D/3dmodel.model", |out| model(out, parts, about))?;
    if parts.len() > 1 {
        zip.add("Metadata/Slic3r_PE_model.config", |out| volumes(out, parts, about))?;
    }
    zip.finish()
}

fn model(out: &mut dyn Write, parts: &[Part], about: &About) -> io::Result<()> {
    out.write_all(b"<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n")?;
    out.write_all(b"<model unit=\"millimeter\" xml:lang=\"en-US\" xmlns=\"http://schemas.microsoft.com/3dmanufacturing/core/2015/02\">\n")?;
    let doi = about.doi.as_ref().map(|doi| format!("https://doi.org/{doi}"));
    let entries = [
        ("Title", Some(about.title.clone())),
        ("Designer", Some(about.creators.join("; "))),
        ("Description", doi),
        ("LicenseTerms", about.licence.clone()),
        ("Application", Some("Science 3D".into())),
    ];
    for (name, value) in entries {
        if let Some(value) = value.filter(|value| !value.is_empty()) {
            writeln!(out, "<metadata name=\"{name}\">{}</metadata>", escape(&value))?;
        }
    }
    writeln!(out, "<resources>\n<basematerials id=\"1\">")?;
    for Part { name, colour: [red, green, blue], .. } in parts {
        writeln!(out, "<base name=\"{}\" displaycolor=\"#{red:02X}{green:02X}{blue:02X}\"/>", escape(name))?;
    }
    writeln!(out, "</basematerials>")?;
    if !parts.is_empty() {
        mesh(out, parts, about)?;
    }
    writeln!(out, "</resources>\n<build>")?;
    if !parts.is_empty() {
        writeln!(out, "<item objectid=\"{OBJECT}\"/>")?;
    }
    writeln!(out, "</build>\n</model>")
}

fn mesh(out: &mut dyn Write, parts: &[Part], about: &About) -> io::Result<()> {
    // The build volume begins at zero.
    let least = parts
        .iter()
        .filter_map(|part| part.surface.bounds())
        .fold([f32::MAX; 3], |all, [least, _]| std::array::from_fn(|axis| all[axis].min(least[axis])));
    let scale = about.mm_per_um as f32;
    writeln!(out, "<object id=\"{OBJECT}\" type=\"model\" name=\"{}\" pid=\"1\" pindex=\"0\">", escape(name(parts, about)))?;
    writeln!(out, "<mesh>\n<vertices>")?;
    for place in parts.iter().flat_map(|part| &part.surface.positions) {
        let [x, y, z]: [f32; 3] = std::array::from_fn(|axis| (place[axis] - least[axis]) * scale);
        writeln!(out, "<vertex x=\"{x}\" y=\"{y}\" z=\"{z}\"/>")?;
    }
    writeln!(out, "</vertices>\n<triangles>")?;
    let mut base = 0;
    for (number, Part { surface, .. }) in parts.iter().enumerate() {
        // The first part has the material of the object.
        let material = if number > 0 { format!(" pid=\"1\" p1=\"{number}\"") } else { String::new() };
        for triangle in &surface.triangles {
            let [a, b, c] = triangle.map(|vertex| base + u64::from(vertex));
            writeln!(out, "<triangle v1=\"{a}\" v2=\"{b}\" v3=\"{c}\"{material}/>")?;
        }
        base += surface.positions.len() as u64;
    }
    writeln!(out, "</triangles>\n</mesh>\n</object>")
}

/// One part has its own name, several have that of the whole.
fn name<'a>(parts: &'a [Part], about: &'a About) -> &'a str {
    match parts {
        [part] => &part.name,
        _ => &about.title,
    }
}

/// Which triangles are which part, as PrusaSlicer writes it.
fn volumes(out: &mut dyn Write, parts: &[Part], about: &About) -> io::Result<()> {
    writeln!(out, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<config>\n<object id=\"{OBJECT}\" instances_count=\"1\">")?;
    writeln!(out, "<metadata type=\"object\" key=\"name\" value=\"{}\"/>", escape(name(parts, about)))?;
    let mut first = 0;
    for Part { name, surface, .. } in parts.iter().filter(|part| !part.surface.triangles.is_empty()) {
        let after = first + surface.triangles.len();
        writeln!(out, "<volume firstid=\"{first}\" lastid=\"{}\">", after - 1)?;
        writeln!(out, "<metadata type=\"volume\" key=\"name\" value=\"{}\"/>", escape(name))?;
        writeln!(out, "<metadata type=\"volume\" key=\"volume_type\" value=\"ModelPart\"/>\n</volume>")?;
        first = after;
    }
    writeln!(out, "</object>\n</config>")
}
