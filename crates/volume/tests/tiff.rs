//! TIFF files as the world writes them: any number of bits, colours, ImageJ's and OME's orders, microscopes' tags.

use std::path::Path;
use std::sync::atomic::AtomicBool;

use volume::zarr::Volume;
use volume::{Asked, ConvertOptions, Header, convert, inspect, inspect_asked};

/// One value of a directory entry.
#[derive(Clone)]
enum Value {
    Short(Vec<u16>),
    Long(Vec<u32>),
    Text(String),
    Bytes(Vec<u8>),
    Fraction(u32, u32),
}
use Value::{Bytes, Fraction, Long, Short, Text};

/// A page: its entries beside those that say where its voxels lie, and the voxels.
struct Page {
    entries: Vec<(u16, Value)>,
    voxels: Vec<u8>,
}

fn page(width: u32, height: u32, bits: u16, more: &[(u16, Value)], voxels: Vec<u8>) -> Page {
    let mut entries = vec![(256, Long(vec![width])), (257, Long(vec![height])), (258, Short(vec![bits])), (262, Short(vec![1]))];
    for (tag, value) in more {
        entries.retain(|(other, _)| other != tag);
        entries.push((*tag, value.clone()));
    }
    Page { entries, voxels }
}

/// A classic little-endian TIFF.
fn tiff(pages: &[Page]) -> Vec<u8> {
    let mut file = b"II*\0\0\0\0\0".to_vec();
    let mut link = 4;
    for page in pages {
        let mut entries = page.entries.clone();
        let whole = page.voxels.len() as u32;
        let planes = if entries.iter().any(|(tag, _)| *tag == 284) { 3 } else { 1 };
        let at = file.len() as u32;
        file.extend_from_slice(&page.voxels);
        entries.push((273, Long((0..planes).map(|plane| at + plane * whole / planes).collect())));
        entries.push((279, Long(vec![whole / planes; planes as usize])));
        entries.sort_by_key(|(tag, _)| *tag);
        let mut body = Vec::new();
        for (tag, value) in &entries {
            let (kind, count, mut bytes): (u16, usize, Vec<u8>) = match value {
                Short(numbers) => (3, numbers.len(), numbers.iter().flat_map(|number| number.to_le_bytes()).collect()),
                Long(numbers) => (4, numbers.len(), numbers.iter().flat_map(|number| number.to_le_bytes()).collect()),
                Text(text) => (2, text.len() + 1, [text.as_bytes(), &[0]].concat()),
                Bytes(bytes) => (7, bytes.len(), bytes.clone()),
                Fraction(over, under) => (5, 1, [over.to_le_bytes(), under.to_le_bytes()].concat()),
            };
            if bytes.len() > 4 {
                let at = file.len() as u32;
                file.append(&mut bytes);
                bytes = at.to_le_bytes().to_vec();
            }
            bytes.resize(4, 0);
            body.extend([tag.to_le_bytes(), kind.to_le_bytes()].concat());
            body.extend((count as u32).to_le_bytes());
            body.extend(bytes);
        }
        let here = (file.len() as u32).to_le_bytes();
        file[link..link + 4].copy_from_slice(&here);
        file.extend((entries.len() as u16).to_le_bytes());
        file.extend(body);
        link = file.len();
        file.extend([0; 4]);
    }
    file
}

fn asked(channel: usize) -> Asked {
    Asked { channel: Some(channel), ..Asked::default() }
}

/// Header and voxels of a file or folder after conversion.
fn read(path: &Path, asked: &Asked) -> (Header, Vec<u8>) {
    let header = inspect_asked(path, asked).unwrap();
    let scratch = tempfile::tempdir().unwrap();
    let out = scratch.path().join("out");
    let options = ConvertOptions { asked: asked.clone(), label: Some(false), ..ConvertOptions::default() };
    convert(path, &out, &options, &|_| (), &AtomicBool::new(false)).unwrap();
    let [z, y, x] = header.shape;
    let voxels = Volume::open(&out).unwrap().read_box(0, 0..z, 0..y, 0..x).unwrap();
    assert_eq!(voxels.element, header.element);
    (header, voxels.bytes)
}

fn written(folder: &Path, name: &str, bytes: &[u8]) -> std::path::PathBuf {
    let path = folder.join(name);
    std::fs::write(&path, bytes).unwrap();
    path
}

