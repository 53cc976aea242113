//! The data elements of a DICOM file (PS3.5 chapter 7): only those that we ask for are kept, and no patient is ever among them.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{BufReader, Error, ErrorKind, Read, Result, Seek, SeekFrom};

use super::beginning::guessed_syntax;
use super::tags;

/// No value that we ask for is longer.
const VALUE_MAX: u64 = 4 << 20;
/// Elements of one file that are walked over, those that are kept with their bytes, and sequences inside of sequences.
const ELEMENTS_MAX: usize = 4_000_000;
const KEPT_MAX: usize = 500_000;
const KEPT_BYTES_MAX: u64 = 64 << 20;
const DEPTH_MAX: usize = 16;
const UNDEFINED: u32 = u32::MAX;

/// How elements are written down.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Spelling {
    pub(super) explicit: bool,
    pub(super) big_endian: bool,
    /// The elements behind the first group are deflated.
    pub(super) deflated: bool,
}

/// Where the pixels of a file lie.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct PixelData {
    pub(super) tag: u32,
    /// Bytes before the first one, counted from where the elements are counted from.
    pub(super) at: u64,
    /// Nothing: in fragments, compressed.
    pub(super) length: Option<u64>,
    /// Whether the file calls them 16-bit words.
    pub(super) words: bool,
}

/// Elements by their tags.
#[derive(Debug, Clone, Default)]
pub(super) struct Elements {
    values: BTreeMap<u32, Vec<u8>>,
    sequences: BTreeMap<u32, Vec<Elements>>,
    big_endian: bool,
}

impl Elements {
    pub(super) fn text(&self, tag: u32) -> Option<String> {
        let text =
            String::from_utf8_lossy(self.values.get(&tag)?).trim_matches(|sign: char| sign.is_whitespace() || sign == '\0').to_string();
        (!text.is_empty()).then_some(text)
    }

    /// The numbers of a decimal string.
    pub(super) fn decimals(&self, tag: u32) -> Option<Vec<f64>> {
        self.text(tag)?.split('\\').map(|number| number.trim().parse().ok().filter(|number: &f64| number.is_finite())).collect()
    }

    pub(super) fn decimal(&self, tag: u32) -> Option<f64> {
        self.decimals(tag)?.first().copied()
    }

    /// An unsigned 16-bit number.
    pub(super) fn short(&self, tag: u32) -> Option<u16> {
        let bytes = self.values.get(&tag)?.first_chunk::<2>()?;
        Some(if self.big_endian { u16::from_be_bytes(*bytes) } else { u16::from_le_bytes(*bytes) })
    }

    pub(super) fn items(&self, tag: u32) -> &[Elements] {
        self.sequences.get(&tag).map_or(&[], Vec::as_slice)
    }

    /// What was said about single frames has been read and may go.
    pub(super) fn forget_sequences(&mut self) {
        self.sequences.clear();
    }

    /// Takes over what the other has.
    fn append(&mut self, other: Self) {
        self.values.extend(other.values);
        self.sequences.extend(other.sequences);
        self.big_endian = other.big_endian;
    }
}

/// What is read of one file.
pub(super) struct Parsed {
    pub(super) elements: Elements,
    pub(super) spelling: Spelling,
    /// Where the elements behind the first group begin in the file.
    pub(super) body_at: u64,
    pub(super) transfer_syntax: String,
    pub(super) pixels: Option<PixelData>,
    /// Whether fields for the patient's name, number, birth date or address are filled.
    pub(super) personal: bool,
}

/// The bytes of a file, or what they expand to.
pub(super) enum Input {
    Plain(BufReader<File>),
    Inflated(Box<flate2::bufread::DeflateDecoder<BufReader<File>>>),
}

impl Read for Input {
    fn read(&mut self, out: &mut [u8]) -> Result<usize> {
        match self {
            Self::Plain(file) => file.read(out),
            Self::Inflated(inflated) => inflated.read(out),
        }
    }
}

impl Input {
    pub(super) fn skip(&mut self, count: u64) -> Result<()> {
        match self {
            Self::Plain(file) => file.seek_relative(i64::try_from(count).map_err(|_| wrong("an element is longer than any file"))?),
            Self::Inflated(inflated) => {
                let skipped = std::io::copy(&mut inflated.take(count), &mut std::io::sink())?;
                if skipped < count { Err(ErrorKind::UnexpectedEof.into()) } else { Ok(()) }
            }
        }
    }
}

fn wrong(what: &str) -> Error {
    Error::new(ErrorKind::InvalidData, what.to_string())
}

