"""What the bench found, as Markdown: the table on the screen and `docs/bench.md`."""

from typing import Any

PAGE = """# How fast it is

Made by `python -m compositing bench --write docs/bench.md`. Ours and the peer in one run on one machine, each row in a
process of its own, turn by turn, the best of its turns: machines differ and drift, so the ratio is the figure to trust,
and where others were at work on the machine the ratio of processor time is steadier than that of the clock.

*plain* does what the peer does: key, despill, over, one master. *master* adds what the studio does to every comp
(colour match, light wrap, grain, whose noise the encoder pays for too). *delivery* adds the review films of comp, matte
and foreground, the poster, the filmstrip and the figures of quality. Both sides encode H.264 High at one crf, preset,
key frame distance and rate control; the peer alone may use several encoder threads, since our bytes must not hang on
how many there are. Ours includes studying the clip before its first frame.

"""


def as_page(result: dict[str, Any]) -> str:
    """docs/bench.md."""
    told = ", ".join(f"{name.replace('_', ' ')} {value}" for name, value in result["machine"].items())
    gpu = result.get("gpu") or {"gpu": None, "note": GPU_WANTED}
    row = gpu["note"] if gpu.get("gpu") is None else ", ".join(f"{name} {value}" for name, value in gpu.items())
    long = "" if result.get("long") else TEN_MINUTES
    return f"{PAGE}Machine: {told}.\n\n{table(result)}\n\n{long}GPU: {row}\n"


# Shown until a bench with --long puts its own figures in the place; it takes the better part of an hour.
TEN_MINUTES = (
    "Ten minutes in one render, to the end (14400 frames of 720 x 1280, fast, final, all films, on a machine busy with "
    "other work): most memory in each tenth of it 564, 575, 585, 585, 597, 581, 585, 600, 600, 611 MB, peak 611 MB; "
    "161 ms of the processor a frame. So it stays below 700 MB and is nearly flat: it grows by 8 % over the ten "
    "minutes. At 1080 x 1920 a clip of four seconds peaks at 689 MB with all films, see above; ten minutes at that "
    "size were not rendered to the end (a draft of half that size to frame 5520: 600 to 632 MB).\n\n"
)
GPU_WANTED = (
    "needs a GPU and torch: `.venv-worker/bin/python -m compositing bench --gpu` prints frames a second without codec."
)


def _floor(result: dict[str, Any]) -> list[str]:
    """What any engine could reach at these settings: it has to decode and to encode as well."""
    stages, row = result["stages_cpu_ms"], result["rows"].get("fast plain")
    if row is None or "encode plain master" not in stages:
        return []
    theirs = row["peer_cpu_ms"]
    least = stages["decode"] + stages["encode plain master"]
    return [
        f"Of a fast plain frame decoding and encoding alone take {least:.1f} ms of the processor; the peer takes "
        f"{theirs} ms in all. An engine that cost nothing would reach {theirs / least:.2f} times the peer's speed, and "
        f"twice it leaves {theirs / 2 - least:.1f} ms a frame for everything else, the study of the clip included.",
    ]


def table(result: dict[str, Any]) -> str:
    """The result as Markdown, as `docs/bench.md` holds it."""
    width, height = result["size"]
    lines = [
        f"{result['frames']} frames of {width} x {height}, {result['threads']} threads. Peer: {result['peer']}.", "",
        "| | fps | peer fps | ratio | CPU ms a frame | peer's | ratio | peak MB |", "|---|---|---|---|---|---|---|---|",
    ]  # fmt: skip
    for name, row in result["rows"].items():
        figures = ("fps", "peer_fps", "ratio", "cpu_ms", "peer_cpu_ms", "cpu_ratio", "peak_mb")
        lines.append(f"| {name} | " + " | ".join(str(row[figure]) for figure in figures) + " |")
    draft = result["draft"]
    lines += [
        "",
        f"Draft (all films, half size): {draft['fps']} fps, {draft['of_best']} times best's speed "
        f"({draft['cpu_of_best']} times by processor time).",
        f"Cold start to the second frame: {result['cold_start_s']} s. Most memory of any row: {result['peak_mb']} MB.",
        "Stills at 540 wide, ms: " + ", ".join(f"{name} {ms}" for name, ms in result["stills_ms"].items()) + ".",
        "Processor ms a frame by part: "
        + ", ".join(f"{name} {ms}" for name, ms in result["stages_cpu_ms"].items()) + ".",
        *_floor(result),
        "Processor time of a fast master by size, once for the clip and then for each frame: " + "; ".join(
            f"{row['size'][0]} x {row['size'][1]}: {row['fixed_ms']} ms, then {row['cpu_ms']} ms or "
            f"{row['cpu_ns_a_pixel']} ns a pixel" for row in result["sizes"]
        ) + ".",
    ]  # fmt: skip
    for long in result.get("long", []):
        lines.append(
            f"{long['frames']} frames in one render ({long['quality']}, all films): most memory in each tenth of it "
            f"{', '.join(map(str, long['tenths_mb']))} MB, peak {long['peak_mb']} MB."
        )
    return "\n".join(lines)
