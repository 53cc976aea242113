//! MRC maps: narrow voxels, turned axes, extended headers and the text that SerialEM writes beside them.

use volume::{Asked, inspect};

use super::{counting, read, refusal, write};

/// A header for a map of such sizes (z, y, x), with a voxel size of 1 × 1 × 1 ångström.
fn mrc(shape: [i32; 3], mode: i32) -> Vec<u8> {
    let mut head = vec![0u8; 1024];
    let ints = [
        (0, shape[2]),
        (4, shape[1]),
        (8, shape[0]),
        (12, mode),
        (28, shape[2]),
        (32, shape[1]),
        (36, shape[0]),
        (64, 1),
        (68, 2),
        (72, 3),
    ];
    ints.iter().for_each(|(at, value)| put(&mut head, *at, value.to_le_bytes()));
    [(40, shape[2]), (44, shape[1]), (48, shape[0])].iter().for_each(|(at, size)| put(&mut head, *at, (*size as f32).to_le_bytes()));
    head[208..214].copy_from_slice(b"MAP \x44\x44");
    head
}

fn put<const N: usize>(head: &mut [u8], at: usize, bytes: [u8; N]) {
    head[at..at + N].copy_from_slice(&bytes);
}

#[test]
fn narrow_voxels_are_widened() {
    let scratch = tempfile::tempdir().unwrap();
    let halves = [mrc([1, 1, 3], 12), [0x3c00u16, 0xc000, 0x0001].iter().flat_map(|half| half.to_le_bytes()).collect()].concat();
    let (header, bytes) = read(&write(scratch.path(), "half.mrc", halves), &Asked::default());
    assert_eq!(header.element.name(), "float32");
    assert_eq!(bytes, [1.0f32, -2.0, 5.960_464_5e-8].iter().flat_map(|value| value.to_le_bytes()).collect::<Vec<_>>());
    let nibbles = [mrc([2, 2, 3], 101), vec![0x21, 0x03, 0x54, 0x06, 0x87, 0x09, 0xba, 0x0c]].concat();
    assert_eq!(read(&write(scratch.path(), "four.mrc", nibbles), &Asked::default()).1, (1..=12).collect::<Vec<u8>>());
    for (mode, word) in [(3, "complex"), (4, "complex"), (16, "colours"), (77, "mode 77")] {
        assert!(refusal(&write(scratch.path(), "no.mrc", [mrc([1, 1, 1], mode), vec![0; 64]].concat())).contains(word));
    }
}

#[test]
fn maps_from_before_there_was_a_mark_are_read() {
    let scratch = tempfile::tempdir().unwrap();
    let bare = |shape, mode| {
        let mut head = mrc(shape, mode);
        head[208..214].fill(0);
        head
    };
    let (header, bytes) = read(&write(scratch.path(), "old.mrc", [bare([2, 3, 4], 1), counting(24)].concat()), &Asked::default());
    assert_eq!((header.format.as_str(), header.shape, header.element.name()), ("MRC", [2, 3, 4], "int16"));
    assert_eq!(bytes, counting(24));
    // Signed bytes have the mode 0, which reads the same from both ends.
    let bytes: Vec<u8> = (0..24).collect();
    assert_eq!(read(&write(scratch.path(), "bytes.mrc", [bare([2, 3, 4], 0), bytes.clone()].concat()), &Asked::default()).1, bytes);
    let turned: Vec<u8> = bare([2, 3, 4], 1).chunks(4).flat_map(|word| word.iter().rev().copied().collect::<Vec<_>>()).collect();
    let turned = [turned, counting(24).chunks(2).flat_map(|word| [word[1], word[0]]).collect()].concat();
    assert_eq!(read(&write(scratch.path(), "big.mrc", turned), &Asked::default()).1, counting(24));
    let mut foreign = bare([2, 3, 4], 1);
    put(&mut foreign, 64, 4i32.to_le_bytes());
    assert!(refusal(&write(scratch.path(), "foreign.mrc", [foreign, counting(24)].concat())).contains("no known volume format"));
}

