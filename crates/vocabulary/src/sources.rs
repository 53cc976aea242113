//! Reading lists of taxa as others publish them: NCBI's taxdump (a folder, or its tar.gz), GBIF's backbone (`Taxon.tsv`), and a
//! plain table with a head (tax_id, parent_id, rank, scientific_name, common_name), which is how small lists are written by hand.

use crate::{Builder, Fault, NameKind};
use flate2::read::MultiGzDecoder;
use std::{
    fs::File,
    io::{BufRead, BufReader, Read},
    path::Path,
};

/// No line of any source comes near it.
const LINE_BYTES_MAX: u64 = 1 << 20;
/// Parts of an archive that are looked at.
const MEMBERS_MAX: usize = 1000;

/// Reads whatever is at this path into the builder. Several may be read after each other.
pub fn read_source(path: &Path, builder: &mut Builder) -> Result<(), Fault> {
    let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
    if path.is_dir() {
        if path.join("names.dmp").is_file() {
            nodes(&mut opened(&path.join("nodes.dmp"))?, builder)?;
            return names(&mut opened(&path.join("names.dmp"))?, builder);
        }
        return read_source(&path.join("Taxon.tsv"), builder);
    }
    if name.ends_with(".tar.gz") || name.ends_with(".tgz") || name.ends_with(".tar") {
        return archive(path, builder);
    }
    let mut input = opened(path)?;
    let mut head = String::new();
    next_line(&mut input, &mut head, path)?;
    let columns: Vec<&str> = head.split('\t').collect();
    let column = |wanted: &str| columns.iter().position(|column| column.eq_ignore_ascii_case(wanted));
    match (column("taxonID"), column("tax_id"), column("scientific_name")) {
        (Some(id), ..) => backbone(&mut input, id, &column, path, builder),
        (None, Some(id), Some(name)) => table(&mut input, &[id, name], &column, path, builder),
        _ => Err(refused(path, "its first line names neither taxonID (GBIF) nor tax_id and scientific_name (a plain table)")),
    }
}

fn opened(path: &Path) -> Result<Box<dyn BufRead>, Fault> {
    let file = File::open(path).map_err(|source| Fault::File { attempted: "open", path: path.display().to_string(), source })?;
    let packed = path.extension().is_some_and(|extension| extension == "gz" || extension == "tgz");
    Ok(if packed { Box::new(BufReader::new(MultiGzDecoder::new(BufReader::new(file)))) } else { Box::new(BufReader::new(file)) })
}

/// False at the end.
fn next_line(input: &mut dyn BufRead, line: &mut String, path: &Path) -> Result<bool, Fault> {
    line.clear();
    let mut bytes = Vec::new();
    let read = input.take(LINE_BYTES_MAX).read_until(b'\n', &mut bytes);
    let read = read.map_err(|source| Fault::File { attempted: "read", path: path.display().to_string(), source })?;
    line.push_str(String::from_utf8_lossy(&bytes).trim_end_matches(['\n', '\r']));
    Ok(read > 0)
}

fn lines(input: &mut dyn BufRead, path: &Path, mut each: impl FnMut(&str) -> Result<(), Fault>) -> Result<(), Fault> {
    let mut line = String::new();
    while next_line(input, &mut line, path)? {
        each(&line)?;
    }
    Ok(())
}

/// `1 | 1 | no rank | …`, between tabs.
fn nodes(input: &mut dyn BufRead, builder: &mut Builder) -> Result<(), Fault> {
    lines(input, Path::new("nodes.dmp"), |line| {
        let fields: Vec<&str> = line.split('|').map(str::trim).collect();
        let [id, parent, rank, ..] = fields.as_slice() else { return Ok(()) };
        let (Ok(id), Ok(parent)) = (id.parse(), parent.parse()) else { return Ok(()) };
        builder.taxon(id, parent, rank)
    })
}

