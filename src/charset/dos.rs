//! DOS code pages that the Encoding Standard lacks.
//!
//! The characters are those of the mapping tables of unicode.org (VENDORS/MICSFT/PC), which Python's codecs share:
//! `bytes(range(128, 256)).decode("cp437")`. Every byte has a character; those below 80 are ASCII.

/// A code page.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Page {
    /// The original one, of the United States.
    Cp437,
    /// Greek.
    Cp737,
    /// Western Europe.
    Cp850,
    /// Central Europe.
    Cp852,
}

impl Page {
    const ALL: [Page; 4] = [Page::Cp437, Page::Cp737, Page::Cp850, Page::Cp852];

    pub(super) fn name(self) -> &'static str {
        match self {
            Page::Cp437 => "cp437",
            Page::Cp737 => "cp737",
            Page::Cp850 => "cp850",
            Page::Cp852 => "cp852",
        }
    }

    /// The page with a name in lower case: `cp437` or `ibm437`.
    pub(super) fn named(name: &str) -> Option<Page> {
        let number = name.strip_prefix("cp").or_else(|| name.strip_prefix("ibm"))?;
        Page::ALL.into_iter().find(|page| page.name().strip_prefix("cp") == Some(number))
    }

    /// The characters of bytes 80 to FF.
    fn characters(self) -> &'static [char; 128] {
        match self {
            Page::Cp437 => &CP437,
            Page::Cp737 => &CP737,
            Page::Cp850 => &CP850,
            Page::Cp852 => &CP852,
        }
    }

    /// Appends the text of a value. No byte is a fault.
    pub(super) fn decode(self, bytes: &[u8], out: &mut String) {
        let characters = self.characters();
        out.extend(bytes.iter().map(|byte| match byte.checked_sub(0x80) {
            Some(place) => characters[usize::from(place)],
            None => char::from(*byte),
        }));
    }
}

#[rustfmt::skip]
static CP437: [char; 128] = [
    'Ç', 'ü', 'é', 'â', 'ä', 'à', 'å', 'ç', 'ê', 'ë', 'è', 'ï', 'î', 'ì', 'Ä', 'Å',
    'É', 'æ', 'Æ', 'ô', 'ö', 'ò', 'û', 'ù', 'ÿ', 'Ö', 'Ü', '¢', '£', '¥', '₧', 'ƒ',
    'á', 'í', 'ó', 'ú', 'ñ', 'Ñ', 'ª', 'º', '¿', '⌐', '¬', '½', '¼', '¡', '«', '»',
    '░', '▒', '▓', '│', '┤', '╡', '╢', '╖', '╕', '╣', '║', '╗', '╝', '╜', '╛', '┐',
    '└', '┴', '┬', '├', '─', '┼', '╞', '╟', '╚', '╔', '╩', '╦', '╠', '═', '╬', '╧',
    '╨', '╤', '╥', '╙', '╘', '╒', '╓', '╫', '╪', '┘', '┌', '█', '▄', '▌', '▐', '▀',
    'α', 'ß', 'Γ', 'π', 'Σ', 'σ', 'µ', 'τ', 'Φ', 'Θ', 'Ω', 'δ', '∞', 'φ', 'ε', '∩',
    '≡', '±', '≥', '≤', '⌠', '⌡', '÷', '≈', '°', '∙', '·', '√', 'ⁿ', '²', '■', '\u{A0}',
];

#[rustfmt::skip]
static CP737: [char; 128] = [
    'Α', 'Β', 'Γ', 'Δ', 'Ε', 'Ζ', 'Η', 'Θ', 'Ι', 'Κ', 'Λ', 'Μ', 'Ν', 'Ξ', 'Ο', 'Π',
    'Ρ', 'Σ', 'Τ', 'Υ', 'Φ', 'Χ', 'Ψ', 'Ω', 'α', 'β', 'γ', 'δ', 'ε', 'ζ', 'η', 'θ',
    'ι', 'κ', 'λ', 'μ', 'ν', 'ξ', 'ο', 'π', 'ρ', 'σ', 'ς', 'τ', 'υ', 'φ', 'χ', 'ψ',
    '░', '▒', '▓', '│', '┤', '╡', '╢', '╖', '╕', '╣', '║', '╗', '╝', '╜', '╛', '┐',
    '└', '┴', '┬', '├', '─', '┼', '╞', '╟', '╚', '╔', '╩', '╦', '╠', '═', '╬', '╧',
    '╨', '╤', '╥', '╙', '╘', '╒', '╓', '╫', '╪', '┘', '┌', '█', '▄', '▌', '▐', '▀',
    'ω', 'ά', 'έ', 'ή', 'ϊ', 'ί', 'ό', 'ύ', 'ϋ', 'ώ', 'Ά', 'Έ', 'Ή', 'Ί', 'Ό', 'Ύ',
    'Ώ', '±', '≥', '≤', 'Ϊ', 'Ϋ', '÷', '≈', '°', '∙', '·', '√', 'ⁿ', '²', '■', '\u{A0}',
];

