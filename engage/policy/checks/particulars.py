"""What identifies or describes somebody, as patterns: personal data, particulars, and features of a description.

They run under RE2, over folded text: no accents, plain quotes, every space one of a few.
"""

import re

PERSONAL = {
    "email": r"(?i)\b[\w.+-]+@[\w-]+(?:\.[\w-]+)+",
    "plate": r"\b[A-HJ-PR-Y][A-HJ-PR-Y]\d\d\s?[A-HJ-PR-Z]{3}\b",
    "postcode": r"\b(?:[A-Z]{1,2}\d[A-Z\d]?)\s?\d[ABD-HJLNP-UW-Z]{2}\b",
    "house": r"(?i:\b(?:(?:flat|house|number|no\.?|block|apartment|unit)\s+\d{1,4}[a-z]?\b(?:,?\s+[\w']+){0,3}\s+(?:road|street|avenue|lane|close|drive|way|court|house|gardens|crescent|terrace|place|grove|rd|st|ave|estate|point|tower|mansions)"
    r"|(?:flat|apartment)\s+\d{1,4}[a-z]?)\b)"
    r"|\b\d{1,4}[A-Za-z]?,?\s+(?:[A-Z][\w']+\s+){1,3}(?:Road|Street|Avenue|Lane|Close|Drive|Way|Court|Gardens|Crescent|Terrace|Place|Grove|Rd|St|Ave|Mews|Square|Hill|Walk)\b",
    "phone": r"(?:\+44[\s-]?|\b0)7(?:[\s-]?\d){9}\b",
}
_HOMES = (
    r"(?:Road|Rd|Street|St|Avenue|Ave|Lane|Close|Drive|Way|Gardens|Crescent|Terrace|Place|Grove|Mews|Square|Hill|Walk"
    r"|Rise|Row|Court|House|Lodge|Tower|Towers|Point|Mansions|Estate|estate)\b"
)
_ON_A_ROAD = rf"(?:the )?(?:[A-Z0-9][\w'-]* ){{1,3}}{_HOMES}"
_SOMEBODY = r"(?:man|woman|men|women|boy|boys|girl|girls|male|female|person|people|teenager|teenagers|youth|youths|lad|schoolboy|schoolgirl|pupil|student|child|toddler|brothers|sisters|couple|pair|pensioner|suspect|victim|resident|mother|father|mum|dad|one)"
_JOB = (
    r"(?:(?:bus|taxi|cab|minicab|delivery|courier|Uber|train|Tube|ambulance)[\s-](?:driver|rider)|courier|postman|postwoman"
    r"|teacher|teaching assistant|headteacher|lecturer|tutor|nurse|doctor|surgeon|GP|dentist|paramedic|midwife|carer|care worker|pharmacist"
    r"|councillor|politician|MP|peer|priest|vicar|imam|rabbi|pastor|footballer|footballer's agent|boxer|jockey|rapper|singer|actor|actress|comedian|musician|DJ"
    r"|influencer|YouTuber|TikToker|presenter|journalist|model|celebrity|solicitor|barrister|judge|magistrate|lawyer|accountant|banker|estate agent"
    r"|shopkeeper|shop worker|shop assistant|newsagent|butcher|barber|hairdresser|florist|landlord|landlady|publican|barman|barmaid|bartender|chef|waiter|waitress"
    r"|builder|plumber|electrician|roofer|scaffolder|decorator|carpenter|mechanic|gardener|cleaner|caretaker|window cleaner|labourer|handyman|nail technician"
    r"|security guard|doorman|bouncer|prison officer|prison guard|soldier|firefighter|civil servant|social worker|youth worker|scout leader|football coach|coach"
    r"|businessman|businesswoman|company director|shop owner|restaurant owner|cafe owner|business owner|manager|receptionist|student|pupil|undergraduate|trader|gym owner|personal trainer|trainer|barista|dancer|hotelier|market trader|stallholder|postal worker|sex worker|escort|drummer|yoga instructor|driving instructor|instructor|pilot|steward|scientist|engineer|programmer|architect|vet|optician|banker|broker|butler|nanny|childminder|au pair"
    r"|(?:father|dad|mother|mum|grandfather|grandmother)[\s-]of[\s-]\w+)"
)
_HELD = r"(?:arrested|detained|bailed|released|questioned|interviewed|held|re-?arrested|in custody|on bail|under investigation|being)"
PARTICULARS = {
    "school": (
        r"(?:[A-Z][\w'.-]* ){1,4}(?:School|Academy|College|Sixth Form|University|Nursery|Primary|Grammar)\b|University of [A-Z]\w+|\bGoldsmiths\b"
        r"|(?i:\byear (?:[1-9]|1[0-3]|seven|eight|nine|ten|eleven|twelve|thirteen)\b)"
        r"|(?i:\b(?:pupils?|students?|boys?|girls?|child|children|teenagers?|youngsters?) (?:at|from|of) (?:an? |the )?(?:\w+ ){0,3}(?:school|academy|college|sixth form|university)\b)"
        r"|(?i:\b(?:who|she|he|they|both|boy|girl|pupil|daughter|son) (?:attend(?:s|ed)?|goes to|went to|stud(?:y|ies|ied|ying) at|is at|are at|was at)\b)"
        r"|(?i:\b(?:her|his|their)(?: \w+)? (?:school|college|nursery|sixth form|classmates?|class|form tutor|headteacher)\b|\b(?:local|nearby) (?:\w+ )?(?:primary|secondary|school|academy)\b)"
        r"|(?i:\bsixth[\s-]form(?:er)?s?\b)|(?i:\b(?:university|college|\w+-year|medical|law|exchange|language)[\s-]students?\b|\bstudents?\b)"
    ),
    "workplace": (
        r"(?i)\b(?:works? (?:at|for|in|as|behind)|working (?:at|in|as|behind)|worked (?:at|for|in|as|with|alongside)|employed (?:at|by|as)"
        r"|(?:nurse|teacher|doctor|worker|assistant|barista|cleaner|chef|manager|receptionist|bartender|waiter|waitress|carer|midwife|cashier|guard|driver|student|staff|employee|trainee|apprentice) (?:at|from)"
        r"|(?:her|his|their) (?:\w+ )?(?:job|office|workplace|employer|colleagues?|shift|salon|surgery|stall|workmates?)|colleague of"
        r"|(?:shop|bar|office|care) (?:worker|assistant) at|staff member|member of staff|(?:closing|locking|opening) up (?:the|her|his|their)|(?:left|leaving|finish(?:ed|ing)) (?:work|her shift|his shift)|(?:at|while at) work|on (?:her|his) (?:lunch )?break|(?:barista|waitress|nurse|teacher|cleaner|receptionist)s? (?:in|at|from|for)"
        r"|(?:who|she|he|they) (?:was|were|had been) (?:found|held|kept|working|forced to work|made to work|exploited) (?:at|in) an?)\b"
    ),
    "relationship": (
        r"(?i)\b(?:(?:her|his|their|the (?:victim|girl|boy|woman|complainant)'s) (?:own |former |then |eldest |elder |younger |youngest |twin |teenage |\d{1,2}[\s-]year[\s-]old )?(?:ex-?\s?)?(?:husband|wife|partner|boyfriend|girlfriend|father|mother"
        r"|step-?\s?(?:father|mother|dad|mum)|uncle|aunt|auntie|brother|sister|sibling|cousin|dad|mum|grandad|gran|nan|grandfather|grandmother|foster (?:\w+)|step-?\s?daughter|step-?\s?son"
        r"|niece|nephew|granddaughter|grandson|flatmate|neighbour|housemate|coach|teacher|tutor|boss|manager|employer|son|daughter|family|parents|carer|landlord|fiancee?|in-laws?)"
        r"|(?:daughter|son|niece|nephew|wife|husband|partner|stepdaughter|stepson|girlfriend|boyfriend|sister|brother|child|children) of"
        r"|(?:he|she|who|they) (?:had )?(?:taught|coached|tutored|trained|mentored|employed|looked after|cared for|babysat|lived with|was (?:dating|married to|related to|looking after|in a relationship with))"
        r"|(?:mother|mum|father|dad|grandmother|grandfather)[\s-]of[\s-](?:one|two|three|four|five|six|\d))\b"
    ),
    "age": r"(?i)\b(?:(?:man|woman|boy|girl|teenager|student|pupil) of \d\d\b|\d{1,2}[\s-]year[\s-]old|aged? \d{1,2}\b|\d{1,2} years? old|(?:twelve|thirteen|fourteen|fifteen|sixteen|seventeen|eighteen|nineteen|eleven|ten|nine|eight)[\s-]year[\s-]old)",
    "route": r"(?i)\b(?:walk(?:s|ed|ing)? home|way home|on (?:her|his|their) way|usual route|route (?:home|to)|every (?:morning|evening|day|night)|daily (?:commute|walk|run)|her (?:bus|train) (?:home|to work)|jogs?|regular(?:ly)? (?:walks?|runs?))\b",
    "picture": r"(?i)\b(?:(?:photo|picture|image|footage|video) of (?:the |her|him|them)(?:victim|girl|boy|woman|complainant)?|pictured)\b",
    "job": r"(?i)\b(?:well[\s-]known [a-z]{3,}|local (?:business(?:man|woman)|celebrity|hero|vicar|shopkeeper|trader|politician|rapper|singer|footballer|character)|teacher|nurse|doctor|midwife|carer|waitress|waiter|barmaid|barista|cleaner|receptionist|hairdresser|nanny|au pair|dancer|model|shop worker|councillor|priest|imam|vicar|footballer|solicitor|barrister|lecturer|actor|singer|taxi driver|headteacher|shopkeeper)\b",
    "job_of_suspect": (
        rf"(?:\b(?:[Aa]|[Tt]he|[Aa]n|[Ll]ocal|old|former) (?:local |former |retired |trainee |part-time |well-known )?{_JOB}(?:,? (?:aged )?\d\d,?|,? \(\d\d\))?"
        rf"(?:,? (?:from|of|in|at|with|on) (?:the |an? )?(?:[\w'-]+ ){{1,4}}?|,? )\s?(?:has|have|had|was|were|is|are|remains?) (?:since )?(?:been )?(?:also )?{_HELD}\b"
        r"|\b(?:owner|boss|manager|landlord|landlady|head|headteacher|caretaker|chair|chairman|treasurer|director|founder|proprietor|licensee|vicar|imam|coach)"
        rf" (?:of|at) (?:[\w'&-]+,? ){{1,6}}(?:who )?(?:has|have|had|was|were|is|are) (?:been )?{_HELD}\b"
        rf"|\b(?i:arrest(?:ed|ing)?(?: of)?|detained|bailed) (?:an? |the )?(?:\d\d[\s-]year[\s-]old )?(?:local |former |retired )?{_JOB}\b"
        rf"|\b[Ss]uspects?,? (?:is |are |was |who is |who works as |believed to be |thought to be )*(?:an? )(?:\d\d[\s-]year[\s-]old )?(?:local |former )?{_JOB}\b"
        rf"|\b(?:is|was|works as|is employed as|worked as) (?:an? |the )(?:local |former |retired |well-known |[A-Z]\w+ ){{0,3}}{_JOB}\b"
        rf"|\b(?:man|woman|suspect|male|\d\d)[, (]+(?:an? |who is an? )(?:local |former )?{_JOB}\b"
        r"|\bwho (?:runs?|owns?|manages?|teach(?:es)?|coach(?:es)?|presents?|preach(?:es)?|drives? (?:an? |the )?(?:\w+ )?(?:bus|cab|taxi|minicab|lorry)|(?:works?|is employed) (?:at|as|for|in))\b"
        r"|\b\d\d[\s-]year[\s-]old(?:\s[\w'-]+){1,5})"
    ),
    "handle": r"@\w+",
    "address": (
        rf"\b(?i:lives?|living|lived|resid(?:es?|ing)|resident|tenant|occupant) (?i:at|on|in|off|of|near) {_ON_A_ROAD}"
        rf"|\b(?i:{_SOMEBODY}),?(?: (?i:aged))?(?: \(?\d\d\)?,?)? (?:from|of) {_ON_A_ROAD}|\b\d\d,? (?:from|of) {_ON_A_ROAD}"
        rf"|\b(?i:her|his|their)(?: \w+)? (?i:home|house|flat|address|bedsit|property|room|houseboat) (?i:at|on|in|off|near) {_ON_A_ROAD}"
        r"|(?i:\b(?:lives? next (?:door )?to|neighbours? (?:of|on)|her street|his street|their street)\b)"
    ),
}
AGED = re.compile(r"\d\d[\s-]year[\s-]old")
CLOSED_LIST = re.compile(
    r"\b(?:m[ae]n|wom[ae]n|(?:fe)?males?|boys?|girls?|person|people|teen(?:ager)?s?|youths?|lads?|adults?|suspects?|driver|rider"
    r"|motorist|motorcyclist|cyclist|pedestrian|passenger|victims?|child(?:ren)?|others?|nationals?|citizens?)\b"
)
"""Nouns by which a post before charge may call somebody: sex and age, and no more."""
AFTER_A_NOUN = re.compile(
    r"\b(?:an?|the|from|of|in|at|on|by|for|to|with|and|or|but|was|were|has|have|had|is|are|be|been|being|remains?|who|after|also"
    r"|we|s?he|they|it|this|that|when|where|following|as|both|all|then|later|now|since|arrested)\b"
)

