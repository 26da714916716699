"""`engage picture`: what each platform would show of a picture, before it is attached to anything."""

from collections.abc import Sequence
from pathlib import Path

import click

from engage.cli.output import json_option, plain_errors, print_json, print_table
from engage.delivery.platforms.images import UPLOAD_BYTES, Picture
from engage.posts.errors import BadInput
from engage.posts.kinds import DRAFTED_FOR, Platform
from engage.wiring.pictures import encoded, sha256_of

_EXTENSIONS = {"image/jpeg": "jpg", "image/png": "png"}


@click.command()
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
@click.option("--platform", "platforms", multiple=True, type=click.Choice([each.value for each in Platform]))
@click.option(
    "--to",
    "folder",
    type=click.Path(file_okay=False, path_type=Path),
    help="Write what would be posted here.",
)
@json_option
@plain_errors
def picture(*, file: Path, platforms: Sequence[str], folder: Path | None, as_json: bool) -> None:
    """Make a picture anew for each platform: upright, made to fit, without place, time or device.

    Nothing is stored. Exit code 2 for what is no picture, lies about its size, or is too large or too small.
    """
    found = encoded(_read(file), [Platform(each) for each in platforms] or DRAFTED_FOR, where=str(file))
    if folder is not None:
        folder.mkdir(parents=True, exist_ok=True)
        for platform, made in found.pictures.items():
            (folder / f"{file.stem}-{platform.value}.{_EXTENSIONS[made.content_type]}").write_bytes(
                made.content
            )
    if found.concern:
        click.echo(f"{file}: {found.concern}", err=True)
    if as_json:
        made_for = {platform.value: _json(made) for platform, made in found.pictures.items()}
        print_json({"original": found.original, "platforms": made_for})
        return
    rows = [
        (platform.label, made.content_type, f"{made.width} by {made.height}", len(made.content))
        for platform, made in found.pictures.items()
    ]
    print_table(str(file), ("platform", "type", "pixels", "bytes"), rows)


commands = (picture,)


def _read(file: Path) -> bytes:
    """The file's bytes; one that is far too large is not read."""
    size = file.stat().st_size
    if size > UPLOAD_BYTES:
        raise BadInput(
            f"The picture has {size / 1e6:.0f} MB; at most {UPLOAD_BYTES / 1e6:.0f} MB can be used.",
            where=str(file),
            remedy="Make it smaller first.",
        )
    return file.read_bytes()


def _json(made: Picture) -> dict[str, str | int]:
    return {
        "sha256": sha256_of(made.content),
        "content_type": made.content_type,
        "width": made.width,
        "height": made.height,
        "bytes": len(made.content),
    }
