"""Draw a catalogue: records since 1950 by decade and language, and the most frequent subjects of all.

Usage: python examples/plot.py catalogue.mrc picture.png
"""

import sys

import matplotlib.pyplot as plt
import mrrc
import polars as pl

if len(sys.argv) != 3:
    raise SystemExit("usage: python examples/plot.py catalogue.mrc picture.png")
path, picture = sys.argv[1:]

columns = {"year": "year(008/07-10)", "language": "label(008/35-37)"}
scan = mrrc.scan(path, columns=columns, on_error="recover")
books = scan.read().to_polars().filter(pl.col("year").is_between(1950, 2029))
frequent = books["language"].drop_nulls().value_counts(sort=True)["language"].head(5)
language = pl.when(pl.col("language").is_in(frequent.implode())).then("language").otherwise(pl.lit("other"))
decades = books.group_by(decade=pl.col("year") // 10 * 10, language=language).len().sort("decade")
subjects = scan.value_counts("trim(650$a)").to_polars().drop_nulls().head(10)

figure, (left, right) = plt.subplots(1, 2, figsize=(12, 4.2), width_ratios=[3, 2], layout="constrained")
bottom = dict.fromkeys(decades["decade"], 0)
for name in [*frequent, "other"]:
    of_language = decades.filter(pl.col("language") == name)
    at = of_language["decade"].to_list()
    left.bar(at, of_language["len"], bottom=[bottom[decade] for decade in at], width=8, label=name)
    bottom |= {decade: bottom[decade] + count for decade, _, count in of_language.iter_rows()}
left.set_title("Records since 1950 by decade and language", loc="left")
left.legend(frameon=False)
right.barh(range(subjects.height), subjects["count"], tick_label=subjects["value"].to_list())
right.invert_yaxis()
right.set_title("The most frequent subjects", loc="left")
for axes in (left, right):
    axes.spines[["top", "right"]].set_visible(False)
figure.savefig(picture, dpi=110)