FEATURES = {
    "sex": r"(?i)\b(?:man|woman|male|female|boy|girl|youth)\b",
    "age": r"(?i)\b(?:aged|years old|year[\s-]old|in (?:his|her|their) (?:\w+ )?(?:teens|twenties|thirties|forties|fifties|sixties|\d0s)|teenage|elderly|middle[\s-]aged)\b",
    "height": r"(?i)\b(?:\d ?(?:ft|feet|foot|')|\d(?:\.\d+)?m tall|tall|short in height|\d{3} ?cm)\b",
    "build": r"(?i)\b(?:slim|stocky|heavy|heavily|medium|muscular|large|athletic|thin|slender) ?(?:build|built|set)?\b",
    "hair": r"(?i)\b(?:hair|bald|shaved head|beard|moustache|goatee|clean[\s-]shaven|ponytail|dreadlocks|afro|braids)\b",
    "clothing": r"(?i)\b(?:wearing|trousers|jeans|trainers|scarf|dress|shoes|boots|gloves|(?:jacket|coat|hoodie|hooded top|cap|hat|shirt|t-shirt|tracksuit|jumper|puffer|mask|balaclava|hood)s?)\b",
    "mark": r"(?i)\b(?:tattoo|scar|glasses|limp|accent|piercing|earring|birthmark|missing tooth)\b",
    "carried": r"(?i)\b(?:carrying|(?:with|holding|had|carried) an? (?:\w+ ){0,2}(?:rucksack|backpack|bag|holdall|suitcase|stick|umbrella|knife)|riding|on an? (?:\w+ ){0,2}(?:bike|moped|bicycle|scooter|motorbike|e-bike)|pushing an? \w+)\b",
}
ETHNIC = r"(?i)\b(?:black|white|asian|mixed[\s-]race|south asian|east asian|middle eastern|mediterranean|arab|chinese|african|caribbean|eastern european|hispanic|somali|romanian|albanian)\b(?:[\s-]+(?:\w+[\s-]+){0,1}(?:man|men|male|males|woman|women|female|youth|youths|boy|boys|girl|teenager|teenagers|suspect|suspects|skin|appearance|ethnicity|people|person|guy|lad|lads)|(?:,? in appearance|(?:,? and)? wearing|(?:,? and)? in a\b))"
