//! The Arrow types that text and codes can be asked for in, made from the plain ones.

use std::collections::HashMap;
use std::sync::{Arc, LazyLock};

use arrow_array::types::Int32Type;
use arrow_array::{Array, ArrayRef, DictionaryArray, Int32Array, StringArray, StringViewArray};
use arrow_schema::{ArrowError, DataType, Field};

use crate::options::{Codes, Options, Strings};

/// A nullable field of text.
pub(super) fn text_field(name: &str, options: &Options) -> Field {
    Field::new(name, text_type(options), true)
}

fn text_type(options: &Options) -> DataType {
    match options.strings {
        Strings::Utf8 => DataType::Utf8,
        Strings::View => DataType::Utf8View,
    }
}

/// A nullable field of tags, indicators or subfield codes.
pub(super) fn code_field(name: &str, options: &Options) -> Field {
    let data_type = match options.codes {
        Codes::Utf8 => text_type(options),
        Codes::Dictionary => DataType::Dictionary(Box::new(DataType::Int32), Box::new(DataType::Utf8)),
    };
    Field::new(name, data_type, true)
}

/// Text in the type that was asked for. Views look into the octets of `texts`; nothing is copied.
pub(super) fn as_text(texts: StringArray, options: &Options) -> ArrayRef {
    match options.strings {
        Strings::Utf8 => Arc::new(texts),
        Strings::View => Arc::new(StringViewArray::from(&texts)),
    }
}

/// Codes in the type that was asked for.
pub(super) fn as_codes(
    texts: StringArray,
    vocabulary: &'static Vocabulary,
    options: &Options,
) -> Result<ArrayRef, ArrowError> {
    match options.codes {
        Codes::Utf8 => Ok(as_text(texts, options)),
        Codes::Dictionary => vocabulary.encode(&texts),
    }
}

/// The values that a column of codes has, nearly always. A batch with others has them behind these, so that
/// equal keys below the vocabulary's length mean equal values in all batches of all reads.
pub(super) struct Vocabulary {
    values: Arc<StringArray>,
    key: fn(&[u8]) -> Option<i32>,
}

/// Tags: `000` to `999`.
pub(super) static TAGS: LazyLock<Vocabulary> = LazyLock::new(|| Vocabulary {
    values: Arc::new((0..1000).map(|tag| Some(format!("{tag:03}"))).collect()),
    key: |tag| match tag {
        [a, b, c] if tag.iter().all(u8::is_ascii_digit) => {
            let digit = |octet: &u8| i32::from(octet - b'0');
            Some(digit(a) * 100 + digit(b) * 10 + digit(c))
        }
        _ => None,
    },
});

/// Indicators and subfield codes: the ASCII characters.
pub(super) static CHARACTERS: LazyLock<Vocabulary> = LazyLock::new(|| Vocabulary {
    values: Arc::new((0..128u8).map(|octet| Some(char::from(octet).to_string())).collect()),
    key: |code| match code {
        [octet] if octet.is_ascii() => Some(i32::from(*octet)),
        _ => None,
    },
});

impl Vocabulary {
    fn encode(&self, texts: &StringArray) -> Result<ArrayRef, ArrowError> {
        let mut others: Vec<&str> = Vec::new();
        let mut keys_of_others: HashMap<&str, i32> = HashMap::new();
        let known = self.values.len();
        let keys = (0..texts.len()).map(|row| {
            if texts.is_null(row) {
                return 0;
            }
            let text = texts.value(row);
            (self.key)(text.as_bytes()).unwrap_or_else(|| {
                *keys_of_others.entry(text).or_insert_with(|| {
                    others.push(text);
                    (known + others.len() - 1) as i32
                })
            })
        });
        let keys = Int32Array::new(keys.collect::<Vec<i32>>().into(), texts.nulls().cloned());
        let values = if others.is_empty() {
            self.values.clone()
        } else {
            Arc::new(self.values.iter().flatten().chain(others).map(Some).collect::<StringArray>())
        };
        Ok(Arc::new(DictionaryArray::<Int32Type>::try_new(keys, values)?))
    }
}

#[cfg(test)]
mod tests {
    use arrow_array::cast::AsArray;

    use super::*;

    #[test]
    fn usual_codes_share_one_dictionary() {
        let tags = StringArray::from(vec![Some("245"), None, Some("001")]);
        let first = TAGS.encode(&tags).unwrap();
        let second = TAGS.encode(&tags).unwrap();
        let values = |array: &ArrayRef| array.as_dictionary::<Int32Type>().values().to_data();
        assert!(values(&first).ptr_eq(&values(&second)));
        let texts = first.as_dictionary::<Int32Type>().downcast_dict::<StringArray>().unwrap();
        assert_eq!(texts.into_iter().collect::<Vec<_>>(), [Some("245"), None, Some("001")]);
    }

    #[test]
    fn unusual_codes_follow_the_usual_ones() {
        let codes = StringArray::from(vec!["a", "é", "", "é"]);
        let encoded = CHARACTERS.encode(&codes).unwrap();
        let encoded = encoded.as_dictionary::<Int32Type>();
        assert_eq!(encoded.keys().values().as_ref(), [97, 128, 129, 128]);
        let texts = encoded.downcast_dict::<StringArray>().unwrap();
        assert_eq!(texts.into_iter().flatten().collect::<Vec<_>>(), ["a", "é", "", "é"]);
    }
}
