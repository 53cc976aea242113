//! All files of a record as one ZIP: no temporary file, constant memory, resumable at any byte.

use super::{
    Address, as_anyone_or_guest,
    thing::{Facts, Thing},
    window,
    zip_bag::Bag,
    zip_plan::{MARK_FILES, Mark, Planner, ZipPlan, entry_of, manifest_line, name_in_zip},
};
use crate::{door::Door, refusal::Refused};
use archive::{Archive, Refusal, Visitor, sight::At};
use axum::{
    body::Body,
    extract::{Request, State},
    response::Response,
};
use bytes::{Bytes, BytesMut};
use exchange::contents::LISTED_FILES_MAX;
use futures::{Stream, StreamExt, TryStreamExt};
use record::{
    access::Aspect,
    file::{FilePath, StoredFile},
    version::Version,
};
use std::{future::Future, io, ops::Range, sync::Arc};
use storage::Blob;

/// Smaller files are read and sent together; larger ones are handed to the kernel.
const TOGETHER_BYTES: u64 = 64 << 10;
/// Sent when this much has come together.
const HEAP_BYTES: usize = 256 << 10;
/// Files opened ahead of the one that is being sent.
const OPEN_AHEAD: usize = 8;

pub(super) async fn archive(State(door): State<Door>, request: Request) -> Result<Response, Refused> {
    let mut parts = request.into_parts().0;
    let address = Address::of(&mut parts).await?;
    let id = address.at.id.clone();
    let stamp = door.archive.stamp(&id);
    let (archive, record) = (&door.archive, &address.at);
    let ask = |visitor: Visitor| async move {
        let version = archive.see(&visitor, record, Aspect::Bytes).await?.record.version;
        Ok((visitor, version))
    };
    let ((visitor, version), is_open) = as_anyone_or_guest(&door, &mut parts, ask).await?;
    // From here on by its number: a version released meanwhile must not be mixed in.
    let files = RecordFiles { archive: door.archive.clone(), visitor, at: At::version(&id, version), version };
    let bag = Bag { place: crate::page::doi::place(&door), now: door.archive.now() };
    let place = format!("{id}/{version}");
    let plan = match door.data.plan(&place, &door.archive) {
        Some(kept) => (*kept).as_ref().clone(),
        None => {
            let _turn = door.data.planning.acquire().await.map_err(|closed| Refusal::Unavailable(closed.to_string()))?;
            match door.data.plan(&place, &door.archive) {
                Some(kept) => (*kept).as_ref().clone(),
                None => {
                    let plan = plan_of(&files, &bag).await?;
                    (*door.data.keep_plan(&place, id.clone(), stamp, plan)).as_ref().clone()
                }
            }
        }
    };
    let name = address.at.named().map_or_else(|| format!("science3d-{id}.zip"), |version| format!("science3d-{id}-{version}.zip"));
    let facts = Facts {
        media_type: "application/zip",
        etag: &plan.etag,
        modified: Some(plan.newest),
        sha256: None,
        name: Some(&name),
        audience: address.audience(is_open),
    };
    let thing = Thing::from_length(plan.total, &facts);
    let plan = Arc::new(plan);
    Ok(thing.answer_by(&parts.method, &parts.headers, |range| Body::from_stream(stream(files.clone(), plan.clone(), range))))
}

async fn plan_of(files: &RecordFiles, bag: &Bag) -> Result<ZipPlan, Refusal> {
    let mut planner = Planner::new(files.at.id.clone());
    let mut listed = Vec::new();
    loop {
        let page = files.archive.files_after(&files.visitor, &files.at, planner.last(), MARK_FILES as u32).await?;
        let room = LISTED_FILES_MAX.saturating_sub(listed.len());
        listed.extend(page.iter().take(room).map(|file| crate::page::doi::listed(&file.original)));
        planner.page(&page);
        if page.len() < MARK_FILES {
            let sight = files.archive.see(&files.visitor, &files.at, Aspect::Bytes).await?;
            let tags = bag.tags(&sight.record, listed, planner.totals());
            return Ok(planner.finish(tags));
        }
    }
}

