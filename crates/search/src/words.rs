//! From text to words, the same way for what is indexed and what is asked: accents folded, case
//! dropped, cut at everything that is neither letter nor digit; English stems beside the words.

use tantivy::tokenizer::{Language, Stemmer, TextAnalyzer, WhitespaceTokenizer};
use unicode_normalization::{UnicodeNormalization, char::is_combining_mark};

/// Words of a query beyond this many are passed over.
pub(crate) const QUERY_WORDS_MAX: usize = 32;
const WORD_CHARS_MAX: usize = 60;
/// Text of one record that is indexed; metadata is limited before, this only bounds the index.
const WORDS_MAX: usize = 50_000;

/// The words of a text in their order.
pub(crate) fn split(text: &str) -> Vec<String> {
    let mut words = Vec::new();
    for chunk in text.split_whitespace() {
        push_parts(chunk, &mut words);
        if words.len() >= WORDS_MAX {
            break;
        }
    }
    words
}

fn push_parts(chunk: &str, words: &mut Vec<String>) -> usize {
    let folded = fold(chunk);
    let before = words.len();
    words.extend(
        folded
            .split(|letter: char| !letter.is_alphanumeric())
            .filter(|part| !part.is_empty())
            .map(|part| part.chars().take(WORD_CHARS_MAX).collect()),
    );
    words.len() - before
}

/// All words to be indexed, separated by spaces: every word, its stem, and `xray` for `x-ray`.
pub(crate) fn indexed(text: &str) -> String {
    let mut words = Vec::new();
    for chunk in text.split_whitespace() {
        let parts = push_parts(chunk, &mut words);
        if (2..=4).contains(&parts) && chunk.contains(['-', '‐', '–']) {
            let joined = words[words.len() - parts..].concat();
            words.push(joined);
        }
        if words.len() >= WORDS_MAX {
            break;
        }
    }
    let plain = words.join(" ");
    let stems = stems(&plain);
    format!("{plain} {stems}")
}

pub(crate) fn stem(word: &str) -> String {
    stems(word)
}

fn stems(words: &str) -> String {
    let mut analyzer = TextAnalyzer::builder(WhitespaceTokenizer::default()).filter(Stemmer::new(Language::English)).build();
    let mut stream = analyzer.token_stream(words);
    let mut stems = String::with_capacity(words.len());
    while stream.advance() {
        if !stems.is_empty() {
            stems.push(' ');
        }
        stems.push_str(&stream.token().text);
    }
    stems
}

/// Lower case without accents; letters that Unicode does not take apart are written as people do without them.
pub(crate) fn fold(text: &str) -> String {
    if text.is_ascii() {
        return text.to_ascii_lowercase();
    }
    let mut folded = String::with_capacity(text.len());
    for letter in text.nfkd().filter(|letter| !is_combining_mark(*letter)).flat_map(char::to_lowercase) {
        match letter {
            'ß' => folded.push_str("ss"),
            'æ' => folded.push_str("ae"),
            'œ' => folded.push_str("oe"),
            'ø' => folded.push('o'),
            'đ' | 'ð' => folded.push('d'),
            'ł' => folded.push('l'),
            'þ' => folded.push_str("th"),
            'ı' => folded.push('i'),
            'µ' => folded.push('μ'),
            other if is_combining_mark(other) => {}
            other => folded.push(other),
        }
    }
    folded
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_the_same_however_they_are_written() {
        assert_eq!(split("Große Käfer, Ka\u{308}fer; ŁÓDŹ"), ["grosse", "kafer", "kafer", "lodz"]);
        assert_eq!(split("  ?!… "), Vec::<String>::new());
        assert_eq!(indexed("X-ray bones"), "x ray xray bones x ray xray bone");
        assert_eq!(split(&"a".repeat(10_000))[0].len(), WORD_CHARS_MAX);
    }
}
