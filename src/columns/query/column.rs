//! Columns of any type, as values become rows of them.

use std::convert::Infallible;
use std::sync::Arc;

use arrow_array::{ArrayRef, BooleanArray, Date32Array, Int32Array, Int64Array, ListArray, StructArray};
use arrow_schema::{ArrowError, DataType, Field, Fields};

use super::looked::{self, Looked, Record};
use super::paths::{of_struct, taking};
use super::plan::{Compute, Union};
use super::straight::BYTES;
use super::values::{Held, Lists, NO_FIELD, Value};
use crate::columns::buffers::{Ends, OptionalTexts};
use crate::columns::groups::{FieldColumns, text_field};
use crate::columns::metadata;
use crate::columns::written::Written;
use crate::notation::{Element, Expression, Type};
use crate::record::visit::{self, Visit};

/// The field of a column, known before anything is read.
pub(in crate::columns) fn field(name: &str, expression: &Expression) -> Field {
    let field = Field::new(name, data_type(&expression.data_type()), true);
    if expression.is_control_number() { metadata::of_control_number(field) } else { field }
}

fn data_type(of: &Type) -> DataType {
    let element = match &of.element {
        Element::Text => DataType::Utf8,
        Element::Int32 => DataType::Int32,
        Element::Int64 => DataType::Int64,
        Element::Bool => DataType::Boolean,
        Element::Date => DataType::Date32,
        Element::Field => DataType::Struct(FieldColumns::parts()),
        Element::Struct(codes) => DataType::Struct(members(codes)),
        Element::Pair => DataType::Struct(parts_of_pair()),
    };
    if of.is_list { DataType::List(Arc::new(Field::new("element", element, true))) } else { element }
}

fn list_of_texts() -> DataType {
    DataType::List(Arc::new(text_field("element")))
}

fn members(codes: &[u8]) -> Fields {
    codes.iter().map(|code| Field::new(char::from(*code).to_string(), list_of_texts(), true)).collect()
}

fn parts_of_pair() -> Fields {
    Fields::from(["value", "alt", "script"].map(text_field).to_vec())
}

/// A column that grows.
pub(super) struct Growing {
    elements: Elements,
    /// Where lists end, if rows are lists.
    ends: Option<Ends>,
}

enum Elements {
    Texts(Written),
    Int32(Vec<Option<i32>>),
    Int64(Vec<Option<i64>>),
    Bools(Vec<Option<bool>>),
    Days(Vec<Option<i32>>),
    Fields { columns: FieldColumns, are_there: Vec<bool> },
    Structs { codes: Vec<u8>, members: Vec<Texts>, are_there: Vec<bool> },
    Pairs { parts: [OptionalTexts; 3], are_there: Vec<bool> },
}

/// Lists of texts.
struct Texts {
    texts: OptionalTexts,
    ends: Ends,
}

impl Texts {
    fn new() -> Texts {
        Texts { texts: OptionalTexts::with_capacity(0, 0), ends: Ends::with_capacity(0) }
    }

    fn push(&mut self, text: &str) {
        self.texts.push(Some(text));
    }

    fn end(&mut self) {
        self.ends.push(self.texts.len());
    }

    fn finish(self) -> Result<ArrayRef, ArrowError> {
        let element = Arc::new(text_field("element"));
        let offsets = self.ends.finish(self.texts.len())?;
        Ok(Arc::new(ListArray::try_new(element, offsets, Arc::new(self.texts.finish()?), None)?))
    }
}

impl Elements {
    fn len(&self) -> usize {
        match self {
            Elements::Texts(texts) => texts.len(),
            Elements::Int32(numbers) | Elements::Days(numbers) => numbers.len(),
            Elements::Int64(numbers) => numbers.len(),
            Elements::Bools(truths) => truths.len(),
            Elements::Fields { are_there, .. }
            | Elements::Structs { are_there, .. }
            | Elements::Pairs { are_there, .. } => are_there.len(),
        }
    }

    /// The number of values that make one element.
    fn arity(&self) -> usize {
        if matches!(self, Elements::Pairs { .. }) { 3 } else { 1 }
    }

    /// Adds an element; null if there is no value.
    #[inline]
    fn push(&mut self, element: &[Value], of: &Compute, unions: &[Union], record: Record<'_>) {
        let looked = record.all;
        let first = element.first().copied();
        let text = |value: &Value| looked.text_of(value.held);
        let number = || match first.map(|value| value.held) {
            Some(Held::Number(number)) => Some(number),
            _ => None,
        };
        match self {
            Elements::Texts(texts) => write(first.as_ref(), texts, looked),
            Elements::Int32(numbers) | Elements::Days(numbers) => {
                numbers.push(number().and_then(|number| i32::try_from(number).ok()));
            }
            Elements::Int64(numbers) => numbers.push(number()),
            Elements::Bools(truths) => truths.push(number().map(|number| number != 0)),
            Elements::Fields { columns, are_there } => {
                let field = first.filter(|value| value.held == Held::Field);
                are_there.push(push_field(columns, field, looked));
            }
            Elements::Structs { codes, members, are_there } => {
                let field = first.filter(|value| value.held == Held::Field);
                let place = field.map_or(NO_FIELD, |field| field.field);
                // All fields of a record are of one union.
                let unions = of.unions().filter_map(|at| unions.get(at));
                let mut paths = unions.map(|union| taking(union, place, record));
                let paths = paths.find(|paths| !paths.is_empty()).unwrap_or_default();
                for (code, member) in codes.iter().zip(members) {
                    for value in of_struct(&paths, *code, place, record) {
                        member.push(text(&value).unwrap_or_default());
                    }
                    member.end();
                }
                are_there.push(field.is_some());
            }
            Elements::Pairs { parts, are_there } => {
                are_there.push(element.len() == parts.len());
                for (at, part) in parts.iter_mut().enumerate() {
                    part.push(element.get(at).and_then(text));
                }
            }
        }
    }
}