/// `9606 | Homo sapiens |  | scientific name |`; names of authors, vouchers and the like are no names that people type.
fn names(input: &mut dyn BufRead, builder: &mut Builder) -> Result<(), Fault> {
    lines(input, Path::new("names.dmp"), |line| {
        let fields: Vec<&str> = line.split('|').map(str::trim).collect();
        let [id, name, _, class, ..] = fields.as_slice() else { return Ok(()) };
        let Ok(id) = id.parse() else { return Ok(()) };
        let kind = match *class {
            "scientific name" => NameKind::Accepted,
            "genbank common name" | "common name" | "blast name" => NameKind::Common,
            "synonym" | "equivalent name" | "acronym" | "genbank synonym" | "anamorph" | "teleomorph" => NameKind::Synonym,
            _ => return Ok(()),
        };
        builder.name(id, kind, name)
    })
}

/// A tar as NCBI packs it: only the two files that are needed are read.
fn archive(path: &Path, builder: &mut Builder) -> Result<(), Fault> {
    let mut input = opened(path)?;
    let mut found = 0;
    for _ in 0..MEMBERS_MAX {
        let mut head = [0; 512];
        if input.read_exact(&mut head).is_err() || head[0] == 0 {
            break;
        }
        let text = |range: std::ops::Range<usize>| String::from_utf8_lossy(&head[range]).trim_matches(['\0', ' ']).to_owned();
        let name = text(0..100);
        let bytes = u64::from_str_radix(&text(124..136), 8).map_err(|_| refused(path, "it is no tar that can be read"))?;
        let mut member = BufReader::new((&mut input).take(bytes.next_multiple_of(512)));
        let mut content = (&mut member).take(bytes);
        match name.trim_start_matches("./") {
            "nodes.dmp" => (nodes(&mut content, builder)?, found += 1).0,
            "names.dmp" => (names(&mut content, builder)?, found += 1).0,
            _ => {}
        }
        std::io::copy(&mut member, &mut std::io::sink()).map_err(|source| Fault::File {
            attempted: "read",
            path: path.display().to_string(),
            source,
        })?;
    }
    if found == 2 { Ok(()) } else { Err(refused(path, "it does not hold nodes.dmp and names.dmp")) }
}

/// GBIF's backbone. Common names lie in another of its files and are not read.
fn backbone(
    input: &mut dyn BufRead,
    id: usize,
    column: &dyn Fn(&str) -> Option<usize>,
    path: &Path,
    builder: &mut Builder,
) -> Result<(), Fault> {
    let wanted = ["parentNameUsageID", "acceptedNameUsageID", "canonicalName", "taxonRank"].map(column);
    let [Some(parent), Some(accepted), Some(name), Some(rank)] = wanted else {
        return Err(refused(path, "it has not the columns of a GBIF backbone"));
    };
    lines(input, path, |line| {
        let fields: Vec<&str> = line.split('\t').collect();
        let field = |place: usize| fields.get(place).copied().unwrap_or_default();
        let Ok(number) = field(id).parse() else { return Ok(()) };
        match field(accepted).parse() {
            Ok(other) if other != number => builder.name(other, NameKind::Synonym, field(name)),
            _ => {
                builder.taxon(number, field(parent).parse().unwrap_or(0), field(rank))?;
                builder.name(number, NameKind::Accepted, field(name))
            }
        }
    })
}

fn table(
    input: &mut dyn BufRead,
    places: &[usize; 2],
    column: &dyn Fn(&str) -> Option<usize>,
    path: &Path,
    builder: &mut Builder,
) -> Result<(), Fault> {
    let [id, name] = *places;
    let others = ["parent_id", "rank", "common_name"].map(column);
    lines(input, path, |line| {
        let fields: Vec<&str> = line.split('\t').collect();
        let field = |place: Option<usize>| place.and_then(|place| fields.get(place).copied()).unwrap_or_default();
        let Ok(number) = field(Some(id)).parse() else { return Ok(()) };
        builder.taxon(number, field(others[0]).parse().unwrap_or(0), field(others[1]))?;
        builder.name(number, NameKind::Accepted, field(Some(name)))?;
        field(others[2]).split(';').try_for_each(|common| builder.name(number, NameKind::Common, common))
    })
}

fn refused(path: &Path, why: &str) -> Fault {
    Fault::Source { path: path.display().to_string(), form: "NCBI's taxdump or GBIF's backbone", why: why.to_owned() }
}
