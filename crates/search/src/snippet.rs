//! The piece of a description that shows why a record was found. Escaped here, once, because the marks are HTML.

use crate::words;

const CHARS_MAX: usize = 220;
/// What stands before the first word found.
const CHARS_BEFORE: usize = 60;

/// The beginning of the description when none of the words stands in it; `None` when there is no description.
pub(crate) fn cut(description: &str, asked: &[String]) -> Option<String> {
    let text: String = description.split_whitespace().collect::<Vec<_>>().join(" ");
    if text.is_empty() {
        return None;
    }
    let asked: Vec<(String, String)> = asked.iter().map(|word| (word.clone(), words::stem(word))).collect();
    let first = pieces(&text).find(|(_, piece)| is_asked(piece, &asked)).map_or(0, |(start, _)| start);
    let from = window_start(&text, first);
    let mut html = String::new();
    if from > 0 {
        html.push('…');
    }
    let mut shown = 0;
    for (_, piece) in pieces(&text[from..]) {
        let marked = is_asked(piece, &asked);
        let letters = piece.chars().count();
        if shown + letters > CHARS_MAX {
            html.push('…');
            break;
        }
        shown += letters;
        if marked {
            html.push_str("<mark>");
        }
        escape_into(&mut html, piece);
        if marked {
            html.push_str("</mark>");
        }
    }
    Some(html)
}

fn window_start(text: &str, first: usize) -> usize {
    if text[..first].chars().count() <= CHARS_BEFORE {
        return 0;
    }
    let near = text[..first].char_indices().rev().nth(CHARS_BEFORE).map_or(0, |(start, _)| start);
    text[near..first].find(' ').map_or(first, |space| near + space + 1)
}

/// Runs of letters and digits, and what is between them.
fn pieces(text: &str) -> impl Iterator<Item = (usize, &str)> {
    let mut rest = 0;
    std::iter::from_fn(move || {
        let tail = &text[rest..];
        let is_word = tail.chars().next()?.is_alphanumeric();
        // Combining marks belong to the letter before them.
        let end = tail
            .find(|letter: char| (letter.is_alphanumeric() || unicode_normalization::char::is_combining_mark(letter)) != is_word)
            .unwrap_or(tail.len());
        let start = rest;
        rest += end.max(tail.chars().next().map_or(1, char::len_utf8));
        Some((start, &text[start..rest]))
    })
}

fn is_asked(piece: &str, asked: &[(String, String)]) -> bool {
    let folded = words::fold(piece);
    if asked.is_empty() || !folded.chars().next().is_some_and(char::is_alphanumeric) {
        return false;
    }
    let last = asked.len() - 1;
    asked.iter().enumerate().any(|(position, (word, stem))| {
        folded == *word
            || (position == last && word.len() >= 3 && folded.starts_with(word.as_str()))
            || (begin_alike(&folded, stem) && words::stem(&folded) == *stem)
    })
}

/// A stem changes the end of a word only; most words need not be stemmed to see that they differ.
fn begin_alike(word: &str, stem: &str) -> bool {
    word.bytes().zip(stem.bytes()).take(3).all(|(left, right)| left == right)
}

fn escape_into(html: &mut String, text: &str) {
    for letter in text.chars() {
        match letter {
            '&' => html.push_str("&amp;"),
            '<' => html.push_str("&lt;"),
            '>' => html.push_str("&gt;"),
            '"' => html.push_str("&quot;"),
            '\'' => html.push_str("&#39;"),
            other => html.push(other),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn asked(text: &str) -> Vec<String> {
        words::split(text)
    }

    #[test]
    fn what_was_asked_is_marked_and_nothing_gets_through_unescaped() {
        assert_eq!(
            cut("Jaw <b>muscles</b> & bones of a caecilian", &asked("muscle")).unwrap(),
            "Jaw &lt;b&gt;<mark>muscles</mark>&lt;/b&gt; &amp; bones of a caecilian"
        );
        assert_eq!(cut("Der Käfer", &asked("kafer")).unwrap(), "Der <mark>Käfer</mark>");
        assert_eq!(cut(" \n ", &asked("x")), None);
        let long = format!("{} trabecula {}", "word ".repeat(100), "word ".repeat(100));
        let piece = cut(&long, &asked("trabec")).unwrap();
        assert!(piece.starts_with('…') && piece.ends_with('…') && piece.contains("<mark>trabecula</mark>"), "{piece}");
        assert!(piece.chars().count() < 260);
    }

    #[test]
    fn any_text_is_cut_without_harm() {
        for text in ["\u{301}", "a\u{301}\u{301} ü", "😀😀 😀", "ß ẞ ﬁ", "中文字", "x\u{0}y"] {
            for words in ["", "a", "ü", "中", "😀"] {
                cut(&text.repeat(200), &asked(words));
                cut(text, &asked(words));
            }
        }
    }
}
