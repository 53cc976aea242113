//! Object headers: the messages that say what a group or dataset is (versions 1 and 2, with continuations).

use super::bytes::{Cursor, check_sum, damaged, unread};
use super::file::H5File;
use crate::Trouble;

/// Messages of one object.
const MESSAGES_MAX: usize = 65_536;
/// Continuation blocks of one object.
const CONTINUATIONS_MAX: usize = 4_096;
/// Bytes of one object's header.
const HEADER_BYTES_MAX: usize = 64 << 20;

pub(super) const DATASPACE: u16 = 0x01;
pub(super) const LINK_INFO: u16 = 0x02;
pub(super) const DATATYPE: u16 = 0x03;
pub(super) const FILL_OLD: u16 = 0x04;
pub(super) const FILL: u16 = 0x05;
pub(super) const LINK: u16 = 0x06;
pub(super) const EXTERNAL_FILES: u16 = 0x07;
pub(super) const LAYOUT: u16 = 0x08;
pub(super) const FILTERS: u16 = 0x0b;
pub(super) const ATTRIBUTE: u16 = 0x0c;
const CONTINUATION: u16 = 0x10;
pub(super) const SYMBOL_TABLE: u16 = 0x11;
pub(super) const ATTRIBUTE_INFO: u16 = 0x15;

struct Message {
    kind: u16,
    shared: bool,
    body: Vec<u8>,
}

/// The messages of one object, in their order.
pub(super) struct Object {
    pub(super) address: u64,
    messages: Vec<Message>,
}

impl Object {
    pub(super) fn read(file: &H5File, address: u64) -> Result<Self, Trouble> {
        let head = file.block_up_to(address, 64, "an object header")?;
        let mut object = Self { address, messages: Vec::new() };
        match head.first() {
            Some(1) => object.read_old(file, &head)?,
            Some(b'O') => object.read_new(file, &head)?,
            _ => return Err(damaged(format!("no object begins at {address}")).in_file(&file.path)),
        }
        Ok(object)
    }

    fn read_old(&mut self, file: &H5File, head: &[u8]) -> Result<(), Trouble> {
        let mut cursor = Cursor::new(head, "an object header", file.widths);
        cursor.skip(8)?;
        let length = u64::from(cursor.u32()?);
        let mut waiting = vec![(self.address + 16, length)];
        let (mut blocks, mut bytes) = (0, 0);
        while let Some((address, length)) = waiting.pop() {
            let block = file.block(address, length, "an object header")?;
            count_block(&mut blocks, &mut bytes, block.len())?;
            let mut cursor = Cursor::new(&block, "an object header", file.widths);
            while cursor.left() >= 8 {
                let (kind, length, flags) = (cursor.u16()?, cursor.u16()?, cursor.u8()?);
                cursor.skip(3)?;
                let body = cursor.take(usize::from(length))?;
                self.push(file, kind, flags, body, &mut waiting)?;
            }
        }
        Ok(())
    }

    fn read_new(&mut self, file: &H5File, head: &[u8]) -> Result<(), Trouble> {
        let mut cursor = Cursor::new(head, "an object header", file.widths);
        cursor.signature(b"OHDR")?;
        cursor.version(&[2])?;
        let flags = cursor.u8()?;
        cursor.skip(if flags & 0x20 != 0 { 16 } else { 0 })?;
        cursor.skip(if flags & 0x10 != 0 { 4 } else { 0 })?;
        let length = cursor.uint(1 << (flags & 3))?;
        let prefix = cursor.at();
        let total = length.checked_add(prefix as u64 + 4).ok_or_else(|| damaged("an object header claims too much"))?;
        let block = file.block(self.address, total, "an object header")?;
        let body = &check_sum(&block, "an object header")?[prefix..];
        let mut waiting = Vec::new();
        let (mut blocks, mut bytes) = (0, 0);
        self.messages_new(file, body, flags, &mut waiting)?;
        while let Some((address, length)) = waiting.pop() {
            let block = file.block(address, length, "a continued object header")?;
            count_block(&mut blocks, &mut bytes, block.len())?;
            let body = check_sum(&block, "a continued object header")?;
            Cursor::new(body, "a continued object header", file.widths).signature(b"OCHK")?;
            self.messages_new(file, &body[4..], flags, &mut waiting)?;
        }
        Ok(())
    }

