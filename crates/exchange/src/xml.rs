//! A small XML tree: enough to write a document that is well formed whatever the texts hold.

use std::borrow::Cow;

#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Element {
    name: &'static str,
    attributes: Vec<(&'static str, String)>,
    text: String,
    children: Vec<Element>,
}

impl Element {
    pub(crate) fn new(name: &'static str) -> Self {
        Self { name, attributes: Vec::new(), text: String::new(), children: Vec::new() }
    }
    pub(crate) fn with_text(name: &'static str, text: impl Into<String>) -> Self {
        Self { text: text.into(), ..Self::new(name) }
    }
    pub(crate) fn attribute(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.attributes.push((name, value.into()));
        self
    }
    pub(crate) fn maybe_attribute(self, name: &'static str, value: Option<impl Into<String>>) -> Self {
        match value {
            Some(value) => self.attribute(name, value),
            None => self,
        }
    }
    pub(crate) fn child(mut self, child: Element) -> Self {
        self.children.push(child);
        self
    }
    pub(crate) fn children(mut self, children: impl IntoIterator<Item = Element>) -> Self {
        self.children.extend(children);
        self
    }
    /// A child that is there only when it has children of its own.
    pub(crate) fn group(self, name: &'static str, members: Vec<Element>) -> Self {
        if members.is_empty() { self } else { self.child(Element::new(name).children(members)) }
    }

    pub(crate) fn document(&self) -> String {
        let mut out = String::from("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n");
        self.write(&mut out, 0);
        out
    }

    /// Without the line that begins a document, to stand within another one.
    pub(crate) fn write_fragment(&self, out: &mut String) {
        self.write(out, 0);
    }

    fn write(&self, out: &mut String, depth: usize) {
        let indent = "  ".repeat(depth);
        out.push_str(&format!("{indent}<{}", self.name));
        for (name, value) in &self.attributes {
            out.push_str(&format!(" {name}=\"{}\"", escaped(value)));
        }
        if self.children.is_empty() {
            out.push_str(&format!(">{}</{}>\n", escaped(&self.text), self.name));
            return;
        }
        out.push_str(">\n");
        for child in &self.children {
            child.write(out, depth + 1);
        }
        out.push_str(&format!("{indent}</{}>\n", self.name));
    }
}

pub(crate) fn escaped(text: &str) -> String {
    let allowed: Cow<'_, str> = if text.chars().all(is_xml) {
        Cow::Borrowed(text)
    } else {
        text.chars().filter(|letter| is_xml(*letter)).collect::<String>().into()
    };
    quick_xml::escape::escape(allowed).into_owned()
}

/// Whether nothing of it would be seen in a document.
pub(crate) fn is_blank(text: &str) -> bool {
    text.chars().all(|letter| letter.is_whitespace() || !is_xml(letter))
}

/// XML 1.0 has no way to write the other characters, not even escaped.
fn is_xml(letter: char) -> bool {
    matches!(letter, '\t' | '\n' | '\r' | '\u{20}'..='\u{d7ff}' | '\u{e000}'..='\u{fffd}' | '\u{10000}'..)
}