impl Growing {
    /// Room for `records` records.
    pub(super) fn new(of: &Type, records: usize) -> Growing {
        let elements = match &of.element {
            Element::Text => Elements::Texts(Written::with_capacity(records * BYTES, records)),
            Element::Int32 => Elements::Int32(Vec::with_capacity(records)),
            Element::Int64 => Elements::Int64(Vec::with_capacity(records)),
            Element::Bool => Elements::Bools(Vec::with_capacity(records)),
            Element::Date => Elements::Days(Vec::with_capacity(records)),
            Element::Field => {
                Elements::Fields { columns: FieldColumns::with_capacity(0, |_| true), are_there: Vec::new() }
            }
            Element::Struct(codes) => Elements::Structs {
                codes: codes.clone(),
                members: codes.iter().map(|_| Texts::new()).collect(),
                are_there: Vec::new(),
            },
            Element::Pair => Elements::Pairs {
                parts: std::array::from_fn(|_| OptionalTexts::with_capacity(0, 0)),
                are_there: Vec::new(),
            },
        };
        let ends = of.is_list.then(|| Ends::with_capacity(records));
        Growing { elements, ends }
    }

    /// Adds a row for each record: all its values if it is a list, or the first, or null.
    pub(super) fn extend(&mut self, lists: &Lists, of: &Compute, unions: &[Union], looked: &Looked) {
        match (&mut self.elements, &mut self.ends) {
            (Elements::Texts(texts), Some(ends)) => {
                ends.extend(texts.len(), &lists.ends);
                lists.values.iter().for_each(|value| write(Some(value), texts, looked));
            }
            (Elements::Texts(texts), None) => {
                lists.iter().for_each(|values| write(values.first(), texts, looked));
            }
            (elements, Some(ends)) => {
                for (values, record) in lists.iter().zip(looked.records()) {
                    for element in values.chunks_exact(elements.arity()) {
                        elements.push(element, of, unions, record);
                    }
                    ends.push(elements.len());
                }
            }
            (elements, None) => {
                for (values, record) in lists.iter().zip(looked.records()) {
                    elements.push(values.get(..elements.arity()).unwrap_or_default(), of, unions, record);
                }
            }
        }
    }

    pub(super) fn finish(self) -> Result<ArrayRef, ArrowError> {
        let length = self.elements.len();
        let structs = |fields: Fields, columns: Vec<ArrayRef>, are_there: Vec<bool>| {
            StructArray::try_new_with_length(fields, columns, Some(are_there.into()), length)
        };
        let elements: ArrayRef = match self.elements {
            Elements::Texts(texts) => Arc::new(texts.finish()?),
            Elements::Int32(numbers) => Arc::new(Int32Array::from(numbers)),
            Elements::Int64(numbers) => Arc::new(Int64Array::from(numbers)),
            Elements::Bools(truths) => Arc::new(BooleanArray::from(truths)),
            Elements::Days(days) => Arc::new(Date32Array::from(days)),
            Elements::Fields { columns, are_there } => {
                let (fields, columns, _) = columns.finish_struct()?.into_parts();
                Arc::new(structs(fields, columns, are_there)?)
            }
            Elements::Structs { codes, members: all, are_there } => {
                let columns = all.into_iter().map(Texts::finish).collect::<Result<_, _>>()?;
                Arc::new(structs(members(&codes), columns, are_there)?)
            }
            Elements::Pairs { parts, are_there } => {
                let columns = parts.into_iter().map(|part| Ok(Arc::new(part.finish()?) as ArrayRef));
                let columns = columns.collect::<Result<_, ArrowError>>()?;
                Arc::new(structs(parts_of_pair(), columns, are_there)?)
            }
        };
        list_of(elements, self.ends)
    }
}

/// Elements as the rows that they are, or as lists that end there.
pub(super) fn list_of(elements: ArrayRef, ends: Option<Ends>) -> Result<ArrayRef, ArrowError> {
    let Some(ends) = ends else { return Ok(elements) };
    let element = Arc::new(Field::new("element", elements.data_type().clone(), true));
    let offsets = ends.finish(elements.len())?;
    Ok(Arc::new(ListArray::try_new(element, offsets, elements, None)?))
}

/// Writes a value.
#[inline(always)]
fn write(value: Option<&Value>, to: &mut Written, looked: &Looked) {
    match value.map(|value| value.held) {
        Some(Held::Text(start, end)) => {
            to.append(looked.all_text(), start, end);
            to.end();
        }
        _ => to.end_missing(),
    }
}

/// Adds a whole field; one without content if there is none.
fn push_field(columns: &mut FieldColumns, of: Option<Value>, looked: &Looked) -> bool {
    let field = of.and_then(|of| looked.field(of.field));
    let Ok(()) = match field {
        Some(field) => show(columns, field, looked),
        None => columns.control("", value("")),
    };
    field.is_some()
}

/// Shows a field to the columns of fields.
fn show(columns: &mut FieldColumns, field: &looked::Field, looked: &Looked) -> Result<(), Infallible> {
    let between = |(start, end)| looked.text(start, end);
    if !field.is_data {
        return columns.control(field.tag.as_str(), value(between(looked.range(field))));
    }
    let indicators = [0, 1].map(|which| looked.indicator(field, which).map(between).unwrap_or_default());
    columns.data(field.tag.as_str(), indicators, looked.stray(field).map(value))?;
    for (code, text) in looked.texts(field) {
        columns.subfield(code, value(text))?;
    }
    columns.end()
}

fn value(text: &str) -> visit::Value<'_> {
    visit::Value::Text(text.into())
}
