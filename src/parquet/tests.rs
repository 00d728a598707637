use std::fs::{self, File};
use std::sync::Arc;

use ::parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;
use ::parquet::file::metadata::{ColumnChunkMetaData, ParquetMetaData};
use arrow_array::builder::{ListBuilder, StringBuilder, StructBuilder};
use arrow_array::{Int64Array, StringArray, StructArray};
use arrow_schema::{ArrowError, Field, Fields, Schema};

use super::*;
use crate::{Layout, Options, RecordBuf, Scan, Source, Writer};

fn text(name: &str) -> Field {
    Field::new(name, DataType::Utf8, true)
}

fn list(name: &str, fields: &Fields) -> Field {
    Field::new(
        name,
        DataType::List(Field::new("element", DataType::Struct(fields.clone()), true).into()),
        true,
    )
}

fn subfield_fields() -> Fields {
    Fields::from(vec![text("code"), text("value")])
}

fn field_fields() -> Fields {
    Fields::from(vec![
        text("tag"),
        text("ind1"),
        text("ind2"),
        text("value"),
        list("subfields", &subfield_fields()),
    ])
}

fn nested() -> SchemaRef {
    let role = ("mrrc.role".to_owned(), "control_number".to_owned());
    let control_number = text("control_number").with_metadata([role].into());
    let fields = vec![control_number, text("leader"), list("fields", &field_fields())];
    let metadata =
        [("mrrc.layout", "nested"), ("mrrc.schema", "1"), ("mrrc.version", env!("CARGO_PKG_VERSION"))];
    let metadata = metadata.map(|(key, value)| (key.to_owned(), value.to_owned()));
    Arc::new(Schema::new(fields).with_metadata(metadata.into()))
}

/// Records from `start` on: each with a 008, and as many titles as its number says, modulo three.
fn records(start: usize, count: usize) -> RecordBatch {
    let element = |fields: &Fields| Field::new("element", DataType::Struct(fields.clone()), true);
    let subfields = || {
        StructBuilder::new(
            subfield_fields(),
            vec![Box::new(StringBuilder::new()), Box::new(StringBuilder::new())],
        )
    };
    let fields = StructBuilder::new(
        field_fields(),
        vec![
            Box::new(StringBuilder::new()),
            Box::new(StringBuilder::new()),
            Box::new(StringBuilder::new()),
            Box::new(StringBuilder::new()),
            Box::new(ListBuilder::new(subfields()).with_field(element(&subfield_fields()))),
        ],
    );
    let mut list = ListBuilder::new(fields).with_field(element(&field_fields()));
    type Subfields = ListBuilder<StructBuilder>;
    for number in start..start + count {
        for title in 0..=number % 3 {
            let control = title == 0;
            let field = list.values();
            let put = |field: &mut StructBuilder, place: usize, value: Option<&str>| {
                field.field_builder::<StringBuilder>(place).unwrap().append_option(value);
            };
            put(field, 0, Some(if control { "008" } else { "245" }));
            put(field, 1, (!control).then_some("1"));
            put(field, 2, (!control).then_some("0"));
            put(field, 3, control.then_some("920219s1993    caua"));
            let subfields = field.field_builder::<Subfields>(4).unwrap();
            if !control {
                let subfield = subfields.values();
                put(subfield, 0, Some("a"));
                put(subfield, 1, Some(&format!("The title of record {number}, {title}")));
                subfield.append(true);
            }
            subfields.append(!control);
            field.append(true);
        }
        list.append(true);
    }
    let control: StringArray = (start..start + count).map(|number| Some(format!("{number:08}"))).collect();
    let leader: StringArray = (0..count).map(|_| Some("00714cam a2200205 a 4500")).collect();
    RecordBatch::try_new(nested(), vec![Arc::new(control), Arc::new(leader), Arc::new(list.finish())])
        .unwrap()
}

fn batches(sizes: &[usize]) -> Vec<Result<RecordBatch>> {
    let mut start = 0;
    let mut batch = |size: &usize| {
        start += size;
        Ok(records(start - size, *size))
    };
    sizes.iter().map(&mut batch).collect()
}

fn read(path: &Path) -> (SchemaRef, Vec<RecordBatch>, Arc<ParquetMetaData>) {
    let builder = ParquetRecordBatchReaderBuilder::try_new(File::open(path).unwrap()).unwrap();
    let (schema, metadata) = (builder.schema().clone(), builder.metadata().clone());
    let reader = builder.with_batch_size(1_000_000).build().unwrap();
    (schema, reader.map(|batch| batch.unwrap()).collect(), metadata)
}

fn sizes(metadata: &ParquetMetaData) -> Vec<i64> {
    metadata.row_groups().iter().map(|group| group.num_rows()).collect()
}

fn options(threads: usize) -> ParquetOptions {
    ParquetOptions::default().threads(threads)
}

