//! Conversion while the upload is still arriving, as plays: what comes out is what would have come out later, what was made for
//! nothing is thrown away, and a worker that is killed loses only time.

mod workshop;

use archive::{Visitor, sight::At};
use bytes::Bytes;
use record::{
    derivative::{Derivative, DerivativeKind},
    id::RecordId,
    job::Job,
    kind::Kind,
    version::Version,
};
use std::{collections::BTreeMap, os::unix::fs::MetadataExt, path::PathBuf};
use testbed::Stage;
use workshop::{labour, send, slices_of, worker};

/// Three rows of shards and a bit.
const DEPTH: usize = 800;

fn slices(stage: &Stage) -> Vec<PathBuf> {
    slices_of(stage, "slices", [DEPTH, 12, 10])
}

/// Where the volume of a record grows.
fn part(stage: &Stage, id: &RecordId) -> PathBuf {
    stage.folder.path().join("scratch/volumes").join(id.as_str()).join("volume.ome.zarr.part")
}

/// Which file it is, before and after a move, and since when: its number alone may be given again.
fn first_shard(folder: &std::path::Path) -> (u64, i64, i64) {
    let file = std::fs::metadata(folder.join("0/c/0/0/0")).unwrap();
    (file.ino(), file.mtime(), file.mtime_nsec())
}

async fn volume_of(stage: &Stage, owner: &Visitor, id: &RecordId) -> Derivative {
    let made = stage.archive.derivatives(owner, At::working(id)).await.unwrap();
    made.into_iter().find(|made| matches!(made.kind, DerivativeKind::Volume(_))).unwrap()
}

