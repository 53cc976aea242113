//! Three axes of which one may be colour, in the formats that leave it open: asked here, for all of them, and never guessed.
//!
//! HDF5 and Zarr have words of their own for what is chosen inside of a file and ask themselves. The others that are not named
//! here say what their axes are.

use super::{Asked, Opened, Planes, check_shape};
use crate::asks::ColourPlace;
use crate::element::Buffer;
use crate::{Header, Shape, Trouble};

/// Formats, as headers name them, that hold three axes without a word about what they are.
const SILENT: [&str; 5] = ["TIFF", "NRRD", "MetaImage", "NIfTI", "Analyze"];
/// Bytes of inner planes that are looked through at once for one channel.
const LOOK_BYTES: usize = 8 << 20;

/// What somebody says about the axes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Said {
    Volume,
    Channel(ColourPlace, usize),
}

/// Opens with what is said about the axes taken out of the question, and asks where nothing is said and something is open.
pub(super) fn settled(asked: &Asked, open: impl FnOnce(&Asked) -> Result<Opened, Trouble>) -> Result<Opened, Trouble> {
    let (said, rest) = read(asked.dataset.as_deref())?;
    let opened = match said {
        Some(_) => open(&Asked { dataset: rest.clone(), ..asked.clone() })?,
        None => open(asked)?,
    };
    let shape = opened.header.shape;
    match said {
        Some(Said::Volume) => Ok(opened),
        Some(Said::Channel(place, index)) => channel(opened, place, index),
        None => match ColourPlace::of(shape.map(|size| size as u64), opened.header.element).filter(|_| is_open(&opened.header)) {
            Some(place) => Err(place.ask(shape.map(|size| size as u64), &rest.into_iter().collect::<Vec<_>>())),
            None => Ok(opened),
        },
    }
}

/// `axes=zyx`, `axes=cyx,c=0` or `axes=yxc,c=0`, and what is written before it.
fn read(dataset: Option<&str>) -> Result<(Option<Said>, Option<String>), Trouble> {
    let Some((before, axes)) = dataset.and_then(|text| text.rfind("axes=").map(|at| text.split_at(at))) else {
        return Ok((None, dataset.map(str::to_owned)));
    };
    let wrong = || Trouble::new(format!("“{axes}” does not say what the axes are"), "Write axes=zyx, axes=cyx,c=0 or axes=yxc,c=0");
    let (letters, index) =
        axes["axes=".len()..].split_once(',').map_or((&axes["axes=".len()..], None), |(letters, rest)| (letters, Some(rest)));
    let index = index.map(|index| index.trim().strip_prefix("c=").and_then(|index| index.parse().ok()).ok_or_else(wrong)).transpose()?;
    let said = match (letters.trim(), index) {
        ("zyx", None) => Said::Volume,
        (letters, Some(index)) => {
            let place = [ColourPlace::First, ColourPlace::Last].into_iter().find(|place| place.letters() == letters);
            Said::Channel(place.ok_or_else(wrong)?, index)
        }
        _ => return Err(wrong()),
    };
    let before = before.trim_end_matches(',');
    Ok((Some(said), (!before.is_empty()).then(|| before.to_owned())))
}

/// Whether the header says nothing by which its three axes would lie in space. Many files are a series of slices by their names.
fn is_open(header: &Header) -> bool {
    SILENT.iter().any(|name| header.format.starts_with(name))
        && !header.format.ends_with(" stack")
        && header.voxel_size_um.is_none()
        && !header.orientation.as_ref().is_some_and(says_something)
        && !header.found.other.contains_key("axes")
}

/// Axes along those of the space and nothing else is what programs write when nobody told them.
fn says_something(orientation: &crate::Orientation) -> bool {
    let along = orientation.direction == [[0.0, 0.0, 1.0], [0.0, 1.0, 0.0], [1.0, 0.0, 0.0]];
    !along || orientation.origin_um.is_some_and(|origin| origin != [0.0; 3])
}

/// One channel of a picture.
fn channel(opened: Opened, place: ColourPlace, index: usize) -> Result<Opened, Trouble> {
    let Opened { mut header, planes, bytes_in, scratch_bytes } = opened;
    let [first, middle, last] = header.shape;
    let (colours, [height, width]) = match place {
        ColourPlace::First => (first, [middle, last]),
        ColourPlace::Last => (last, [first, middle]),
    };
    if index >= colours {
        return Err(Trouble::new(format!("it has no channel {index}"), format!("Its channels are 0 to {}", colours - 1)));
    }
    let bytes = header.element.bytes();
    let picture = Picture { planes, place, index, inner: header.shape, bytes };
    header.shape = check_shape([1, height as u64, width as u64], bytes)?;
    // What was said about three axes in space is not true of a picture.
    (header.voxel_size_um, header.orientation) = (None, None);
    header.found.other.insert("channel".into(), index.to_string());
    Ok(Opened {
        header,
        planes: Box::new(picture),
        bytes_in,
        scratch_bytes: scratch_bytes + picture_bytes(place, [first, middle, last], bytes),
    })
}

