//! Mnemonics: names in braces that stand for characters, such as `{aacute}`, and bytes in hexadecimal, such as `{0D}`.
//!
//! A name stands for bytes in MARC-8: that is what the Library's table says, with what comes nearest in ASCII where the
//! set has no such character. In a record whose text is in UTF-8 it stands for the same characters in that, so that the
//! text of a record is all in one encoding. A byte in hexadecimal is that byte everywhere.

use std::borrow::Cow;
use std::sync::LazyLock;

use smallvec::SmallVec;

use super::super::draft::Draft;
use crate::charset::Charset;
use crate::charset::marc8::{self, ESCAPE};
use crate::diagnostic::{Code, Severity};
use crate::iso2709::SUBFIELD_DELIMITER;
use crate::options::{Dialect, Encoding, Records as Asked};
use crate::words::escaped;

/// The bytes that a mnemonic stands for.
type Bytes = SmallVec<[u8; 4]>;

/// No name is longer.
const LONGEST: usize = 8;
/// DEL, which is no character of MARC-8.
const DELETE: u8 = 0x7F;
/// The bytes of MARC-8 above which all are marks, which come before their letter.
const MARKS: u8 = 0xE0;

/// What text is in, and so what names stand for in it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Stands {
    /// Characters in UTF-8.
    Utf8,
    /// Bytes in MARC-8.
    Marc8,
    /// Nothing but ASCII: the set has characters that the table does not know.
    Ascii,
}

impl Stands {
    /// What names stand for in a record: its text, whether that is UTF-8, and leader/09 are evidence, if no encoding is
    /// asked for.
    pub(super) fn for_record(text: &str, is_utf8: bool, coding: Option<u8>, asked: Asked) -> Stands {
        match asked.encoding {
            Encoding::Named(Charset::Utf8) => Stands::Utf8,
            Encoding::Named(Charset::Marc8) => Stands::Marc8,
            Encoding::Named(_) => Stands::Ascii,
            Encoding::Declared | Encoding::Auto => match asked.dialect {
                Dialect::Marc21 if coding == Some(b'a') => Stands::Utf8,
                Dialect::Marc21 if is_utf8 && !text.is_ascii() => Stands::Utf8,
                Dialect::Marc21 => Stands::Marc8,
                Dialect::Unimarc if is_utf8 => Stands::Utf8,
                Dialect::Unimarc => Stands::Ascii,
            },
        }
    }
}

/// What a mnemonic stands for.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Meaning {
    /// A byte.
    Byte(u8),
    /// Characters, as bytes in MARC-8.
    Characters(Bytes),
}

impl Meaning {
    fn of(name: &str) -> Option<Meaning> {
        let known = NAMES.binary_search_by(|(known, _)| (*known).cmp(name)).ok();
        match (known.and_then(|place| NAMES.get(place)), name.as_bytes()) {
            (Some((_, bytes)), _) => Some(Meaning::Characters(bytes.clone())),
            // A letter or a digit stands for itself.
            (None, &[byte]) => Some(Meaning::Byte(byte)),
            (None, &[high, low]) => Some(Meaning::Byte(digit(high)? << 4 | digit(low)?)),
            _ => None,
        }
    }

    fn is_in(&self, stands: Stands) -> bool {
        match self {
            Meaning::Byte(_) => true,
            Meaning::Characters(bytes) => stands != Stands::Ascii || is_ascii(bytes),
        }
    }

    fn is_delimiter(&self) -> bool {
        match self {
            Meaning::Byte(byte) => *byte == SUBFIELD_DELIMITER,
            Meaning::Characters(bytes) => bytes.contains(&SUBFIELD_DELIMITER),
        }
    }
}

