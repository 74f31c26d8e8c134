"""The words of the grammar, in semantic classes, so that people eat food and read books.

Every French word has exactly one English word in each class, which makes the grammar a function. Regular forms
are left to `french` and `english`; only irregular stems and endings are listed here.
"""

from typing import Literal, NamedTuple

from seq2seq.errors import ConfigError

Gender = Literal["m", "f"]


class Phrase(NamedTuple):
    """Words and their translation, ready to use in a sentence."""

    french: str
    english: str


class Noun(NamedTuple):
    """A noun in the singular. A mass noun takes du / some and has no plural."""

    french: str
    gender: Gender
    english: str
    mass: bool = False


class Adjective(NamedTuple):
    """An adjective in the masculine singular, with its feminine; `before` says that it precedes its noun."""

    french: str
    feminine: str
    english: str
    before: bool = False


class Verb(NamedTuple):
    """A verb: infinitive and English base form, other forms where they are irregular.

    present: six forms from je to ils, or empty for a regular verb in -er.
    future: the future stem, or empty where it is the infinitive.
    stative: its present is "likes", not "is liking".
    """

    french: str
    english: str
    present: str = ""
    participle: str = ""
    future: str = ""
    etre: bool = False
    stative: bool = False
    reflexive: bool = False


class Place(NamedTuple):
    """A place: where one is and where one goes are the same words in French, not in English."""

    french: str
    at: str
    to: str


class Subject(NamedTuple):
    """Who does it. person: 0 je, 1 tu, 2 il or elle, 3 nous, 4 vous, 5 ils or elles."""

    french: str
    english: str
    person: int
    gender: Gender = "m"
    pronoun: bool = True

    @property
    def plural(self) -> bool:
        """Return whether adjectives and participles agree in the plural."""
        return self.person >= 3


def _nouns(table: str, mass: bool = False) -> tuple[Noun, ...]:
    """Return the nouns of a table of `french gender english`, separated by commas."""
    nouns = []
    for row in table.split(","):
        french, gender, english = (cell.strip() for cell in row.split("/"))
        if gender not in ("m", "f"):
            raise ConfigError(f"The noun {french!r} has the gender {gender!r}; write m or f.")
        nouns.append(Noun(french, "m" if gender == "m" else "f", english, mass))
    return tuple(nouns)


def _adjectives(table: str, before: bool = False) -> tuple[Adjective, ...]:
    """Return the adjectives of a table of `masculine feminine english`, separated by commas."""
    rows = (row.split("/") for row in table.split(","))
    return tuple(Adjective(m.strip(), f.strip(), english.strip(), before) for m, f, english in rows)


FOOD = _nouns(
    "pomme/f/apple, orange/f/orange, banane/f/banana, gâteau/m/cake, sandwich/m/sandwich, œuf/m/egg,"
    "tomate/f/tomato, croissant/m/croissant, pizza/f/pizza"
)
FOOD_MASS = _nouns(
    "pain/m/bread, fromage/m/cheese, soupe/f/soup, viande/f/meat, chocolat/m/chocolate, riz/m/rice,poisson/m/fish",
    mass=True,
)
DRINKS = _nouns("eau/f/water, lait/m/milk, café/m/coffee, thé/m/tea, vin/m/wine", mass=True)
TEXTS = _nouns("livre/m/book, lettre/f/letter, histoire/f/story, poème/m/poem, roman/m/novel, journal/m/newspaper")
SHOWS = _nouns("film/m/movie, spectacle/m/show, match/m/game")
PICTURES = _nouns("photo/f/photo, tableau/m/painting")
SONGS = _nouns("chanson/f/song, histoire/f/story")
CLOTHES = _nouns(
    "robe/f/dress, chapeau/m/hat, manteau/m/coat, chemise/f/shirt, jupe/f/skirt, écharpe/f/scarf, veste/f/jacket"
)
THINGS = _nouns(
    "sac/m/bag, clé/f/key, téléphone/m/phone, ordinateur/m/computer, parapluie/m/umbrella, stylo/m/pen,"
    "montre/f/watch, cadeau/m/gift, lampe/f/lamp, vélo/m/bike, guitare/f/guitar"
)
LARGE = _nouns("voiture/f/car, maison/f/house, appartement/m/apartment, bateau/m/boat, jardin/m/garden")
OPENINGS = _nouns("porte/f/door, fenêtre/f/window, boîte/f/box")
ANIMALS = _nouns(
    "chat/m/cat, chien/m/dog, oiseau/m/bird, cheval/m/horse, lapin/m/rabbit, souris/f/mouse, vache/f/cow,"
    "hamster/m/hamster, âne/m/donkey, éléphant/m/elephant, poule/f/hen"
)
FAMILY = _nouns(
    "frère/m/brother, sœur/f/sister, mère/f/mother, père/m/father, oncle/m/uncle, tante/f/aunt,"
    "grand-mère/f/grandmother, ami/m/friend, amie/f/friend, voisin/m/neighbor, voisine/f/neighbor"
)
PEOPLE = _nouns("homme/m/man, femme/f/woman, roi/m/king, reine/f/queen, médecin/m/doctor, enfant/m/child")
BUILDINGS = _nouns("musée/m/museum, ville/f/city, église/f/church, château/m/castle, village/m/village")