/// Where the files come from; a test has its own.
trait Files: Clone + Send + Sync + 'static {
    fn page(&self, after: Option<&FilePath>) -> impl Future<Output = io::Result<Vec<StoredFile>>> + Send;
    fn open(&self, file: &StoredFile) -> impl Future<Output = io::Result<Opened>> + Send;
}

enum Opened {
    /// In memory, or a window.
    Slice(Bytes),
    Blob(Blob),
}

#[derive(Clone)]
struct RecordFiles {
    archive: Archive,
    visitor: Visitor,
    at: At,
    version: Version,
}

impl Files for RecordFiles {
    /// Asks for the right each time: who withdraws a record stops its downloads.
    async fn page(&self, after: Option<&FilePath>) -> io::Result<Vec<StoredFile>> {
        self.archive.files_after(&self.visitor, &self.at, after, MARK_FILES as u32).await.map_err(io::Error::other)
    }

    async fn open(&self, file: &StoredFile) -> io::Result<Opened> {
        let blob = self.archive.open_stored(&self.at.id, self.version, file).await.map_err(io::Error::other)?;
        if blob.bytes != file.original.bytes {
            return Err(changed());
        }
        if blob.bytes <= TOGETHER_BYTES {
            return Ok(Opened::Slice(blob.read_all().await.map_err(io::Error::other)?));
        }
        let window = blob.local().and_then(|(local, _)| window::open_window(local, blob.bytes).ok());
        Ok(window.map_or(Opened::Blob(blob), Opened::Slice))
    }
}

fn changed() -> io::Error {
    io::Error::other("the record changed while it was sent")
}

/// The bytes of a range of the ZIP, in pieces.
fn stream<F: Files>(files: F, plan: Arc<ZipPlan>, range: Range<u64>) -> impl Stream<Item = io::Result<Bytes>> + Send {
    let body_start = plan.manifest_offset + plan.manifest_entry().local_bytes();
    let central_start = plan.end.central_offset;
    async_stream::try_stream! {
        let mut heap = Heap::default();
        if range.start < plan.manifest_offset {
            let mut parts = std::pin::pin!(originals(files.clone(), plan.clone(), range.clone()));
            while let Some(part) = parts.next().await {
                for ready in heap.add(part?) {
                    yield ready;
                }
            }
        }
        for ready in heap.add(cut(manifest_header(&plan), plan.manifest_offset, &range)) {
            yield ready;
        }
        for (start, section) in [(body_start, Section::Manifest), (central_start, Section::Central)] {
            let mut parts = std::pin::pin!(lines(files.clone(), plan.clone(), section, start, range.clone()));
            while let Some(part) = parts.next().await {
                for ready in heap.add(part?) {
                    yield ready;
                }
            }
            let tags = if section == Section::Manifest { &plan.tags[..] } else { &[] };
            for tag in tags {
                let mut header = Vec::new();
                tag.entry(plan.newest).write_local(&mut header);
                let data = tag.offset + header.len() as u64;
                for (piece, position) in [(Bytes::from(header), tag.offset), (tag.bytes.clone(), data)] {
                    for ready in heap.add(cut(piece, position, &range)) {
                        yield ready;
                    }
                }
            }
        }
        for ready in heap.add(cut(tail(&plan), central_start + plan.central_of_files(), &range)) {
            yield ready;
        }
        if let Some(ready) = heap.take() {
            yield ready;
        }
    }
}

/// Collects small pieces, passes large ones on.
#[derive(Default)]
struct Heap(BytesMut);

impl Heap {
    fn add(&mut self, piece: Bytes) -> impl Iterator<Item = Bytes> + use<> {
        let is_large = piece.len() as u64 > TOGETHER_BYTES;
        if !is_large {
            self.0.extend_from_slice(&piece);
        }
        let before = (is_large || self.0.len() >= HEAP_BYTES).then(|| self.take()).flatten();
        before.into_iter().chain(is_large.then_some(piece))
    }

