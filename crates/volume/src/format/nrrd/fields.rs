//! The text of an NRRD header, and which of its axes lie in space.

use std::collections::HashMap;

use super::refuse;
use crate::format::stored::Encoding;
use crate::format::{check_shape, companion, limit, samples};
use crate::header::{clean_text, told_um, unit_um};
use crate::{ElementType, Found, Orientation, Shape, Trouble};

pub(super) enum Data {
    /// Behind the header, from this byte on.
    Attached(u64),
    /// In files of these names, relative to the header.
    Detached(Vec<String>),
}

pub(super) struct Nrrd {
    /// As many times as wide as there are values in a voxel.
    pub(super) shape: Shape,
    /// Values of a voxel, side by side, and whether they are called a colour.
    pub(super) values: usize,
    pub(super) is_colour: bool,
    /// Whether its sizes alone say that a voxel has several values.
    pub(super) is_guess: bool,
    pub(super) element: ElementType,
    pub(super) big_endian: bool,
    pub(super) encoding: Encoding,
    pub(super) data: Data,
    /// Volumes along axes that do not lie in space.
    pub(super) volumes: u64,
    pub(super) line_skip: u64,
    /// -1: the voxels are the last bytes of the file.
    pub(super) byte_skip: i64,
    pub(super) voxel_size_um: Option<[f64; 3]>,
    pub(super) orientation: Option<Orientation>,
    pub(super) found: Found,
    pub(super) warnings: Vec<String>,
}

/// The lines of a header by their names.
struct Fields {
    lines: HashMap<String, String>,
    /// What follows a data file that is called LIST.
    list: Vec<String>,
    /// Whether pairs about a patient were left out.
    personal: bool,
}

impl Fields {
    fn get(&self, name: &str) -> Option<&str> {
        // Some programs leave the spaces in names out.
        self.lines.get(&name.replace(' ', "")).map(String::as_str)
    }

    fn words(&self, name: &str) -> Vec<&str> {
        self.get(name).unwrap_or_default().split_whitespace().collect()
    }

    /// Texts between quotation marks, or words.
    fn quoted(&self, name: &str) -> Vec<&str> {
        let text = self.get(name).unwrap_or_default();
        if text.contains('"') { text.split('"').skip(1).step_by(2).collect() } else { text.split_whitespace().collect() }
    }
}

/// `volume_is_chosen` where somebody said which volume along a fourth axis is meant.
pub(super) fn parse(head: &[u8], volume_is_chosen: bool) -> Result<Nrrd, Trouble> {
    let (text, data_at) = header_text(head);
    let mut found = Found::default();
    let fields = read_fields(&text, &mut found);
    let element = element_of(fields.get("type").unwrap_or_default())?;
    let encoding = match fields.get("encoding").unwrap_or("raw").to_ascii_lowercase().as_str() {
        "raw" => Encoding::Raw,
        "gzip" | "gz" => Encoding::Gzip,
        "bzip2" | "bz2" => Encoding::Bzip2,
        "ascii" | "text" | "txt" => Encoding::Ascii,
        "hex" => Encoding::Hex,
        other => return Err(refuse(format!("its encoding “{other}” is not read"))),
    };
    let data = match fields.get("data file") {
        Some(said) => Data::Detached(data_files(said, &fields)?),
        None => Data::Attached(data_at.ok_or_else(|| refuse("its header has no end"))?),
    };
    let number = |name: &str| fields.get(name).map_or(Ok(0), str::parse::<i64>).map_err(|_| refuse(format!("its “{name}” is no number")));
    let (line_skip, byte_skip) = (number("line skip")?, number("byte skip")?);
    if line_skip < 0 || byte_skip < -1 {
        return Err(refuse("it skips a negative number of lines or bytes"));
    }
    let mut warnings = Vec::new();
    if fields.personal {
        warnings.push(
            "The header has fields for the patient. Nothing of them is taken over, \
             but originals are published as they are: make sure that the files are anonymous."
                .into(),
        );
    }
    let axes = Axes::of(&fields, element, volume_is_chosen, &mut warnings)?;
    found.labels = found.other.contains_key("Segment0_ID").then(|| "segments of 3D Slicer".into());
    found.description = fields.get("content").and_then(clean_text);
    // Axes that are said to lie in space are no colours, whoever is asked later.
    if fields.words("kinds").iter().filter(|kind| matches!(**kind, "domain" | "space")).count() >= 3 {
        found.other.insert("axes".into(), "space".into());
    }
    let unit = unit(&fields, axes.in_space[0]);
    Ok(Nrrd {
        shape: axes.shape,
        values: axes.values,
        is_colour: axes.is_colour,
        is_guess: axes.is_guess,
        element,
        big_endian: fields.get("endian") == Some("big"),
        encoding,
        data,
        volumes: axes.volumes,
        line_skip: line_skip as u64,
        byte_skip,
        voxel_size_um: voxel_size(&fields, &axes, unit, &mut warnings),
        orientation: orientation(&fields, &axes, unit),
        found,
        warnings,
    })
}

