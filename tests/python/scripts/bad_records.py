"""Puts records that cannot be read into a file beside, with the reason."""

import logging
import os
import sys

from pymarc import BaseAddressInvalid, MARCReader, MARCWriter, RecordLengthInvalid, exceptions

logging.basicConfig(level=logging.DEBUG, format="%(name)s %(levelname)s %(message)s")
source, folder = sys.argv[1:]
with (
    open(source, "rb") as fh,
    open(os.path.join(folder, "bad.mrc"), "wb") as bad,
    open(os.path.join(folder, "good.mrc"), "wb") as good,
    open(os.path.join(folder, "reasons.txt"), "w", encoding="utf-8") as reasons,
):
    writer = MARCWriter(good)
    reader = MARCReader(fh, to_unicode=True, force_utf8=True, utf8_handling="strict", permissive=True)
    number = 0
    try:
        for record in reader:
            number += 1
            error = reader.current_exception
            if record is None:
                fatal = isinstance(error, exceptions.FatalReaderError)
                print(number, type(error).__name__, error, fatal, file=reasons)
                bad.write(reader.current_chunk)
            else:
                assert error is None
                writer.write(record)
    except (RecordLengthInvalid, BaseAddressInvalid, UnicodeDecodeError) as error:
        print("stopped:", error)
    print(number, "records; at the end:", reader.current_chunk[:40], repr(reader.current_exception))
