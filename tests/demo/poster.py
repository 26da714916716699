"""A poster for the story: drawn here and attached as an officer would attach one."""

import io

from PIL import Image, ImageDraw

from engage.drafting.picture_questions import answered
from engage.drafting.pictures import attached, description
from engage.posts.clock import utc_now
from engage.posts.people import Person
from engage.posts.post import Post
from engage.signoff import acts
from engage.wiring import Engage
from engage.wiring.pictures import encoded, keep

ALT = "A white padlock, closed, on a dark blue ground."
ANSWERS = {
    "type": "graphic",
    "source": "Drawn for the demonstration",
    "licence": "owned",
    "origin": "real",
    "people": "nobody",
    "under_18": "no",
    "obscured": "yes",
    "text": "none",
}


def attach_poster(engage: Engage, post: Post, *, by: Person) -> Post:
    """The post with the poster on every platform, kept."""
    found = encoded(_drawn(), [each.platform for each in post.variants], where="poster.png")
    with engage.transaction() as unit:
        media = keep(unit, found, alt=description(ALT), by=by, now=utc_now())
        changed = attached(post, media, answered(ANSWERS, kind=post.kind))
        return acts.edit(
            engage.desk(unit),
            post.id,
            by=by,
            version=post.version,
            variants=changed.variants,
            context=changed.context,
        )


def _drawn() -> bytes:
    poster = Image.new("RGB", (1200, 675), "#14213d")
    pen = ImageDraw.Draw(poster)
    pen.arc((500, 130, 700, 430), 180, 360, fill="white", width=36)
    pen.rounded_rectangle((450, 280, 750, 560), radius=28, fill="white")
    pen.ellipse((570, 370, 630, 430), fill="#14213d")
    pen.rectangle((588, 410, 612, 490), fill="#14213d")
    made = io.BytesIO()
    poster.save(made, "PNG")
    return made.getvalue()