/// Reads a file, whose elements begin at this byte, up to its pixels.
pub(super) fn parse(file: File, begins_at: u64, spelling_of: impl Fn(&str) -> Spelling) -> Result<Parsed> {
    let length = file.metadata()?.len();
    let mut input = BufReader::with_capacity(1 << 13, file);
    input.seek(SeekFrom::Start(begins_at))?;
    let plain = Spelling { explicit: true, big_endian: false, deflated: false };
    let mut first = Parser::new(Input::Plain(input), begins_at, length, plain);
    let mut elements = first.first_group()?;
    let named = elements.text(tags::TRANSFER_SYNTAX);
    let (mut file, at) = first.into_file()?;
    file.seek(SeekFrom::Start(at))?;
    let transfer_syntax = match named {
        Some(named) => named,
        None => {
            let mut next = Vec::new();
            (&mut file).take(8).read_to_end(&mut next)?;
            file.seek(SeekFrom::Start(at))?;
            guessed_syntax(&next).into()
        }
    };
    let spelling = spelling_of(&transfer_syntax);
    let mut parser = if spelling.deflated {
        let inflated = flate2::bufread::DeflateDecoder::new(BufReader::new(file));
        Parser::new(Input::Inflated(Box::new(inflated)), 0, u64::MAX, spelling)
    } else {
        Parser::new(Input::Plain(BufReader::with_capacity(1 << 13, file)), at, length, spelling)
    };
    elements.append(parser.elements(u64::MAX, 0, true)?);
    Ok(Parsed { elements, spelling, body_at: at, transfer_syntax, pixels: parser.pixels, personal: parser.personal })
}

struct Parser {
    input: Input,
    at: u64,
    /// Where the file ends.
    end: u64,
    spelling: Spelling,
    seen: usize,
    kept: usize,
    kept_bytes: u64,
    personal: bool,
    pixels: Option<PixelData>,
}

struct Head {
    tag: u32,
    kind: [u8; 2],
    length: u32,
}

impl Parser {
    fn new(input: Input, at: u64, end: u64, spelling: Spelling) -> Self {
        Self { input, at, end, spelling, seen: 0, kept: 0, kept_bytes: 0, personal: false, pixels: None }
    }

    fn into_file(self) -> Result<(File, u64)> {
        match self.input {
            Input::Plain(file) => Ok((file.into_inner(), self.at)),
            Input::Inflated(_) => Err(wrong("the first group is deflated")),
        }
    }

    fn bytes<const N: usize>(&mut self) -> Result<[u8; N]> {
        let mut bytes = [0; N];
        self.input.read_exact(&mut bytes)?;
        self.at += N as u64;
        Ok(bytes)
    }

    fn u16(&mut self) -> Result<u16> {
        let bytes = self.bytes()?;
        Ok(if self.spelling.big_endian { u16::from_be_bytes(bytes) } else { u16::from_le_bytes(bytes) })
    }

    fn u32(&mut self) -> Result<u32> {
        let bytes = self.bytes()?;
        Ok(if self.spelling.big_endian { u32::from_be_bytes(bytes) } else { u32::from_le_bytes(bytes) })
    }

    fn skip(&mut self, count: u64) -> Result<()> {
        if self.at.checked_add(count).is_none_or(|after| after > self.end) {
            return Err(ErrorKind::UnexpectedEof.into());
        }
        self.input.skip(count)?;
        self.at += count;
        Ok(())
    }

    /// The next tag, or nothing at the end of the file.
    fn tag(&mut self) -> Result<Option<u32>> {
        let mut first = [0; 1];
        if self.at >= self.end || self.input.read(&mut first)? == 0 {
            return Ok(None);
        }
        let [second] = self.bytes::<1>()?;
        self.at += 1;
        let group = if self.spelling.big_endian { u16::from_be_bytes([first[0], second]) } else { u16::from_le_bytes([first[0], second]) };
        let element = self.u16()?;
        Ok(Some(u32::from(group) << 16 | u32::from(element)))
    }

    fn head(&mut self, tag: u32) -> Result<Head> {
        self.seen += 1;
        if self.seen > ELEMENTS_MAX {
            return Err(wrong("it has more elements than can be true"));
        }
        // Items and their ends have no type.
        if !self.spelling.explicit || tag >> 16 == 0xfffe {
            return Ok(Head { tag, kind: *b"UN", length: self.u32()? });
        }
        let kind = self.bytes::<2>()?;
        let long = matches!(&kind, b"OB" | b"OD" | b"OF" | b"OL" | b"OV" | b"OW" | b"SQ" | b"SV" | b"UC" | b"UN" | b"UR" | b"UT" | b"UV");
        let length = if long {
            self.bytes::<2>()?;
            self.u32()?
        } else {
            u32::from(self.u16()?)
        };
        Ok(Head { tag, kind, length })
    }