#[test]
fn what_was_written_is_read_back_equal() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("out.parquet");
    for (name, layout) in [
        ("no batch", &[][..]),
        ("empty batches", &[0, 0]),
        ("one record", &[1]),
        ("batches", &[1000, 0, 5000, 17]),
        ("one huge batch", &[20_000]),
    ] {
        for threads in [1, 2, 7] {
            let written = write(nested(), batches(layout), &path, &options(threads)).unwrap();
            let total = layout.iter().sum::<usize>();
            let (schema, found, metadata) = read(&path);
            assert_eq!(schema, nested(), "{name}");
            assert_eq!(written.rows, total as u64, "{name}");
            assert_eq!(written.row_groups, metadata.num_row_groups(), "{name}");
            assert_eq!(written.bytes, fs::metadata(&path).unwrap().len(), "{name}");
            if total > 0 {
                assert_eq!(found.len(), 1, "{name}");
                assert_eq!(found[0].columns(), records(0, total).columns(), "{name}, {threads} threads");
            }
        }
    }
}

#[test]
fn the_file_is_the_same_for_any_number_of_threads() {
    let folder = tempfile::tempdir().unwrap();
    let file = |threads| {
        let path = folder.path().join(format!("{threads}.parquet"));
        let options = options(threads).row_group_rows(3_000);
        write(nested(), batches(&[2000; 5]), &path, &options).unwrap();
        fs::read(path).unwrap()
    };
    let one = file(1);
    assert!([2, 7, 64].into_iter().all(|threads| file(threads) == one));
}

#[test]
fn row_groups_close_by_rows_and_by_bytes() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("out.parquet");
    let by_rows = options(2).row_group_rows(3_000);
    let written = write(nested(), batches(&[2000; 5]), &path, &by_rows).unwrap();
    assert_eq!(written.row_groups, 4);
    assert_eq!(sizes(&read(&path).2), [3000, 3000, 3000, 1000]);

    let by_bytes = options(2).row_group_bytes(500_000);
    write(nested(), batches(&[1000; 10]), &path, &by_bytes).unwrap();
    let groups = sizes(&read(&path).2);
    assert!(groups.len() > 2 && groups.iter().all(|rows| *rows <= 4000), "{groups:?}");
}

#[test]
fn a_file_can_be_searched_by_control_number_and_tells_where_it_is_from() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("out.parquet");
    let mut options = options(2);
    options.metadata = vec![("mrrc.source".to_owned(), "dump.mrc".to_owned())];
    write(nested(), batches(&[3000]), &path, &options).unwrap();
    let metadata = read(&path).2;
    let columns = metadata.row_group(0).columns();
    let bloom: Vec<_> = columns.iter().map(|column| column.bloom_filter_offset().is_some()).collect();
    assert_eq!(bloom, [true, false, false, false, false, false, false, false]);
    let entries = metadata.file_metadata().key_value_metadata().unwrap();
    let value =
        |key: &str| entries.iter().find(|entry| entry.key == key).and_then(|entry| entry.value.clone());
    assert_eq!(value("mrrc.layout").as_deref(), Some("nested"));
    assert_eq!(value("mrrc.version").as_deref(), Some(env!("CARGO_PKG_VERSION")));
    assert_eq!(value("mrrc.source").as_deref(), Some("dump.mrc"));
    assert!(value("ARROW:schema").is_some());
}

/// The columns whose values are all in a dictionary.
fn in_dictionaries(path: &Path) -> Vec<String> {
    let metadata = read(path).2;
    let columns = metadata.row_group(0).columns().iter();
    let has_only = |column: &&ColumnChunkMetaData| {
        column.page_encoding_stats_mask().is_some_and(|mask| mask.is_only(Encoding::RLE_DICTIONARY))
    };
    columns.filter(has_only).map(|column| column.column_path().string()).collect()
}

#[test]
fn columns_of_few_values_are_in_dictionaries_whatever_they_are_called() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("out.parquet");
    write(nested(), batches(&[3000]), &path, &options(2)).unwrap();
    let element = "fields.list.element";
    let few = ["tag", "ind1", "ind2", "value", "subfields.list.element.code"];
    let few = few.map(|name| format!("{element}.{name}"));
    assert_eq!(in_dictionaries(&path)[0], "leader");
    assert_eq!(in_dictionaries(&path)[1..], few);

    let schema = Schema::new(vec![text("title"), text("tag"), Field::new("place", DataType::Int64, true)]);
    let schema = Arc::new(schema);
    let columns: Vec<ArrayRef> = vec![
        Arc::new(StringArray::from_iter_values((0..3000).map(|number| format!("{}", number % 7)))),
        Arc::new(StringArray::from_iter_values((0..3000).map(|number| format!("A title, number {number}")))),
        Arc::new(Int64Array::from_iter_values(0..3000)),
    ];
    let batch = RecordBatch::try_new(schema.clone(), columns).unwrap();
    write(schema, [Ok::<_, Error>(batch)], &path, &options(2)).unwrap();
    assert_eq!(in_dictionaries(&path), ["title"]);
}

