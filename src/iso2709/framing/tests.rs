use super::*;

const RECORD: &[u8] = b"00063nam a2200049 a 4500\
    001000300000\
    245001000003\x1e\
    A1\x1e\
    10\x1faTitle\x1e\x1d";
const MAX: usize = 8 << 20;

/// Kind and extent of every item.
fn whole(source: &[u8]) -> Vec<(Kind, usize, Option<Code>)> {
    in_blocks(source, source.len(), MAX)
}

/// The same with a window that grows by `size` bytes and drops framed bytes; adjacent filler is joined.
fn in_blocks(source: &[u8], size: usize, max_record: usize) -> Vec<(Kind, usize, Option<Code>)> {
    let mut framer = Framer::new(max_record);
    let (mut begin, mut at, mut filled) = (0, 0, 0);
    let mut found: Vec<(Kind, usize, Option<Code>)> = Vec::new();
    let mut push = |kind, extent, code| match found.last_mut() {
        Some((Kind::Filler, so_far, _)) if kind == Kind::Filler => *so_far += extent,
        _ => found.push((kind, extent, code)),
    };
    while at < source.len() {
        let last = filled == source.len();
        if size < source.len() {
            framer.forget(at - begin);
            begin = at;
        }
        match framer.next(&source[begin..filled], at - begin, last) {
            Next::More => {
                assert!(!last, "more bytes wanted after the end");
                filled = (filled + size).min(source.len());
            }
            Next::Passed(end) => at = begin + end,
            Next::Frame(end) => {
                let end = begin + end;
                let mut from = 0;
                for item in items(&source[at..end], max_record) {
                    push(item.kind, item.end - from, item.findings.first().map(|it| it.code));
                    from = item.end;
                }
                at = end;
            }
            Next::Item(item) => {
                let end = begin + item.end;
                push(item.kind, item.passed as usize + end - at, item.findings.first().map(|it| it.code));
                at = end;
            }
        }
    }
    found
}

fn joined(parts: &[&[u8]]) -> Vec<u8> {
    parts.concat()
}

#[test]
fn records_follow_each_other() {
    assert_eq!(whole(&joined(&[RECORD, RECORD])), [(Kind::Record, 63, None), (Kind::Record, 63, None)]);
}

#[test]
fn filler_between_records_means_nothing() {
    let source = joined(&[b"\xef\xbb\xbf", RECORD, b"\r\n", RECORD, b"\x1a\0\0 "]);
    let kinds: Vec<_> = whole(&source).into_iter().map(|(kind, ..)| kind).collect();
    assert_eq!(kinds, [Kind::Filler, Kind::Record, Kind::Filler, Kind::Record, Kind::Filler]);
}

#[test]
fn a_wrong_length_is_named_and_the_next_record_is_found() {
    for stated in ["00062", "00064", "99999", "00000", "abcde", "     ", "+0063", "00126"] {
        let mut wrong = RECORD.to_vec();
        wrong[..5].copy_from_slice(stated.as_bytes());
        let source = joined(&[RECORD, &wrong, RECORD]);
        assert_eq!(
            whole(&source),
            [
                (Kind::Record, 63, None),
                (Kind::Record, 63, Some(Code::RecordLength)),
                (Kind::Record, 63, None)
            ],
            "{stated}"
        );
    }
}

#[test]
fn garbage_is_a_gap_and_costs_no_record() {
    let source = joined(&[b"HTTP/1.1 200 OK and so on", RECORD]);
    assert_eq!(whole(&source), [(Kind::Gap, 25, Some(Code::Gap)), (Kind::Record, 63, None)]);
}

#[test]
fn a_cut_record_is_rejected_and_the_next_is_found() {
    let source = joined(&[&RECORD[..55], RECORD]);
    assert_eq!(whole(&source), [(Kind::Record, 55, Some(Code::RecordTruncated)), (Kind::Record, 63, None)]);
}