    /// The elements of group 2, which are always explicit and little-endian.
    fn first_group(&mut self) -> Result<Elements> {
        let mut elements = Elements::default();
        let mut group_end = self.end;
        while self.at < group_end {
            let before = self.at;
            let Some(tag) = self.tag()? else { break };
            if tag >> 16 != 2 {
                // A wrong or absent group length: the next group has begun.
                self.at = before;
                break;
            }
            let head = self.head(tag)?;
            if tag == tags::GROUP_LENGTH && head.length == 4 {
                let length = self.u32()?;
                group_end = self.at.saturating_add(u64::from(length)).min(self.end);
                continue;
            }
            self.element(&head, &mut elements, 0)?;
        }
        Ok(elements)
    }

    /// Elements up to a byte, or up to the end of an item; on the top level up to the pixels.
    fn elements(&mut self, end: u64, depth: usize, top: bool) -> Result<Elements> {
        let mut elements = Elements { big_endian: self.spelling.big_endian, ..Elements::default() };
        if depth > DEPTH_MAX {
            return Err(wrong("its sequences lie too deep in each other"));
        }
        while self.at < end {
            let Some(tag) = self.tag()? else { break };
            let head = self.head(tag)?;
            if tag == tags::ITEM_END {
                break;
            }
            if top && tags::PIXELS.contains(&tag) {
                let length = (head.length != UNDEFINED).then_some(u64::from(head.length));
                self.pixels = Some(PixelData { tag, at: self.at, length, words: &head.kind == b"OW" });
                break;
            }
            self.element(&head, &mut elements, depth)?;
        }
        Ok(elements)
    }

    fn element(&mut self, head: &Head, elements: &mut Elements, depth: usize) -> Result<()> {
        let wanted = tags::WANTED.contains(&head.tag);
        if tags::SEQUENCES.contains(&head.tag) || head.length == UNDEFINED || &head.kind == b"SQ" {
            let keep = tags::SEQUENCES.contains(&head.tag);
            if head.length != UNDEFINED && !keep {
                return self.skip(u64::from(head.length));
            }
            // Sequences of an unknown type are always implicit and little-endian.
            let spelling = self.spelling;
            if spelling.explicit && &head.kind == b"UN" {
                self.spelling = Spelling { explicit: false, big_endian: false, ..spelling };
            }
            let items = self.items(head.length, depth, keep);
            self.spelling = spelling;
            if keep {
                elements.sequences.insert(head.tag, items?);
                return Ok(());
            }
            return items.map(|_| ());
        }
        self.personal |= tags::PERSONAL.contains(&head.tag) && head.length > 0;
        if !wanted || u64::from(head.length) > VALUE_MAX {
            return self.skip(u64::from(head.length));
        }
        if self.at + u64::from(head.length) > self.end {
            return Err(ErrorKind::UnexpectedEof.into());
        }
        self.keep(u64::from(head.length))?;
        let mut value = Vec::new();
        (&mut self.input).take(u64::from(head.length)).read_to_end(&mut value)?;
        if value.len() < head.length as usize {
            return Err(ErrorKind::UnexpectedEof.into());
        }
        self.at += u64::from(head.length);
        elements.values.insert(head.tag, value);
        Ok(())
    }

    /// Counts what stays in memory.
    fn keep(&mut self, bytes: u64) -> Result<()> {
        self.kept += 1;
        self.kept_bytes += bytes;
        if self.kept > KEPT_MAX || self.kept_bytes > KEPT_BYTES_MAX {
            return Err(wrong("it says more about its frames than can be true"));
        }
        Ok(())
    }

    /// The items of a sequence; only walked through when they are not kept.
    fn items(&mut self, length: u32, depth: usize, keep: bool) -> Result<Vec<Elements>> {
        let end = if length == UNDEFINED { u64::MAX } else { self.at.saturating_add(u64::from(length)) };
        let mut items = Vec::new();
        while self.at < end {
            let Some(tag) = self.tag()? else { break };
            let head = self.head(tag)?;
            match tag {
                tags::SEQUENCE_END => break,
                tags::ITEM if head.length != UNDEFINED && !keep => self.skip(u64::from(head.length))?,
                tags::ITEM => {
                    let end = if head.length == UNDEFINED { u64::MAX } else { self.at.saturating_add(u64::from(head.length)) };
                    let item = self.elements(end, depth + 1, false)?;
                    if keep {
                        self.keep(0)?;
                        items.push(item);
                    }
                }
                _ => return Err(wrong("in a sequence stands something that is no item")),
            }
        }
        Ok(items)
    }
}