#[test]
fn any_number_of_bits_is_kept_exactly() {
    let scratch = tempfile::tempdir().unwrap();
    // Rows of three samples: 0, the largest, and a pattern.
    for (bits, format, element, row, expected) in [
        (2u16, 1u16, "uint8", vec![0b0011_1000], vec![0, 3, 2]),
        (4, 2, "int8", vec![0x0f, 0x70], vec![0, 0xff, 7]),
        (12, 1, "uint16", vec![0x00, 0x0f, 0xff, 0xab, 0xc0], vec![0, 0, 0xff, 0x0f, 0xbc, 0x0a]),
        (24, 1, "uint32", vec![0, 0, 0, 0xff, 0xff, 0xff, 3, 2, 1], vec![0, 0, 0, 0, 0xff, 0xff, 0xff, 0, 3, 2, 1, 0]),
        (
            16,
            3,
            "float32",
            vec![0, 0, 0xff, 0x7b, 0, 0xc0],
            [0.0f32, 65_504.0, -2.0].iter().flat_map(|value| value.to_le_bytes()).collect(),
        ),
    ] {
        let file = tiff(&[page(3, 1, bits, &[(339, Short(vec![format]))], row)]);
        let (header, voxels) = read(&written(scratch.path(), "a.tif", &file), &Asked::default());
        assert_eq!((header.element.name(), &voxels), (element, &expected), "{bits}");
        assert!(header.warnings.iter().any(|warning| warning.contains("exactly")), "{:?}", header.warnings);
    }
}

#[test]
fn a_colour_is_chosen_and_never_guessed() {
    let scratch = tempfile::tempdir().unwrap();
    let rgb = [(258, Short(vec![8; 3])), (262, Short(vec![2])), (277, Short(vec![3]))];
    let mut separate = rgb.to_vec();
    separate.push((284, Short(vec![2])));
    let files = [
        // Grey to the eye: all three are equal in the second pixel, and that changes nothing.
        tiff(&[page(2, 1, 8, &rgb, vec![1, 2, 3, 9, 9, 9])]),
        tiff(&[page(2, 1, 8, &separate, vec![1, 9, 2, 9, 3, 9])]),
    ];
    for file in files {
        let path = written(scratch.path(), "colour.tif", &file);
        let told = inspect(&path).unwrap_err();
        assert!(told.what.contains("0 red, 1 green, 2 blue") && told.hint.contains("--channel"), "{told}");
        for channel in 0..3 {
            assert_eq!(read(&path, &asked(channel)).1, [channel as u8 + 1, 9]);
        }
        assert!(inspect_asked(&path, &asked(3)).unwrap_err().what.contains("no channel 3"));
    }
}

#[test]
fn imagej_hyperstacks_come_apart_by_channel() {
    let scratch = tempfile::tempdir().unwrap();
    let text = "ImageJ=1.53t\nimages=6\nchannels=2\nslices=3\nhyperstack=true\nunit=\\u00B5m\nspacing=2.5\n";
    let more = [(270, Text(text.into())), (282, Fraction(1_000_000, 650_000)), (283, Fraction(4_000_000_000, 2_600_000_000))];
    let pages: Vec<Page> = (0..6).map(|number| page(2, 1, 8, if number == 0 { &more } else { &[] }, vec![number, 100 + number])).collect();
    let path = written(scratch.path(), "hyper.tif", &tiff(&pages));
    assert!(inspect(&path).unwrap_err().what.contains("0 channel 0, 1 channel 1"));
    let (header, voxels) = read(&path, &asked(1));
    assert_eq!((header.shape, header.voxel_size_um), ([3, 1, 2], Some([2.5, 0.65, 0.65])));
    assert_eq!(voxels, [1, 101, 3, 103, 5, 105]);
    // Beyond 4 GiB there is one directory, and the pictures follow it in the same order.
    let pages = [page(2, 1, 8, &more, (0..12).collect())];
    let mut single = tiff(&pages);
    let path = written(scratch.path(), "single.tif", &single);
    assert_eq!(read(&path, &asked(1)).1, [2, 3, 6, 7, 10, 11]);
    let at = single.windows(8).position(|window| window == b"images=6").unwrap();
    single[at + 7] = b'9';
    single[at + 8..at + 9].copy_from_slice(b"9");
    let path = written(scratch.path(), "short.tif", &single);
    assert!(inspect_asked(&path, &asked(1)).is_err());
}