/// The text before the first empty line and where the data begin; without such a line all of it.
fn header_text(head: &[u8]) -> (String, Option<u64>) {
    let end = |blank: &[u8]| head.windows(blank.len()).position(|window| window == blank).map(|at| (at, at + blank.len()));
    let first = [end(b"\n\n"), end(b"\n\r\n")].into_iter().flatten().min();
    let (text, data_at) = first.map_or((head, None), |(at, data)| (&head[..at], Some(data as u64)));
    (String::from_utf8_lossy(text).into_owned(), data_at)
}

fn read_fields(text: &str, found: &mut Found) -> Fields {
    let mut fields = Fields { lines: HashMap::new(), list: Vec::new(), personal: false };
    let mut lines = text.lines().skip(1).filter(|line| !line.starts_with('#'));
    while let Some(line) = lines.next() {
        let pair = line.find(":=").filter(|at| line.find(": ").is_none_or(|other| *at < other));
        if let Some(at) = pair {
            if let (Some(key), Some(value)) = (clean_text(&line[..at]), clean_text(&line[at + 2..])) {
                if is_personal(&key) {
                    fields.personal = true;
                } else {
                    found.other.insert(key, value);
                }
            }
        } else if let Some((key, value)) = line.split_once(':') {
            let (key, value) = (key.to_ascii_lowercase().replace(' ', ""), value.trim().to_string());
            let is_list = key == "datafile" && value.starts_with("LIST");
            fields.lines.insert(key, value);
            if is_list {
                let names = lines.by_ref().map(|name| name.trim().to_string()).filter(|name| !name.is_empty());
                // One more than there may be, so that too many are still noticed.
                fields.list = names.take(limit::SLICES + 1).collect();
            }
        }
    }
    fields
}

/// Keys about a patient, as programs take them over from DICOM: by the number of its group, or by name.
fn is_personal(key: &str) -> bool {
    let key = key.to_ascii_lowercase();
    ["0010|", "0010_", "patient"].iter().any(|part| key.contains(part))
}

/// One name, a list of names, or a pattern with its first and last number and step.
fn data_files(said: &str, fields: &Fields) -> Result<Vec<String>, Trouble> {
    if said.starts_with("LIST") {
        return Ok(fields.list.clone());
    }
    let words: Vec<&str> = said.split_whitespace().collect();
    if words.is_empty() {
        return Err(refuse("its data file has no name"));
    }
    if let [pattern, first, last, step, ..] = words[..]
        && pattern.contains('%')
    {
        let numbers = (first.parse(), last.parse(), step.parse());
        let (Ok(first), Ok(last), Ok(step)) = numbers else { return Err(refuse("the numbers of its data files are none")) };
        return companion::numbered(pattern, first, last, step).ok_or_else(|| refuse("the names of its data files cannot be counted"));
    }
    Ok(vec![said.to_string()])
}

fn element_of(name: &str) -> Result<ElementType, Trouble> {
    let later = |name: &str| ElementType::from_name(name).ok_or_else(|| refuse(format!("its voxel type {name} is not read")));
    Ok(match name {
        "uchar" | "unsigned char" | "uint8" | "uint8_t" => ElementType::U8,
        "signed char" | "int8" | "int8_t" => ElementType::I8,
        "ushort" | "unsigned short" | "unsigned short int" | "uint16" | "uint16_t" => ElementType::U16,
        "short" | "short int" | "signed short" | "signed short int" | "int16" | "int16_t" => ElementType::I16,
        "uint" | "unsigned int" | "uint32" | "uint32_t" => ElementType::U32,
        "int" | "signed int" | "int32" | "int32_t" => ElementType::I32,
        "longlong" | "long long" | "long long int" | "signed long long" | "signed long long int" | "int64" | "int64_t" => later("int64")?,
        "ulonglong" | "unsigned long long" | "unsigned long long int" | "uint64" | "uint64_t" => later("uint64")?,
        "float" => ElementType::F32,
        "double" => ElementType::F64,
        other => return Err(refuse(format!("its voxel type “{other}” is not read"))),
    })
}

