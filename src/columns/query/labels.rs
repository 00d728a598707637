//! What codes mean: `label(x)` looks up each value in the table of the place that it comes from.

use super::evaluate::Evaluation;
use super::looked::{Looked, Record};
use super::subfields::Subfield;
use super::values::{Held, Lists, Value};
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
    fn site(&self, value: Value, record: Record<'_>) -> Option<Site> {
        let Held::Text(start, end) = value.held else { return None };
        let looked = record.all;
        let (before, tag) = match looked.field(value.field) {
            Some(field) => {
                let tag = looked.tag_read_as(value.field)?.bytes();
                if field.is_data {
                    let covering = |it: &Subfield| it.start <= start && end <= it.end;
                    let subfield = looked.subfields(field).find(covering)?;
                    return Some(Site::Subfield(tag, subfield.code));
                }
                (looked.range(field).0, Some(tag))
            }
            None => (record.leader().0, None),
        };
        let (from, to) = self.positions(tag, start.checked_sub(before)?, end.checked_sub(before)?)?;
        Some(match tag {
            Some(tag) => Site::Control(tag, from, to),
            None => Site::Leader(from, to),
        })
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
    fn meaning(&mut self, labels: &Labels, value: Value, text: &str, record: Record<'_>) -> Meaning {
        let looked = record.all;
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
        let field = looked.field(value.field).map(|field| looked.range(field));
        let field = field.map(|(start, end)| looked.text(start, end)).unwrap_or_default();
        coded.meaning(looked.text(start, end), field, text)
    }
}

impl Evaluation {
    /// Replaces values by what they mean.
    pub(super) fn label(&mut self, labels: &Labels, lists: &mut Lists, looked: &mut Looked) {
        let mut at = 0;
        for (place, &end) in lists.ends.iter().enumerate() {
            for value in &mut lists.values[at..end as usize] {
                let Some(record) = looked.record(place) else { continue };
                let Some(text) = looked.text_of(value.held) else { continue };
                value.held = match self.tables.meaning(labels, *value, text, record) {
                    Meaning::Label(label) => looked.add(&label.text),
                    Meaning::None => Held::Null,
                    Meaning::Unknown => {
                        self.note_unknown_code(place, *value, looked);
                        Held::Null
                    }
                };
            }
            at = end as usize;
        }
    }
}
