//! Groups: their links, from old symbol tables, from messages and from dense storage.

use super::btree2;
use super::bytes::{Cursor, Widths, damaged, text};
use super::file::H5File;
use super::fractal::FractalHeap;
use super::heap::LocalHeap;
use super::object::{LINK, LINK_INFO, Object, SYMBOL_TABLE};
use crate::Trouble;

/// Links of one group.
const LINKS_MAX: usize = 100_000;
/// How deep the trees of old groups are.
const DEPTH_MAX: usize = 32;
/// Record types of B-trees that index links by name.
const BY_NAME: u8 = 5;

#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Target {
    /// Address of an object header in the same file.
    Hard(u64),
    Soft(String),
    External {
        file: String,
        path: String,
    },
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Link {
    pub(super) name: String,
    pub(super) target: Target,
}

/// All links of a group, in order of name; nothing when the object is no group.
pub(super) fn links(file: &H5File, object: &Object) -> Result<Option<Vec<Link>>, Trouble> {
    let mut links = Vec::new();
    if let Some(table) = object.first(file, SYMBOL_TABLE)? {
        let mut cursor = Cursor::new(&table, "a symbol table", file.widths);
        let (Some(tree), Some(heap)) = (cursor.address()?, cursor.address()?) else { return Ok(Some(links)) };
        let heap = LocalHeap::read(file, heap)?;
        old_links(file, tree, &heap, DEPTH_MAX, &mut links)?;
    } else if object.has(LINK_INFO) || object.has(LINK) {
        for body in object.all(file, LINK)? {
            links.extend(link(&body, file.widths)?);
        }
        if let Some(info) = object.first(file, LINK_INFO)? {
            dense_links(file, &info, &mut links)?;
        }
    } else {
        return Ok(None);
    }
    links.sort_by(|a, b| a.name.cmp(&b.name));
    Ok(Some(links))
}

fn too_many(file: &H5File, count: usize) -> Result<(), Trouble> {
    if count > LINKS_MAX {
        return Err(Trouble::new(format!("one of its groups has more than {LINKS_MAX} links"), "Divide it").in_file(&file.path));
    }
    Ok(())
}

fn old_links(file: &H5File, address: u64, heap: &LocalHeap, depth: usize, links: &mut Vec<Link>) -> Result<(), Trouble> {
    let what = "the tree of a group";
    let widths = file.widths;
    let head = file.block(address, (8 + 2 * widths.offset) as u64, what)?;
    let mut cursor = Cursor::new(&head, what, widths);
    cursor.signature(b"TREE")?;
    cursor.version(&[0])?;
    let (level, entries) = (cursor.u8()?, u64::from(cursor.u16()?));
    if depth == 0 {
        return Err(damaged("the tree of a group nests without end").in_file(&file.path));
    }
    let length = entries * (widths.length + widths.offset) as u64;
    let block = file.block(address + head.len() as u64, length, what)?;
    let mut cursor = Cursor::new(&block, what, widths);
    for _ in 0..entries {
        cursor.length()?;
        let child = cursor.address()?.ok_or_else(|| damaged("the tree of a group leads nowhere"))?;
        match level {
            0 => node(file, child, heap, links)?,
            _ => old_links(file, child, heap, depth - 1, links)?,
        }
        too_many(file, links.len())?;
    }
    Ok(())
}

fn node(file: &H5File, address: u64, heap: &LocalHeap, links: &mut Vec<Link>) -> Result<(), Trouble> {
    let what = "a node of a group";
    let head = file.block(address, 8, what)?;
    let mut cursor = Cursor::new(&head, what, file.widths);
    cursor.signature(b"SNOD")?;
    cursor.skip(2)?;
    let count = u64::from(cursor.u16()?);
    let entry = 2 * file.widths.offset + 24;
    let block = file.block(address + 8, count * entry as u64, what)?;
    let mut cursor = Cursor::new(&block, what, file.widths);
    for _ in 0..count {
        let name = heap.name(cursor.uint(file.widths.offset)?)?;
        let header = cursor.address()?;
        let kind = cursor.u32()?;
        cursor.skip(4)?;
        let scratch = cursor.take(16)?;
        let target = match (kind, header) {
            (2, _) => Target::Soft(heap.name(Cursor::new(scratch, what, file.widths).u32()?.into())?),
            (_, Some(address)) => Target::Hard(address),
            (_, None) => return Err(damaged(format!("the link {name} leads nowhere")).in_file(&file.path)),
        };
        links.push(Link { name, target });
    }
    Ok(())
}

fn dense_links(file: &H5File, info: &[u8], links: &mut Vec<Link>) -> Result<(), Trouble> {
    let mut cursor = Cursor::new(info, "a link info", file.widths);
    cursor.version(&[0])?;
    let flags = cursor.u8()?;
    cursor.skip(if flags & 1 != 0 { 8 } else { 0 })?;
    let (Some(heap), Some(names)) = (cursor.address()?, cursor.address()?) else { return Ok(()) };
    let heap = FractalHeap::open(file, heap)?;
    btree2::records(file, names, &[BY_NAME], &mut |_, _, record| {
        let id = record.get(4..).ok_or_else(|| damaged("a record of a group is too short"))?;
        links.extend(link(&heap.object(id)?, file.widths)?);
        too_many(file, links.len())
    })
}

/// One link message; nothing for user-defined links that nobody but their author can follow.
fn link(body: &[u8], widths: Widths) -> Result<Option<Link>, Trouble> {
    let mut cursor = Cursor::new(body, "a link", widths);
    cursor.version(&[1])?;
    let flags = cursor.u8()?;
    let kind = if flags & 8 != 0 { cursor.u8()? } else { 0 };
    cursor.skip(if flags & 4 != 0 { 8 } else { 0 })?;
    cursor.skip(if flags & 16 != 0 { 1 } else { 0 })?;
    let length = cursor.uint(1 << (flags & 3))?;
    let length = usize::try_from(length).map_err(|_| damaged("a link claims too long a name"))?;
    let name = String::from_utf8_lossy(cursor.take(length)?).into_owned();
    let target = match kind {
        0 => Target::Hard(cursor.address()?.ok_or_else(|| damaged(format!("the link {name} leads nowhere")))?),
        1 => {
            let length = cursor.u16()?;
            Target::Soft(text(cursor.take(length.into())?))
        }
        64 => {
            let length = cursor.u16()?;
            let value = cursor.take(length.into())?;
            let mut parts = value.get(1..).unwrap_or_default().split(|&byte| byte == 0);
            let mut part = || parts.next().map(|part| String::from_utf8_lossy(part).into_owned()).unwrap_or_default();
            Target::External { file: part(), path: part() }
        }
        _ => return Ok(None),
    };
    Ok(Some(Link { name, target }))
}
