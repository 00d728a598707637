use std::sync::Arc;

use arrow_array::builder::{Int64Builder, LargeListBuilder, ListBuilder, StringBuilder};
use arrow_array::types::Int32Type;
use arrow_array::{
    BinaryArray, BooleanArray, Date32Array, DictionaryArray, Float64Array, Int32Array, StringArray,
    StringViewArray,
};
use arrow_schema::ArrowError;

use super::*;

fn batch(columns: Vec<(&str, ArrayRef)>) -> RecordBatch {
    RecordBatch::try_from_iter(columns).unwrap()
}

fn written(batch: &RecordBatch, options: &CsvOptions) -> String {
    let mut bytes = Vec::new();
    let batches = [Ok::<_, ArrowError>(batch.clone())];
    assert_eq!(write_into(batch.schema(), batches, &mut bytes, options).unwrap(), batch.num_rows() as u64);
    String::from_utf8(bytes).unwrap()
}

fn refusal(batch: &RecordBatch, options: &CsvOptions) -> String {
    let batches = [Ok::<_, ArrowError>(batch.clone())];
    write_into(batch.schema(), batches, &mut Vec::new(), options).unwrap_err().to_string()
}

#[test]
fn text_is_quoted_where_it_must_be() {
    let texts = ["plain", "a,b", "say \"so\"", "two\nlines", "two\r", " blanks ", "é; ü", "\"\"\""];
    let rows = batch(vec![("a \"title\"", Arc::new(StringArray::from(texts.to_vec())))]);
    assert_eq!(
        written(&rows, &CsvOptions::default()),
        "\"a \"\"title\"\"\"\nplain\n\"a,b\"\n\"say \"\"so\"\"\"\n\"two\nlines\"\n\"two\r\"\n blanks \né; ü\n\
         \"\"\"\"\"\"\"\"\n"
    );
}

#[test]
fn a_null_and_empty_text_can_be_told_apart() {
    let texts: ArrayRef = Arc::new(StringArray::from(vec![None, Some(""), Some("x")]));
    let options = CsvOptions::default().header(false);
    assert_eq!(written(&batch(vec![("a", texts.clone()), ("b", texts)]), &options), ",\n\"\",\"\"\nx,x\n");
}

#[test]
fn each_type_has_its_text() {
    let numbered: DictionaryArray<Int32Type> = ["x", "y", "x"].into_iter().collect();
    let rows = batch(vec![
        ("year", Arc::new(Int32Array::from(vec![Some(1984), None, Some(-1)]))),
        ("is", Arc::new(BooleanArray::from(vec![Some(true), Some(false), None]))),
        ("share", Arc::new(Float64Array::from(vec![1.0, 0.25, 1e-9]))),
        ("day", Arc::new(Date32Array::from(vec![Some(0), Some(-1), None]))),
        ("view", Arc::new(StringViewArray::from(vec!["a long text of more than twelve", "", "c"]))),
        ("code", Arc::new(numbered)),
    ]);
    assert_eq!(
        written(&rows, &CsvOptions::default()),
        "year,is,share,day,view,code\n\
         1984,true,1.0,1970-01-01,a long text of more than twelve,x\n\
         ,false,0.25,1969-12-31,\"\",y\n\
         -1,,1e-9,,c,x\n"
    );
}

#[test]
fn the_values_of_a_list_are_one_cell() {
    let mut texts = ListBuilder::new(StringBuilder::new());
    texts.append_value([Some("a"), Some("b, c"), None, Some("")]);
    texts.append_value([Some("")]);
    texts.append_value(Vec::<Option<&str>>::new());
    texts.append_null();
    let mut numbers = LargeListBuilder::new(Int64Builder::new());
    (0..4).for_each(|length| numbers.append_value((0..length).map(Some)));
    let rows =
        batch(vec![("texts", Arc::new(texts.finish()) as ArrayRef), ("numbers", Arc::new(numbers.finish()))]);
    let options = CsvOptions::default().header(false);
    assert_eq!(written(&rows, &options), "\"a; b, c; ; \",\n\"\",0\n,0; 1\n,0; 1; 2\n");
    let options = options.separator(b'\t').list_separator("|");
    assert_eq!(written(&rows, &options), "a|b, c||\t\n\"\"\t0\n\t0|1\n\t0|1|2\n");
    assert_eq!(written(&rows.slice(1, 2), &options), "\"\"\t0\n\t0|1\n");
}

#[test]
fn what_has_no_form_is_refused_by_the_name_of_its_column() {
    let texts: ArrayRef = Arc::new(StringArray::from(vec!["x"]));
    let bytes: ArrayRef = Arc::new(BinaryArray::from(vec![&b"x"[..]]));
    assert_eq!(
        refusal(
            &batch(vec![("a", texts.clone()), ("raw", bytes.clone()), ("b", texts)]),
            &CsvOptions::default()
        ),
        "the column raw has bytes, which CSV cannot hold; select other columns (a, b), or read in another layout"
    );
    let alone = refusal(&batch(vec![("raw", bytes)]), &CsvOptions::default());
    assert_eq!(
        alone,
        "the column raw has bytes, which CSV cannot hold; select other columns, or read in another layout"
    );
}

#[test]
fn a_separator_that_would_not_be_understood_is_refused() {
    let rows = batch(vec![("a", Arc::new(StringArray::from(vec!["x"])))]);
    for separator in [b'"', b'\n', b'\r', 0xE9] {
        let refused = refusal(&rows, &CsvOptions::default().separator(separator));
        assert!(refused.contains("must be an ASCII character"), "{refused}");
    }
}

#[test]
fn a_file_is_whole_or_not_there() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.csv");
    let rows = batch(vec![("a", Arc::new(StringArray::from(vec!["x"; 100_000])))]);
    let failing = || [Ok(rows.clone()), Err(ArrowError::ComputeError("no more".into()))];
    let refused = write(rows.schema(), failing(), &path, &CsvOptions::default());
    assert_eq!(refused.unwrap_err().to_string(), "Compute error: no more");
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0);
    let sound = failing().into_iter().take(1);
    assert_eq!(write(rows.schema(), sound, &path, &CsvOptions::default()).unwrap(), 100_000);
    assert_eq!(std::fs::read_to_string(&path).unwrap(), format!("a\n{}", "x\n".repeat(100_000)));
}
