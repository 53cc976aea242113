//! A foreign XML document as a tree, within limits. No document type is read, so there are no entities that could grow
//! or reach outside; names are taken without their namespace prefixes.

use quick_xml::{
    Reader,
    events::{BytesStart, Event},
};

#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct Node {
    pub(super) name: String,
    attributes: Vec<(String, String)>,
    /// All text directly inside; of a value also that inside its markup.
    pub(super) text: String,
    pub(super) children: Vec<Node>,
}

const DEPTH_MAX: usize = 64;
const NODES_MAX: usize = 400_000;
const ATTRIBUTES_MAX: usize = 64;
/// The name of a letter with its semicolon.
const LETTER_CHARS_MAX: usize = 12;

impl Node {
    pub(super) fn attribute(&self, name: &str) -> Option<&str> {
        self.attributes.iter().find(|(held, _)| held == name).map(|(_, value)| value.as_str())
    }
    pub(super) fn child(&self, name: &str) -> Option<&Node> {
        self.children.iter().find(|child| child.name == name)
    }
    pub(super) fn named<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a Node> {
        self.children.iter().filter(move |child| child.name == name)
    }
    pub(super) fn words_of(&self, name: &str) -> &str {
        self.child(name).map_or("", |child| child.text.trim())
    }

    /// The root element; an error says what is wrong with the document.
    pub(super) fn parse(text: &str) -> Result<Node, String> {
        let mut reader = Reader::from_str(text.trim_start_matches('\u{feff}').trim_start());
        let mut open: Vec<Node> = Vec::new();
        let mut nodes = 0;
        loop {
            let event = reader.read_event().map_err(|error| format!("it is not well-formed XML: {error}"))?;
            match event {
                Event::Start(start) => {
                    nodes += 1;
                    if nodes > NODES_MAX || open.len() >= DEPTH_MAX {
                        return Err(format!("it has more than {NODES_MAX} elements or more than {DEPTH_MAX} levels"));
                    }
                    open.push(opened(&start));
                }
                Event::Empty(start) => {
                    nodes += 1;
                    let node = opened(&start);
                    match open.last_mut() {
                        Some(parent) if nodes <= NODES_MAX => parent.children.push(node),
                        Some(_) => return Err(format!("it has more than {NODES_MAX} elements")),
                        None => return Ok(node),
                    }
                }
                Event::End(_) => {
                    let Some(mut node) = open.pop() else { return Err("it closes what it did not open".to_owned()) };
                    match open.last_mut() {
                        Some(parent) => {
                            // Markup inside a value: its words belong to the value, in their order, and are held once.
                            if super::holds_words(&parent.name) {
                                parent.text.push_str(&std::mem::take(&mut node.text));
                            }
                            parent.children.push(node);
                        }
                        None => return Ok(node),
                    }
                }
                Event::Text(words) => say(&mut open, &String::from_utf8_lossy(&words)),
                Event::CData(words) => say(&mut open, &String::from_utf8_lossy(&words)),
                Event::GeneralRef(named) => say(&mut open, &letter(&String::from_utf8_lossy(&named))),
                Event::DocType(_) => return Err("it declares a document type, which is not read".to_owned()),
                Event::Eof => return Err("it ends in the middle".to_owned()),
                Event::Decl(_) | Event::PI(_) | Event::Comment(_) => {}
            }
        }
    }
}

fn say(open: &mut [Node], words: &str) {
    if let Some(node) = open.last_mut() {
        node.text.push_str(words);
    }
}

fn opened(start: &BytesStart<'_>) -> Node {
    let local = |name: &[u8]| String::from_utf8_lossy(name).rsplit(':').next().unwrap_or_default().to_owned();
    let attributes = start.attributes().flatten().take(ATTRIBUTES_MAX);
    let attributes = attributes.map(|held| (local(held.key.as_ref()), with_letters(&String::from_utf8_lossy(&held.value))));
    Node { name: local(start.name().as_ref()), attributes: attributes.collect(), ..Node::default() }
}

/// `&amp;` and `&#228;` in the value of an attribute.
fn with_letters(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('&') {
        out.push_str(before);
        // Only as far as a name can be long: else a value of many such signs is read again for each of them.
        match after.char_indices().take(LETTER_CHARS_MAX).find(|(_, sign)| *sign == ';') {
            Some((end, _)) => {
                out.push_str(&letter(&after[..end]));
                rest = &after[end + 1..];
            }
            None => {
                out.push('&');
                rest = after;
            }
        }
    }
    out.push_str(rest);
    out
}

/// The five names of XML and numbers; what else is named stays as it is written.
fn letter(name: &str) -> String {
    let code = name.strip_prefix('#').and_then(|number| match number.strip_prefix(['x', 'X']) {
        Some(hex) => u32::from_str_radix(hex, 16).ok(),
        None => number.parse().ok(),
    });
    if let Some(letter) = code.and_then(char::from_u32) {
        return letter.to_string();
    }
    match name {
        "amp" => "&".to_owned(),
        "lt" => "<".to_owned(),
        "gt" => ">".to_owned(),
        "quot" => "\"".to_owned(),
        "apos" => "'".to_owned(),
        other => format!("&{other};"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_document_becomes_a_tree_without_prefixes() {
        let root = Node::parse("\u{feff}<?xml version='1.0'?><!-- x --><m:a xmlns:m='u' m:b='1 &amp; &#228;'><m:c>x &lt; <![CDATA[<y>]]>&#x20;z</m:c><m:c/></m:a>").unwrap();
        assert_eq!((root.name.as_str(), root.attribute("b")), ("a", Some("1 & ä")));
        assert_eq!(root.words_of("c"), "x < <y> z");
        assert_eq!(root.named("c").count(), 2);
    }

    #[test]
    fn bombs_and_entities_from_outside_do_nothing() {
        let laughs = "<!DOCTYPE lolz [<!ENTITY lol \"lol\"><!ENTITY lol2 \"&lol;&lol;\">]><a>&lol2;</a>";
        assert!(Node::parse(laughs).unwrap_err().contains("document type"));
        let outside = "<!DOCTYPE a [<!ENTITY x SYSTEM \"file:///etc/passwd\">]><a>&x;</a>";
        assert!(Node::parse(outside).unwrap_err().contains("document type"));
        assert_eq!(Node::parse("<a>&unknown;</a>").unwrap().text, "&unknown;");
        assert!(Node::parse(&"<a>".repeat(100_000)).is_err());
        assert!(Node::parse(&format!("<a>{}</a>", "<b/>".repeat(NODES_MAX + 1))).is_err());
        let signs = format!("<a b='{}'/>", "&".repeat(2 << 20));
        assert_eq!(Node::parse(&signs).unwrap().attribute("b").map(str::len), Some(2 << 20));
        for broken in ["", "<a>", "<a></b>", "no xml", "<a", "</a>", "<a b='></a>"] {
            assert!(Node::parse(broken).is_err(), "{broken}");
        }
    }
}