/// Text with what its mnemonics stand for; those that are not known stay, with a finding. `is_value` means that it may
/// have no delimiter.
pub(super) fn expand<'a>(
    text: &'a str,
    is_value: bool,
    stands: Stands,
    draft: &mut Draft<'_>,
) -> Cow<'a, str> {
    if memchr::memchr(b'{', text.as_bytes()).is_none() {
        return text.into();
    }
    let out = String::with_capacity(text.len());
    let mut expansion = Expansion { stands, draft, out, run: Vec::new() };
    let mut rest = text;
    while let Some(place) = memchr::memchr(b'{', rest.as_bytes()) {
        let (before, braced) = rest.split_at(place);
        expansion.text(before);
        let name = name(braced);
        let (mnemonic, after) = braced.split_at(name.map_or(1, |name| name.len() + 2));
        rest = after;
        let meaning = name.and_then(Meaning::of);
        match meaning.filter(|meaning| meaning.is_in(stands) && !(is_value && meaning.is_delimiter())) {
            Some(Meaning::Byte(byte)) => expansion.byte(byte),
            Some(Meaning::Characters(bytes)) => expansion.characters(&bytes),
            None => {
                if name.is_some() {
                    expansion.draft.note(Code::Unexpected, Severity::Warning, mnemonic);
                }
                expansion.text(mnemonic);
            }
        }
    }
    expansion.text(rest);
    expansion.flush("");
    expansion.out.into()
}

/// The name in braces that text begins with.
fn name(text: &str) -> Option<&str> {
    let rest = text.strip_prefix('{')?;
    let length = rest.bytes().take(LONGEST + 1).take_while(u8::is_ascii_alphanumeric).count();
    (length > 0 && rest[length..].starts_with('}')).then(|| &rest[..length])
}

/// Text that is put together.
struct Expansion<'a, 'b> {
    stands: Stands,
    draft: &'a mut Draft<'b>,
    out: String,
    /// In a record in UTF-8, ASCII and characters in MARC-8 that are still to be decoded: marks go before their letters
    /// in the one and after them in the other.
    run: Vec<u8>,
}

impl Expansion<'_, '_> {
    fn text(&mut self, text: &str) {
        if self.stands != Stands::Utf8 {
            self.out.push_str(text);
            return;
        }
        let mut rest = text;
        while !rest.is_empty() {
            let alike = rest.bytes().take_while(is_alike).count();
            self.run.extend_from_slice(&rest.as_bytes()[..alike]);
            rest = &rest[alike..];
            let other = rest.bytes().take_while(|byte| !is_alike(byte)).count();
            if other > 0 {
                self.flush(&rest[..other]);
                rest = &rest[other..];
            }
        }
    }

    fn byte(&mut self, byte: u8) {
        if self.stands == Stands::Utf8 && is_alike(&byte) {
            self.run.push(byte);
            return;
        }
        self.flush("");
        let character = self.draft.byte(byte);
        self.out.push(character);
    }

    fn characters(&mut self, bytes: &[u8]) {
        match self.stands {
            Stands::Utf8 => self.run.extend_from_slice(bytes),
            Stands::Marc8 | Stands::Ascii => {
                let characters = bytes.iter().map(|&byte| self.draft.byte(byte));
                self.out.extend(characters);
            }
        }
    }

    /// Ends the run before text in UTF-8, whose first character takes marks that are left.
    fn flush(&mut self, before: &str) {
        let run = std::mem::take(&mut self.run);
        let marks = run.iter().rev().take_while(|&&byte| byte >= MARKS).count();
        let (run, marks) = run.split_at(run.len() - marks);
        self.decode(run);
        let mut characters = before.chars();
        self.out.extend(characters.next());
        self.decode(marks);
        self.out.push_str(characters.as_str());
    }

    fn decode(&mut self, bytes: &[u8]) {
        let mut is_sound = true;
        marc8::decode(bytes, &mut self.out, &mut |fault| is_sound &= fault.code == Code::Marc8Mark);
        if !is_sound {
            self.draft.note(Code::Character, Severity::Decoding, &escaped(bytes));
        }
    }
}

/// Whether a byte is the same character in UTF-8 and in MARC-8.
fn is_alike(byte: &u8) -> bool {
    byte.is_ascii() && !matches!(*byte, ESCAPE | DELETE)
}

fn is_ascii(bytes: &[u8]) -> bool {
    bytes.is_ascii() && !bytes.contains(&ESCAPE)
}

/// A hexadecimal digit. Those above nine are large letters.
fn digit(digit: u8) -> Option<u8> {
    match digit {
        b'0'..=b'9' => Some(digit - b'0'),
        b'A'..=b'F' => Some(digit - b'A' + 10),
        _ => None,
    }
}

static NAMES: LazyLock<Vec<(&str, Bytes)>> = LazyLock::new(|| {
    let known = TABLE.split_ascii_whitespace().filter_map(|entry| entry.split_once('='));
    let bytes = |hexadecimal: &str| {
        hexadecimal
            .as_bytes()
            .chunks_exact(2)
            .filter_map(|it| Some(digit(it[0])? << 4 | digit(it[1])?))
            .collect()
    };
    known.map(|(name, hexadecimal)| (name, bytes(hexadecimal))).collect()
});

