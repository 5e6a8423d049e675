//! Text cut into words, numbers and marks: what the number and time scanners read.

use unicode_normalization::UnicodeNormalization;

use super::digits::{decimal_digit, fold_digit};
use super::normal::is_ignorable;

/// What a token is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Kind {
    /// A run of letters, lower case, apostrophes inside dropped ("o'clock" is "oclock").
    Word(String),
    /// A run of decimal digits of one or more scripts, as ASCII.
    Digits(String),
    /// A vulgar fraction sign such as "½", in thousandths (500 for a half).
    Thousandths(i64),
    /// Any other visible character.
    Mark(char),
}

/// One token and where it stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Token {
    pub(super) kind: Kind,
    /// First character in the text.
    pub(super) start: usize,
    /// One past the last.
    pub(super) end: usize,
    /// Nothing stands between it and the token before it.
    pub(super) glued: bool,
}

impl Token {
    pub(super) fn word(&self) -> Option<&str> {
        match &self.kind {
            Kind::Word(word) => Some(word),
            _ => None,
        }
    }

    pub(super) fn digits(&self) -> Option<&str> {
        match &self.kind {
            Kind::Digits(digits) => Some(digits),
            _ => None,
        }
    }

    pub(super) fn is(&self, mark: char) -> bool {
        self.kind == Kind::Mark(mark)
    }
}

fn fraction(c: char) -> Option<i64> {
    Some(match c {
        '½' => 500,
        '¼' => 250,
        '¾' => 750,
        '⅕' => 200,
        '⅖' => 400,
        '⅗' => 600,
        '⅘' => 800,
        '⅛' => 125,
        '⅜' => 375,
        '⅝' => 625,
        '⅞' => 875,
        '⅒' => 100,
        _ => return None,
    })
}

/// The one mark for the many that mean it.
fn plain_mark(c: char) -> char {
    match c {
        '\u{2010}'..='\u{2015}' | '−' | '﹣' | '－' => '-',
        '’' | '‘' | 'ʼ' | '＇' | '`' => '\'',
        '，' | '、' | '٬' | '،' => ',',
        '．' | '。' | '٫' => '.',
        '：' => ':',
        '／' => '/',
        '％' | '٪' => '%',
        '＠' => '@',
        '＄' => '$',
        '（' => '(',
        '）' => ')',
        other => other,
    }
}

/// Cuts the text. Spans are in characters.
pub(super) fn tokens(text: &str) -> Vec<Token> {
    let chars: Vec<char> = text.chars().collect();
    let mut out: Vec<Token> = Vec::new();
    let mut glued = false;
    for (at, &raw) in chars.iter().enumerate() {
        if raw.is_whitespace() {
            glued = false;
            continue;
        }
        if is_ignorable(raw) {
            continue;
        }
        let mut push = |kind: Kind| {
            // A run goes on where its last token was of the same kind.
            if let (true, Some(last)) = (glued, out.last_mut()) {
                match (&mut last.kind, &kind) {
                    (Kind::Word(run), Kind::Word(more))
                    | (Kind::Digits(run), Kind::Digits(more)) => {
                        run.push_str(more);
                        last.end = at + 1;
                        return;
                    }
                    _ => {}
                }
            }
            out.push(Token {
                kind,
                start: at,
                end: at + 1,
                glued,
            });
            glued = true;
        };
        if let Some(thousandths) = fraction(raw) {
            push(Kind::Thousandths(thousandths));
        } else if decimal_digit(raw).is_some() {
            push(Kind::Digits(fold_digit(raw).to_string()));
        } else if raw.is_ascii_alphabetic() {
            push(Kind::Word(raw.to_ascii_lowercase().to_string()));
        } else if raw.is_alphanumeric() {
            let folded: String = std::iter::once(raw)
                .nfkc()
                .flat_map(char::to_lowercase)
                .collect();
            push(Kind::Word(folded));
        } else {
            push(Kind::Mark(plain_mark(raw)));
        }
    }
    join_apostrophes(out)
}

/// "o'clock", "let's" and "p.m." read as one word each.
fn join_apostrophes(tokens: Vec<Token>) -> Vec<Token> {
    let mut out: Vec<Token> = Vec::with_capacity(tokens.len());
    let mut at = 0;
    while at < tokens.len() {
        let token = &tokens[at];
        if let Some((end, word)) = dotted_meridiem(&tokens[at..]) {
            out.push(Token {
                kind: Kind::Word(word.to_owned()),
                start: token.start,
                end: tokens[at + end - 1].end,
                glued: token.glued,
            });
            at += end;
            continue;
        }
        if token.is('\'')
            && token.glued
            && let (Some(last), Some(next)) = (out.last_mut(), tokens.get(at + 1))
            && next.glued
            && let (Kind::Word(head), Some(tail)) = (&mut last.kind, next.word())
        {
            head.push_str(tail);
            last.end = next.end;
            at += 2;
            continue;
        }
        out.push(token.clone());
        at += 1;
    }
    out
}

fn dotted_meridiem(tokens: &[Token]) -> Option<(usize, &'static str)> {
    let [first, dot, second, ..] = tokens else {
        return None;
    };
    let word = match (first.word()?, second.word()?) {
        ("a", "m") => "am",
        ("p", "m") => "pm",
        _ => return None,
    };
    if !dot.is('.') || !dot.glued || !second.glued {
        return None;
    }
    let closing = tokens.get(3).is_some_and(|t| t.is('.') && t.glued);
    Some((3 + usize::from(closing), word))
}