LOOKS = _adjectives(
    "petit/petite/small, grand/grande/big, beau/belle/beautiful, nouveau/nouvelle/new, vieux/vieille/old,"
    "joli/jolie/pretty",
    before=True,
)
SIZES = LOOKS[:3] + LOOKS[4:]  # an animal is not new
COLORS = _adjectives("rouge/rouge/red, bleu/bleue/blue, vert/verte/green, noir/noire/black, blanc/blanche/white")
FURS = _adjectives("noir/noire/black, blanc/blanche/white, gris/grise/gray")
TASTES = _adjectives("délicieux/délicieuse/delicious, froid/froide/cold, chaud/chaude/hot")
CONTENTS = _adjectives(
    "intéressant/intéressante/interesting, drôle/drôle/funny, triste/triste/sad, célèbre/célèbre/famous,"
    "étrange/étrange/strange"
)
MOODS = _adjectives(
    "fatigué/fatiguée/tired, heureux/heureuse/happy, triste/triste/sad, malade/malade/sick, prêt/prête/ready,"
    "occupé/occupée/busy, inquiet/inquiète/worried, seul/seule/alone"
)
TRAITS = _adjectives(
    "grand/grande/tall, riche/riche/rich, jeune/jeune/young, gentil/gentille/kind, fort/forte/strong,"
    "intelligent/intelligente/smart, célèbre/célèbre/famous, sérieux/sérieuse/serious, drôle/drôle/funny,"
    "curieux/curieuse/curious, prudent/prudente/careful"
)
JOBS = _adjectives(
    "médecin/médecin/doctor, infirmier/infirmière/nurse, professeur/professeure/teacher, avocat/avocate/lawyer,"
    "boulanger/boulangère/baker, étudiant/étudiante/student, pilote/pilote/pilot, architecte/architecte/architect,"
    "chanteur/chanteuse/singer"
)