    fn take(&mut self) -> Option<Bytes> {
        (!self.0.is_empty()).then(|| self.0.split().freeze())
    }
}

/// What of a piece that stands at `position` lies within the range.
fn cut(piece: Bytes, position: u64, range: &Range<u64>) -> Bytes {
    match overlap(piece.len() as u64, position, range) {
        // Both ends lie within the piece, whose length is a usize.
        Some(part) => piece.slice(part.start as usize..part.end as usize),
        None => Bytes::new(),
    }
}

fn overlap(length: u64, position: u64, range: &Range<u64>) -> Option<Range<u64>> {
    let start = range.start.max(position);
    let end = range.end.min(position + length);
    (start < end).then(|| start - position..end - position)
}

/// Local headers and bytes of the originals.
fn originals<F: Files>(files: F, plan: Arc<ZipPlan>, range: Range<u64>) -> impl Stream<Item = io::Result<Bytes>> + Send {
    async_stream::try_stream! {
        let mut number = plan.mark_before(range.start, |mark| mark.local);
        while let Some(mark) = plan.marks.get(number).filter(|mark| mark.local < range.end) {
            let page = page_at(&files, &plan, number).await?;
            let mut placed = Vec::with_capacity(page.len());
            let mut position = mark.local;
            for file in page {
                let mut header = Vec::new();
                entry_of(&name_in_zip(&plan.id, file.original.path.as_str()), &file.original).write_local(&mut header);
                let data = position + header.len() as u64;
                let next = data + file.original.bytes;
                if next > range.start && position < range.end {
                    placed.push((position, Bytes::from(header), file));
                }
                position = next;
            }
            let opening = futures::stream::iter(placed.into_iter().map(|(position, header, file)| {
                let files = files.clone();
                async move { files.open(&file).await.map(|opened| (position, header, file.original.bytes, opened)) }
            }));
            let mut opening = std::pin::pin!(opening.buffered(OPEN_AHEAD));
            while let Some((position, header, bytes, opened)) = opening.try_next().await? {
                let data = position + header.len() as u64;
                yield cut(header, position, &range);
                let Some(part) = overlap(bytes, data, &range) else { continue };
                match opened {
                    Opened::Slice(slice) => yield slice.slice(part.start as usize..part.end as usize),
                    Opened::Blob(blob) => {
                        let mut pieces = std::pin::pin!(blob.stream(part));
                        while let Some(piece) = pieces.next().await {
                            yield piece.map_err(io::Error::other)?;
                        }
                    }
                }
            }
            number += 1;
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Section {
    Manifest,
    Central,
}

impl Section {
    fn place(self, mark: &Mark) -> u64 {
        match self {
            Section::Manifest => mark.manifest,
            Section::Central => mark.central,
        }
    }
}

/// The manifest's lines, or the headers of the central directory, page by page. `start` is where the section begins.
fn lines<F: Files>(
    files: F,
    plan: Arc<ZipPlan>,
    section: Section,
    start: u64,
    range: Range<u64>,
) -> impl Stream<Item = io::Result<Bytes>> + Send {
    async_stream::try_stream! {
        let end = start + match section {
            Section::Manifest => plan.manifest_bytes,
            Section::Central => plan.central_of_files(),
        };
        let mut number = plan.mark_before(range.start.saturating_sub(start), |mark| section.place(mark));
        while let Some(mark) = plan.marks.get(number).filter(|mark| range.start < end && start + section.place(mark) < range.end) {
            let page = page_at(&files, &plan, number).await?;
            let mut text = Vec::new();
            let mut local = mark.local;
            for file in &page {
                let name = name_in_zip(&plan.id, file.original.path.as_str());
                let entry = entry_of(&name, &file.original);
                match section {
                    Section::Manifest => text.extend_from_slice(manifest_line(&file.original).as_bytes()),
                    Section::Central => entry.write_central(local, &mut text),
                }
                local += entry.local_bytes() + file.original.bytes;
            }
            yield cut(Bytes::from(text), start + section.place(mark), &range);
            number += 1;
        }
    }
}

/// The page of files behind a mark, which must end where the next mark stands: else the record changed since it was planned.
async fn page_at<F: Files>(files: &F, plan: &ZipPlan, number: usize) -> io::Result<Vec<StoredFile>> {
    let mark = &plan.marks[number];
    let page = files.page(mark.after.as_ref()).await?;
    let names: u64 = page
        .iter()
        .map(|file| entry_of(&name_in_zip(&plan.id, file.original.path.as_str()), &file.original).local_bytes() + file.original.bytes)
        .sum();
    let expected = plan.marks.get(number + 1).map_or(plan.manifest_offset, |next| next.local);
    if mark.local + names == expected { Ok(page) } else { Err(changed()) }
}

fn manifest_header(plan: &ZipPlan) -> Bytes {
    let mut header = Vec::new();
    plan.manifest_entry().write_local(&mut header);
    header.into()
}

/// The headers of the manifest and the tags in the central directory, and the end.
fn tail(plan: &ZipPlan) -> Bytes {
    let mut tail = Vec::new();
    plan.manifest_entry().write_central(plan.manifest_offset, &mut tail);
    for tag in &plan.tags {
        tag.entry(plan.newest).write_central(tag.offset, &mut tail);
    }
    plan.end.write(&mut tail);
    tail.into()
}

#[cfg(test)]
mod tests {
    use super::{super::zip_plan::Tag, *};
    use record::{
        file::{Original, Place, Sha256 as Sum},
        instant::Instant,
    };
    use sha2::{Digest, Sha256};

    /// Files in memory, in the order of their paths.
    #[derive(Clone)]
    struct Memory(Arc<Vec<(StoredFile, Bytes)>>);

    impl Files for Memory {
        async fn page(&self, after: Option<&FilePath>) -> io::Result<Vec<StoredFile>> {
            let later = self.0.iter().filter(|(file, _)| after.is_none_or(|after| file.original.path > *after));
            Ok(later.take(MARK_FILES).map(|(file, _)| file.clone()).collect())
        }
        async fn open(&self, file: &StoredFile) -> io::Result<Opened> {
            let found = self.0.iter().find(|(known, _)| known.original.path == file.original.path);
            found.map(|(_, bytes)| Opened::Slice(bytes.clone())).ok_or_else(changed)
        }
    }

    fn memory(sizes: impl IntoIterator<Item = (String, usize)>) -> Memory {
        let mut list: Vec<_> = sizes
            .into_iter()
            .map(|(path, size)| {
                let bytes: Bytes = (0..size).map(|place| (place * 31 + size) as u8).collect::<Vec<_>>().into();
                let original = Original {
                    path: path.parse().unwrap(),
                    bytes: size as u64,
                    sha256: Sum(Sha256::digest(&bytes).into()),
                    crc32: crc32fast::hash(&bytes),
                    added_at: Instant(1_795_452_480_000),
                };
                (StoredFile { original, place: Place::Preserved { content_path: String::new() } }, bytes)
            })
            .collect();
        list.sort_by(|one, other| one.0.original.path.cmp(&other.0.original.path));
        Memory(Arc::new(list))
    }

    async fn plan(files: &Memory) -> ZipPlan {
        let mut planner = Planner::new("7h3k9x2q4".parse().unwrap());
        loop {
            let page = files.page(planner.last()).await.unwrap();
            planner.page(&page);
            if page.len() < MARK_FILES {
                let tag = |name, text: &'static str| Tag { name, bytes: Bytes::from_static(text.as_bytes()) };
                return planner.finish(vec![tag("bagit.txt", "BagIt-Version: 1.0\n"), tag("bag-info.txt", "")]);
            }
        }
    }

    async fn written(files: &Memory, plan: &ZipPlan, range: Range<u64>) -> Vec<u8> {
        let pieces: Vec<Bytes> = stream(files.clone(), Arc::new(plan.clone()), range).try_collect().await.unwrap();
        pieces.concat()
    }

    /// Python's `zipfile` as an independent judge; `None` where there is no Python.
    fn judged(zip: &[u8]) -> Option<serde_json::Value> {
        let script = "import sys,io,zipfile,json,hashlib\nz=zipfile.ZipFile(io.BytesIO(sys.stdin.buffer.read()))\nassert z.testzip() is None\nprint(json.dumps({i.filename:hashlib.sha256(z.read(i)).hexdigest() for i in z.infolist()}))";
        let mut child = std::process::Command::new("python3")
            .args(["-c", script])
            .stdin(std::process::Stdio::piped())
            .stdout(std::process::Stdio::piped())
            .spawn()
            .ok()?;
        std::io::Write::write_all(child.stdin.as_mut().unwrap(), zip).unwrap();
        let output = child.wait_with_output().unwrap();
        assert!(output.status.success(), "python's zipfile refused it");
        serde_json::from_slice(&output.stdout).ok()
    }

    #[tokio::test]
    async fn count_in_is_count_out_and_a_stranger_reads_it() {
        let files = memory(
            (0..2503)
                .map(|number| (format!("ordner {}/Käfer_{number:04}.tif", number % 7), (number * number) % 3000))
                .chain([("big.raw".into(), 700_000), ("empty".into(), 0)]),
        );
        let plan = plan(&files).await;
        let zip = written(&files, &plan, 0..plan.total).await;
        assert_eq!((zip.len() as u64, plan.end.entries), (plan.total, 2509));
        let Some(found) = judged(&zip) else {
            eprintln!("skipped: no python3 to judge the ZIP");
            return;
        };
        assert_eq!(found.as_object().unwrap().len(), 2509);
        for (file, _) in files.0.iter() {
            assert_eq!(found[format!("7h3k9x2q4/data/{}", file.original.path)], file.original.sha256.to_string());
        }
        let manifest: String = files.0.iter().map(|(file, _)| manifest_line(&file.original)).collect();
        assert_eq!(found["7h3k9x2q4/manifest-sha256.txt"], Sum(Sha256::digest(manifest.as_bytes()).into()).to_string());
    }

    #[tokio::test]
    async fn any_range_is_that_piece_of_the_whole() {
        let files = memory((0..1500).map(|number| (format!("f{number:05}"), (number * 37) % 900)).chain([("large".into(), 100_000)]));
        let plan = plan(&files).await;
        let whole = written(&files, &plan, 0..plan.total).await;
        let borders = plan.marks.iter().flat_map(|mark| [mark.local, plan.end.central_offset + mark.central]);
        let mut places: Vec<u64> = borders
            .chain([plan.manifest_offset, plan.end.central_offset, plan.total - 22, plan.total - 1])
            .chain((0..plan.total).step_by(70_001))
            .collect();
        places.extend(places.clone().iter().map(|place| place.saturating_sub(1)));
        for start in places {
            for length in [1, 31, 4096, 200_000, u64::MAX / 2] {
                let end = (start + length).min(plan.total);
                assert!(written(&files, &plan, start..end).await == whole[start as usize..end as usize], "{start}..{end}");
            }
        }
    }

    #[tokio::test]
    async fn an_empty_record_and_one_with_its_own_manifest_are_zips_too() {
        for files in [memory([]), memory([("Manifest-SHA256.txt".into(), 5)]), memory((0..1000).map(|number| (format!("{number}"), 1)))] {
            let plan = plan(&files).await;
            let zip = written(&files, &plan, 0..plan.total).await;
            assert_eq!(zip.len() as u64, plan.total);
            if let Some(found) = judged(&zip) {
                assert_eq!(found.as_object().unwrap().len(), files.0.len() + 4);
            }
        }
    }

    #[tokio::test]
    async fn a_record_that_changed_meanwhile_breaks_off() {
        let plan = plan(&memory([("a".into(), 10), ("b".into(), 10)])).await;
        let other = memory([("a".into(), 11), ("b".into(), 10)]);
        let pieces: Vec<_> = stream(other, Arc::new(plan.clone()), 0..plan.total).collect().await;
        assert!(pieces.iter().any(Result::is_err));
    }
}
