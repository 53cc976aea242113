//! 3MF (core specification 1.3): a ZIP with one XML model; millimetres, colours, title, licence. Several parts are components of one
//! object, so that they stay where they are to each other (PrusaSlicer 2.5 takes them apart all the same: a kit has one part a print).

use std::fs::File;
use std::io::{self, Write};

use quick_xml::escape::escape;

use super::About;
use super::zip::ZipWriter;
use crate::surface::Part;

const TYPES: &str = r#"<?xml version="1.0" encoding="UTF-8"?>
<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"><Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/><Default Extension="model" ContentType="application/vnd.ms-package.3dmanufacturing-3dmodel+xml"/></Types>
"#;
const RELATIONS: &str = r#"<?xml version="1.0" encoding="UTF-8"?>
<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Target="/3D/3dmodel.model" Id="rel0" Type="http://schemas.microsoft.com/3dmanufacturing/2013/01/3dmodel"/></Relationships>
"#;

/// The colours are the first resource.
const FIRST_OBJECT: usize = 2;

pub(crate) fn write(file: &File, parts: &[Part], about: &About) -> io::Result<()> {
    let mut zip = ZipWriter::new(file);
    zip.add("[Content_Types].xml", |out| out.write_all(TYPES.as_bytes()))?;
    zip.add("_rels/.rels", |out| out.write_all(RELATIONS.as_bytes()))?;
    zip.add("3D/3dmodel.model", |out| model(out, parts, about))?;
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
    // The build volume begins at zero.
    let least = parts
        .iter()
        .filter_map(|part| part.surface.bounds())
        .fold([f32::MAX; 3], |all, [least, _]| std::array::from_fn(|axis| all[axis].min(least[axis])));
    let scale = about.mm_per_um as f32;
    for (number, Part { name, surface, .. }) in parts.iter().enumerate() {
        writeln!(out, "<object id=\"{}\" type=\"model\" name=\"{}\" pid=\"1\" pindex=\"{number}\">", number + FIRST_OBJECT, escape(name))?;
        writeln!(out, "<mesh>\n<vertices>")?;
        for place in &surface.positions {
            let [x, y, z]: [f32; 3] = std::array::from_fn(|axis| (place[axis] - least[axis]) * scale);
            writeln!(out, "<vertex x=\"{x}\" y=\"{y}\" z=\"{z}\"/>")?;
        }
        writeln!(out, "</vertices>\n<triangles>")?;
        for [a, b, c] in &surface.triangles {
            writeln!(out, "<triangle v1=\"{a}\" v2=\"{b}\" v3=\"{c}\"/>")?;
        }
        writeln!(out, "</triangles>\n</mesh>\n</object>")?;
    }
    let whole = parts.len() + FIRST_OBJECT;
    if parts.len() > 1 {
        writeln!(out, "<object id=\"{whole}\" type=\"model\" name=\"{}\">\n<components>", escape(&about.title))?;
        for number in FIRST_OBJECT..whole {
            writeln!(out, "<component objectid=\"{number}\"/>")?;
        }
        writeln!(out, "</components>\n</object>")?;
    }
    writeln!(out, "</resources>\n<build>")?;
    if !parts.is_empty() {
        writeln!(out, "<item objectid=\"{}\"/>", if parts.len() > 1 { whole } else { FIRST_OBJECT })?;
    }
    writeln!(out, "</build>\n</model>")
}