BE = Verb("être", "be", "suis es est sommes êtes sont", "été", "ser", stative=True)
HAVE = Verb("avoir", "have", "ai as a avons avez ont", "eu", "aur", stative=True)
GO = Verb("aller", "go", "vais vas va allons allez vont", "allé", "ir", etre=True)
WANT = Verb("vouloir", "want", "veux veux veut voulons voulez veulent", "voulu", "voudr", stative=True)
CAN = Verb("pouvoir", "can", "peux peux peut pouvons pouvez peuvent", "pu", "pourr", stative=True)
MUST = Verb("devoir", "have", "dois dois doit devons devez doivent", "dû", "devr", stative=True)
LIKE = Verb("aimer", "like", stative=True)
LOVE = Verb("adorer", "love", stative=True)
HATE = Verb("détester", "hate", stative=True)
PREFER = Verb(
    "préférer", "prefer", "préfère préfères préfère préférons préférez préfèrent", "préféré", stative=True
)
LIVE = Verb("habiter", "live", stative=True)
KNOW = Verb(
    "connaître", "know", "connais connais connaît connaissons connaissez connaissent", "connu", stative=True
)
SEE = Verb("voir", "see", "vois vois voit voyons voyez voient", "vu", "verr", stative=True)
EAT = Verb("manger", "eat", "mange manges mange mangeons mangez mangent", "mangé")
DRINK = Verb("boire", "drink", "bois bois boit buvons buvez boivent", "bu")
READ = Verb("lire", "read", "lis lis lit lisons lisez lisent", "lu")
WRITE = Verb("écrire", "write", "écris écris écrit écrivons écrivez écrivent", "écrit")
BUY = Verb("acheter", "buy", "achète achètes achète achetons achetez achètent", "acheté", "achèter")
SELL = Verb("vendre", "sell", "vends vends vend vendons vendez vendent", "vendu")
OPEN = Verb("ouvrir", "open", "ouvre ouvres ouvre ouvrons ouvrez ouvrent", "ouvert")
CLOSE = Verb("fermer", "close")
WATCH = Verb("regarder", "watch")
LOOK = Verb("regarder", "look at")
LISTEN = Verb("écouter", "listen to")
WEAR = Verb("porter", "wear")
COOK = Verb("préparer", "prepare")
SEEK = Verb("chercher", "look for")
FIND = Verb("trouver", "find")
LOSE = Verb("perdre", "lose", "perds perds perd perdons perdez perdent", "perdu")
AWAIT = Verb("attendre", "wait for", "attends attends attend attendons attendez attendent", "attendu")
HELP = Verb("aider", "help")
VISIT = Verb("visiter", "visit")
LEARN = Verb("apprendre", "learn", "apprends apprends apprend apprenons apprenez apprennent", "appris")
DRAW = Verb("dessiner", "draw")
SLEEP = Verb("dormir", "sleep", "dors dors dort dormons dormez dorment", "dormi")
WORK = Verb("travailler", "work")
SING = Verb("chanter", "sing")
DANCE = Verb("danser", "dance")
PLAY = Verb("jouer", "play")
CRY = Verb("pleurer", "cry")
LAUGH = Verb("rire", "laugh", "ris ris rit rions riez rient", "ri")
RUN = Verb("courir", "run", "cours cours court courons courez courent", "couru", "courr")
WALK = Verb("marcher", "walk")
STAY = Verb("rester", "stay", etre=True)
RETURN = Verb("retourner", "go back", etre=True)
ARRIVE = Verb("arriver", "arrive", etre=True)
LEAVE = Verb("partir", "leave", "pars pars part partons partez partent", "parti", etre=True)
OUT = Verb("sortir", "go out", "sors sors sort sortons sortez sortent", "sorti", etre=True)
FALL = Verb("tomber", "fall", etre=True)
RISE = Verb("lever", "get up", "lève lèves lève levons levez lèvent", "levé", "lèver", True, True, True)
RETIRE = Verb("coucher", "go to bed", etre=True, stative=True, reflexive=True)

PUBLIC = (
    Place("à la école", "at school", "to school"),
    Place("à la plage", "at the beach", "to the beach"),
    Place("à le marché", "at the market", "to the market"),
    Place("à la gare", "at the train station", "to the train station"),
    Place("à le restaurant", "at the restaurant", "to the restaurant"),
    Place("à le musée", "at the museum", "to the museum"),
    Place("à le hôpital", "at the hospital", "to the hospital"),
    Place("à la bibliothèque", "at the library", "to the library"),
    Place("à le bureau", "at the office", "to the office"),
    Place("à le cinéma", "at the movies", "to the movies"),
)
INDOORS = (
    Place("dans le jardin", "in the garden", "into the garden"),
    Place("dans la cuisine", "in the kitchen", "into the kitchen"),
    Place("dans la chambre", "in the bedroom", "into the bedroom"),
)
OUTDOORS = (
    Place("dans le parc", "in the park", "to the park"),
    Place("dans la rue", "in the street", "into the street"),
    Place("sur la plage", "on the beach", "to the beach"),
    Place("dans la forêt", "in the forest", "into the forest"),
)
ABROAD = (
    Place("à Paris", "in Paris", "to Paris"),
    Place("à Londres", "in London", "to London"),
    Place("en France", "in France", "to France"),
    Place("en Italie", "in Italy", "to Italy"),
    Place("en Espagne", "in Spain", "to Spain"),
    Place("à le Japon", "in Japan", "to Japan"),
    Place("à le Canada", "in Canada", "to Canada"),
)
HOME = Place("à la maison", "at home", "home")
SPOTS = (
    Phrase("sur la table", "on the table"),
    Phrase("sous la table", "under the table"),
    Phrase("sous le lit", "under the bed"),
    Phrase("sur le toit", "on the roof"),
    Phrase("devant la porte", "in front of the door"),
    Phrase("derrière la maison", "behind the house"),
    Phrase("dans la boîte", "in the box"),
    Phrase("dans le jardin", "in the garden"),
    Phrase("dans la cuisine", "in the kitchen"),
    Phrase("près de le lit", "near the bed"),
    Phrase("à côté de la fenêtre", "next to the window"),
)