#[test]
fn blocks_of_any_size_give_the_same_items() {
    let mut wrong = RECORD.to_vec();
    wrong[..5].copy_from_slice(b"99999");
    let source =
        joined(&[b"  ", RECORD, b"\n", &wrong, b"junk junk junk junk junk junk", RECORD, &RECORD[..40]]);
    let expected = whole(&source);
    for size in [1, 2, 3, 7, 63, 64, 4096] {
        assert_eq!(in_blocks(&source, size, MAX), expected, "blocks of {size}");
    }
}

#[test]
fn what_is_too_large_is_passed_over_and_counted() {
    let record_without_end = [b"00063nam a2200049 a 4500".to_vec(), vec![b'x'; 400_000], vec![0x1D]].concat();
    let endless_garbage = [vec![b'x'; 400_000], vec![0x1D]].concat();
    for (bytes, kind, code) in
        [(&record_without_end, Kind::Record, Code::RecordTooLarge), (&endless_garbage, Kind::Gap, Code::Gap)]
    {
        let source = joined(&[RECORD, bytes, RECORD]);
        for size in [4096, 150_000, 1 << 20] {
            assert_eq!(
                in_blocks(&source, size, 1000),
                [(Kind::Record, 63, None), (kind, bytes.len(), Some(code)), (Kind::Record, 63, None)],
                "blocks of {size}"
            );
        }
    }
}

#[test]
fn the_length_of_a_record_need_not_be_limited() {
    let endless = [b"00063nam a2200049 a 4500".to_vec(), vec![b'x'; 400_000], vec![0x1D]].concat();
    let source = joined(&[RECORD, &endless, RECORD]);
    let found = in_blocks(&source, 4096, usize::MAX);
    assert_eq!(found.first(), Some(&(Kind::Record, 63, None)));
    assert_eq!(found.last(), Some(&(Kind::Record, 63, None)));
    assert!(found.iter().all(|(_, _, code)| *code != Some(Code::RecordTooLarge)));
}

#[test]
fn leaders_in_a_row_take_linear_time() {
    // Each promises a directory of nearly 100,000 bytes that does not exist.
    let source = b"99999nam a2299997 a 4500123".repeat(40_000);
    assert!(!whole(&source).is_empty());
}

#[test]
fn many_records_in_one_piece_take_linear_time() {
    // No terminator and no usual leader ends the piece, so that each record is followed by all the others.
    let record = b"00000nam a  00037 a 4500001000300000\x1eA1\x1e";
    let source = record.repeat(200_000);
    let found = whole(&source);
    assert_eq!(found.len(), 200_000);
    assert!(found.iter().all(|item| *item == (Kind::Record, 40, Some(Code::RecordLength))));
}

#[test]
fn no_leader_stands_inside_the_directory_of_a_record_that_is_too_large() {
    // The directory's first two entries read as a leader, with the other two as its directory.
    let leader = b"99999nam a2200073 a 4500\
        000000000022\
        000490004500\
        245000100000\
        245000100000\x1e";
    let record = [&leader[..], &[b'x'; 400_000], b"\x1d"].concat();
    // Two of these sizes drop bytes in the middle of the directory.
    for size in [1000, REACH + 30, REACH + 60, 150_000, record.len()] {
        assert_eq!(
            in_blocks(&record, size, 1),
            [(Kind::Record, record.len(), Some(Code::RecordTooLarge))],
            "blocks of {size}"
        );
    }
}

#[test]
fn filler_before_a_record_that_is_too_large_is_no_part_of_it() {
    let large = [b"00063nam a2200049 a 4500".to_vec(), vec![b'x'; 100], vec![0x1D]].concat();
    let source = joined(&[b"    ", &large, RECORD]);
    for size in 1..source.len() {
        assert_eq!(
            in_blocks(&source, size, 100),
            [
                (Kind::Filler, 4, None),
                (Kind::Record, 125, Some(Code::RecordTooLarge)),
                (Kind::Record, 63, None)
            ],
            "blocks of {size}"
        );
    }
}