/// The conversion table of MARCMaker 2.5 (Library of Congress, 2003), in the order of names, without bytes in hexadecimal
/// and characters that stand for themselves.
const TABLE: &str = "\
    AElig=A5 Aacute=E241 Abreve=E641 Acirc=E341 Acy=41 Agrave=E141 Aogon=F141 Aring=EA41 Atilde=E441 Auml=E841 \
    Bcy=42 CHcy=4368 Cacute=E243 Ccaron=E943 Ccedil=F043 DJEcy=A3 DZEcy=447A DZHEcy=44E97A Dagger=7C Dcaron=E944 \
    Dcy=44 Dstrok=A3 ETH=A3 Eacute=E245 Ecaron=E945 Ecirc=E345 Ecy=E744 Egrave=E145 Ehookr=F145 Eogon=F145 Euml=E845 \
    Fcy=46 GEcy=47 GHcy=47 GJEcy=E247 Gcy=47 HARDcy=B7 Hcy=48 IEcy=EB49EC45 IJlig=494A IOcy=EB49EC4F IYcy=59 \
    Iacute=E249 Icaron=E949 Icirc=E349 Icy=49 Idot=E749 Igrave=E149 Iuml=E849 Iumlcy=E849 JEcy=4A JIcy=E849 Jcy=E649 \
    KHcy=4B68 KJEcy=E24B Kcy=4B LJEcy=4C6A Lacute=E24C Lcy=4C Lstrok=A1 Mcy=4D NJEcy=4E6A Nacute=E24E Ncaron=E94E \
    Ncy=4E No=4E6F2E Ntilde=E44E OElig=A6 Oacute=E24F Ocirc=E34F Ocy=4F Odblac=EE4F Ograve=E14F Ohorn=AC Ostrok=A2 \
    Otilde=E44F Ouml=E84F Pcy=50 Racute=E252 Rcaron=E952 Rcy=52 SHCHcy=53686368 SHcy=5368 SOFTcy=A7 Sacute=E253 \
    Scommab=F753 Scy=53 THORN=A4 TSHEcy=E243 TScy=EB54EC53 Tcaron=E954 Tcommab=F754 Tcy=54 Uacute=E255 Ubrevecy=E655 \
    Ucirc=E355 Ucy=55 Udblac=EE55 Ugrave=E155 Uhorn=AD Uring=EA55 Uuml=E855 Vcy=56 YAcy=EB49EC41 YEcy=45 YIcy=49 \
    YUcy=EB49EC55 Yacute=E259 Ycy=59 ZHcy=5A68 ZHuacy=EB5AEC68 Zacute=E25A Zcy=5A Zdot=E75A aacute=E261 abreve=E661 \
    acirc=E361 acute=E2 acy=61 aelig=B5 agr=61 agrave=E161 alif=AE amp=26 aogon=F161 apos=27 arab=2833 aring=EA61 \
    ast=2A asuper=61 atilde=E461 auml=E861 ayn=B0 bcy=62 bgr=62 breve=E6 breveb=F9 brvbar=7C bsol=5C bull=2A \
    cacute=E263 candra=EF caron=E9 ccaron=E963 ccedil=F063 cedil=F0 cent=63 chcy=6368 circ=E3 circb=F4 cjk=2431 \
    colon=3A comma=2C commaa=FE commab=F7 commat=40 copy=C3 curren=2A cyril=284E dagger=7C dblac=EE dbldotb=F3 \
    dblunder=F5 dcaron=E964 dcy=64 deg=C0 diaer=E8 divide=2F djecy=B3 dollar=24 dot=E7 dotb=F2 dstrok=B3 dzecy=647A \
    dzhecy=64E97A ea=EA eacute=E265 ecaron=E965 ecirc=E365 ecy=E765 egrave=E165 ehookr=F165 eogon=F165 equals=3D \
    esc=1B eth=BA euml=E865 excl=21 fcy=66 flat=A9 fnof=66 frac12=312F32 frac14=312F34 frac34=332F34 gcy=67 gecy=67 \
    ggr=67 ghcy=67 gjecy=E267 grave=E1 greek=67 gs=1D gt=3E hardcy=B7 hardsign=B7 hcy=68 hebrew=2832 hellip=2E2E2E \
    hooka=E0 hookl=F7 hookr=F1 hyphen=2D iacute=E269 icaron=E969 icirc=E369 icy=69 iecy=EB69EC65 iexcl=C6 \
    igrave=E169 ijlig=696A inodot=B8 iocy=EB69EC6F iquest=C5 iuml=E869 iumlcy=E869 iycy=79 jcy=E669 jecy=6A \
    jicy=E869 joiner=8D kcy=6B khcy=6B68 kjecy=E26B lacute=E26C laquo=22 latin=2842 lcub=7B lcy=6C ldbltil=FA \
    ldquo=22 ljecy=6C6A llig=EB lpar=28 lsqb=5B lsquo=27 lsquor=27 lstrok=B1 lt=3C macr=E5 mcy=6D mdash=2D2D \
    middot=A8 mlPrime=B7 mllhring=B0 mlprime=A7 mlrhring=AE nacute=E26E ncaron=E96E ncy=6E ndash=2D2D njecy=6E6A \
    nonjoin=8E ntilde=E46E num=23 oacute=E26F ocirc=E36F ocy=6F odblac=EE6F oelig=B6 ogon=F1 ograve=E16F ohorn=BC \
    ordf=61 ordm=6F ostrok=B2 osuper=6F otilde=E46F ouml=E86F para=7C pcy=70 percnt=25 period=2E phono=C2 pipe=7C \
    plus=2B plusmn=AB pound=B9 quest=3F quot=22 racute=E272 raquo=22 rcaron=E972 rcedil=F8 rcommaa=ED rcub=7D rcy=72 \
    rdbltil=FB rdquofh=22 rdquor=22 reg=AA ring=EA ringb=F4 rlig=EC rpar=29 rs=1E rsqb=5D rsquo=27 rsquor=27 \
    sacute=E273 scommab=F773 scriptl=C1 scy=73 sect=7C semi=3B sharp=C4 shchcy=73686368 shcy=7368 shy=2D softcy=A7 \
    softsign=A7 sol=2F space=20 spcirc=5E spgrave=60 sptilde=7E spundscr=5F squf=7C sub=62 super=70 szlig=7373 \
    tcaron=E974 tcommab=F774 tcy=74 thorn=B4 tilde=E4 times=78 trade=28546D29 tscy=EB74EC73 tshecy=E263 uacute=E275 \
    ubrevecy=E675 ucirc=E375 ucy=75 udblac=EE75 ugrave=E175 uhorn=BD uml=E8 under=F6 uring=EA75 us=1F uuml=E875 \
    vcy=76 verbar=7C vlineb=F2 yacute=E279 yacy=EB69EC61 ycy=79 yecy=65 yen=59 yicy=69 yucy=EB69EC75 zacute=E27A \
    zcy=7A zdot=E77A zhcy=7A68 zhuacy=EB7AEC68";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_is_sorted_and_whole() {
        assert_eq!(NAMES.len(), 366);
        assert!(NAMES.is_sorted_by(|(one, _), (other, _)| one < other));
        for (name, bytes) in NAMES.iter() {
            assert!(
                (1..=LONGEST).contains(&name.len()) && name.bytes().all(|byte| byte.is_ascii_alphanumeric())
            );
            assert!((1..=4).contains(&bytes.len()), "{name}");
            assert_ne!(Meaning::of(name), None, "{name}");
        }
        assert_eq!(TABLE.split_ascii_whitespace().count(), NAMES.len());
    }

    #[test]
    fn every_mark_and_letter_of_ansel_has_a_name() {
        let unnamed = |byte: &u8| NAMES.iter().all(|(_, bytes)| **bytes != [*byte]);
        let assigned = |byte: &u8| {
            let mut is_assigned = true;
            marc8::decode(&[*byte], &mut String::new(), &mut |fault| {
                is_assigned &= fault.code == Code::Marc8Mark
            });
            is_assigned
        };
        // What MARC-8 has besides: the marks of what is ignored in sorting, the eszett and the euro sign.
        let without: Vec<u8> = (0x80..=0xFF).filter(assigned).filter(unnamed).collect();
        assert_eq!(without, [0x88, 0x89, 0xC7, 0xC8]);
    }
}