PRONOUNS = (
    Subject("je", "I", 0),
    Subject("je", "I", 0, "f"),
    Subject("tu", "you", 1),
    Subject("tu", "you", 1, "f"),
    Subject("il", "he", 2),
    Subject("elle", "she", 2, "f"),
    Subject("nous", "we", 3),
    Subject("nous", "we", 3, "f"),
    Subject("vous", "you", 4),
    Subject("vous", "you", 4, "f"),
    Subject("ils", "they", 5),
    Subject("elles", "they", 5, "f"),
)
NAMES = (
    *(Subject(name, name, 2, "m", False) for name in ("Paul", "Thomas", "Louis", "Antoine", "Hugo")),
    *(Subject(name, name, 2, "f", False) for name in ("Marie", "Julie", "Anne", "Emma", "Claire")),
)
CROWDS = (
    Subject("les enfants", "the children", 5, "m", False),
    Subject("mes parents", "my parents", 5, "m", False),
    Subject("les voisins", "the neighbors", 5, "m", False),
    Subject("mes amis", "my friends", 5, "m", False),
    Subject("mes sœurs", "my sisters", 5, "f", False),
    Subject("Paul et Marie", "Paul and Marie", 5, "m", False),
    Subject("Julie et Anne", "Julie and Anne", 5, "f", False),
)

HOURS = (
    *("midnight", "one", "two", "three", "four", "five", "six"),
    *("seven", "eight", "nine", "ten", "eleven", "noon"),
)
_DAYS = ("lundi", "mardi", "mercredi", "jeudi", "vendredi", "samedi", "dimanche")
_WEEK = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
NOW = (Phrase("maintenant", "now"), Phrase("aujourd'hui", "today"), Phrase("en ce moment", "at the moment"))
PAST = (
    Phrase("hier", "yesterday"),
    Phrase("hier soir", "last night"),
    Phrase("ce matin", "this morning"),
    Phrase("la semaine dernière", "last week"),
    *(Phrase(f"{day} dernier", f"last {english}") for day, english in zip(_DAYS, _WEEK, strict=True)),
)
FUTURE = (
    Phrase("demain", "tomorrow"),
    Phrase("demain matin", "tomorrow morning"),
    Phrase("ce soir", "tonight"),
    Phrase("la semaine prochaine", "next week"),
    *(Phrase(f"{day} prochain", f"next {english}") for day, english in zip(_DAYS, _WEEK, strict=True)),
)
HABIT = (
    Phrase("tous les jours", "every day"),
    Phrase("chaque matin", "every morning"),
    Phrase("chaque soir", "every evening"),
    *(Phrase(f"le {day}", f"on {english}s") for day, english in zip(_DAYS, _WEEK, strict=True)),
)
OFTEN = (
    Phrase("souvent", "often"),
    Phrase("toujours", "always"),
    Phrase("parfois", "sometimes"),
    Phrase("rarement", "rarely"),
)
DEGREES = (Phrase("très", "very"), Phrase("trop", "too"), Phrase("vraiment", "really"), Phrase("assez", "quite"))
FEELINGS = tuple(
    Phrase(french, english)
    for french, english in (
        ("faim", "hungry"),
        ("soif", "thirsty"),
        ("froid", "cold"),
        ("chaud", "hot"),
        ("peur", "afraid"),
        ("raison", "right"),
        ("tort", "wrong"),
        ("sommeil", "sleepy"),
    )
)
TONGUES = (
    Phrase("français", "French"),
    Phrase("anglais", "English"),
    Phrase("italien", "Italian"),
    Phrase("espagnol", "Spanish"),
    Phrase("japonais", "Japanese"),
)
GAMES = (
    Phrase("à le tennis", "tennis"),
    Phrase("à les cartes", "cards"),
    Phrase("à les échecs", "chess"),
    Phrase("à le football", "soccer"),
    Phrase("de le piano", "the piano"),
    Phrase("de la guitare", "the guitar"),
)