#[test]
fn one_time_step_of_several_is_chosen() {
    let scratch = tempfile::tempdir().unwrap();
    let imagej = "ImageJ=1.53t\nimages=6\nslices=3\nframes=2\nhyperstack=true\n".to_owned();
    let pixels = "DimensionOrder=\"XYZCT\" SizeX=\"2\" SizeY=\"1\" SizeZ=\"3\" SizeC=\"1\" SizeT=\"2\"><TiffData/>";
    let ome = format!("<OME><Image ID=\"Image:0\"><Pixels {pixels}</Pixels></Image></OME>");
    for text in [imagej, ome] {
        let first = [(270, Text(text))];
        let pages: Vec<Page> =
            (0..6).map(|number| page(2, 1, 8, if number == 0 { &first } else { &[] }, vec![number, 100 + number])).collect();
        let path = written(scratch.path(), "time.tif", &tiff(&pages));
        let trouble = inspect(&path).unwrap_err();
        let asks = trouble.asks.clone().unwrap_or_else(|| panic!("{trouble}"));
        assert_eq!((asks.about, asks.offers.len()), (volume::About::Time, 2));
        let at = |dataset: &str| Asked { dataset: Some(dataset.into()), ..Asked::default() };
        assert_eq!(read(&path, &at(&asks.offers[1].answer)).1, [3, 103, 4, 104, 5, 105]);
        assert_eq!(read(&path, &at("t=0")).1, [0, 100, 1, 101, 2, 102]);
        assert!(inspect_asked(&path, &at("t=2")).unwrap_err().what.contains("no time step 2"));
    }
}

#[test]
fn an_array_of_four_axes_is_several_volumes() {
    let scratch = tempfile::tempdir().unwrap();
    let at = |dataset: &str| Asked { dataset: Some(dataset.into()), ..Asked::default() };
    let array = |text: &str| {
        let first = [(270, Text(text.into()))];
        let pages: Vec<Page> =
            (0..6).map(|number| page(2, 1, 8, if number == 0 { &first } else { &[] }, vec![number, 100 + number])).collect();
        written(scratch.path(), "array.tif", &tiff(&pages))
    };
    // Two volumes of three slices, one after the other.
    let path = array("{\"shape\": [2, 3, 1, 2]}");
    assert_eq!(inspect(&path).unwrap_err().asks.unwrap().about, volume::About::Time);
    assert_eq!(read(&path, &at("t=1")).1, [3, 103, 4, 104, 5, 105]);
    // Three slices of two channels each.
    let path = array("{\"shape\": [3, 2, 1, 2], \"axes\": \"ZCYX\"}");
    assert!(inspect(&path).unwrap_err().what.contains("0 channel 0, 1 channel 1"));
    assert_eq!(read(&path, &asked(1)).1, [1, 101, 3, 103, 5, 105]);
    // The colours of a page, each in a plane of its own, are no slices.
    let separate = [(258, Short(vec![8; 3])), (262, Short(vec![2])), (277, Short(vec![3])), (284, Short(vec![2]))];
    let first = [&separate[..], &[(270, Text("{\"shape\": [2, 3, 1, 2]}".into()))]].concat();
    let pages = [page(2, 1, 8, &first, (0..6).collect()), page(2, 1, 8, &separate, (10..16).collect())];
    assert_eq!(read(&written(scratch.path(), "colours.tif", &tiff(&pages)), &asked(1)).1, [2, 3, 12, 13]);
    // Axes of one, and a text that speaks of other pictures, change nothing.
    for text in ["{\"shape\": [1, 6, 1, 2]}", "{\"shape\": [6, 1, 2]}", "{\"shape\": [2, 3, 7, 7]}", "{\"shape\": 7}"] {
        assert_eq!(read(&array(text), &Asked::default()).0.shape, [6, 1, 2], "{text}");
    }
}

