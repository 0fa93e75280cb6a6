"""The command line: `embedcourse lab`, `release`, `grade`, `doctor` and `build`. Thin: each command is a function elsewhere."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path


def main(arguments: list[str] | None = None) -> int:
    """Run one command; the exit status is 0 if all went well, 1 if something is wrong, 2 for a wrong call."""
    parser = argparse.ArgumentParser(prog="embedcourse", description="A course on embedding layers, in Jupyter.")
    commands = parser.add_subparsers(dest="command", required=True)

    lab = commands.add_parser("lab", help="copy the lessons into a folder of yours and open JupyterLab there")
    lab.add_argument("folder", nargs="?", default="embedcourse-work", type=Path, help="default: %(default)s")
    lab.add_argument("--port", type=int, default=8888, help="the first port to try (default: %(default)s)")
    lab.add_argument("--no-browser", action="store_true", help="start the server and print its address only")

    commands.add_parser("doctor", help="say what is installed, what is missing or too old, and how to mend it")

    build = commands.add_parser("build", help="write lessons/ and solutions/ from solutions/*.md")
    build.add_argument("--check", action="store_true", help="execute and write nothing; say what is stale, and fail")
    build.add_argument("--only", metavar="NN", help="one lesson by its number")
    build.add_argument("--force", action="store_true", help="also overwrite notebooks that were edited by hand")

    release = commands.add_parser("release", help="write the lessons with numbers of a class's own, to be handed out")
    release.add_argument("folder", type=Path, help="a new folder")
    release.add_argument("--class-seed", type=int, required=True, metavar="N", help="any number from 1 on; keep it")

    grade = commands.add_parser("grade", help="mark a class's notebooks, which may hold anybody's code, behind walls")
    grade.add_argument("submissions", type=Path, help="a folder, a zip from your LMS, or one notebook")
    grade.add_argument(
        "--out", required=True, metavar="RESULTS", type=Path, help="the folder of results; it is gone on with"
    )
    grade.add_argument("--jobs", type=int, metavar="N", help="submissions at a time (default: one a processor)")
    grade.add_argument(
        "--lesson", type=int, action="append", default=[], metavar="N", help="only this lesson; may be repeated"
    )
    grade.add_argument(
        "--only", action="append", default=[], metavar="STUDENT", help="only this student; may be repeated"
    )
    for name, title in (("canvas", "gradebook"), ("moodle", "grades or grading worksheet")):
        say = f"the {title} exported from {name.capitalize()}, to be filled in as RESULTS/{name}.csv"
        grade.add_argument(f"--{name}", metavar="FILE", type=Path, help=say)
    grade.add_argument("--class-seed", type=int, metavar="N", help="the seed that the lessons were released with")
    grade.add_argument(
        "--limit",
        action="append",
        default=[],
        metavar="NAME=NUMBER",
        help="seconds of a cell, call, exercise or notebook, MiB of memory or scratch, or processes; may be repeated",
    )
    grade.add_argument("--scheduler", default="", metavar="ADDRESS", help="mark on the workers of a Dask cluster")
    grade.add_argument("--dry-run", action="store_true", help="say what would be marked, and do nothing")
    grade.add_argument("--trust-submissions", action="store_true", help="run them without walls, as if they were yours")

    options = parser.parse_args(arguments)
    commands = {"lab": _lab, "release": _release, "grade": _grade, "doctor": _doctor, "build": _build}
    return commands[options.command](options)


def _lab(options: argparse.Namespace) -> int:
    from embedcourse import lab

    if options.folder.is_file():
        print(f"{options.folder} is a file; name a folder for the lessons", file=sys.stderr)
        return 2
    lab.lay_out(options.folder)
    return lab.serve(options.folder, port=options.port, browser=not options.no_browser)


def _release(options: argparse.Namespace) -> int:
    from embedcourse import release

    try:
        written = release.write(options.folder, options.class_seed)
    except (release.SeedError, release.InTheWayError) as error:
        print(error, file=sys.stderr)
        return 2
    except OSError as error:
        print(f"{options.folder}: {error.strerror}: name a new folder where you may write", file=sys.stderr)
        return 2
    print(f"{len(written)} lessons for class seed {options.class_seed}: {options.folder.resolve()}")
    print(f"Grade them with: embedcourse grade SUBMISSIONS --out RESULTS --class-seed {options.class_seed}")
    return 0


def _grade(options: argparse.Namespace) -> int:
    if sys.platform != "linux":
        say = "grade on Linux, in a virtual machine if need be"
        print(f"Nothing was graded: strangers' code is locked in by means that only Linux has: {say}", file=sys.stderr)
        return 3
    from embedcourse import release
    from embedcourse.grading import grade
    from embedcourse.grading.journal import Busy, Damaged
    from embedcourse.grading.lms import TableError
    from embedcourse.grading.points import OverrideError
    from embedcourse.grading.sandbox import GraderError

    known = {"jobs": options.jobs} if options.jobs else {}
    try:
        chosen = grade.Options(
            **known,
            lessons=options.lesson,
            only=options.only,
            scheduler=options.scheduler,
            trust=options.trust_submissions,
            dry=options.dry_run,
            canvas=options.canvas,
            moodle=options.moodle,
            class_seed=options.class_seed,
            limits=grade.limits(options.limit),
        )
        return grade.grade(options.submissions, options.out, chosen)
    except (grade.CallError, release.SeedError, OverrideError, TableError, Busy, Damaged) as error:
        print(error, file=sys.stderr)
    except GraderError as error:
        print(f"Nothing was graded: {error}", file=sys.stderr)
        return grade.PARTLY
    except KeyboardInterrupt:
        print("\nStopped. What was marked is kept; the same command goes on from there.", file=sys.stderr)
        return grade.STOPPED
    except OSError as error:
        say = "What was marked is kept: make room or make it writable, and give the same command again."
        print(f"{error.filename2 or error.filename or options.out}: {error.strerror}. {say}", file=sys.stderr)
        return grade.PARTLY
    return grade.WRONG_CALL


def _doctor(options: argparse.Namespace) -> int:
    from embedcourse import doctor

    return doctor.report()


def _build(options: argparse.Namespace) -> int:
    from embedcourse import files
    from embedcourse.authoring import build

    root = files.repository()
    if root is None:
        print("embedcourse build works in the course's repository only; this is an installed copy", file=sys.stderr)
        return 2
    try:
        problems = build.check(root, options.only) if options.check else build.build(root, options.only, options.force)
    except ValueError as error:
        print(error, file=sys.stderr)
        return 2
    for problem in problems:
        print(problem.replace(f"{root}/", ""), file=sys.stderr)
    if problems:
        print(f"{len(problems)} problem{'s' * (len(problems) > 1)}", file=sys.stderr)
    elif options.check:
        print("every lesson, solution and the glossary are what their sources say")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
