//! The values in a Dublin Core record: elements by their names.

use super::node::Node;

pub(super) fn is_element(name: &str) -> bool {
    [
        "title",
        "creator",
        "subject",
        "description",
        "publisher",
        "contributor",
        "date",
        "type",
        "format",
        "identifier",
        "source",
        "language",
        "relation",
        "coverage",
        "rights",
    ]
    .contains(&name)
}

/// All elements with something in them, in their order.
pub(super) fn elements_of(record: &Node) -> Vec<&Node> {
    record.children.iter().filter(|child| !child.text.trim().is_empty()).collect()
}