#[test]
fn a_control_number_that_all_rows_of_a_record_repeat_is_in_a_dictionary() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("out.parquet");
    let mut writer = Writer::new(Vec::new());
    for number in 0..2_000 {
        let mut record = RecordBuf::default();
        record.push_control("001", &format!("{number:020}")).unwrap();
        record.push_data("245", ['1', '0'], [('a', "Title")]).unwrap();
        writer.write(&record).unwrap();
    }
    let bytes = writer.finish().unwrap();
    for (layout, is_in) in [(Layout::Nested, false), (Layout::Fields, true), (Layout::Subfields, true)] {
        let scan = Scan::new(Source::bytes(bytes.clone()));
        let scan = scan.with_options(Options::default().layout(layout)).unwrap();
        write(scan.schema(), scan.batches(), &path, &options(2)).unwrap();
        assert_eq!(in_dictionaries(&path).contains(&"control_number".to_owned()), is_in, "{layout:?}");
    }
}

#[test]
fn long_layouts_and_chosen_columns_are_written_too() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("out.parquet");
    let subjects = Field::new("650$a", DataType::List(text("element").into()), true);
    let schema =
        Arc::new(Schema::new(vec![Field::new("record", DataType::Int64, true), text("tag"), subjects]));
    let mut list = ListBuilder::new(StringBuilder::new()).with_field(text("element"));
    for number in 0..1000 {
        (0..number % 4).for_each(|subject| list.values().append_value(format!("subject {subject}")));
        list.append(number % 7 > 0);
    }
    let columns: Vec<ArrayRef> = vec![
        Arc::new(Int64Array::from_iter_values(0..1000)),
        Arc::new(StringArray::from(vec!["650"; 1000])),
        Arc::new(list.finish()),
    ];
    let batch = RecordBatch::try_new(schema.clone(), columns).unwrap();
    write(schema, [Ok::<_, Error>(batch.clone())], &path, &options(2)).unwrap();
    assert_eq!(read(&path).1[0].columns(), batch.columns());
}

#[test]
fn an_error_in_the_middle_leaves_nothing_and_comes_back_as_it_was() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("out.parquet");
    for threads in [1, 2] {
        let mut all = batches(&[5000, 5000]);
        all.push(Err(Error::Argument("as the test wants it".to_owned())));
        let options = options(threads).row_group_rows(2_000);
        let error = write(nested(), all, &path, &options).unwrap_err();
        assert!(matches!(error, Error::Argument(_)), "{error}");
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 0);

        let stream: [Result<RecordBatch, ArrowError>; 1] =
            [Err(ArrowError::ExternalError(Box::new(Error::Argument("within another".to_owned()))))];
        let error = write(nested(), stream, &path, &options).unwrap_err();
        assert!(matches!(error, Error::Argument(_)), "{error}");
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 0);
    }
}

#[test]
fn a_panic_in_the_middle_leaves_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("out.parquet");
    let batches = batches(&[100]).into_iter().chain(std::iter::once_with(|| panic!("as the test wants it")));
    let batches = std::panic::AssertUnwindSafe(batches);
    let written = std::panic::catch_unwind(|| {
        let std::panic::AssertUnwindSafe(batches) = { batches };
        write(nested(), batches, &path, &options(2)).map(drop)
    });
    assert!(written.is_err());
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 0);
}

#[cfg(target_os = "linux")]
#[test]
fn a_full_disk_is_an_error_of_the_system_that_names_the_file() {
    let error = write(nested(), batches(&[100]), "/dev/full", &options(1)).unwrap_err();
    let Error::Output(io) = &error else { panic!("{error}") };
    assert_eq!(io.kind(), std::io::ErrorKind::StorageFull);
    assert!(error.to_string().contains("/dev/full"), "{error}");
}

#[test]
fn what_cannot_be_done_is_said_before_anything_is_written() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("out.parquet");
    let error = write(nested(), batches(&[1]), &path, &options(1).level(99)).unwrap_err();
    assert_eq!(error.to_string(), "the level of zstd must be 1 to 22, not 99");
    let other = RecordBatch::from(StructArray::from(vec![(
        Arc::new(text("control_number")),
        Arc::new(StringArray::from(vec!["1"])) as ArrayRef,
    )]));
    let error = write(nested(), [Ok::<_, Error>(other)], &path, &options(1)).unwrap_err();
    assert!(error.to_string().contains("1 columns where the schema has 3"), "{error}");
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 0);
}

#[test]
fn an_arrays_bytes_are_those_of_its_slice() {
    let batch = records(0, 300);
    let whole: usize = batch.columns().iter().map(bytes).sum();
    let parts: usize = [(0, 100), (100, 200)]
        .map(|(start, count)| batch.slice(start, count).columns().iter().map(bytes).sum::<usize>())
        .iter()
        .sum();
    assert!(whole.abs_diff(parts) < 400, "{whole} and {parts}");
    assert!((30_000..60_000).contains(&whole), "{whole}");
}