/// Which of the axes of the file are z, y and x.
struct Axes {
    shape: Shape,
    values: usize,
    is_colour: bool,
    is_guess: bool,
    /// Indexes of the axes in space among those of the file, the fastest first.
    in_space: Vec<usize>,
    volumes: u64,
}

impl Axes {
    fn of(fields: &Fields, element: ElementType, volume_is_chosen: bool, warnings: &mut Vec<String>) -> Result<Self, Trouble> {
        let sizes: Vec<u64> = fields.words("sizes").iter().map_while(|size| size.parse().ok()).collect();
        if sizes.len() != fields.words("sizes").len() || !(2..=16).contains(&sizes.len()) {
            return Err(refuse(format!("it has {} axes instead of three", sizes.len())));
        }
        if let Some(said) = fields.get("dimension").filter(|said| said.parse() != Ok(sizes.len())) {
            return Err(refuse(format!("it claims {said} axes and names the sizes of {}", sizes.len())));
        }
        let in_space = axes_in_space(fields, &sizes, volume_is_chosen);
        let (Some(&first), Some(&last)) = (in_space.first(), in_space.last()) else {
            return Err(refuse("none of its axes lies in space"));
        };
        let product = |range: std::ops::Range<usize>| {
            let outside = range.filter(|axis| !in_space.contains(axis)).map(|axis| sizes[axis]);
            outside.fold(1u64, u64::saturating_mul)
        };
        if product(first..last) > 1 {
            return Err(refuse("an axis that does not lie in space stands between those that do"));
        }
        let values = product(0..first);
        let values = samples::count(values).ok_or_else(|| refuse(format!("each of its voxels holds {values} values")))?;
        let kinds = fields.words("kinds");
        let is_colour = match kinds.first() {
            Some(kind) => ["rgb-color", "rgba-color"].contains(&kind.to_ascii_lowercase().as_str()),
            None => samples::may_be_colour(element),
        };
        let behind = product(last + 1..sizes.len());
        let size = |index: usize| in_space.get(index).map_or(1, |&axis| sizes[axis]);
        let (depth, volumes) = match in_space.len() {
            1 => return Err(refuse("only one of its axes lies in space")),
            2 if behind > 1 => {
                warnings.push("Its slices follow each other along an axis that does not lie in space, such as time.".into());
                (behind, 1)
            }
            _ => (size(2), behind),
        };
        if behind == 0 || volumes == 0 {
            return Err(refuse("one of its axes has the length zero"));
        }
        let mut shape = check_shape([depth, size(1), size(0)], element.bytes() * values)?;
        shape[2] *= values;
        if first > 0 || in_space.len() != sizes.len() {
            warnings.push(format!("Of its {} axes {} lie in space.", sizes.len(), in_space.len()));
        }
        let is_guess = seems_colour(fields, &sizes, volume_is_chosen);
        Ok(Self { shape, values, is_colour, is_guess, in_space, volumes })
    }
}

/// By the direction vectors, else by the kinds of the axes, else the first three; see [`seems_colour`].
fn axes_in_space(fields: &Fields, sizes: &[u64], volume_is_chosen: bool) -> Vec<usize> {
    let count = sizes.len();
    let directions = directions(fields);
    if directions.len() == count && directions.iter().any(Option::is_some) {
        // ITK gives time a direction as well; the first three are those of the volume.
        return (0..count).filter(|&axis| directions[axis].is_some()).take(3).collect();
    }
    let kinds = fields.words("kinds");
    if kinds.len() == count && kinds.iter().any(|kind| *kind != "???" && *kind != "none") {
        let lies = |kind: &str| matches!(kind, "domain" | "space" | "???" | "none");
        let lying: Vec<usize> = (0..count).filter(|&axis| lies(kinds[axis])).collect();
        if lying.len() <= 3 {
            return lying;
        }
    }
    if seems_colour(fields, sizes, volume_is_chosen) { (1..4).collect() } else { (0..count.min(3)).collect() }
}

