"""What people and machines say when they pick up: the texts of the benchmark's corpus.

Two sets that share no sentence and no voice: thresholds were chosen on "tuned", and figures are
told from "unseen". Every number in them is fictitious.
"""

from __future__ import annotations

from typing import Final, Literal

Part = Literal["tuned", "unseen"]
Kind = Literal[
    "one word", "short", "firm", "reception", "mailbox", "brief mailbox", "network", "after sit"
]
HUMAN_KINDS: Final[tuple[Kind, ...]] = ("one word", "short", "firm", "reception")
MACHINE_KINDS: Final[tuple[Kind, ...]] = ("mailbox", "brief mailbox", "network", "after sit")

VOICES: Final[dict[Part, tuple[str, ...]]] = {
    "tuned": ("m1", "m3", "f2", "f4", "Andy", "steph"),
    "unseen": ("m2", "m5", "m7", "f1", "f3", "f5", "Alex", "linda", "paul", "anika"),
}
"""Variants of espeak-ng; each is spoken at several speeds and pitches."""

LANGUAGES: Final = ("en-gb", "en-us", "de", "fr", "it")

TEXTS: Final[dict[Part, dict[Kind, dict[str, tuple[str, ...]]]]] = {
    "tuned": {
        "one word": {
            "en-gb": ("Hello?", "Yes?"),
            "en-us": ("Hello?", "Hi."),
            "de": ("Hallo?", "Schmidt."),
            "fr": ("Allô?", "Oui?"),
            "it": ("Pronto?", "Sì?"),
        },
        "short": {
            "en-gb": ("Hello, Anna speaking.", "Hello? Who is this?"),
            "en-us": ("Hi, this is Bob.", "Hello, can I help you?"),
            "de": ("Ja, Meier hier.", "Müller, guten Tag."),
            "fr": ("Allô, bonjour.", "Oui, j'écoute."),
            "it": ("Pronto, chi parla?", "Sì, buongiorno."),
        },
        "firm": {
            "en-gb": ("Good morning, Smith's garage, how can I help you?",),
            "en-us": ("Thanks for calling Miller Plumbing, this is Dave.",),
            "de": ("Autohaus Krüger, Schneider, guten Tag.",),
            "fr": ("Garage Dupont, bonjour, que puis-je pour vous?",),
            "it": ("Studio Rossi, buongiorno, come posso aiutarla?",),
        },
        "reception": {
            "en-gb": (
                "Good afternoon, you are through to Baker and Sons in Manchester, "
                "this is Jane speaking, how may I help you today?",
            ),
            "de": (
                "Herzlich willkommen bei der Firma Baumann in München, mein Name ist Sabine "
                "Weber, was kann ich für Sie tun?",
            ),
        },
        "mailbox": {
            "en-gb": (
                "Hello, you have reached the voicemail of John Smith. I can't take your call at "
                "the moment. Please leave a message after the tone.",
                "The person you are calling is not available right now, please leave your "
                "message after the beep.",
            ),
            "en-us": (
                "Hi, you've reached the Johnsons. We're not home right now, so please leave your "
                "name and number and we will get back to you.",
            ),
            "de": (
                "Guten Tag, hier ist der Anrufbeantworter von Familie Schmidt. Wir sind zur Zeit "
                "nicht erreichbar. Bitte hinterlassen Sie eine Nachricht nach dem Signalton.",
            ),
            "fr": (
                "Bonjour, vous êtes bien sur la messagerie de Pierre Durand. Je ne suis pas "
                "disponible. Laissez-moi un message après le bip.",
            ),
            "it": (
                "Risponde la segreteria telefonica di Mario Rossi. In questo momento non posso "
                "rispondere, lasciate un messaggio dopo il segnale acustico.",
            ),
        },
        "brief mailbox": {
            "en-gb": ("Hi, this is Anna, leave a message.",),
            "en-us": ("Hey, it's Mike, you know what to do.",),
            "de": ("Hier ist Jens, sprecht mir was drauf.",),
            "fr": ("Salut, c'est Paul, laissez un message.",),
            "it": ("Ciao, sono Luca, lascia un messaggio.",),
        },
        "network": {
            "en-gb": ("The mobile phone you have called is switched off, please try again later.",),
            "de": ("Der gewünschte Gesprächspartner ist zur Zeit nicht erreichbar.",),
        },
        "after sit": {
            "en-gb": ("The number you have dialled has not been recognised.",),
            "en-us": ("We're sorry, your call cannot be completed as dialed.",),
        },
    },
    "unseen": {
        "one word": {
            "en-gb": ("Hiya.", "Hello.", "Speaking."),
            "en-us": ("Yeah?", "Hello?", "Johnson."),
            "de": ("Ja?", "Hallöchen.", "Wagner?"),
            "fr": ("Allô.", "Bonjour.", "Moreau."),
            "it": ("Chi è?", "Buonasera.", "Pronto."),
        },
        "short": {
            "en-gb": ("Hello, it's Tom here.", "Hi there, who's calling?", "Yes, hello?"),
            "en-us": ("Hello, Sarah speaking.", "Yeah, who's this?", "Good morning, Karen."),
            "de": ("Becker am Apparat.", "Ja bitte, wer ist da?", "Guten Morgen, Fischer."),
            "fr": ("Oui, qui est à l'appareil?", "Allô oui, Bernard.", "Bonsoir, c'est qui?"),
            "it": ("Casa Bianchi, dica.", "Sì, sono io, mi dica.", "Buonasera, chi è?"),
        },
        "firm": {
            "en-gb": (
                "Hello, Green Lane Dentist, Sophie speaking.",
                "Acme Logistics, good afternoon, how may I direct your call?",
            ),
            "en-us": (
                "Good afternoon, Lakeside Dental, how may I help?",
                "Tony's Pizza, pick up or delivery?",
            ),
            "de": ("Praxis Doktor Hoffmann, mein Name ist Lena, guten Tag.",),
            "fr": ("Cabinet médical Lefèvre, bonjour, je vous écoute.",),
            "it": ("Farmacia Centrale, buongiorno, sono Giulia.",),
        },
        "reception": {
            "en-us": (
                "Thank you for calling the Riverside Hotel, my name is Peter, and how may I make "
                "your day a little better?",
            ),
            "fr": (
                "Société Martin et compagnie, Sophie à votre service, bonjour et bienvenue, "
                "comment puis-je vous aider?",
            ),
            "it": (
                "Benvenuti all'albergo Miramare di Rimini, sono Carla, in che cosa posso esserle "
                "utile oggi?",
            ),
        },
        "mailbox": {
            "en-gb": (
                "Welcome to the mailbox of 0 1 6 1, 4 9 6, 0 1 2 3. Please record your message "
                "after the tone. When you have finished, hang up.",
                "Hi there, you're through to Kate's phone. Sorry I've missed you, leave me a "
                "message and I'll ring you back.",
            ),
            "en-us": (
                "Your call has been forwarded to an automated voice messaging system. Sarah "
                "Miller is not available. At the tone, please record your message.",
                "You've reached Dave at Acme. I'm away from my desk right now, leave a message.",
            ),
            "de": (
                "Willkommen bei der Mailbox von Klaus Becker. Sprechen Sie bitte nach dem Ton.",
                "Sie haben den Anschluss der Familie Wolf gewählt. Leider ist niemand zu Hause, "
                "sprechen Sie uns einfach etwas auf das Band.",
            ),
            "fr": (
                "Vous êtes en communication avec le répondeur de Claire Petit. Merci de laisser "
                "vos coordonnées, je vous rappellerai dès que possible.",
            ),
            "it": (
                "Ciao, avete chiamato casa Ferrari. Al momento non siamo in casa, ma se lasciate "
                "nome e numero vi richiameremo al più presto.",
            ),
        },
        "brief mailbox": {
            "en-gb": ("Sorry I missed you, leave a message.",),
            "en-us": ("This is Jim. Leave it at the beep.",),
            "de": ("Bin nicht da, bitte nach dem Piep.",),
            "fr": ("Vous êtes chez Lucie, à vous.",),
            "it": ("Non ci sono, parlate dopo il bip.",),
        },
        "network": {
            "en-gb": ("The person you are calling cannot be reached at the moment.",),
            "en-us": ("The wireless customer you are calling is not available, try again later.",),
            "fr": ("Le correspondant que vous demandez n'est pas joignable actuellement.",),
            "it": ("Il cliente da lei chiamato non è al momento raggiungibile.",),
        },
        "after sit": {
            "en-us": ("The number you have reached is not in service.",),
            "de": ("Kein Anschluss unter dieser Nummer.",),
        },
    },
}
