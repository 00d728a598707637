//! Fields 880 and the fields that they are linked to by `$6` (MARC 21, appendix A).

use std::collections::HashMap;

use super::looked::{Looked, Record};
use super::tags::Tags;
use crate::diagnostic::Code;
use crate::iso2709::Tag;

/// The tag of fields in another script.
pub(super) const ALTERNATE_GRAPHIC: Tag = Tag::of_ascii(*b"880");

/// A field, and the 880 that has its text in another script: their places among the fields looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Link {
    pub(super) field: u32,
    pub(super) alternate: u32,
}

/// What `$6` says: `880-01`, `245-01/(3/r`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Linkage<'a> {
    /// The tag of the other field.
    pub(super) tag: &'a str,
    /// The number that both have; `00` links to nothing.
    number: &'a str,
    /// The code of the script, such as `(3` or `$1`.
    pub(super) script: Option<&'a str>,
}

/// The fields 880 that a field is linked to.
pub(super) fn linked(links: &[Link], field: u32) -> impl Iterator<Item = u32> {
    let first = links.partition_point(|link| link.field < field);
    let rest = links.get(first..).unwrap_or_default();
    rest.iter().take_while(move |link| link.field == field).map(|link| link.alternate)
}

impl<'a> Linkage<'a> {
    /// Reads a `$6`.
    pub(super) fn read(text: &'a str) -> Option<Linkage<'a>> {
        let mut parts = text.trim().split('/');
        let (tag, number) = parts.next()?.split_once('-')?;
        let is_number = number.len() == 2 && number.bytes().all(|byte| byte.is_ascii_digit());
        let script = parts.next().filter(|script| !script.is_empty());
        (tag.len() == 3 && is_number).then_some(Linkage { tag, number, script })
    }

    fn is_linked(&self) -> bool {
        self.number != "00"
    }
}

impl Looked {
    /// The first `$6` of a field, as text.
    fn linkage_text(&self, place: u32) -> Option<&str> {
        let field = self.field(place)?;
        let subfield = self.subfields(field).find(|subfield| subfield.code == b'6')?;
        Some(self.text(subfield.start, subfield.end))
    }

    /// What the first `$6` of a field says.
    pub(super) fn linkage(&self, place: u32) -> Option<Linkage<'_>> {
        Linkage::read(self.linkage_text(place)?)
    }

    /// The tag by which a field is read: an 880 is read like the field that it is linked to.
    pub(super) fn tag_read_as(&self, place: u32) -> Option<Tag> {
        let tag = self.field(place)?.tag;
        if tag != ALTERNATE_GRAPHIC {
            return Some(tag);
        }
        self.linkage(place)?.tag.parse().ok()
    }
}

impl Record<'_> {
    /// Adds all pairs, in the order of the fields that are linked to; `odd` is told what is wrong with a linkage, and
    /// in which field. `tags` are those of the fields looked at.
    pub(super) fn find_links(
        &self,
        tags: &Tags,
        links: &mut Vec<Link>,
        mut odd: impl FnMut(Code, u32, &str),
    ) {
        let has_links = self.fields().iter().any(|field| field.tag == ALTERNATE_GRAPHIC);
        let of_fields = self.placed_fields().filter(|(_, field)| field.is_data);
        let texts =
            of_fields.filter_map(|(place, field)| Some((place, field.tag, self.all.linkage_text(place)?)));
        let mut alternates = Vec::new();
        let mut others = Vec::new();
        for (place, tag, text) in texts {
            match Linkage::read(text) {
                None => odd(Code::LinkageUnreadable, place, text),
                Some(linkage) if !linkage.is_linked() => {}
                Some(linkage) if tag == ALTERNATE_GRAPHIC => alternates.push((place, linkage)),
                Some(linkage) if ALTERNATE_GRAPHIC == *linkage.tag => others.push((place, tag, linkage)),
                // Fields may be linked to others than 880.
                Some(_) => {}
            }
        }
        if !has_links && others.is_empty() {
            return;
        }
        let mut all: HashMap<_, Partners> = HashMap::new();
        for (alternate, linkage) in &alternates {
            all.entry((linkage.tag.parse().ok(), linkage.number)).or_default().alternates.push(*alternate);
        }
        for (_, tag, linkage) in &others {
            all.entry((Some(*tag), linkage.number)).or_default().fields += 1;
        }
        for (field, tag, linkage) in others {
            let partners = all.get_mut(&(Some(tag), linkage.number)).map_or(&[][..], Partners::of_next_field);
            links.extend(partners.iter().map(|&alternate| Link { field, alternate }));
            if partners.is_empty() {
                odd(Code::LinkageMissing, field, self.all.linkage_text(field).unwrap_or_default());
            }
        }
        for (alternate, linkage) in alternates {
            let partner = linkage.tag.parse().ok();
            // It may be a field that is not looked at.
            let is_looked_at = partner.is_some_and(|tag| tags.have(tag));
            if is_looked_at && all.get(&(partner, linkage.number)).is_none_or(|it| it.fields == 0) {
                odd(Code::LinkageMissing, alternate, self.all.linkage_text(alternate).unwrap_or_default());
            }
        }
    }
}

/// The fields of one tag and number, which are mostly one and one.
#[derive(Default)]
struct Partners {
    alternates: Vec<u32>,
    fields: usize,
    /// The number of fields that have been dealt with.
    turn: usize,
}

impl Partners {
    /// The 880 of the next field. Several fields have one each, in order; the last has those that are left, or those
    /// after it share the last.
    fn of_next_field(&mut self) -> &[u32] {
        let Some(last) = self.alternates.len().checked_sub(1) else { return &[] };
        let from = self.turn.min(last);
        self.turn += 1;
        let to = if self.turn == self.fields { last } else { from };
        &self.alternates[from..=to]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_linkage_names_a_tag_a_number_and_perhaps_a_script() {
        let read = |text| Linkage::read(text).map(|it| (it.tag, it.number, it.script));
        assert_eq!(read("880-01"), Some(("880", "01", None)));
        assert_eq!(read("245-02/$1"), Some(("245", "02", Some("$1"))));
        assert_eq!(read("245-02/(3/r"), Some(("245", "02", Some("(3"))));
        assert_eq!(read("245-02//r"), Some(("245", "02", None)));
        for text in ["", "880", "880-1", "88-01", "880-xx", "Author"] {
            assert_eq!(read(text), None, "{text}");
        }
    }
}