/// Whether the first of four axes without a word about them holds colours: a volume three or four voxels wide and as tall and deep
/// as a picture would be very thin. Whoever chooses a volume along the fourth axis knows better.
fn seems_colour(fields: &Fields, sizes: &[u64], volume_is_chosen: bool) -> bool {
    let is_open = fields.get("kinds").is_none() && fields.get("space directions").is_none() && !volume_is_chosen;
    is_open && sizes.len() == 4 && matches!(sizes[0], 3 | 4) && sizes[1..].iter().all(|&size| size >= samples::SIDE_MIN)
}

/// The vector of every axis; nothing for those that the file calls none.
fn directions(fields: &Fields) -> Vec<Option<Vec<f64>>> {
    let mut rest = fields.get("space directions").unwrap_or_default().trim();
    let mut vectors = Vec::new();
    while !rest.is_empty() && vectors.len() < 16 {
        if let Some(after) = rest.strip_prefix('(') {
            let (inside, behind) = after.split_once(')').unwrap_or((after, ""));
            vectors.push(Some(numbers(inside)));
            rest = behind.trim_start();
        } else {
            let (_, behind) = rest.split_once(char::is_whitespace).unwrap_or((rest, ""));
            vectors.push(None);
            rest = behind.trim_start();
        }
    }
    vectors
}

fn numbers(text: &str) -> Vec<f64> {
    text.split(|sign: char| sign == ',' || sign.is_whitespace())
        .filter(|number| !number.is_empty())
        .map_while(|number| number.trim().parse().ok())
        .collect()
}

/// The name of the space in full.
fn space_name(fields: &Fields) -> Option<&str> {
    let space = fields.get("space")?;
    Some(match space.to_ascii_lowercase().as_str() {
        "ras" | "right-anterior-superior" | "rast" | "right-anterior-superior-time" => "right-anterior-superior",
        "las" | "left-anterior-superior" | "last" | "left-anterior-superior-time" => "left-anterior-superior",
        "lps" | "left-posterior-superior" | "lpst" | "left-posterior-superior-time" => "left-posterior-superior",
        _ => space,
    })
}

/// Micrometres in the unit of the file; without one, spaces named after the body mean millimetres.
fn unit(fields: &Fields, axis: usize) -> Option<f64> {
    let of_space = fields.quoted("space units").first().and_then(|unit| unit_um(unit));
    let of_axis = || fields.quoted("units").get(axis).and_then(|unit| unit_um(unit));
    let anatomical = space_name(fields).is_some_and(|space| space.ends_with("-superior"));
    of_space.or_else(of_axis).or(anatomical.then_some(1_000.0))
}

/// Lengths of the direction vectors or the spacings, in the order z, y, x.
fn voxel_size(fields: &Fields, axes: &Axes, unit: Option<f64>, warnings: &mut Vec<String>) -> Option<[f64; 3]> {
    let vectors = directions(fields);
    let spacings: Vec<f64> = fields.words("spacings").iter().map(|size| size.parse().unwrap_or(f64::NAN)).collect();
    let length = |&axis: &usize| -> Option<f64> {
        match vectors.get(axis).and_then(Option::as_ref) {
            Some(vector) => Some(round_twelve(vector.iter().map(|part| part * part).sum::<f64>().sqrt())),
            None => spacings.get(axis).map(|size| size.abs()),
        }
    };
    let mut sizes: Vec<f64> = axes.in_space.iter().map(length).collect::<Option<_>>()?;
    if sizes.len() == 2 {
        // A single slice is taken as thick as it is wide.
        sizes.push(sizes[0]);
    }
    let [x, y, z] = sizes[..] else { return None };
    told_um([z, y, x], unit, warnings)
}

fn orientation(fields: &Fields, axes: &Axes, unit: Option<f64>) -> Option<Orientation> {
    let vectors = directions(fields);
    let vector = |axis: usize| -> Option<[f64; 3]> { vectors.get(*axes.in_space.get(axis)?)?.as_deref()?.try_into().ok() };
    let origin = fields.get("space origin").map(|text| numbers(text.trim_matches(['(', ')', ' '])));
    let origin = origin.and_then(|origin| <[f64; 3]>::try_from(origin).ok()).zip(unit).map(|(origin, unit)| origin.map(|part| part * unit));
    Orientation::new(space_name(fields).unwrap_or("unnamed"), [vector(2)?, vector(1)?, vector(0)?], origin)
}

/// The root of a square of a decimal number ends in noise; twelve digits are what the file meant.
fn round_twelve(value: f64) -> f64 {
    format!("{value:.12e}").parse().unwrap_or(value)
}
