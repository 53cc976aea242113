//! A page that stays broken, read record by record: each stands in the frame of the page by itself, so that what is broken
//! costs itself alone and the way to the next page is found. Only asked for when the whole page failed again and again.

use super::response::{Answer, Page, Reading, page as whole, shortened};
use record::harvest::{Content, Item};
use sha2::{Digest, Sha256};

/// Records of one page.
const PIECES_MAX: usize = 20_000;
/// What stands before the records is read anew with each of them.
const FRAME_BYTES_MAX: usize = 16 << 10;
/// No tag that begins a record is longer.
const TAG_BYTES_MAX: usize = 1 << 10;
/// Of a sum, enough that no two pieces share it.
const NAME_BYTES: usize = 12;
const END: &str = "</ListRecords></OAI-PMH>";

/// `None` when nothing says where the next page is: then the rest would be lost without a word.
pub(super) fn page(text: &str, reading: &Reading<'_>) -> Option<Page> {
    let first = starts(text).next()?;
    let frame = text.get(..first).filter(|frame| frame.len() <= FRAME_BYTES_MAX)?;
    let (tail, token) = tail(text)?;
    let body = &text[first..tail.max(first)];
    let places: Vec<usize> = starts(body).take(PIECES_MAX + 1).collect();
    if places.len() > PIECES_MAX {
        return None;
    }
    let ends = places.iter().skip(1).copied().chain([body.len()]);
    let items = places.iter().zip(ends).filter_map(|(from, to)| {
        let piece = &body[*from..to];
        piece_of(frame, piece, reading).unwrap_or_else(|why| Some(unreadable(piece, &why)))
    });
    Some(Page { items: items.collect(), token })
}

fn piece_of(frame: &str, piece: &str, reading: &Reading<'_>) -> Result<Option<Item>, String> {
    match whole(&format!("{frame}{piece}{END}"), reading)? {
        Answer::Said(page) => Ok(page.items.into_iter().next()),
        _ => Ok(None),
    }
}

/// Where a record of the list begins: with its header. MARC has records of its own inside.
fn starts(text: &str) -> impl Iterator<Item = usize> + '_ {
    let has_header = |place: &usize| {
        let rest = &text[place + "<record".len()..];
        let Some(end) = rest.bytes().take(TAG_BYTES_MAX).position(|byte| byte == b'>') else { return false };
        let (tag, after) = (&rest[..end], &rest[end + 1..]);
        (tag.is_empty() || tag.starts_with(char::is_whitespace)) && after.trim_start().starts_with("<header")
    };
    text.match_indices("<record").map(|(place, _)| place).filter(has_header)
}

/// Where the records end, and the token of the next page; none when the list is closed without one.
fn tail(text: &str) -> Option<(usize, Option<String>)> {
    let Some(at) = text.rfind("<resumptionToken") else {
        return text.rfind("</ListRecords").map(|end| (end, None));
    };
    let (head, rest) = text[at..].split_once('>')?;
    if head.ends_with('/') {
        return Some((at, None));
    }
    let (token, _) = rest.split_once('<')?;
    let token = token.trim().replace("&lt;", "<").replace("&gt;", ">").replace("&quot;", "\"").replace("&amp;", "&");
    Some((at, Some(token).filter(|token| !token.is_empty())))
}

/// One without a name is named by what it holds: the same in the next harvest, and not another one of another page.
fn unreadable(piece: &str, why: &str) -> Item {
    let named = piece.split_once("<identifier>").and_then(|(_, rest)| rest.split_once('<')).map(|(name, _)| name.trim());
    // Of a name of nothing but control signs nothing is left.
    let identifier = named.map(shortened).filter(|name| !name.is_empty()).unwrap_or_else(|| unnamed(piece));
    Item { identifier, content: Content::Unusable(format!("Its XML is broken: {why}.")) }
}

fn unnamed(piece: &str) -> String {
    let sum = Sha256::digest(piece.as_bytes());
    let name: String = sum.iter().take(NAME_BYTES).map(|byte| format!("{byte:02x}")).collect();
    format!("unreadable:{name}")
}

#[cfg(test)]
mod tests {
    use super::{super::fields::FieldMap, *};
    use record::{doi::Prefix, harvest::Format};

    fn read(text: &str) -> Option<Page> {
        let ours = Prefix::parse("10.5072").unwrap();
        page(text, &Reading { fields: FieldMap::built_in(), format: Format::DublinCore, ours: &ours })
    }

    fn record(id: &str, inside: &str) -> String {
        format!(
            "<record><header><identifier>{id}</identifier></header><metadata><dc:dc xmlns:dc=\"x\"><dc:title>Title of {id} and more</dc:title>{inside}</dc:dc></metadata></record>"
        )
    }

    #[test]
    fn what_is_broken_costs_itself_alone() {
        let records = [record("a", ""), record("b", "<dc:creator>half <b"), record("c", "")].concat();
        let text = format!(
            "<?xml version=\"1.0\"?><OAI-PMH><ListRecords>{records}<resumptionToken>next&amp;1</resumptionToken></ListRecords></OAI-PMH>"
        );
        let page = read(&text).unwrap();
        assert_eq!(page.token.as_deref(), Some("next&1"));
        let told: Vec<(&str, bool)> =
            page.items.iter().map(|item| (item.identifier.as_str(), matches!(item.content, Content::Unusable(_)))).collect();
        assert_eq!(told, [("a", false), ("b", true), ("c", false)]);
    }

    #[test]
    fn pieces_without_a_name_are_told_apart_on_all_pages() {
        let unnamed = |inside: &str| {
            let page = read(&format!("<OAI-PMH><ListRecords><record><header><broken>{inside}</record></ListRecords></OAI-PMH>")).unwrap();
            let [item] = page.items.as_slice() else { panic!("{page:?}") };
            assert!(matches!(item.content, Content::Unusable(_)) && item.identifier.starts_with("unreadable:"));
            item.identifier.clone()
        };
        assert_ne!(unnamed("one"), unnamed("two"));
        assert_eq!(unnamed("one"), unnamed("one"), "the next harvest meets it again");
        assert_ne!(unnamed("<identifier>\u{0}\u{1}</identifier>"), "");
    }

    #[test]
    fn without_a_way_on_nothing_is_taken() {
        let cut = format!("<OAI-PMH><ListRecords>{}<record><header><identifier>b</ident", record("a", ""));
        assert_eq!(read(&cut), None, "the rest would be lost");
        assert_eq!(read("<html><recorder>"), None);
        let last = format!("<OAI-PMH><ListRecords>{}<bad></ListRecords></OAI-PMH>", record("a", ""));
        let page = read(&last).unwrap();
        assert_eq!((page.items.len(), page.token), (1, None), "the list was closed: it was the last page");
    }
}