fn picture_bytes(place: ColourPlace, [first, middle, last]: Shape, bytes: usize) -> u64 {
    match place {
        ColourPlace::First => 0,
        ColourPlace::Last => (together(middle * last * bytes).min(first) * middle * last * bytes) as u64,
    }
}

/// Inner planes that are looked through at once.
fn together(plane_bytes: usize) -> usize {
    (LOOK_BYTES / plane_bytes.max(1)).max(1)
}

/// The one plane of a channel.
struct Picture {
    planes: Box<dyn Planes>,
    place: ColourPlace,
    index: usize,
    /// Of the whole file.
    inner: Shape,
    /// Of a voxel.
    bytes: usize,
}

impl Planes for Picture {
    fn read(&self, first: usize, out: &mut [u8]) -> Result<(), Trouble> {
        let [rows, columns, colours] = self.inner;
        if self.place == ColourPlace::First {
            return self.planes.read(first + self.index, out);
        }
        let (plane, row) = (columns * colours * self.bytes, columns * self.bytes);
        let mut buffer = Buffer::zeroed(together(plane).min(rows) * plane);
        for (number, out) in out.chunks_mut(together(plane) * row).enumerate() {
            let inner = &mut buffer.bytes_mut()[..out.len() * colours];
            self.planes.read(number * together(plane), inner)?;
            for (voxel, pixel) in out.chunks_exact_mut(self.bytes).zip(inner.chunks_exact(colours * self.bytes)) {
                voxel.copy_from_slice(&pixel[self.index * self.bytes..][..self.bytes]);
            }
        }
        Ok(())
    }