#[test]
fn pages_of_colour_are_slices_whatever_imagej_is_told() {
    let scratch = tempfile::tempdir().unwrap();
    let text = "ImageJ=1.11a\nimages=3\nchannels=3\nhyperstack=true\n";
    let rgb = [(258, Short(vec![8; 3])), (262, Short(vec![2])), (277, Short(vec![3]))];
    let first = [&rgb[..], &[(270, Text(text.into()))]].concat();
    let pages: Vec<Page> =
        (0..3u8).map(|z| page(2, 1, 8, if z == 0 { &first } else { &rgb }, (0..6).map(|sample| 10 * z + sample).collect())).collect();
    let path = written(scratch.path(), "rgb.tif", &tiff(&pages));
    assert!(inspect(&path).unwrap_err().what.contains("0 red, 1 green, 2 blue"));
    let (header, voxels) = read(&path, &asked(1));
    assert_eq!((header.shape, voxels), ([3, 1, 2], vec![1, 4, 11, 14, 21, 24]));
}

#[test]
fn one_series_of_several_is_chosen_by_its_first_slice() {
    let scratch = tempfile::tempdir().unwrap();
    for (name, value) in [("bone_1.tif", 1), ("bone_2.tif", 2), ("skin_8.tif", 8), ("skin_9.tif", 9), ("skin_10.tif", 10)] {
        written(scratch.path(), name, &tiff(&[page(1, 1, 8, &[], vec![value])]));
    }
    let asks = inspect(scratch.path()).unwrap_err().asks.unwrap();
    let answers: Vec<&str> = asks.offers.iter().map(|offer| offer.answer.as_str()).collect();
    assert_eq!((asks.about, answers), (volume::About::Series, vec!["bone_1.tif", "skin_8.tif"]));
    let at = |dataset: &str| Asked { dataset: Some(dataset.into()), ..Asked::default() };
    assert_eq!(read(scratch.path(), &at("skin_8.tif")).1, [8, 9, 10]);
    assert_eq!(read(scratch.path(), &at("bone_1.tif")).1, [1, 2]);
    assert!(inspect_asked(scratch.path(), &at("tooth_1.tif")).is_err());
}

#[test]
fn ome_says_where_every_plane_lies() {
    let scratch = tempfile::tempdir().unwrap();
    let ome = |pixels: &str| format!("<OME><Image ID=\"Image:0\" Name=\"embryo\"><Pixels {pixels}</Pixels></Image></OME>");
    let sizes = |order: &str| {
        format!(
            "DimensionOrder=\"{order}\" SizeX=\"1\" SizeY=\"1\" SizeZ=\"3\" SizeC=\"2\" SizeT=\"1\" PhysicalSizeX=\"500\" \
             PhysicalSizeXUnit=\"nm\" PhysicalSizeY=\"0.5\" PhysicalSizeZ=\"0.002\" PhysicalSizeZUnit=\"mm\">\
             <Channel Name=\"DAPI\"/><Channel Name=\"GFP &amp; more\"/>"
        )
    };
    let file = |text: String| {
        let first = [(270, Text(text))];
        tiff(&(0..6).map(|number| page(1, 1, 8, if number == 0 { &first } else { &[] }, vec![number])).collect::<Vec<_>>())
    };
    for (order, expected) in [("XYZCT", [3, 4, 5]), ("XYCZT", [1, 3, 5])] {
        let path = written(scratch.path(), "a.ome.tif", &file(ome(&format!("{}<TiffData/>", sizes(order)))));
        assert!(inspect(&path).unwrap_err().what.contains("0 DAPI, 1 GFP & more"));
        let (header, voxels) = read(&path, &asked(1));
        assert_eq!((header.voxel_size_um, voxels.as_slice()), (Some([2.0, 0.5, 0.5]), &expected[..]), "{order}");
        assert_eq!(header.found.description.as_deref(), Some("embryo"));
    }
    // Slices of two files in an order of their own, and a document that lies beside them.
    let place = |z: usize, page: usize, name: &str| {
        format!(
            "<TiffData IFD=\"{page}\" FirstZ=\"{z}\" FirstC=\"1\" PlaneCount=\"1\"><UUID FileName=\"{name}\">urn:uuid:1</UUID></TiffData>"
        )
    };
    let set = ome(&format!("{}{}{}{}", sizes("XYZCT"), place(2, 5, "a.ome.tif"), place(0, 4, "b.ome.tif"), place(1, 0, "a.ome.tif")));
    let path = written(scratch.path(), "a.ome.tif", &file(set.clone()));
    assert!(inspect_asked(&path, &asked(1)).unwrap_err().what.contains("“b.ome.tif” as one of its files, which is missing"));
    written(scratch.path(), "b.ome.tif", &file("<OME><BinaryOnly MetadataFile=\"set.companion.ome\"/></OME>".into()));
    written(scratch.path(), "set.companion.ome", set.as_bytes());
    assert_eq!(read(&path, &asked(1)).1, [4, 0, 5]);
    assert_eq!(read(&scratch.path().join("b.ome.tif"), &asked(1)).1, [4, 0, 5]);
    // Somebody has given the only file of a set another name.
    let alone = ome(&format!("{}{}", sizes("XYZCT"), "<TiffData><UUID FileName=\"before.ome.tif\">urn:uuid:1</UUID></TiffData>"));
    assert_eq!(read(&written(scratch.path(), "after.ome.tif", &file(alone)), &asked(1)).1, [3, 4, 5]);
    // A file that names others outside its folder is not followed.
    let path = written(scratch.path(), "c.ome.tif", &file(set.replace("b.ome.tif", "../b.ome.tif")));
    assert!(inspect_asked(&path, &asked(1)).unwrap_err().hint.contains("without folders"));
    let huge = set.replace("SizeZ=\"3\"", "SizeZ=\"99999999999\"");
    let path = written(scratch.path(), "d.ome.tif", &file(huge));
    assert!(inspect_asked(&path, &asked(1)).unwrap_err().what.contains("claims 99999999999 slices"));
}