#[rustfmt::skip]
static CP850: [char; 128] = [
    'Ç', 'ü', 'é', 'â', 'ä', 'à', 'å', 'ç', 'ê', 'ë', 'è', 'ï', 'î', 'ì', 'Ä', 'Å',
    'É', 'æ', 'Æ', 'ô', 'ö', 'ò', 'û', 'ù', 'ÿ', 'Ö', 'Ü', 'ø', '£', 'Ø', '×', 'ƒ',
    'á', 'í', 'ó', 'ú', 'ñ', 'Ñ', 'ª', 'º', '¿', '®', '¬', '½', '¼', '¡', '«', '»',
    '░', '▒', '▓', '│', '┤', 'Á', 'Â', 'À', '©', '╣', '║', '╗', '╝', '¢', '¥', '┐',
    '└', '┴', '┬', '├', '─', '┼', 'ã', 'Ã', '╚', '╔', '╩', '╦', '╠', '═', '╬', '¤',
    'ð', 'Ð', 'Ê', 'Ë', 'È', 'ı', 'Í', 'Î', 'Ï', '┘', '┌', '█', '▄', '¦', 'Ì', '▀',
    'Ó', 'ß', 'Ô', 'Ò', 'õ', 'Õ', 'µ', 'þ', 'Þ', 'Ú', 'Û', 'Ù', 'ý', 'Ý', '¯', '´',
    '\u{AD}', '±', '‗', '¾', '¶', '§', '÷', '¸', '°', '¨', '·', '¹', '³', '²', '■', '\u{A0}',
];

#[rustfmt::skip]
static CP852: [char; 128] = [
    'Ç', 'ü', 'é', 'â', 'ä', 'ů', 'ć', 'ç', 'ł', 'ë', 'Ő', 'ő', 'î', 'Ź', 'Ä', 'Ć',
    'É', 'Ĺ', 'ĺ', 'ô', 'ö', 'Ľ', 'ľ', 'Ś', 'ś', 'Ö', 'Ü', 'Ť', 'ť', 'Ł', '×', 'č',
    'á', 'í', 'ó', 'ú', 'Ą', 'ą', 'Ž', 'ž', 'Ę', 'ę', '¬', 'ź', 'Č', 'ş', '«', '»',
    '░', '▒', '▓', '│', '┤', 'Á', 'Â', 'Ě', 'Ş', '╣', '║', '╗', '╝', 'Ż', 'ż', '┐',
    '└', '┴', '┬', '├', '─', '┼', 'Ă', 'ă', '╚', '╔', '╩', '╦', '╠', '═', '╬', '¤',
    'đ', 'Đ', 'Ď', 'Ë', 'ď', 'Ň', 'Í', 'Î', 'ě', '┘', '┌', '█', '▄', 'Ţ', 'Ů', '▀',
    'Ó', 'ß', 'Ô', 'Ń', 'ń', 'ň', 'Š', 'š', 'Ŕ', 'Ú', 'ŕ', 'Ű', 'ý', 'Ý', 'ţ', '´',
    '\u{AD}', '˝', '˛', 'ˇ', '˘', '§', '÷', '¸', '°', '¨', '˙', 'ű', 'Ř', 'ř', '■', '\u{A0}',
];

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn reads_pages_of_dos() {
        for (name, bytes, text) in [
            ("cp437", &b"caf\x82 \xe1 \xc9\xbb"[..], "café ß ╔╗"),
            ("cp737", b"\x84\xa2\xa2\xe1\x9b\x98", "Ελλάδα"),
            ("ibm850", b"Fran\x87ois \xd5 \x9b", "François ı ø"),
            ("cp852", b"P\xfd\xa1li\xe7", "Příliš"),
        ] {
            let mut out = String::new();
            Page::named(name).unwrap().decode(bytes, &mut out);
            assert_eq!(out, text, "{name}");
        }
        for other in ["437", "cp866", "cp", "ibm", "cp4370"] {
            assert_eq!(Page::named(other), None, "{other}");
        }
    }
}
