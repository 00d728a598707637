//! What codes mean: `label(x)` looks up each value in the table of the place that it comes from.

use super::evaluate::Evaluation;
use super::looked::Looked;
use super::subfields::Subfield;
use super::values::{Held, Value};
use crate::coded::{Coded, Meaning, Site, coded};
use crate::notation::{Node, Path};

/// The places of the codes of a `label(x)`, and the tables that were found for them.
pub(crate) struct Labels {
    paths: Vec<Path>,
}

/// The tables of places that were looked up.
#[derive(Default)]
pub(super) struct Tables(Vec<(Site, Option<Coded>)>);

impl Labels {
    /// Those of the paths in an expression.
    pub(super) fn of(node: &Node) -> Labels {
        Labels { paths: node.paths().into_iter().cloned().collect() }
    }

    /// Where a value comes from: a part of a value is a code of the whole place.
    fn site(&self, value: Value, record: &Looked<'_>) -> Option<Site> {
        let Held::Read(start, end) = value.held else { return None };
        let Some(field) = record.field(value.field) else {
            return self.positions(None, start, end).map(|(from, to)| Site::Leader(from, to));
        };
        let tag = record.tag_read_as(value.field)?.bytes();
        if field.is_data {
            let covering = |it: &&Subfield| it.start <= start && end <= it.end;
            let subfield = record.subfields(field).iter().find(covering)?;
            return Some(Site::Subfield(tag, subfield.code));
        }
        let (before, _) = record.range(field);
        let (start, end) = (start.checked_sub(before)?, end.checked_sub(before)?);
        self.positions(Some(tag), start, end).map(|(from, to)| Site::Control(tag, from, to))
    }

    /// The positions that an expression names and that a value is in.
    fn positions(&self, tag: Option<[u8; 3]>, start: u32, end: u32) -> Option<(usize, usize)> {
        let of_tag = self.paths.iter().filter(|path| path.tag.map(|pattern| pattern.0) == tag);
        of_tag
            .filter_map(Path::positions)
            .find(|(from, to)| *from <= start as usize && end as usize <= *to + 1)
    }
}

impl Tables {
    /// What a value means.
    fn meaning(&mut self, labels: &Labels, value: Value, text: &str, record: &Looked<'_>) -> Meaning {
        let Some(site) = labels.site(value, record) else { return Meaning::None };
        let place = match self.0.iter().position(|(known, _)| *known == site) {
            Some(place) => place,
            None => {
                self.0.push((site, coded(site)));
                self.0.len() - 1
            }
        };
        let Some((_, Some(coded))) = self.0.get(place) else { return Meaning::None };
        let (start, end) = record.leader();
        let field = record.field(value.field).map(|field| record.range(field));
        let field = field.map(|(start, end)| record.text(start, end)).unwrap_or_default();
        coded.meaning(record.text(start, end), field, text)
    }
}

impl Evaluation {
    /// Replaces the values of a list by what they mean.
    pub(super) fn label(&mut self, labels: &Labels, place: usize, record: &Looked<'_>) {
        for at in 0..self.lists[place].len() {
            let value = self.lists[place][at];
            let Some(text) = self.made.text(value, record) else { continue };
            let meaning = self.tables.meaning(labels, value, text, record);
            self.lists[place][at].held = match meaning {
                Meaning::Label(label) => self.made.make(value, record, |_, to| to.push_str(&label.text)),
                Meaning::None => Held::Null,
                Meaning::Unknown => {
                    self.note_unknown_code(value, record);
                    Held::Null
                }
            };
        }
    }
}