    fn messages_new(&mut self, file: &H5File, body: &[u8], flags: u8, waiting: &mut Vec<(u64, u64)>) -> Result<(), Trouble> {
        let ordered = flags & 4 != 0;
        let mut cursor = Cursor::new(body, "an object header", file.widths);
        // What is left over may be a gap that is too small for a message.
        while cursor.left() >= if ordered { 6 } else { 4 } {
            let (kind, length, flags) = (cursor.u8()?, cursor.u16()?, cursor.u8()?);
            cursor.skip(if ordered { 2 } else { 0 })?;
            let body = cursor.take(usize::from(length))?;
            self.push(file, u16::from(kind), flags, body, waiting)?;
        }
        Ok(())
    }

    fn push(&mut self, file: &H5File, kind: u16, flags: u8, body: &[u8], waiting: &mut Vec<(u64, u64)>) -> Result<(), Trouble> {
        if kind == CONTINUATION {
            let mut cursor = Cursor::new(body, "a continuation", file.widths);
            let address = cursor.address()?.ok_or_else(|| damaged("a continuation leads nowhere"))?;
            waiting.push((address, cursor.length()?));
            return Ok(());
        }
        if self.messages.len() >= MESSAGES_MAX {
            return Err(damaged(format!("an object header has more than {MESSAGES_MAX} messages")).in_file(&file.path));
        }
        self.messages.push(Message { kind, shared: flags & 2 != 0, body: body.to_vec() });
        Ok(())
    }

    pub(super) fn has(&self, kind: u16) -> bool {
        self.messages.iter().any(|message| message.kind == kind)
    }

    /// The bodies of all messages of one kind, with those that are kept elsewhere fetched.
    pub(super) fn all(&self, file: &H5File, kind: u16) -> Result<Vec<Vec<u8>>, Trouble> {
        let of_kind = self.messages.iter().filter(|message| message.kind == kind);
        of_kind.map(|message| if message.shared { shared(file, kind, &message.body) } else { Ok(message.body.clone()) }).collect()
    }

    pub(super) fn first(&self, file: &H5File, kind: u16) -> Result<Option<Vec<u8>>, Trouble> {
        match self.messages.iter().find(|message| message.kind == kind) {
            Some(message) if message.shared => shared(file, kind, &message.body).map(Some),
            Some(message) => Ok(Some(message.body.clone())),
            None => Ok(None),
        }
    }
}

fn count_block(blocks: &mut usize, bytes: &mut usize, length: usize) -> Result<(), Trouble> {
    *blocks += 1;
    *bytes += length;
    if *blocks > CONTINUATIONS_MAX || *bytes > HEADER_BYTES_MAX {
        return Err(damaged("an object header continues without end"));
    }
    Ok(())
}

/// A message that another object keeps: a named datatype.
pub(super) fn shared(file: &H5File, kind: u16, body: &[u8]) -> Result<Vec<u8>, Trouble> {
    let mut cursor = Cursor::new(body, "a shared message", file.widths);
    let version = cursor.version(&[1, 2, 3])?;
    let place = cursor.u8()?;
    cursor.skip(if version == 1 { 6 } else { 0 })?;
    if version == 3 && place == 1 {
        return Err(unread("parts of its headers lie in a shared heap, which is not read here", "Copy it once with h5repack"));
    }
    let address = cursor.address()?.ok_or_else(|| damaged("a shared message leads nowhere"))?;
    let keeper = Object::read(file, address)?;
    let own = keeper.messages.into_iter().find(|message| message.kind == kind && !message.shared);
    own.map(|message| message.body).ok_or_else(|| damaged("a shared message is not where it should be"))
}