    fn held_bytes(&self) -> u64 {
        self.planes.held_bytes()
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;
    use crate::{About, format};

    fn opened(path: &Path, dataset: Option<&str>) -> Result<Opened, Trouble> {
        format::open(path, &Asked { dataset: dataset.map(Into::into), ..Asked::default() })
    }

    fn answers(path: &Path) -> Vec<String> {
        let trouble = opened(path, None).err().unwrap_or_else(|| panic!("{}: not asked", path.display()));
        let asks = trouble.asks.expect("a question with answers");
        assert_eq!(asks.about, About::Colour, "{}", path.display());
        asks.offers.into_iter().map(|offer| offer.answer).collect()
    }

    /// Bytes that name their place, x quickest.
    fn pixels(count: usize) -> Vec<u8> {
        (0..count).map(|at| (at % 251) as u8).collect()
    }

    fn nrrd(extra: &str, sizes: [usize; 3]) -> Vec<u8> {
        let [x, y, z] = sizes;
        let head = format!("NRRD0004\ntype: uchar\ndimension: 3\nsizes: {x} {y} {z}\nencoding: raw\n{extra}\n");
        [head.into_bytes(), pixels(x * y * z)].concat()
    }

    fn metaimage(extra: &str) -> Vec<u8> {
        let head = format!("ObjectType = Image\nNDims = 3\n{extra}DimSize = 3 60 40\nElementType = MET_UCHAR\nElementDataFile = LOCAL\n");
        [head.into_bytes(), pixels(3 * 60 * 40)].concat()
    }

    fn nifti(unit: u8) -> Vec<u8> {
        let mut file = vec![0; 352];
        file[0..4].copy_from_slice(&348_i32.to_le_bytes());
        for (axis, size) in [3_i16, 20, 30, 3].into_iter().enumerate() {
            file[40 + 2 * axis..42 + 2 * axis].copy_from_slice(&size.to_le_bytes());
            file[76 + 4 * axis..80 + 4 * axis].copy_from_slice(&1_f32.to_le_bytes());
        }
        (file[70], file[72], file[123]) = (2, 8, unit);
        file[108..112].copy_from_slice(&352_f32.to_le_bytes());
        file[344..348].copy_from_slice(b"n+1\0");
        [file, pixels(20 * 30 * 3)].concat()
    }

    /// Pages of bytes, 20 × 30.
    fn tiff(pages: usize, text: &str) -> Vec<u8> {
        let page = crate::cut::StackPage { width: 30, height: 20, element: crate::ElementType::U8, text, voxel_size_um: None };
        let mut file = b"II*\0\x08\0\0\0".to_vec();
        for z in 0..pages {
            let next = file.len() + page.directory_bytes();
            let next = if z + 1 < pages { next as u32 } else { 0 };
            page.write(&mut file, (8 + pages * page.directory_bytes() + z * 600) as u32, next);
        }
        [file, pixels(pages * 600)].concat()
    }

    #[test]
    fn a_short_axis_is_asked_about_in_every_format_that_does_not_name_it() {
        let folder = tempfile::tempdir().unwrap();
        let last = ["axes=zyx", "axes=yxc,c=0", "axes=yxc,c=1", "axes=yxc,c=2"];
        let first = ["axes=zyx", "axes=cyx,c=0", "axes=cyx,c=1", "axes=cyx,c=2"];
        let identity = "TransformMatrix = 1 0 0 0 1 0 0 0 1\nOffset = 0 0 0\n";
        let files = [
            ("rgb.nrrd", nrrd("", [3, 30, 20]), last),
            ("thin.nrrd", nrrd("", [30, 20, 3]), first),
            ("rgb.mha", metaimage(""), last),
            ("itk.mha", metaimage(identity), last),
            ("rgb.nii", nifti(0), first),
            ("rgb.tif", tiff(3, ""), first),
            ("shaped.tif", tiff(3, "{\"shape\": [3, 20, 30]}"), first),
        ];
        for (name, bytes, offers) in files {
            let path = folder.path().join(name);
            std::fs::write(&path, bytes).unwrap();
            assert_eq!(answers(&path), offers, "{name}");
            let volume = opened(&path, Some("axes=zyx")).unwrap();
            assert_eq!(volume.header.shape.iter().filter(|&&size| size == 3).count(), 1, "{name}");
        }
    }

    #[test]
    fn nobody_is_asked_where_the_file_says_what_its_axes_are() {
        let folder = tempfile::tempdir().unwrap();
        let kinds = "kinds: domain domain domain\nspacings: 2 2 2\nunits: \"um\" \"um\" \"um\"\n";
        let files = [
            ("space.nrrd", nrrd("space: left-posterior-superior\nspace directions: (1,0,0) (0,1,0) (0,0,2)\n", [30, 20, 3])),
            ("kinds.nrrd", nrrd("kinds: space space space\n", [30, 20, 3])),
            ("sized.nrrd", nrrd(kinds, [30, 20, 3])),
            ("sized.mha", metaimage("ElementSpacing = 0.1 0.2 0.3\n")),
            ("millimetres.nii", nifti(2)),
            ("four.tif", tiff(5, "")),
            ("imagej.tif", tiff(3, "ImageJ=1.53t\nimages=3\nslices=3\n")),
            ("named.tif", tiff(3, "{\"shape\": [3, 20, 30], \"axes\": \"ZYX\"}")),
        ];
        for (name, bytes) in files {
            let path = folder.path().join(name);
            std::fs::write(&path, bytes).unwrap();
            assert!(opened(&path, None).is_ok(), "{name}: {:?}", opened(&path, None).err());
        }
    }

    #[test]
    fn a_chosen_channel_is_one_picture() {
        let folder = tempfile::tempdir().unwrap();
        let (rgb, tif) = (folder.path().join("rgb.nrrd"), folder.path().join("rgb.tif"));
        std::fs::write(&rgb, nrrd("", [3, 30, 20])).unwrap();
        std::fs::write(&tif, tiff(3, "")).unwrap();
        let read = |path: &Path, dataset: &str| {
            let opened = opened(path, Some(dataset)).unwrap();
            assert_eq!(opened.header.shape, [1, 20, 30]);
            let mut plane = vec![0; 600];
            opened.planes.read(0, &mut plane).unwrap();
            plane
        };
        let all = pixels(1_800);
        assert_eq!(read(&rgb, "axes=yxc,c=2"), all.iter().skip(2).step_by(3).copied().collect::<Vec<_>>());
        assert_eq!(read(&tif, "axes=cyx,c=1"), all[600..1_200]);
        for wrong in ["axes=yxc,c=3", "axes=yxc", "axes=xyz,c=0", "axes=zyx,c=0", "axes=yxc,d=1"] {
            assert!(opened(&rgb, Some(wrong)).is_err(), "{wrong}");
        }
    }
}