/// Where it lies, and all its files.
async fn tree_of(stage: &Stage, id: &RecordId, volume: &Derivative) -> (PathBuf, BTreeMap<String, Vec<u8>>) {
    let prefix = format!("derivatives/{id}/{}/{}/volume.ome.zarr", Version::FIRST, volume.recipe.digest);
    let mut tree = BTreeMap::new();
    let folder = stage.folder.path().join("store").join(&prefix);
    for item in stage.archive.store().list(&prefix).await.unwrap() {
        let inside = item.path.strip_prefix(&prefix).unwrap().trim_start_matches('/').to_owned();
        let bytes = std::fs::read(folder.join(&inside)).unwrap();
        tree.insert(inside, bytes);
    }
    (folder, tree)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_stack_is_packed_while_it_arrives_and_its_volume_is_the_same() {
    let stage = Stage::on_sqlite().await;
    let ada = stage.actor("ada").await;
    let id = stage.draft(&ada, Kind::TomographyMaterials, "Foam").await.id;
    let slices = slices(&stage);
    // The last one has begun: whatever comes before it in order can be packed when it is here.
    let last = std::fs::read(&slices[DEPTH - 1]).unwrap();
    let name = format!("foam/{}", slices[DEPTH - 1].file_name().unwrap().to_str().unwrap());
    let upload = stage.archive.begin_upload(&ada, &id, name.parse().unwrap(), last.len() as u64, false).await.unwrap();
    for slice in &slices[..300] {
        send(&stage, &ada, &id, slice).await;
    }
    stage.clock.advance_seconds(5);
    worker(&stage).work_until_idle().await;
    let shard = first_shard(&part(&stage, &id));
    assert!(stage.archive.derivatives(&ada, At::working(&id)).await.unwrap().is_empty(), "nobody sees a volume before it is one");
    // Another worker, which has seen nothing of it, goes on with the next rows.
    for slice in &slices[300..DEPTH - 1] {
        send(&stage, &ada, &id, slice).await;
    }
    stage.clock.advance_seconds(5);
    worker(&stage).work_until_idle().await;
    assert!(part(&stage, &id).join("0/c/2/0/0").exists());
    let bytes = futures::stream::iter([Ok::<_, std::io::Error>(Bytes::from(last))]);
    stage.archive.append(&ada, &upload.id, 0, bytes).await.unwrap();
    labour(&stage).await;
    let early = volume_of(&stage, &ada, &id).await;
    let (folder, tree) = tree_of(&stage, &id, &early).await;
    assert_eq!(first_shard(&folder), shard, "the shard that was packed first is the one of the volume");
    assert!(!part(&stage, &id).parent().unwrap().exists(), "nothing is left behind");

    // Eve sends the same and only then works.
    let eve = stage.actor("eve").await;
    let other = stage.draft(&eve, Kind::TomographyMaterials, "Foam").await.id;
    for slice in &slices {
        send(&stage, &eve, &other, slice).await;
    }
    labour(&stage).await;
    let late = volume_of(&stage, &eve, &other).await;
    assert_eq!((&early.recipe, &early.kind, early.bytes, early.files), (&late.recipe, &late.kind, late.bytes, late.files));
    assert!(tree.len() > 10 && tree == tree_of(&stage, &other, &late).await.1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_slice_that_is_replaced_meanwhile_makes_it_begin_anew() {
    let stage = Stage::on_sqlite().await;
    let ada = stage.actor("ada").await;
    let id = stage.draft(&ada, Kind::TomographyMaterials, "Foam").await.id;
    let slices = slices(&stage);
    let upload = stage.archive.begin_upload(&ada, &id, "foam/z.tif".parse().unwrap(), 5000, false).await.unwrap();
    for slice in &slices[..300] {
        send(&stage, &ada, &id, slice).await;
    }
    stage.clock.advance_seconds(5);
    worker(&stage).work_until_idle().await;
    let shard = first_shard(&part(&stage, &id));
    let name = slices[7].file_name().unwrap().to_str().unwrap();
    stage.upload(&ada, &id, &format!("foam/{name}"), &std::fs::read(&slices[9]).unwrap()).await;
    stage.archive.cancel_upload(&ada, &upload.id).await.unwrap();
    labour(&stage).await;
    let volume = volume_of(&stage, &ada, &id).await;
    let (folder, _) = tree_of(&stage, &id, &volume).await;
    assert_ne!(first_shard(&folder), shard);
    let made = volume::zarr::Volume::open(&folder).unwrap();
    let plane = |z: usize| made.read_box(0, z..z + 1, 0..12, 0..10).unwrap().bytes;
    assert!(made.shape()[0] == 300 && plane(7) == plane(9) && plane(8) != plane(9));
}

/// Eight-bit voxels, 800 planes of 30 × 40, each file with values of its own.
fn long_file(seed: u32) -> Vec<u8> {
    let mut file = b"NRRD0004\ntype: uint8\ndimension: 3\nsizes: 40 30 800\nencoding: raw\n\n".to_vec();
    file.extend((0..40 * 30 * 800).map(|at: u32| (at / 1200 * 3 + at % 40 + seed) as u8));
    file
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn another_file_in_the_place_of_one_that_was_given_up_begins_at_its_first_plane() {
    let stage = Stage::on_sqlite().await;
    let ada = stage.actor("ada").await;
    let id = stage.draft(&ada, Kind::TomographyMaterials, "Foam").await.id;
    let worker = worker(&stage);
    let (first, second) = (long_file(0), long_file(101));
    let bytes = |file: &[u8]| futures::stream::iter([Ok::<_, std::io::Error>(Bytes::copy_from_slice(file))]);
    let upload = stage.archive.begin_upload(&ada, &id, "foam.nrrd".parse().unwrap(), first.len() as u64, false).await.unwrap();
    stage.archive.append(&ada, &upload.id, 0, bytes(&first[..700_000])).await.unwrap();
    stage.clock.advance_seconds(5);
    worker.work_until_idle().await;
    assert!(part(&stage, &id).join("0/c/1/0/0").exists());
    stage.archive.cancel_upload(&ada, &upload.id).await.unwrap();

    // The same worker, which remembers how far the first file was.
    let upload = stage.archive.begin_upload(&ada, &id, "foam.nrrd".parse().unwrap(), second.len() as u64, false).await.unwrap();
    stage.archive.append(&ada, &upload.id, 0, bytes(&second[..950_000])).await.unwrap();
    stage.clock.advance_seconds(5);
    worker.work_until_idle().await;
    assert!(part(&stage, &id).join("0/c/2/0/0").exists(), "the second file is packed ahead too");
    stage.archive.append(&ada, &upload.id, 950_000, bytes(&second[950_000..])).await.unwrap();
    stage.clock.advance_seconds(4);
    worker.work_until_idle().await;
    labour(&stage).await;
    let volume = volume_of(&stage, &ada, &id).await;
    let (folder, _) = tree_of(&stage, &id, &volume).await;
    let all = volume::zarr::Volume::open(&folder).unwrap().read_box(0, 0..800, 0..30, 0..40).unwrap().bytes;
    assert!(all == second[second.len() - all.len()..], "every voxel is the one that was sent");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_was_packed_of_a_draft_that_is_no_more_is_swept_away() {
    let stage = Stage::on_sqlite().await;
    let ada = stage.actor("ada").await;
    let ids =
        [stage.draft(&ada, Kind::TomographyMaterials, "Foam").await.id, stage.draft(&ada, Kind::TomographyMaterials, "Sand").await.id];
    let file = long_file(0);
    for id in &ids {
        let upload = stage.archive.begin_upload(&ada, id, "foam.nrrd".parse().unwrap(), file.len() as u64, false).await.unwrap();
        let piece = futures::stream::iter([Ok::<_, std::io::Error>(Bytes::copy_from_slice(&file[..700_000]))]);
        stage.archive.append(&ada, &upload.id, 0, piece).await.unwrap();
    }
    stage.clock.advance_seconds(5);
    worker(&stage).work_until_idle().await;
    assert!(ids.iter().all(|id| part(&stage, id).exists()));
    stage.archive.delete_draft(&ada, &ids[0]).await.unwrap();
    stage.archive.enqueue(&Job::Sweep, stage.archive.now()).await.unwrap();
    worker(&stage).work_until_idle().await;
    assert_eq!(ids.each_ref().map(|id| part(&stage, id).parent().unwrap().exists()), [false, true]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn one_long_file_is_packed_while_it_arrives() {
    let stage = Stage::on_sqlite().await;
    let ada = stage.actor("ada").await;
    let id = stage.draft(&ada, Kind::TomographyMaterials, "Foam").await.id;
    let file = long_file(0);
    let upload = stage.archive.begin_upload(&ada, &id, "foam.nrrd".parse().unwrap(), file.len() as u64, false).await.unwrap();
    let piece = |range: std::ops::Range<usize>| futures::stream::iter([Ok::<_, std::io::Error>(Bytes::copy_from_slice(&file[range]))]);
    stage.archive.append(&ada, &upload.id, 0, piece(0..700_000)).await.unwrap();
    stage.clock.advance_seconds(5);
    worker(&stage).work_until_idle().await;
    let shard = first_shard(&part(&stage, &id));
    assert!(part(&stage, &id).join("0/c/1/0/0").exists() && !part(&stage, &id).join("0/c/2/0/0").exists());
    stage.archive.append(&ada, &upload.id, 700_000, piece(700_000..file.len())).await.unwrap();
    // Before the file is moved to where originals are kept.
    stage.clock.advance_seconds(4);
    worker(&stage).work_until_idle().await;
    labour(&stage).await;
    let volume = volume_of(&stage, &ada, &id).await;
    let (folder, _) = tree_of(&stage, &id, &volume).await;
    assert_eq!(first_shard(&folder), shard);
    let made = volume::zarr::Volume::open(&folder).unwrap();
    let all = made.read_box(0, 0..800, 0..30, 0..40).unwrap().bytes;
    assert!(all == file[file.len() - all.len()..], "every voxel is the one that was sent");
}

/// What lies in the long file without its header.
fn long_voxels() -> Vec<u8> {
    let file = long_file(5);
    file[file.len() - 40 * 30 * 800..].to_vec()
}

/// Pages of 40 × 30 bytes, where their directories lie, and how long numbers are.
struct Pages {
    big: bool,
    /// Directories behind the page that they tell of, as most writers do; else the first one in front and all others at the end.
    between: bool,
    description: &'static str,
}

impl Pages {
    fn number(&self, value: usize) -> Vec<u8> {
        if self.big { (value as u64).to_le_bytes().to_vec() } else { (value as u32).to_le_bytes().to_vec() }
    }

    /// A directory that is to lie at `at`, of a page at `voxels`; its description follows it.
    fn directory(&self, at: usize, voxels: usize, next: impl Fn(usize) -> usize) -> Vec<u8> {
        let (count, entry, link) = if self.big { (8, 20, 8) } else { (2, 12, 4) };
        let numbers = [(256, 40), (257, 30), (258, 8), (259, 1), (262, 1), (270, 0), (273, voxels), (277, 1), (278, 30), (279, 1200)];
        let behind = at + count + numbers.len() * entry + link;
        let mut bytes = if self.big { 10u64.to_le_bytes().to_vec() } else { 10u16.to_le_bytes().to_vec() };
        for (tag, value) in numbers {
            let is_text = tag == 270;
            bytes.extend((tag as u16).to_le_bytes());
            bytes.extend(if is_text { 2u16 } else { 4 }.to_le_bytes());
            bytes.extend(self.number(if is_text { self.description.len() } else { 1 }));
            let mut value = self.number(if is_text { behind } else { value });
            value.resize(link, 0);
            bytes.extend(value);
        }
        let end = behind + self.description.len();
        bytes.extend(self.number(next(end)));
        bytes.extend(self.description.as_bytes());
        bytes
    }

    fn file(&self, voxels: &[u8]) -> Vec<u8> {
        let pages: Vec<&[u8]> = voxels.chunks(1200).collect();
        let mut file = if self.big { b"II+\0\x08\0\0\0".to_vec() } else { b"II*\0".to_vec() };
        let head = file.len() + self.number(0).len();
        if self.between {
            file.extend(self.number(head + 1200));
            for (number, page) in pages.iter().enumerate() {
                let voxels = file.len();
                file.extend(*page);
                let is_last = number + 1 == pages.len();
                file.extend(self.directory(voxels + 1200, voxels, |end| if is_last { 0 } else { end + 1200 }));
            }
            return file;
        }
        file.extend(self.number(head));
        let first = self.directory(head, 0, |end| end).len() + head;
        let end = first + voxels.len();
        file.extend(self.directory(head, first, |_| end));
        file.extend(voxels);
        for number in 1..pages.len() {
            let is_last = number + 1 == pages.len();
            file.extend(self.directory(file.len(), first + number * 1200, |end| if is_last { 0 } else { end }));
        }
        file
    }
}

/// The same voxels in files of every kind that tells its header first: name, bytes, and what lies beside it.
fn long_files() -> Vec<(&'static str, Vec<u8>, Option<(&'static str, Vec<u8>)>)> {
    let voxels = long_voxels();
    let behind = |head: &[u8]| [head, &voxels].concat();
    let imagej = "ImageJ=1.54f\nimages=800\nslices=800\n\0";
    let pages = |big, between, description| Pages { big, between, description }.file(&voxels);
    let mut nifti = vec![0; 352];
    nifti[..4].copy_from_slice(&348i32.to_le_bytes());
    for (at, number) in [(40, 3i16), (42, 40), (44, 30), (46, 800), (48, 1), (50, 1), (52, 1), (54, 1), (70, 2), (72, 8)] {
        nifti[at..at + 2].copy_from_slice(&number.to_le_bytes());
    }
    for (at, number) in [(80, 0.01f32), (84, 0.01), (88, 0.01), (108, 352.0)] {
        nifti[at..at + 4].copy_from_slice(&number.to_le_bytes());
    }
    nifti[123] = 2;
    nifti[344..348].copy_from_slice(b"n+1\0");
    let metaimage = |file: &str| {
        format!(
            "ObjectType = Image\nNDims = 3\nBinaryData = True\nDimSize = 40 30 800\nElementType = MET_UCHAR\nElementDataFile = {file}\n"
        )
    };
    let amira = "# AmiraMesh BINARY-LITTLE-ENDIAN 2.1\n\ndefine Lattice 40 30 800\n\nParameters {\n    CoordType \"uniform\",\n    BoundingBox 0 39 0 29 0 799\n}\n\nLattice { byte Data } @1\n\n# Data section follows\n@1\n";
    vec![
        ("pages.tif", pages(false, true, "a plain stack\0"), None),
        ("big.tif", pages(true, true, "a plain stack\0"), None),
        ("imagej.tif", pages(false, false, imagej), None),
        ("shaped.tif", pages(true, false, "{\"shape\": [800, 30, 40]}\0"), None),
        ("head.nii", behind(&nifti), None),
        ("local.mha", behind(metaimage("LOCAL").as_bytes()), None),
        ("listed.raw", voxels.clone(), Some(("listed.mhd", metaimage("listed.raw").into_bytes()))),
        ("lattice.am", behind(amira.as_bytes()), None),
    ]
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn files_that_tell_their_header_first_are_packed_while_they_arrive() {
    let stage = Stage::on_sqlite().await;
    let ada = stage.actor("ada").await;
    for (name, file, beside) in long_files() {
        let id = stage.draft(&ada, Kind::TomographyMaterials, name).await.id;
        if let Some((name, bytes)) = beside {
            stage.upload(&ada, &id, name, &bytes).await;
        }
        let upload = stage.archive.begin_upload(&ada, &id, name.parse().unwrap(), file.len() as u64, false).await.unwrap();
        let piece = |range: std::ops::Range<usize>| futures::stream::iter([Ok::<_, std::io::Error>(Bytes::copy_from_slice(&file[range]))]);
        let most = file.len() * 8 / 10;
        stage.archive.append(&ada, &upload.id, 0, piece(0..most)).await.unwrap();
        stage.clock.advance_seconds(5);
        worker(&stage).work_until_idle().await;
        assert!(part(&stage, &id).join("0/c/1/0/0").exists() && !part(&stage, &id).join("0/c/2/0/0").exists(), "{name}");
        let shard = first_shard(&part(&stage, &id));
        stage.archive.append(&ada, &upload.id, most as u64, piece(most..file.len())).await.unwrap();
        stage.clock.advance_seconds(4);
        worker(&stage).work_until_idle().await;
        labour(&stage).await;
        let volume = volume_of(&stage, &ada, &id).await;
        let (folder, _) = tree_of(&stage, &id, &volume).await;
        assert_eq!(first_shard(&folder), shard, "{name} was begun anew");
        let all = volume::zarr::Volume::open(&folder).unwrap().read_box(0, 0..800, 0..30, 0..40).unwrap().bytes;
        assert!(all == long_voxels(), "every voxel of {name} is the one that was sent");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn pages_that_lie_elsewhere_than_their_file_promised_are_packed_anew() {
    let stage = Stage::on_sqlite().await;
    let ada = stage.actor("ada").await;
    let id = stage.draft(&ada, Kind::TomographyMaterials, "Foam").await.id;
    let mut file = Pages { big: false, between: false, description: "ImageJ=1.54f\nimages=800\nslices=800\n\0" }.file(&long_voxels());
    // The directories at the end exchange the second and the third page.
    let (second, third) = (file.len() - 799 * directory_bytes(), file.len() - 798 * directory_bytes());
    let offset = 2 + 6 * 12 + 8;
    for at in 0..4 {
        file.swap(second + offset + at, third + offset + at);
    }
    let piece = |range: std::ops::Range<usize>| futures::stream::iter([Ok::<_, std::io::Error>(Bytes::copy_from_slice(&file[range]))]);
    let upload = stage.archive.begin_upload(&ada, &id, "foam.tif".parse().unwrap(), file.len() as u64, false).await.unwrap();
    stage.archive.append(&ada, &upload.id, 0, piece(0..700_000)).await.unwrap();
    stage.clock.advance_seconds(5);
    worker(&stage).work_until_idle().await;
    assert!(part(&stage, &id).join("0/c/1/0/0").exists());
    stage.archive.append(&ada, &upload.id, 700_000, piece(700_000..file.len())).await.unwrap();
    labour(&stage).await;
    let volume = volume_of(&stage, &ada, &id).await;
    let (folder, _) = tree_of(&stage, &id, &volume).await;
    let all = volume::zarr::Volume::open(&folder).unwrap().read_box(0, 0..3, 0..30, 0..40).unwrap().bytes;
    let sent = long_voxels();
    assert!(all[1200..2400] == sent[2400..3600] && all[2400..] == sent[1200..2400], "the directories have the last word");
}

/// Of one directory with the description of the file above.
fn directory_bytes() -> usize {
    2 + 10 * 12 + 4 + "ImageJ=1.54f\nimages=800\nslices=800\n\0".len()
}
