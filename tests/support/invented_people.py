"""Invented people and the many ways in which pages write their names. Everything follows from the random source."""
import unicodedata

GIVEN = ("Amaranta Anselm Aoife Bartholomew Beatrix Björn Branka Casimir Cecily Céline Clementine Cosima Damaris Dagmar Dorothea Edeltraud "
         "Eleonora Emeric Esperanza Fabienne Fergus Friederike Gabriela Gethin Giselle Gudrun Hadewych Henrike Ignatius Ingeborg Isolde "
         "Jacinta Jadwiga Joaquín Kasimir Katharina Kerstin Leopold Léontine Lorcan Ludmila Magdalena Maximilian Mireille Nadezhda Niamh "
         "Octavia Orsolya Padraig Perpetua Petronella Quentin Rafaela Reinhild Roísín Rosalind Saoirse Seraphina Siobhan Sören Tadeusz Tamsin "
         "Thaddeus Ulrike Valentina Veronique Wilhelmina Winifred Xiomara Yolanda Zacharias Zsófia").split()
# No list of names has these: "Rothenmere, Niamh" might as well be somebody of a company.
UNLISTED = set("Amaranta Aoife Bartholomew Cecily Edeltraud Fergus Gethin Giselle Hadewych Isolde Jacinta Kasimir Lorcan Nadezhda Niamh Orsolya "
               "Padraig Perpetua Petronella Reinhild Roísín Saoirse Seraphina Siobhan Tadeusz Tamsin Ulrike Xiomara".split())
BEGINNINGS = ("Ambel Brand Cald Drev Eiken Fjell Grün Harrow Isen Jarl Kestrel Lang Mørk Nether Ost Pells Quern Rothen Skarl Thistle Ulv "
              "Vasker Wynd Yarrow Zell Blox Crand Dunst Frosk Glimm Hval Knust Lerch Mull Nym Prask Rusk Stolt Trask Vloed").split()
ENDS = ("vold stone ström wick bakken garth mere thorpe haugen combe rood holt quist dorfer burgh lund ridge fjord acre inger").split()
FIRMS = ("Harbour Lathe", "Quillbridge", "Copperfen Robotics", "Saltmarsh Analytics", "Larkspur Foundry", "Ninth Meridian")
HONORIFICS, DEGREES = ("Dr. ", "Prof. ", "Ms. ", "Mr. "), (", PhD", ", MBA", " MD", ", Ph.D.")
PRONOUNS, EMOJI = (" (she/her)", " (they/them)", " (he/him)"), (" 🚀", " ✨", " 🌱🌍", " 🔥")


def without_accents(text):
    spread = unicodedata.normalize("NFD", text.replace("ø", "o").replace("Ø", "O"))
    return "".join(letter for letter in spread if not unicodedata.combining(letter))


class Person:
    """key tells it in the tests; company and linkedin may be None."""

    def __init__(self, key, random):
        self.key = key
        self.given, self.family = random.choice(GIVEN), random.choice(BEGINNINGS) + random.choice(ENDS)
        self.initial = random.choice("ABCDEFGHJKLMNPRSTVW")
        self.company = random.choice(FIRMS) if random.random() < 0.3 else None
        self.linkedin = f"https://www.linkedin.com/in/{key}-{random.randrange(1000)}" if random.random() < 0.3 else None

    @property
    def name(self):
        return f"{self.given} {self.family}"

    def record(self, **changes):
        """As `eventd match` reads people."""
        record = {"name": self.name, "company": self.company, "linkedin": self.linkedin, **changes}
        return {field: value for field, value in record.items() if value}

    def spelling(self, random):
        """The name as some page might write it."""
        given, family = self.given, self.family
        if random.random() < 0.2:
            given, family = without_accents(given), without_accents(family)
        if random.random() < 0.2:
            given += f" {self.initial}."
        text = f"{family}, {given}" if self.given not in UNLISTED and random.random() < 0.15 else f"{given} {family}"
        draw = random.random()
        if draw < 0.1:
            text = text.upper()
        elif draw < 0.2:
            text = text.lower()
        is_turned = "," in text
        if not is_turned:
            text = (random.choice(HONORIFICS) if random.random() < 0.12 else "") + text + (random.choice(DEGREES) if random.random() < 0.12 else "")
        if not is_turned and random.random() < 0.1:
            text += f" (@{without_accents(self.given)[:1]}{without_accents(self.family)})".lower()
        elif random.random() < 0.15:
            text += random.choice(PRONOUNS)
        return text + (random.choice(EMOJI) if random.random() < 0.12 else "")

    def mention(self, random):
        """A member of an extraction's list; evidence says who is meant."""
        links = {"linkedin": self.linkedin} if self.linkedin and random.random() < 0.6 else {}
        return {"name": self.spelling(random), "role": random.choice(("speaker", "host", "panelist")), "confidence": 0.8, "evidence": self.key,
                "company": self.company if random.random() < 0.6 else None, "links": links}


def invent(count, random):
    """So many people of different names."""
    people = {}
    while len(people) < count:
        person = Person(f"p{len(people)}", random)
        people.setdefault(without_accents(person.name), person)
    return list(people.values())