#[test]
fn turned_axes_keep_the_order_of_the_file() {
    let scratch = tempfile::tempdir().unwrap();
    let mut head = mrc([2, 3, 4], 6);
    // Columns run along z, rows along x, sections along y; the cell gives sizes along x, y, z.
    [(64, 3), (68, 1), (72, 2)].iter().for_each(|(at, axis): &(usize, i32)| put(&mut head, *at, axis.to_le_bytes()));
    [(28, 3), (32, 2), (36, 4)].iter().for_each(|(at, size): &(usize, i32)| put(&mut head, *at, size.to_le_bytes()));
    [(40, 6.0f32), (44, 6.0), (48, 20.0)].iter().for_each(|(at, size)| put(&mut head, *at, size.to_le_bytes()));
    let (header, bytes) = read(&write(scratch.path(), "turned.mrc", [head, counting(24)].concat()), &Asked::default());
    assert_eq!((header.shape, header.voxel_size_um), ([2, 3, 4], Some([3e-4, 2e-4, 5e-4])));
    assert_eq!(bytes, counting(24));
    assert!(header.warnings[0].contains("along z, x, y"), "{:?}", header.warnings);
    assert_eq!(header.orientation.unwrap().direction, [[0.0, 1.0, 0.0], [1.0, 0.0, 0.0], [0.0, 0.0, 1.0]]);
    let mut wrong = mrc([1, 1, 1], 0);
    put(&mut wrong, 64, 7i32.to_le_bytes());
    assert!(refusal(&write(scratch.path(), "wrong.mrc", [wrong, vec![0]].concat())).contains("[7, 2, 3]"));
}

#[test]
fn microscopes_know_better_than_placeholders() {
    let scratch = tempfile::tempdir().unwrap();
    let mut head = mrc([2, 1, 2], 6);
    put(&mut head, 92, 1536i32.to_le_bytes());
    put(&mut head, 104, *b"FEI1");
    let mut extended = vec![0; 1536];
    for (section, tilt) in [-60.0f64, 60.0].iter().enumerate() {
        let record = &mut extended[768 * section..];
        put(record, 0, 768i32.to_le_bytes());
        put(record, 20, *b"TITAN52337950\0\0\0");
        [(84, 300_000.0), (100, *tilt), (156, 2.5e-10), (164, 2.5e-10)]
            .iter()
            .for_each(|(at, value): &(usize, f64)| put(record, *at, value.to_le_bytes()));
    }
    let header = inspect(&write(scratch.path(), "fei.mrc", [head, extended, counting(4)].concat())).unwrap();
    assert_eq!((header.voxel_size_um, header.found.energy_kev), (Some([2.5e-4; 3]), Some(300.0)));
    assert_eq!(header.found.instrument.as_deref(), Some("TITAN52337950"));
    assert_eq!(header.found.other["tilt angles"], "-60 to 60 degrees in 2 sections");
    assert!(header.warnings.iter().any(|warning| warning.contains("tilt series")), "{:?}", header.warnings);
}

#[test]
fn the_text_beside_the_stack_is_read() {
    let scratch = tempfile::tempdir().unwrap();
    let stack = write(scratch.path(), "tilt.st", [mrc([2, 1, 2], 6), counting(4)].concat());
    assert_eq!(inspect(&stack).unwrap().voxel_size_um, None);
    let text = "PixelSpacing = 2.5\nVoltage = 200\n\n[T = a grid ]\n\n[ZValue = 0]\nTiltAngle = -3.01\nMagnification = 33000\nImageShift = 1 2\n\
                DateTime = 08-Oct-21  07:47:29\n\n[ZValue = 1]\nTiltAngle = 3\nMagnification = 33000\nImageShift = 1 3\n";
    write(scratch.path(), "tilt.st.mdoc", text);
    let header = inspect(&stack).unwrap();
    assert_eq!((header.voxel_size_um, header.found.energy_kev), (Some([2.5e-4; 3]), Some(200.0)));
    assert_eq!(header.found.date.as_deref(), Some("2021-10-08T07:47:29"));
    let other = &header.found.other;
    assert_eq!((other["tilt angle of each section"].as_str(), other["magnification"].as_str()), ("-3.01; 3", "33000"));
    assert_eq!(other["image shift"], "1 2; 1 3");
    assert_eq!(header.files, ["tilt.st", "tilt.st.mdoc"]);
}