#[test]
fn microscopes_are_understood() {
    let scratch = tempfile::tempdir().unwrap();
    let inspect_with = |tag: u16, value: Value| {
        let file = tiff(&[page(2, 1, 8, &[(tag, value)], vec![1, 2])]);
        inspect(&written(scratch.path(), "sem.tif", &file)).unwrap()
    };
    let fei = "[User]\r\nDate=01/31/2020\r\n[System]\r\nSystemType=Helios NanoLab\r\n[Beam]\r\nHV=2000\r\n[Scan]\r\nPixelWidth=4e-009\r\nPixelHeight=5e-009\r\n";
    let header = inspect_with(34_682, Text(fei.into()));
    assert_eq!((header.voxel_size_um, header.found.energy_kev), (None, Some(2.0)));
    assert_eq!(header.found.instrument.as_deref(), Some("Helios NanoLab"));
    assert!(header.warnings[0].contains("0.005 × 0.004 µm"), "{:?}", header.warnings);
    let zeiss =
        "\r\n0\r\nAP_ACTUALKV\r\nEHT =  1.50 kV\r\nAP_IMAGE_PIXEL_SIZE\r\nImage Pixel Size = 10.00 nm\r\nDP_SEM\r\nSEM = GeminiSEM 500\r\n";
    let header = inspect_with(34_118, Bytes(zeiss.as_bytes().to_vec()));
    assert_eq!((header.format.as_str(), header.found.energy_kev), ("Zeiss SEM TIFF", Some(1.5)));
    assert!(header.warnings[0].contains("0.01 × 0.01 µm"), "{:?}", header.warnings);
    let mut nih = vec![0; 300];
    nih[12..14].copy_from_slice(&161i16.to_be_bytes());
    nih[160..168].copy_from_slice(&4.0f64.to_be_bytes());
    nih[172..174].copy_from_slice(&6i16.to_be_bytes());
    assert!(inspect_with(43_314, Bytes(nih)).warnings[0].contains("0.25 × 0.25 µm"));
    let mut lsm = vec![0; 64];
    for (at, metres) in [(40, 1e-7), (48, 2e-7), (56, 5e-7f64)] {
        lsm[at..at + 8].copy_from_slice(&metres.to_le_bytes());
    }
    assert_eq!(inspect_with(34_412, Bytes(lsm)).voxel_size_um, Some([0.5, 0.2, 0.1]));
    // MetaMorph keeps one directory for all planes.
    let file = tiff(&[page(2, 1, 8, &[(33_629, Long(vec![0; 3]))], (0..6).collect())]);
    assert_eq!(read(&written(scratch.path(), "a.stk", &file), &Asked::default()).1, [0, 1, 2, 3, 4, 5]);
}
