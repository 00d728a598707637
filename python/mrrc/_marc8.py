from pymarc.marc8 import MARC8ToUnicode, marc8_to_unicode  # stand-in
