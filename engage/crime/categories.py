"""The categories that borough files of every generation have had, under today's names.

A name that is not among them was misspelt or is new: it counts in its group, but towards no narrower topic, until
somebody maps it in `topics`.
"""

from collections.abc import Mapping

KNOWN: Mapping[str, frozenset[str]] = {
    "ARSON AND CRIMINAL DAMAGE": frozenset(
        (
            "ARSON",
            "CRIMINAL DAMAGE",
        )
    ),
    "BURGLARY": frozenset(
        (
            "BURGLARY - RESIDENTIAL",
            "BURGLARY BUSINESS AND COMMUNITY",
            "DOMESTIC BURGLARY",
            "RES BURGLARY OF A HOME",
            "RES BURGLARY OF UNCONNECTED BUILDING",
        )
    ),
    "DRUG OFFENCES": frozenset(
        (
            "POSSESSION OF DRUGS",
            "TRAFFICKING OF DRUGS",
        )
    ),
    "FRAUD AND FORGERY": frozenset(("FRAUD AND FORGERY",)),
    "MISCELLANEOUS CRIMES AGAINST SOCIETY": frozenset(
        (
            "ABSCONDING FROM LAWFUL CUSTODY",
            "AIDING SUICIDE",
            "BAIL OFFENCES",
            "BIGAMY",
            "CONCEALING AN INFANT DEATH CLOSE TO BIRTH",
            "DANGEROUS DRIVING",
            "DISCLOSURE, OBSTRUCTION, FALSE OR MISLEADING STATE",
            "EXPLOITATION OF PROSTITUTION",
            "FORGERY OR USE OF DRUG PRESCRIPTION",
            "FRAUD OR FORGERY ASSOCIATED WITH DRIVER RECORDS",
            "GOING EQUIPPED FOR STEALING",
            "HANDLING STOLEN GOODS",
            "MAKING, SUPPLYING OR POSSESSING ARTICLES FOR USE I",
            "MISC CRIMES AGAINST SOCIETY",
            "OBSCENE PUBLICATIONS",
            "OFFENDER MANAGEMENT ACT",
            "OTHER FORGERY",
            "OTHER NOTIFIABLE OFFENCES",
            "PERJURY",
            "PERVERTING COURSE OF JUSTICE",
            "POSSESSION OF FALSE DOCUMENTS",
            "PROFITTING FROM OR CONCEALING PROCEEDS OF CRIME",
            "SOLICITING FOR PROSTITUTION",
            "THREAT OR POSSESSION WITH INTENT TO COMMIT CRIMINA",
            "WILDLIFE CRIME",
        )
    ),
    "NFIB FRAUD": frozenset(("NFIB",)),
    "POSSESSION OF WEAPONS": frozenset(
        (
            "OTHER FIREARM OFFENCES",
            "OTHER KNIFE OFFENCES",
            "POSSESSION OF ARTICLE WITH BLADE OR POINT",
            "POSSESSION OF FIREARM WITH INTENT",
            "POSSESSION OF FIREARMS OFFENCES",
            "POSSESSION OF OTHER WEAPON",
            "POSSESSION OF WEAPONS",
        )
    ),
    "PUBLIC ORDER OFFENCES": frozenset(
        (
            "OTHER OFFENCES AGAINST THE STATE, OR PUBLIC ORDER",
            "OTHER OFFENCES PUBLIC ORDER",
            "PUBLIC FEAR ALARM OR DISTRESS",
            "RACE OR RELIGIOUS AGG PUBLIC FEAR",
            "RACIALLY OR RELIGIOUSLY AGGRAVATED PUBLIC FEAR, AL",
            "VIOLENT DISORDER",
        )
    ),
    "ROBBERY": frozenset(
        (
            "ROBBERY OF BUSINESS PROPERTY",
            "ROBBERY OF PERSONAL PROPERTY",
        )
    ),
    "SEXUAL OFFENCES": frozenset(
        (
            "OTHER SEXUAL OFFENCES",
            "RAPE",
        )
    ),
    "THEFT": frozenset(
        (
            "BICYCLE THEFT",
            "OTHER THEFT",
            "SHOPLIFTING",
            "THEFT FROM THE PERSON",
        )
    ),
    "VEHICLE OFFENCES": frozenset(
        (
            "AGGRAVATED VEHICLE TAKING",
            "INTERFERING WITH A MOTOR VEHICLE",
            "THEFT FROM A VEHICLE",
            "THEFT OR UNAUTH TAKING OF A MOTOR VEH",
        )
    ),
    "VIOLENCE AGAINST THE PERSON": frozenset(
        (
            "DEATH SERIOUS INJURY ILLEGAL DRIVING",
            "HOMICIDE",
            "STALKING AND HARASSMENT",
            "VIOLENCE WITH INJURY",
            "VIOLENCE WITHOUT INJURY",
        )
    ),
}
"""Minor categories by their major one, as the files to February 2026 name them."""


def is_known(major: str, minor: str) -> bool:
    """Whether any published file has had a category."""
    return minor in KNOWN.get(major, frozenset())
